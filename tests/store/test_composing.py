"""Between publishing and assessing: what is made of other indicators."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from connectors.base import Number, Outcome, QueryRefused, ScanPlan, TimedOut, Timeline
from syncd.clock import ManualClock
from syncd.model import (
    GOOD,
    Catalogue,
    Combining,
    Evidence,
    Failure,
    Indicator,
    Plausible,
    Status,
    Target,
    TargetType,
)
from syncd.store import read
from syncd.store.assessing import assessing
from syncd.store.claims import Claim, claim_due, claim_whole
from syncd.store.composing import compose, next_composition
from syncd.store.engine import Store
from syncd.store.faulty import record_fault
from syncd.store.manual import record_manual
from syncd.store.publish import begin, publish_number, publish_scan, record_failure
from syncd.store.schema import indicators, key_results
from tests.store.catalogues import (
    START,
    Answer,
    by_hand,
    catalogue,
    combined,
    covering,
    holds,
    key_result,
    keyed,
    numbered,
    scanned,
)
from tests.store.conftest import Fill
from tests.store.state import assess_all
from tests.store.test_publish import COMPLETE

InForce = Callable[[Catalogue], None]

ACTIVE = keyed("active", scope="clusters")
BOARD = keyed("board", scope="tickets", source="jira")
COVERED = covering("covered", ACTIVE, BOARD)
KR = key_result("mrkt-o2-kr1", COVERED)
HOUR = timedelta(hours=1)


def view(store: Store, name: str) -> read.IndicatorView:
    with store.read() as connection:
        found = {one.name: one for one in read.indicator_views(connection)}
    return found[name]


def value(store: Store, name: str) -> float | None:
    reading = view(store, name).reading
    assert reading is not None, f"{name} has no reading"
    return reading.value


@pytest.fixture
def covered(in_force: InForce) -> None:
    in_force(catalogue([COVERED, ACTIVE, BOARD], [KR]))


def with_a_deadline(store: Store, clock: ManualClock, fill: Fill) -> tuple[datetime, Claim]:
    """Both sides hold a key, one of them until the moment that is told; that one is claimed."""
    tomorrow = START + timedelta(days=1)
    fill(ACTIVE, [holds("1", "a")])
    fill(BOARD, [holds("t", "a", until=tomorrow)])
    compose(store, now=clock.now())
    clock.advance(hours=1)
    claim = claim_whole(store, scope_of(BOARD), now=clock.now(), lease_seconds=60)
    assert claim is not None
    return tomorrow, claim


@pytest.mark.usefixtures("covered")
class TestACoverage:
    def test_is_made_of_the_sets_of_both_sides(
        self, store: Store, clock: ManualClock, fill: Fill
    ) -> None:
        fill(ACTIVE, [holds("1", "a"), holds("2", "b")])
        fill(BOARD, [holds("t", "a", "c"), holds("u", "b", outcome=Outcome.FAIL)])

        compose(store, now=clock.now())

        reading = view(store, "covered").reading
        assert reading is not None
        assert (reading.value, reading.numerator, reading.denominator) == (0.5, 1, 2)
        assert reading.details == {"missing": 1, "extra": 1, "twice": {"of": 0, "inside": 0}}

    def test_has_no_reading_before_both_sides_have_one(
        self, store: Store, clock: ManualClock, fill: Fill
    ) -> None:
        fill(ACTIVE, [holds("1", "a")])

        compose(store, now=clock.now())

        assert view(store, "covered").reading is None

    @pytest.mark.parametrize("first", [ACTIVE, BOARD], ids=["of first", "inside first"])
    @pytest.mark.parametrize("between", [True, False], ids=["composed between", "composed once"])
    def test_comes_to_the_same_whichever_side_is_published_first(
        self,
        store: Store,
        clock: ManualClock,
        fill: Fill,
        first: Indicator,
        between: bool,
    ) -> None:
        sides = [(ACTIVE, [holds("1", "a"), holds("2", "b")]), (BOARD, [holds("t", "a")])]
        for side, timelines in sides if first is ACTIVE else reversed(sides):
            fill(side, timelines)
            if between:
                compose(store, now=clock.now())

        compose(store, now=clock.now())

        assert value(store, "covered") == 0.5

    def test_is_as_old_as_its_older_side_and_follows_it(
        self, store: Store, clock: ManualClock, fill: Fill
    ) -> None:
        fill(ACTIVE, [holds("1", "a")])
        clock.advance(minutes=20)
        fill(BOARD, [holds("t", "a")])
        compose(store, now=clock.now())
        first = view(store, "covered").reading
        clock.advance(minutes=20)

        fill(ACTIVE, [holds("1", "a")])
        compose(store, now=clock.now())

        again = view(store, "covered").reading
        assert first is not None
        assert again is not None
        assert first.observed_at == START
        assert again.observed_at == START + timedelta(minutes=20)
        assert again.id == first.id, "nothing differs, so nothing is written down again"

    def test_a_side_that_goes_silent_makes_it_stale_by_itself(
        self, store: Store, clock: ManualClock, fill: Fill
    ) -> None:
        fill(ACTIVE, [holds("1", "a")])
        fill(BOARD, [holds("t", "a")])
        compose(store, now=clock.now())
        assess_all(store, clock)
        clock.advance(minutes=61)

        fill(ACTIVE, [holds("1", "a")])
        compose(store, now=clock.now())
        assess_all(store, clock)

        with store.read() as connection:
            (told,) = read.key_result_views(connection)
        assert told.assessment is not None
        assert told.assessment.status is Status.STALE

    def test_a_partial_side_makes_a_partial_reading_beside_the_complete_one(
        self, store: Store, clock: ManualClock, fill: Fill
    ) -> None:
        fill(ACTIVE, [holds("1", "a")])
        fill(BOARD, [holds("t", "a")])
        compose(store, now=clock.now())
        clock.advance(minutes=5)

        fill(BOARD, [], partial=True)
        compose(store, now=clock.now())

        found = view(store, "covered")
        assert found.reading is not None
        assert found.partial is not None
        assert (found.reading.value, found.partial.value) == (1.0, 0.0)

    def test_a_side_whose_number_is_not_believed_makes_a_partial_one_as_well(
        self, store: Store, clock: ManualClock, fill: Fill, in_force: InForce
    ) -> None:
        board = replace(BOARD, plausible=Plausible(high=1))
        in_force(catalogue([COVERED, ACTIVE, board], [KR]))
        fill(ACTIVE, [holds("1", "a"), holds("2", "b")])
        fill(BOARD, [holds("t", "a")])
        compose(store, now=clock.now())
        clock.advance(minutes=5)

        fill(BOARD, [holds("t", "a"), holds("u", "b")])
        compose(store, now=clock.now())

        found = view(store, "covered")
        assert found.reading is not None
        assert found.reading.value == 0.5
        assert found.partial is not None

    def test_a_side_that_lost_most_of_its_keys_is_doubted_until_it_lasts(
        self, store: Store, clock: ManualClock, fill: Fill
    ) -> None:
        fill(ACTIVE, [holds("1", "a"), holds("2", "b")])
        fill(BOARD, [holds("t", "a"), holds("u", "b")])
        compose(store, now=clock.now())
        states = []

        for _ in range(3):
            clock.advance(minutes=30)
            fill(ACTIVE, [holds("1", "a"), holds("2", "b")])
            fill(BOARD, [holds("t", "a")])
            compose(store, now=clock.now())
            states.append((value(store, "covered"), view(store, "covered").partial is not None))

        assert states == [(1.0, True), (1.0, True), (0.5, False)]

    def test_a_failing_side_is_its_own_failure_with_its_name(
        self, store: Store, clock: ManualClock, fill: Fill
    ) -> None:
        fill(ACTIVE, [holds("1", "a")])
        fill(BOARD, [holds("t", "a")])
        compose(store, now=clock.now())
        clock.advance(minutes=5)
        for claim in claim_due(
            store,
            now=clock.now(),
            room={"jira": 1},
            lease_seconds=60,
            full_every_seconds=86_400,
        ):
            record_failure(store, claim, TimedOut("jira: no answer"), now=clock.now())

        evidence = evidence_of_the_only_one(store, clock)

        assert evidence.failure == Failure("timeout", "board: jira: no answer", clock.now())
        assert evidence.source == "jira"
        assert view(store, "covered").error_message == "board: jira: no answer"

    def test_a_deadline_on_a_failing_side_is_no_verdict(
        self, store: Store, clock: ManualClock, fill: Fill
    ) -> None:
        tomorrow, claim = with_a_deadline(store, clock, fill)
        record_failure(store, claim, TimedOut("jira: no answer"), now=clock.now())
        clock.move_to(tomorrow + timedelta(hours=1))

        fill(ACTIVE, [holds("1", "a")])
        compose(store, now=clock.now())

        assert value(store, "covered") == 1.0

    def test_a_deadline_on_a_side_whose_judge_is_at_fault_is_no_verdict(
        self, store: Store, clock: ManualClock, fill: Fill
    ) -> None:
        tomorrow, claim = with_a_deadline(store, clock, fill)
        (judge,) = claim.sets
        record_fault(store, claim, judge, QueryRefused("jira: no field"), now=clock.now())
        clock.move_to(tomorrow + timedelta(hours=1))

        fill(ACTIVE, [holds("1", "a")])
        compose(store, now=clock.now())

        assert value(store, "covered") == 1.0

    def test_marks_the_key_results_that_read_it(
        self, store: Store, clock: ManualClock, fill: Fill
    ) -> None:
        fill(ACTIVE, [holds("1", "a")])
        fill(BOARD, [holds("t", "a")])
        with store.write() as connection:
            connection.execute(sa.update(key_results).values(dirty=False))

        compose(store, now=clock.now())

        with store.read() as connection:
            assert connection.execute(sa.select(key_results.c.dirty)).scalar_one()

    def test_is_composed_once_for_each_time_it_is_marked(
        self, store: Store, clock: ManualClock, fill: Fill
    ) -> None:
        fill(ACTIVE, [holds("1", "a")])

        assert compose(store, now=clock.now()) == 1
        assert compose(store, now=clock.now()) == 0

    def test_has_its_sources_in_words_and_the_interval_of_its_rarest_side(
        self, store: Store, clock: ManualClock
    ) -> None:
        evidence = evidence_of_the_only_one(store, clock)

        assert evidence.source == "NetBox and Jira"
        assert evidence.interval_seconds == 300.0


def evidence_of_the_only_one(store: Store, clock: ManualClock) -> Evidence:
    with assessing(store, now=clock.now() + timedelta(days=1)) as work:
        (candidate,) = work.candidates.values()
    return candidate.evidence


def scope_of(indicator: Indicator) -> str:
    assert isinstance(indicator.plan, ScanPlan)
    return indicator.plan.scope.fingerprint


class TestWithin:
    def test_a_deadline_passes_by_itself(
        self, store: Store, clock: ManualClock, in_force: InForce, fill: Fill
    ) -> None:
        limited = covering("covered", ACTIVE, BOARD, within_seconds=86_400.0)
        in_force(catalogue([ACTIVE, BOARD, limited], []))
        fill(ACTIVE, [holds("1", "a", since=START - timedelta(hours=20))])
        fill(BOARD, [])
        compose(store, now=clock.now())
        reading = view(store, "covered").reading
        assert reading is not None
        assert (reading.value, reading.pending) == (None, 1)
        assert next_composition(store) == START + timedelta(hours=4)

        clock.move_to(START + timedelta(hours=4))
        compose(store, now=clock.now())

        assert value(store, "covered") == 0.0
        assert next_composition(store) is None

    def test_a_change_that_leaves_the_key_alone_does_not_move_the_deadline(
        self, store: Store, clock: ManualClock, in_force: InForce, fill: Fill
    ) -> None:
        """An object's row ends when anything about it changes; its key may go on."""
        limited = covering("covered", ACTIVE, BOARD, within_seconds=3600.0)
        in_force(catalogue([ACTIVE, BOARD, limited], []))
        fill(ACTIVE, [holds("1", "a", since=START - timedelta(minutes=50))])
        fill(BOARD, [])
        clock.advance(minutes=30)
        changed = holds("1", "a", since=clock.now(), outcome=Outcome.FAIL)
        fill(ACTIVE, [_from(changed, clock.now())])

        compose(store, now=clock.now())

        assert value(store, "covered") == 0.0

    def test_the_other_side_has_a_key_since_it_passes(
        self, store: Store, clock: ManualClock, in_force: InForce, fill: Fill
    ) -> None:
        limited = covering("covered", ACTIVE, BOARD, within_seconds=3600.0)
        in_force(catalogue([ACTIVE, BOARD, limited], []))
        fill(ACTIVE, [holds("1", "a", since=START)])
        fill(BOARD, [holds("t", "a", since=START, outcome=Outcome.FAIL)])
        clock.advance(hours=2)
        fill(BOARD, [_from(holds("t", "a", since=clock.now()), clock.now())])

        compose(store, now=clock.now())

        assert value(store, "covered") == 0.0, "it passed after the deadline"

    @pytest.mark.parametrize(("late", "value_then"), [(timedelta(0), 1.0), (HOUR, 0.0)])
    def test_a_key_that_began_before_its_row_is_there_since_then(
        self,
        store: Store,
        clock: ManualClock,
        in_force: InForce,
        fill: Fill,
        late: timedelta,
        value_then: float,
    ) -> None:
        """Its object is judged as it is now, and says itself since when it holds the key."""
        limited = covering("covered", ACTIVE, BOARD, within_seconds=3600.0)
        in_force(catalogue([ACTIVE, BOARD, limited], []))
        fill(ACTIVE, [_from(holds("1", "a", since=START, began=START - 3 * HOUR), START)])
        began = START - 2 * HOUR + late
        fill(BOARD, [_from(holds("t", "a", since=START, began=began), START)])
        clock.advance(minutes=5)
        fill(BOARD, [_from(holds("t", "a", since=clock.now(), began=began), clock.now())])

        compose(store, now=clock.now())

        assert value(store, "covered") == value_then


