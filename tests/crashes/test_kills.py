"""kill -9 at random points under load: no event is lost or told twice, no reader ever sees half of a
turn, and the next start goes on in seconds.

`CRASH_SEED` repeats the points of a run, whose seed it printed; `CRASH_KILLS` kills so many times.
"""

from __future__ import annotations

import os
import random
import signal
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.crashes.installation import Installation
from tests.crashes.reader import Reader
from tests.crashes.upstreams import PROJECTS, QUERIES

KILLS = 20
MANY_KILLS = 500
FIRST = 1 + len(PROJECTS) + QUERIES
"""So many events at least are told of what is measured for the first time."""

STARTING = 0.25
"""The share of kills that fall into a start, and within how many seconds."""

MOST_ASKED = 30
"""So many requests to the upstreams are waited for at the most: what a kill cuts does not hang on
how fast a machine is.
"""

AFTER = 0.05
"""Within so many seconds after the last of them it is killed."""


@pytest.mark.xdist_group("crashes")
@pytest.mark.timeout(600)
def test_a_killed_process_leaves_a_whole_store_and_the_next_goes_on(
    store_url: str, tmp_path: Path
) -> None:
    kill_and_look(store_url, tmp_path, KILLS, print)


@pytest.mark.crash
@pytest.mark.timeout(3 * 3600)
def test_it_does_so_however_often_it_is_killed(
    store_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def say(words: str) -> None:
        with capsys.disabled():
            print(words, flush=True)  # noqa: T201

    kill_and_look(store_url, tmp_path, int(os.environ.get("CRASH_KILLS", MANY_KILLS)), say)


def kill_and_look(url: str, folder: Path, kills: int, say: Callable[[str], None]) -> None:
    """Kills a process so many times while somebody reads, and lets the last one come to rest."""
    seed = int(os.environ.get("CRASH_SEED", time.time_ns() % 1_000_000))
    chance = random.Random(seed)
    starts: list[float] = []
    with Installation(folder, url, seed) as installation:
        began = time.monotonic()
        say(f"\nCRASH_SEED={seed}, {kills} kills")
        with Reader(url, installation.address, installation.inbox.bodies.keys) as reader:
            for kill in range(kills):
                starts += killed(installation, reader, chance)
                reader.check()
                if kill % 50 == 49:
                    say(f"{kill + 1} kills, {time.monotonic() - began:.0f} s")
            last = installation.begin()
            installation.rest()
            installation.come_to_rest(last)
            asked = reader.answers
            last.until(lambda: reader.answers > asked + 1, "it is read once more")
        assert last.end() == 0
        told, heard = reader.whole.told, reader.heard
        assert heard == told, "what was heard over HTTP is what is in the store, all of it"
        assert len(told) > FIRST, "things went on changing"
        bodies = installation.inbox.bodies
        assert set(bodies) == set(told.values()), "each event came to whom it is sent to"
        assert {len(body) for body in bodies.values()} == {1}, "twice at most as the same letter"
        say(
            f"{len(told)} events, {reader.whole.looks} looks, {reader.answers} rounds over HTTP, "
            f"{time.monotonic() - began:.0f} s; ready after {statistics.median(starts):.2f} s, "
            f"at most {max(starts):.2f} s"
        )


def killed(installation: Installation, reader: Reader, chance: random.Random) -> list[float]:
    """Starts a process and kills it while it starts, or while it works; how long it took until it was
    ready, where it came so far. Every other time nobody else has the store open: then the next one
    has to recover what was written last by itself.
    """
    installation.forget()
    began = time.monotonic()
    while_it_starts, alone = chance.random() < STARTING, chance.random() < 0.5
    times, after = chance.randint(1, MOST_ASKED), chance.uniform(0.0, AFTER)
    running = installation.begin()
    took = []
    if while_it_starts:
        after = chance.uniform(0.0, STARTING)
    else:
        running.until(running.ready, "it is ready")
        took.append(time.monotonic() - began)
        running.until(lambda: installation.asked >= times, "it asks its sources")
    time.sleep(after)
    assert running.running, running.log[-20:]
    if not alone:
        assert running.end(signal.SIGKILL) == -signal.SIGKILL
        return took
    with reader.away():
        assert running.end(signal.SIGKILL) == -signal.SIGKILL
    return took
