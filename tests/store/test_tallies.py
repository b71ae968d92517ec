"""How many objects pass, fail and wait, kept as runs and time move it: as counting them one by one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from connectors.base import Aggregation, Outcome, Timeline, Verdict, judge_fingerprint
from syncd.clock import ManualClock
from syncd.model import Catalogue
from syncd.store import read
from syncd.store.aggregate import Counts, aggregate, aggregate_of, counts_at
from syncd.store.catalogue import put_in_force
from syncd.store.claims import Claim, claim_due, claim_whole
from syncd.store.copying import copy_present
from syncd.store.engine import Store
from syncd.store.moving import move_by_time
from syncd.store.publish import begin, publish_scan
from syncd.store.schema import indicators, scopes, tallies, verdicts
from syncd.store.tallies import counted
from tests.examples import examples
from tests.store.catalogues import START, Answer, Named, catalogue, gone, judged, scanned
from tests.store.conftest import Publish
from tests.store.made import made

PASS, FAIL, PENDING = Outcome.PASS, Outcome.FAIL, Outcome.PENDING
MINUTE = timedelta(minutes=1)

# what a judge may say at some moment of an object, by the name of that
SAYS: dict[str, Callable[[str, datetime], Timeline]] = {
    "passes": lambda one, at: Timeline(one, at, (Verdict(at, None, PASS),)),
    "fails": lambda one, at: Timeline(one, at, (Verdict(at, None, FAIL),)),
    "waits, then fails": lambda one, at: Timeline(
        one,
        at,
        (Verdict(at, at + 9 * MINUTE, PENDING), Verdict(at + 9 * MINUTE, None, FAIL)),
    ),
    "passes for a while": lambda one, at: Timeline(one, at, (Verdict(at, at + 14 * MINUTE, PASS),)),
    "will pass": lambda one, at: Timeline(
        one, at, (Verdict(at + 4 * MINUTE, at + 6 * MINUTE, PASS),)
    ),
    "has another past": lambda one, at: Timeline(
        one,
        None,
        (
            Verdict(at - 60 * MINUTE, at - 3 * MINUTE, FAIL),
            Verdict(at - 3 * MINUTE, at + 5 * MINUTE, PENDING),
            Verdict(at + 5 * MINUTE, None, PASS),
        ),
    ),
    "has nothing to say": lambda one, at: Timeline(one, None, ()),  # noqa: ARG005
    "is gone": lambda one, at: Timeline(one, at, ()),
}

said = st.lists(
    st.tuples(st.sampled_from("abcdefgh"), st.sampled_from(sorted(SAYS))),
    max_size=5,
    unique_by=lambda one: one[0],
)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("a run"), said),
        st.tuples(st.just("a whole run"), said),
        st.tuples(st.just("an older syncd"), said),
        st.tuples(st.just("time"), st.just([])),
    ),
    min_size=3,
    max_size=12,
)


@settings(
    max_examples=examples(60),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    every=steps,
    minutes=st.lists(st.integers(0, 12), min_size=12, max_size=12),
    how=st.sampled_from([Aggregation.SHARE, Aggregation.COUNT]),
)
def test_whatever_happens_is_what_counting_one_by_one_comes_to(
    every: list[tuple[str, Any]], minutes: list[int], how: Aggregation, tmp_path: Path
) -> None:
    store = made(tmp_path / "syncd.db")
    clock = ManualClock(START)
    world = World(store, clock, how)
    for (what, told), passed in zip(every, minutes, strict=False):
        clock.advance(minutes=passed, seconds=1)

        world.happens(what, told)

        world.holds()
    store.close()


class World:
    """One scope with one indicator, of which a claim may be had at any time."""

    def __init__(self, store: Store, clock: ManualClock, how: Aggregation) -> None:
        self.store, self.clock = store, clock
        wanted = catalogue([scanned("any", how=how)], [])
        put_in_force(
            store, wanted, interval_of=lambda _: 300.0, link_of=lambda _: "", now=clock.now()
        )
        self.happens("a whole run", [(one, "passes") for one in "abcdefgh"])

    def happens(self, what: str, told: Sequence[tuple[str, str]]) -> None:
        now = self.clock.now()
        timelines = [SAYS[says](one, now) for one, says in told]
        if what == "time":
            move_by_time(self.store, now=now)
        elif what == "an older syncd":
            self._older(timelines)
        else:
            self._publish(timelines, whole=what == "a whole run")

    def _publish(self, timelines: list[Timeline], *, whole: bool) -> None:
        now = self.clock.now()
        with self.store.write() as connection:
            connection.execute(sa.update(scopes).values(next_due_at=now))
            fingerprint = connection.execute(sa.select(scopes.c.fingerprint)).scalar_one()
        if whole:
            taken = claim_whole(self.store, fingerprint, now=now, lease_seconds=60)
        else:
            room, day = {"netbox": 10}, 10.0**9
            (taken,) = claim_due(
                self.store, now=now, room=room, lease_seconds=60, full_every_seconds=day
            )
        assert taken is not None
        begin(self.store, taken)
        judges = [judge_fingerprint(Named("complete"))]
        last = Answer(timelines).last()
        publish_scan(self.store, taken, judges, last, observed_at=now, now=now)

    def _older(self, timelines: list[Timeline]) -> None:
        """A version that keeps no tallies publishes: what it leaves is other verdicts, and when."""
        with self.store.write() as connection:
            set_id = connection.execute(sa.select(indicators.c.set_id)).scalar_one()
            for timeline in timelines:
                of_it = verdicts.c.object_id == timeline.object_id
                connection.execute(sa.delete(verdicts).where(of_it))
                for one in timeline.verdicts:
                    connection.execute(
                        sa.insert(verdicts).values(
                            set_id=set_id,
                            object_id=timeline.object_id,
                            valid_from=one.valid_from,
                            valid_to=one.valid_to,
                            outcome=one.outcome.value,
                        )
                    )
            connection.execute(sa.update(scopes).values(last_success_at=self.clock.now()))

    def holds(self) -> None:
        with self.store.read() as connection:
            scope = connection.execute(sa.select(scopes)).one()
            indicator = connection.execute(sa.select(indicators)).one()
            kept = connection.execute(sa.select(tallies)).one()
            if kept.under == scope.last_success_at:
                event("kept")
                found = Counts(kept.passed, kept.failed, kept.pending)
                assert found == counts_at(connection, indicator.set_id, kept.at)
            (view,) = read.indicator_views(connection)
            if kept.at != self.clock.now():
                return
            event("told")
            told = view.reading
            assert told is not None
            wanted = aggregate_of(indicator.aggregate)
            whole = aggregate(connection, indicator.set_id, wanted, kept.at)
        assert (told.value, told.numerator, told.denominator, told.pending, told.objects) == (
            whole.value,
            whole.numerator,
            whole.denominator,
            whole.pending,
            whole.objects,
        )


@pytest.fixture
def set_id(store: Store, in_force: Callable[[Catalogue], None]) -> int:
    in_force(catalogue([scanned("any")], []))
    with store.read() as connection:
        return int(connection.execute(sa.select(indicators.c.set_id)).scalar_one())


@pytest.fixture
def run(claim: Callable[[], list[Claim]], publish: Publish) -> Callable[..., None]:
    """A run of what is due brings these timelines."""

    def bring(*timelines: Timeline) -> None:
        publish(claim()[0], Answer([*timelines]).last())

    return bring


def test_time_brings_what_begins_and_takes_what_ends(
    store: Store,
    set_id: int,
    clock: ManualClock,
    run: Callable[..., None],
) -> None:
    now = clock.now()
    timelines = [SAYS[says](says, now) for says in SAYS if says != "is gone"]
    run(*timelines)
    found = []

    for _ in range(4):
        with store.write() as connection:
            at = clock.now()
            found.append(counted(connection, set_id, at, before=now, under=now))
        clock.advance(minutes=5)

    assert found == [Counts(2, 1, 2), Counts(4, 1, 1), Counts(3, 2, 0), Counts(2, 2, 0)]


def test_of_an_earlier_moment_than_what_is_kept_all_are_counted(
    store: Store,
    set_id: int,
    clock: ManualClock,
    run: Callable[..., None],
) -> None:
    began = Verdict(START - 5 * MINUTE, START - MINUTE, FAIL), Verdict(START - MINUTE, None, PASS)
    run(Timeline("1", None, began))

    with store.write() as connection:
        earlier = clock.now() - 2 * MINUTE
        found = counted(connection, set_id, earlier, before=START, under=START)

    assert found == Counts(failed=1)


def test_a_run_counts_only_what_it_brings(
    store: Store,
    set_id: int,
    clock: ManualClock,
    run: Callable[..., None],
) -> None:
    run(*judged(clock.now(), passing=["1", "2"], failing=["3"]))
    with store.write() as connection:
        # nowhere among the verdicts: who counts those one by one misses it
        connection.execute(sa.update(tallies).values(passed=1002))
    clock.advance(minutes=5)

    later = clock.now()
    run(*judged(later, failing=["1"]), *gone(later, "3"))

    with store.read() as connection:
        kept = connection.execute(sa.select(tallies)).one()
    assert (kept.at, kept.under) == (later, later)
    assert (kept.passed, kept.failed, kept.pending) == (1001, 1, 0)


def test_what_adds_up_numbers_counts_while_it_does(
    store: Store,
    in_force: Callable[[Catalogue], None],
    clock: ManualClock,
    run: Callable[..., None],
) -> None:
    in_force(catalogue([scanned("sum", how=Aggregation.SUM)], []))

    run(Timeline("1", None, (Verdict(clock.now(), None, PASS, 5.0),)))

    with store.read() as connection:
        assert connection.execute(sa.select(tallies)).all() == []
        (view,) = read.indicator_views(connection)
    assert view.reading is not None
    assert (view.reading.value, view.reading.objects) == (5.0, 1)


def test_a_copy_to_try_things_on_counts_anew(
    store: Store,
    set_id: int,
    clock: ManualClock,
    run: Callable[..., None],
    tmp_path: Path,
) -> None:
    ends = Verdict(START, START + 5 * MINUTE, PASS)
    run(Timeline("1", None, (ends,)), *judged(START, passing=["2"]))
    clock.advance(minutes=9)
    copy = made(tmp_path / "copy.db")

    copy_present(store, copy, now=clock.now())

    with copy.write() as connection:
        at = clock.now()
        found = counted(connection, set_id, at, before=START, under=START)
    copy.close()
    assert found == Counts(passed=1)


def test_a_million_that_stay_as_they_are_are_not_looked_through(tmp_path: Path) -> None:
    store = made(tmp_path / "syncd.db")
    asked: list[tuple[str, Any]] = []

    def executing(_: Any, __: Any, statement: str, parameters: Any, *___: Any) -> None:
        asked.append((statement, parameters))

    world = World(store, ManualClock(START), Aggregation.SHARE)
    world.clock.advance(minutes=5)
    sa.event.listen(sa.Engine, "before_cursor_execute", executing)
    try:
        world.happens("a run", [("a", "waits, then fails")])
        world.clock.advance(minutes=10)
        world.happens("time", [])
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", executing)
    with store.read() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        plans = {
            step[-1]
            for statement, parameters in asked
            if "verdicts" in statement and statement.startswith("SELECT")
            for step in driver.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
        }
    store.close()

    read_verdicts = {plan for plan in plans if " verdicts " in plan}
    assert read_verdicts
    assert {plan for plan in read_verdicts if not _narrow(plan)} == set()


def _narrow(plan: str) -> bool:
    """Whether a step reads only verdicts of some objects, or of some moments."""
    return any(word in plan for word in ("object_id=?", "valid_from>?", "valid_to>?"))
