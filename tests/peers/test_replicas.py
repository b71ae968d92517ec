"""Three real processes on one PostgreSQL, through PgBouncer in transaction mode, with clocks that
differ by a minute. They began at the same moment on a store of the version before.
"""

from __future__ import annotations

import random
import re
import signal
import time
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

import pytest

from syncd.store.migrating import HEAD
from tests.peers.replicas_world import (
    AT_ONCE,
    BAD,
    EVERY_SECONDS,
    GOOD,
    LEASE_SECONDS,
    QUERIES,
    RATE,
    Replica,
    Replicas,
)
from tests.waiting import until

pytestmark = pytest.mark.peers

MANY = 40


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replicas]:
    with Replicas(tmp_path_factory.mktemp("replicas")) as found:
        yield found


@pytest.fixture(autouse=True)
def nothing_is_lost_or_told_twice(three: Replicas) -> Iterator[None]:
    """Whatever a test does to them: afterwards the feed has no gap, tells each change of a key
    result from where the one before left it, and nothing of a source; and who is told of it has
    heard everything.
    """
    yield
    told = three.events()
    assert [position for position, *_ in told] == list(range(1, 1 + len(told)))
    last: dict[str, str | None] = {}
    for _, _, kind, subject, before, after in told:
        assert not kind.startswith("source_"), "the source never failed"
        if after is not None:
            assert before == last.get(subject), "told from what was told before"
            assert before != after
            last[subject] = after
    ids = {one for _, one, *_ in told}
    until(lambda: ids <= set(three.inbox.came), "everything is delivered")


def asked_by_all(three: Replicas, since: float, times: int) -> bool:
    return all(len(three.asked_of(f"q{n}", since)) >= times for n in range(QUERIES))


def achieved(three: Replicas, n: int) -> bool:
    ((told,),) = three.rows(f"SELECT told FROM key_results WHERE id = 'now-o1-kr{n}'")  # noqa: S608
    return bool(told == "achieved")


def change(three: Replicas, n: int) -> None:
    """Turns a key result over, and waits until that is told."""
    well = achieved(three, n)
    three.source.numbers[f"q{n}"] = BAD if well else GOOD
    until(lambda: achieved(three, n) is not well, f"now-o1-kr{n} has changed")


def test_each_due_scope_is_run_once_a_turn_by_one_of_them(three: Replicas) -> None:
    since = time.monotonic()

    until(lambda: asked_by_all(three, since, 4), "all are asked again and again")

    took = time.monotonic() - since
    asked = [one for one in three.source.asked if one.at >= since]
    for n in range(QUERIES):
        for one, another in pairwise(three.asked_of(f"q{n}", since)):
            assert another.at - one.at > EVERY_SECONDS * 0.9
    assert {one.replica for one in asked} == {"0", "1", "2"}, "the work is shared"
    assert len(asked) <= RATE * (took + 2) + 1, "they keep to the source's rate together"


def test_they_ask_a_source_no_more_at_once_than_it_is_asked_at_most(three: Replicas) -> None:
    with three.source.stalled():
        three.source.busiest = 0
        until(lambda: three.source.busy == AT_ONCE, "the source is asked as much as it may be")
        until(lambda: due(three) == QUERIES, "everything is due")
        before = [turns(one) for one in three.all]
        until(
            lambda: all(turns(one) > was + 1 for one, was in zip(three.all, before, strict=True)),
            "all of them have looked for what is due",
        )

        assert three.source.busiest == AT_ONCE


def due(three: Replicas) -> int:
    now = "extract(epoch FROM clock_timestamp()) * 1000000"
    ((found,),) = three.rows(f"SELECT count(*) FROM scopes WHERE next_due_at <= {now}")  # noqa: S608
    return int(found)


def turns(one: Replica) -> float:
    """How often its worker has looked."""
    found = re.search(r"^syncd_cycle_seconds_count (\S+)$", one.get("/metrics"), re.MULTILINE)
    assert found is not None
    return float(found[1])