def _from(timeline: Timeline, since: datetime) -> Timeline:
    return replace(timeline, since=since)


class TestCombinations:
    def test_of_compositions_are_made_parts_first(
        self, store: Store, clock: ManualClock, in_force: InForce, fill: Fill
    ) -> None:
        goods = numbered("goods")
        lowest = combined("lowest", Combining.MINIMUM, COVERED, goods)
        twice = combined("twice", Combining.SUM, lowest, lowest)
        # put in force in the wrong order, whatever the fingerprints are
        in_force(catalogue([twice, lowest, goods, COVERED, BOARD, ACTIVE], []))
        fill(ACTIVE, [holds("1", "a"), holds("2", "b")])
        fill(BOARD, [holds("t", "a")])
        give(store, clock, 0.75)

        compose(store, now=clock.now())

        assert value(store, "lowest") == 0.5
        assert value(store, "twice") == 1.0

        give(store, clock, 0.25)
        compose(store, now=clock.now())

        assert value(store, "twice") == 0.5, "a part of a part has changed"

    def test_with_a_number_that_a_person_gives_grow_stale_when_the_first_part_does(
        self, store: Store, clock: ManualClock, in_force: InForce
    ) -> None:
        goods, said = numbered("goods"), by_hand("said", stale_after=timedelta(days=14))
        total = combined("total", Combining.SUM, goods, said)
        in_force(catalogue([goods, said, total], [key_result("a-1", total, target=AT_LEAST_ONE)]))
        record_manual(
            store, "said", 2.0, note=None, by="lead", at=START - timedelta(days=3), now=clock.now()
        )
        give(store, clock, 1.0)
        compose(store, now=clock.now())
        assess_all(store, clock)

        assert told(store) in GOOD
        evidence = evidence_of_the_only_one(store, clock)
        assert evidence.reading is not None
        assert evidence.reading.observed_at == START - timedelta(days=3)
        assert (
            evidence.stale_after_seconds == (timedelta(days=3) + timedelta(hours=1)).total_seconds()
        )

    def test_a_changed_one_is_told_when_it_has_a_reading(
        self, store: Store, clock: ManualClock, in_force: InForce
    ) -> None:
        goods, more = numbered("goods"), numbered("more", query="more")
        before = combined("total", Combining.SUM, goods, goods)
        in_force(catalogue([goods, before], [key_result("a-1", before)]))
        give(store, clock, 2.0)
        compose(store, now=clock.now())
        after = combined("total", Combining.SUM, goods, more)

        in_force(catalogue([goods, more, after], [key_result("a-1", after)]))
        compose(store, now=clock.now())
        with store.read() as connection:
            (waiting,) = read.key_result_views(connection)
        give(store, clock, 3.0)
        compose(store, now=clock.now())
        with store.read() as connection:
            (there,) = read.key_result_views(connection)

        assert waiting.previous_definition
        assert waiting.indicator.reading is not None
        assert waiting.indicator.reading.value == 4.0
        assert not there.previous_definition
        assert there.indicator.reading is not None
        assert there.indicator.reading.value == 6.0


