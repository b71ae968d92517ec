"""kill -9 at random points: the store stays consistent, and the next start carries on."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from syncd.store import read
from syncd.store.engine import Store
from syncd.store.schema import events, objects, outbox, scopes, verdicts

ROOT = Path(__file__).parents[2]
KILLS = 6
MANY_KILLS = 100


def killed_after(url: str, seconds: float) -> None:
    """Runs the child for some time after it has begun, then kills it."""
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.store.crash_child", url],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert child.stdout is not None
        line = child.stdout.readline()
        try:
            _, complaint = child.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            complaint = ""
        assert line == "begun\n", complaint
        assert child.poll() is None, complaint
    finally:
        child.kill()
        child.communicate()


def turns(store: Store) -> int:
    """How many turns were published; asserts that everything says the same."""
    with store.read() as connection:
        scope = connection.execute(sa.select(scopes)).one()
        present = connection.execute(
            sa.select(sa.func.count()).select_from(objects).where(objects.c.present)
        ).scalar_one()
        holding = connection.execute(
            sa.select(sa.func.count()).select_from(verdicts).where(verdicts.c.valid_to.is_(None))
        ).scalar_one()
        (indicator,) = read.indicator_views(connection)
        positions = connection.execute(
            sa.select(events.c.position).order_by(events.c.position)
        ).scalars()
        assert list(positions) == list(range(1, 1 + len(read.feed(connection, limit=10_000))))
        letters = connection.execute(
            sa.select(outbox.c.position).order_by(outbox.c.position)
        ).scalars()
        assert list(letters) == list(range(1, 1 + len(read.feed(connection, limit=10_000))))
    n = 0 if scope.cursor is None else int(scope.cursor["n"])
    reading = indicator.reading
    counted = 0 if reading is None else int(reading.numerator or 0)
    assert (present, holding, counted) == (n, n, n)
    return n


@pytest.mark.timeout(240)
def test_a_killed_worker_leaves_a_consistent_store_and_the_next_carries_on(
    store_url: str,
) -> None:
    kill_and_look(store_url, KILLS)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_it_does_so_however_often_it_is_killed(store_url: str) -> None:
    kill_and_look(store_url, MANY_KILLS)


def kill_and_look(store_url: str, kills: int) -> None:
    """Kills a worker so many times and looks at what it left each time."""
    chance = random.Random(20260101)
    published = []

    for _ in range(kills):
        killed_after(store_url, chance.uniform(0.02, 0.6))
        store = Store(store_url)
        published.append(turns(store))
        store.close()

    assert published == sorted(published), "no turn that was published is ever lost"
    assert published[-1] > published[0], "later starts carry on"
