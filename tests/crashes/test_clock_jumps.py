"""A machine whose clock is set by an hour, either way, while syncd runs and between two starts."""

from __future__ import annotations

import os
import subprocess
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.crashes.installation import Installation, Running

pytestmark = pytest.mark.xdist_group("crashes")

TURNS = 2


def faked(file: Path) -> dict[str, str]:
    """Variables of libfaketime, by which a file says how far a clock is off, from now on."""
    words = ["faketime", "--exclude-monotonic", "-f", "+0s", "env"]
    printed = subprocess.run(words, check=True, capture_output=True, text=True).stdout
    found = dict(line.partition("=")[::2] for line in printed.splitlines())
    return {
        "LD_PRELOAD": found["LD_PRELOAD"],
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "FAKETIME_CACHE_DURATION": "1",
        "FAKETIME_TIMESTAMP_FILE": str(file),
    }


def set_clock(file: Path, hours: int) -> None:
    fresh = file.with_suffix(".new")
    fresh.write_text(f"{hours:+}h")
    os.replace(fresh, file)  # noqa: PTH105  at once


def asked_again(installation: Installation, running: Running) -> None:
    """Returns once everything was measured some times more."""
    before = dict(installation.numbers.asked)
    running.until(
        lambda: all(
            installation.numbers.asked[query] >= times + TURNS for query, times in before.items()
        ),
        "everything is measured again",
    )


def events(running: Running) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = running.get("/api/v1/events?limit=500").json()["events"]
    return found


def in_order(running: Running) -> None:
    """Nothing is of the future, and nothing was told before what came before it."""
    told = events(running)
    moments = [datetime.fromisoformat(one["at"]) for one in told]
    assert [one["position"] for one in told] == list(range(1, 1 + len(told)))
    assert all(earlier <= later for earlier, later in pairwise(moments))
    clock = datetime.fromtimestamp(_sample(running, "syncd_clock_timestamp_seconds"), UTC)
    for row in running.get("/api/v1/krs").json()["key_results"]:
        assert datetime.fromisoformat(row["observed_at"]) <= clock + timedelta(seconds=5)


def _sample(running: Running, name: str) -> float:
    lines = running.get("/metrics").text.splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith(f"{name} "))


@pytest.mark.long  # a minute; tests/unit/test_clock.py holds the clock itself to this each time
def test_no_jump_of_an_hour_turns_a_key_result_nor_holds_up_what_is_due(tmp_path: Path) -> None:
    off = tmp_path / "off"
    set_clock(off, 0)
    url = f"sqlite:///{tmp_path / 'syncd.db'}"
    with Installation(tmp_path, url, preloaded=faked(off)) as installation:
        running = installation.begin()
        running.until(lambda: len(installation.numbers.asked) == 6, "everything is measured")
        installation.come_to_rest(running)
        asked_again(installation, running)
        told = [one["id"] for one in events(running)]

        for hours in (1, 0, -1):
            set_clock(off, hours)
            asked_again(installation, running)
            assert [one["id"] for one in events(running)] == told, hours
            in_order(running)

        assert running.end() == 0
        for hours in (1, 0, -1):
            set_clock(off, hours)
            running = installation.begin()
            running.until(running.ready, "it is ready")
            asked_again(installation, running)
            assert [one["id"] for one in events(running)][: len(told)] == told
            in_order(running)
            assert running.end() == 0