def test_a_change_is_told_once_and_to_everybody(three: Replicas) -> None:
    until(lambda: achieved(three, 1), "it is well at first; no other test changes it")
    before = len(three.events())

    change(three, 1)
    change(three, 1)

    until(lambda: len(three.events(before)) >= 2, "both are told")
    told = [one for one in three.events(before) if one[3].endswith("now-o1-kr1")]
    assert len(told) == 2
    until(lambda: all(three.inbox.came[one[1]] for one in told), "both are delivered")
    assert [three.inbox.came[one[1]] for one in told] == [1, 1]


@pytest.mark.parametrize("clock", ["+0s", "+60s", "-60s"])
def test_the_time_is_the_stores_whatever_a_machine_says(three: Replicas, clock: str) -> None:
    (one,) = (one for one in three.all if one.clock == clock)
    off = float(clock.rstrip("s"))

    metrics = until(lambda: measured(one), "its clock was measured")

    ((now,),) = three.rows("SELECT extract(epoch FROM clock_timestamp())")
    assert abs(metrics["syncd_clock_timestamp_seconds"] - float(now)) < 20
    assert abs(metrics["syncd_clock_offset_seconds"] + off) < 2
    assert ("clock.wrong" in one.process.log.read_text()) is (off != 0)


def measured(one: Replica) -> dict[str, float]:
    found = re.findall(r"^(syncd_clock_\w+) (\S+)$", one.get("/metrics"), flags=re.MULTILINE)
    return {name: float(value) for name, value in found}


def test_what_a_killed_one_was_at_is_taken_over_and_another_begins_on_a_newer_schema(
    three: Replicas,
) -> None:
    dead, began = killed_in_a_run(three, "q0")

    until(lambda: len(three.asked_of("q0", began)) > 1, "it is taken over")
    another = three.asked_of("q0", began)[1]
    assert another.replica != dead.name
    assert another.at - began < LEASE_SECONDS + 5

    a_newer_version_brings_the_schema_up(three)
    fresh = three.replace(dead)
    since = time.monotonic()
    until(
        lambda: any(one.replica == fresh.name for one in three.source.asked if one.at > since),
        "the new one takes part",
    )


def killed_in_a_run(three: Replicas, query: str) -> tuple[Replica, float]:
    """One that was killed while the answer to its query was kept back, and when it had asked."""
    since = time.monotonic()
    go_on = three.source.hold(query)
    begun = until(lambda: three.asked_of(query, since), "somebody asks")[0]
    (dead,) = (one for one in three.all if one.name == begun.replica)
    dead.process.stop(signal.SIGKILL)
    go_on.set()
    return dead, begun.at


def a_newer_version_brings_the_schema_up(three: Replicas) -> None:
    """As a step would that only adds."""
    three.rows("ALTER TABLE scopes ADD COLUMN IF NOT EXISTS of_a_newer_version text")
    three.rows("UPDATE alembic_version SET version_num = '9999'")
    three.rows(f"UPDATE counters SET value = {int(HEAD)} WHERE name = 'works_with'")  # noqa: S608


def test_a_database_that_restarts_under_them_costs_nothing_but_the_time(three: Replicas) -> None:
    three.source.numbers["q2"] = BAD if achieved(three, 2) else GOOD

    three.postgres.restart()

    since = time.monotonic()
    until(lambda: asked_by_all(three, since, 1), "they go on")
    change(three, 3)
    assert Counter(one.process.running for one in three.all) == {True: 3}


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_they_go_on_however_often_one_is_killed_or_the_database_restarts(three: Replicas) -> None:
    chance = random.Random(20260101)
    for _ in range(MANY):
        n = chance.randrange(QUERIES)
        three.source.numbers[f"q{n}"] = BAD if achieved(three, n) else GOOD
        if chance.random() < 0.2:
            three.postgres.restart()
        else:
            dead, _ = killed_in_a_run(three, f"q{chance.randrange(QUERIES)}")
            three.replace(dead)
        change(three, chance.randrange(QUERIES))