AT_LEAST_ONE = Target(TargetType.AT_LEAST, goal=1.0)


def told(store: Store) -> Status:
    with store.read() as connection:
        (one,) = read.key_result_views(connection)
    assert one.assessment is not None
    return one.assessment.status


def give(store: Store, clock: ManualClock, number: float) -> None:
    """All numbers read this value now."""
    with store.read() as connection:
        fingerprints = [
            row.fingerprint
            for row in connection.execute(
                sa.text("SELECT fingerprint FROM scopes WHERE kind = 'number' AND active")
            )
        ]
    for fingerprint in fingerprints:
        claim = claim_whole(store, fingerprint, now=clock.now(), lease_seconds=60)
        assert claim is not None
        publish_number(store, claim, Number(number, clock.now()), now=clock.now())


class Finisher(threading.Thread):
    """A replica that has read a side, and publishes and composes when the other one does too."""

    def __init__(
        self,
        replica: Store,
        clock: ManualClock,
        start: threading.Barrier,
        side: Indicator,
        keys: list[str],
    ) -> None:
        super().__init__()
        self.failure: BaseException | None = None
        self._replica = replica
        self._clock = clock
        self._start = start
        self._side = side
        self._last = Answer([holds(key, key) for key in keys]).last()

    def run(self) -> None:
        now = self._clock.now()
        try:
            claim = claim_whole(self._replica, scope_of(self._side), now=now, lease_seconds=60)
            assert claim is not None
            begin(self._replica, claim)
            self._start.wait(timeout=30)
            publish_scan(self._replica, claim, (COMPLETE,), self._last, observed_at=now, now=now)
            compose(self._replica, now=now)
        except BaseException as error:  # noqa: BLE001  told by the test
            self.failure = error


class TestReplicas:
    """Two of them finish the two sides of one coverage at the same moment."""

    @pytest.fixture
    def another(self, store_url: str) -> Iterator[Store]:
        opened = Store(store_url)
        yield opened
        opened.close()

    @pytest.mark.usefixtures("covered")
    def test_do_not_miss_each_others_side(
        self, store: Store, another: Store, clock: ManualClock
    ) -> None:
        for turn in range(12):
            keys = [f"{turn}-{n}" for n in range(4)]
            start = threading.Barrier(2)
            both = [
                Finisher(store, clock, start, ACTIVE, keys),
                Finisher(another, clock, start, BOARD, keys[: turn % 4]),
            ]
            for one in both:
                one.start()
            for one in both:
                one.join()

            failures = [one.failure for one in both if one.failure is not None]
            assert failures == []
            found = view(store, "covered")
            newest = found.partial or found.reading
            assert newest is not None, f"turn {turn}"
            assert newest.numerator == turn % 4, f"turn {turn}"
            clock.advance(minutes=5)

    @pytest.mark.usefixtures("covered")
    @pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)  # SQLite has one writer
    def test_a_side_published_while_another_composes_is_composed_after(
        self, store: Store, another: Store, clock: ManualClock, fill: Fill
    ) -> None:
        fill(ACTIVE, [holds("1", "a")])
        fill(BOARD, [])
        compose(store, now=clock.now())
        publisher = threading.Thread(target=fill, args=(BOARD, [holds("t", "a")]))

        with composing_by_hand(another) as has_locked:
            assert has_locked
            publisher.start()
            waits_for_a_lock(store)
        publisher.join()

        assert compose(store, now=clock.now()) == 1
        assert value(store, "covered") == 1.0


@contextmanager
def composing_by_hand(replica: Store) -> Iterator[bool]:
    """A composing transaction that has locked the coverage, and takes its time."""
    with replica.write() as connection:
        mine = sa.select(indicators).where(indicators.c.fingerprint == COVERED.fingerprint)
        row = connection.execute(replica.locked(mine)).one()
        yield row is not None
        connection.execute(
            sa.update(indicators)
            .where(indicators.c.fingerprint == COVERED.fingerprint)
            .values(dirty=False)
        )


def waits_for_a_lock(store: Store, many: int = 1) -> None:
    """Returns once some transaction waits for another, or so many do."""
    waiting = sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    for _ in range(10_000):
        with store.read() as connection:
            if connection.execute(waiting).scalar_one() >= many:
                return
    raise AssertionError("nobody waits for a lock")


def test_a_measured_indicator_is_never_composed(
    store: Store, clock: ManualClock, in_force: InForce, fill: Fill
) -> None:
    plain, said = scanned("plain"), by_hand("said")
    in_force(catalogue([plain, said], []))
    fill(plain, [])

    assert compose(store, now=clock.now()) == 0
