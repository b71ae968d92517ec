"""Closing a period: its scores are final, and nothing of it is measured or changed any more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from connectors.base import Number
from syncd.clock import ManualClock
from syncd.intake.adjusting import GivenAdjustment, adjust
from syncd.intake.closing import close_period
from syncd.intake.texts import Refused, Unknown
from syncd.model import Assessment, Catalogue, Ending, Objective, Status, Target, TargetType
from syncd.store import closing, read
from syncd.store.claims import Claim
from syncd.store.closing import CannotClose, changed_since
from syncd.store.engine import Store
from syncd.store.manual import NotManual, record_manual
from syncd.store.naming import key_meant
from syncd.store.periods import choose, period_views
from syncd.store.publish import begin, publish_number
from syncd.store.rolling import rollups
from syncd.store.schema import indicators, key_results, scopes
from tests.store.catalogues import START, by_hand, catalogue, key_result, numbered
from tests.store.state import assess_all

InForce = Callable[..., None]
Claims = Callable[[], list[Claim]]
Say = Callable[[float], int]

DAY = timedelta(days=1)
INSTANT = timedelta(microseconds=1)
SECOND = datetime(2026, 4, 1, 7, tzinfo=UTC)
GOODS = numbered("goods")
ONLY = numbered("only", query="once")
GIVEN = by_hand("given")
LATE = Target(TargetType.AT_LEAST, goal=8.0)


def first(**more: object) -> Catalogue:
    return catalogue(
        [GOODS, ONLY, GIVEN],
        [
            key_result("a-1", GOODS, due=SECOND - INSTANT, **more),
            key_result("b-1", ONLY, due=SECOND - INSTANT, target=LATE),
            key_result("b-2", GIVEN, due=SECOND - 9 * DAY),
        ],
        period="2026-Q1",
        starts=START,
        ends=SECOND - INSTANT,
        objectives=[Objective("a", "First", "a"), Objective("b", "Second", "b")],
    )


NEXT = catalogue(
    [GOODS],
    [key_result("a-1", GOODS, start=SECOND, due=SECOND + 90 * DAY)],
    period="2026-Q2",
    starts=SECOND,
    ends=SECOND + 90 * DAY,
)


@pytest.fixture
def say(store: Store, clock: ManualClock, claim: Claims) -> Say:
    """Answers every query that is due with a value, and judges; how many there were."""

    def publish(value: float) -> int:
        taken = claim()
        for one in taken:
            begin(store, one)
            publish_number(store, one, Number(value, clock.now()), now=clock.now())
        assess_all(store, clock)
        return len(taken)

    return publish


@pytest.fixture
def over(store: Store, clock: ManualClock, in_force: InForce, say: Say) -> None:
    """Two quarters in force; the first is over, judged, and not closed."""
    in_force(first(), NEXT)
    clock.move_to(START + 80 * DAY)
    say(4.0)
    clock.move_to(SECOND + DAY)
    say(4.0)


def told(store: Store, *periods: str) -> dict[str, Assessment | None]:
    with store.read() as connection:
        views = read.key_result_views(connection, periods=periods)
    return {view.key_result.id: view.assessment for view in views}


def active(store: Store, table: sa.Table, column: sa.Column[str]) -> set[str]:
    with store.read() as connection:
        return set(connection.execute(sa.select(column).where(table.c.active)).scalars())


@pytest.mark.usefixtures("over")
class TestAClosedPeriod:
    def test_keeps_its_scores_whatever_is_read_and_however_long(
        self, store: Store, clock: ManualClock, say: Say
    ) -> None:
        before = told(store, "2026-Q1")
        close_period(store, "2026-Q1", by="Ada", note=None, now=clock.now())
        clock.advance(days=30)
        say(0.0)

        found = {key: one.status for key, one in told(store, "2026-Q1").items() if one}
        assert told(store, "2026-Q1") == before
        assert found == {"a-1": Status.ACHIEVED, "b-1": Status.MISSED, "b-2": Status.NO_DATA}

    def test_is_not_measured_any_more_but_for_what_another_one_uses(
        self, store: Store, clock: ManualClock, say: Say
    ) -> None:
        close_period(store, "2026-Q1", by="Ada", note=None, now=clock.now())

        assert active(store, indicators, indicators.c.name) == {"goods"}
        assert len(active(store, scopes, scopes.c.fingerprint)) == 1
        clock.advance(minutes=10)
        assert say(1.0) == 1

    def test_is_told_with_who_and_when_and_what_it_came_to(
        self, store: Store, clock: ManualClock
    ) -> None:
        close_period(store, "2026-Q1", by="Ada", note="as read out", now=clock.now())

        with store.read() as connection:
            event = read.feed(connection)[0]
            view = period_views(connection)[0]
        assert (event.kind, event.subject) == ("period_closed", "2026-Q1")
        assert event.title == "2026-Q1 is closed: 1 achieved, 1 missed, 1 no data"
        assert event.text == "By Ada: as read out"
        assert view.closed is not None
        assert (view.closed.by, view.closed.note, view.closed.at) == (
            "Ada",
            "as read out",
            clock.now(),
        )

    def test_keeps_its_roll_ups(self, store: Store, clock: ManualClock, in_force: InForce) -> None:
        def summed() -> list[object]:
            with store.read() as connection:
                shown = [v for v in period_views(connection) if v.period.id == "2026-Q1"]
                return [one.rollups for one in rollups(connection, shown)]

        before = summed()
        close_period(store, "2026-Q1", by="Ada", note=None, now=clock.now())
        in_force(NEXT)

        assert len(before) == 1
        assert summed() == before

    def test_is_neither_opened_nor_changed_by_files_that_still_name_it(
        self, store: Store, clock: ManualClock, in_force: InForce, say: Say
    ) -> None:
        close_period(store, "2026-Q1", by="Ada", note=None, now=clock.now())
        before = told(store, "2026-Q1")
        edited = first(target=Target(TargetType.AT_LEAST, goal=99.0), title="Reworded")
        clock.advance(days=1)

        in_force(edited, NEXT)
        say(9.0)

        assert told(store, "2026-Q1") == before
        with store.read() as connection:
            titles = [
                v.key_result.title for v in read.key_result_views(connection, ["2026-Q1/a-1"])
            ]
            (words,) = changed_since(connection, [edited, NEXT])
            assert changed_since(connection, [first(), NEXT]) == []
        assert titles == ["Title of a-1"]
        assert "2026-Q1 was closed on 2 Apr 2026 by Ada" in words
        assert "changed: a-1" in words

    def test_is_told_from_files_that_lack_or_add_key_results(
        self, store: Store, clock: ManualClock
    ) -> None:
        close_period(store, "2026-Q1", by="Ada", note=None, now=clock.now())
        krs = dict(first().key_results)
        krs["c-1"] = replace(krs.pop("b-1"), id="c-1")

        with store.read() as connection:
            (words,) = changed_since(connection, [replace(first(), key_results=krs)])

        assert words.endswith("they change nothing (new: c-1; missing: b-1)")

    def test_is_not_shown_unless_it_is_asked_for(self, store: Store, clock: ManualClock) -> None:
        def default() -> list[str]:
            with store.read() as connection:
                return [v.period.id for v in choose(period_views(connection), None, clock.now())]

        before = default()
        close_period(store, "2026-Q1", by="Ada", note=None, now=clock.now())

        assert before == ["2026-Q1", "2026-Q2"]
        assert default() == ["2026-Q2"]
        with store.read() as connection:
            assert {v.key_result.key for v in read.key_result_views(connection)} == {"2026-Q2/a-1"}
            assert key_meant(connection, "b-1", clock.now()) == "2026-Q1/b-1"
            assert key_meant(connection, "a-1", clock.now()) == "2026-Q2/a-1"

    def test_takes_no_more_from_people(self, store: Store, clock: ManualClock) -> None:
        close_period(store, "2026-Q1", by="Ada", note=None, now=clock.now())

        with pytest.raises(Refused, match="closed on 2 Apr 2026 by Ada"):
            adjust(store, "b-1", GivenAdjustment("note", "late", by="Bob"), now=clock.now())
        with pytest.raises(NotManual):
            record_manual(store, "given", 1.0, note=None, by="Bob", at=clock.now(), now=clock.now())
        with pytest.raises(Refused, match="was closed on 2 Apr 2026 by Ada"):
            close_period(store, "2026-Q1", by="Bob", note=None, now=clock.now())

    def test_does_not_hide_what_was_taken_out_before(
        self, store: Store, clock: ManualClock, in_force: InForce
    ) -> None:
        without = first()
        krs = {key: kr for key, kr in without.key_results.items() if key != "b-1"}
        in_force(replace(without, key_results=krs), NEXT)
        close_period(store, "2026-Q1", by="Ada", note=None, now=clock.now())

        assert set(told(store, "2026-Q1")) == {"a-1", "b-2"}


class TestClosing:
    def test_is_refused_while_a_key_result_is_not_due(
        self, store: Store, clock: ManualClock, in_force: InForce, say: Say
    ) -> None:
        in_force(first())
        clock.move_to(SECOND - INSTANT)
        say(4.0)

        with pytest.raises(Refused, match="a-1 and b-1 are not due yet") as refused:
            close_period(store, "2026-Q1", by="Ada", note=None, now=clock.now())

        assert "before the end of 31 Mar 2026" in str(refused.value)
        assert told(store, "2026-Q1")["a-1"] is not None
        with store.read() as connection:
            assert period_views(connection)[0].closed is None

    def test_waits_for_no_key_result_that_has_ended(
        self, store: Store, clock: ManualClock, in_force: InForce, say: Say
    ) -> None:
        ended = Ending(START + DAY, "not worth it", "2026-Q2/a-1")
        long = key_result("a-1", GOODS, due=SECOND + 90 * DAY, ending=ended)
        in_force(catalogue([GOODS], [long], period="2026-Q1", starts=START, ends=SECOND))
        clock.move_to(SECOND + DAY)
        say(1.0)

        close_period(store, "2026-Q1", by="Ada", note=None, now=clock.now())

        found = told(store, "2026-Q1")["a-1"]
        assert found is not None
        assert found.status is Status.CARRIED

    def test_judges_what_is_due_first(
        self, store: Store, clock: ManualClock, in_force: InForce, say: Say
    ) -> None:
        in_force(first())
        clock.move_to(SECOND - DAY)
        say(4.0)
        clock.move_to(SECOND + DAY)

        with pytest.raises(CannotClose, match="have not been judged since the due date"):
            closing.close_period(store, "2026-Q1", by="Ada", note=None, now=clock.now())
        close_period(store, "2026-Q1", by="Ada", note=None, now=clock.now())

        found = told(store, "2026-Q1")["a-1"]
        assert found is not None
        assert found.status is Status.STALE  # nothing was read after the due date

    def test_that_fails_half_way_closes_nothing(
        self,
        store: Store,
        clock: ManualClock,
        in_force: InForce,
        say: Say,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        in_force(first())
        clock.move_to(SECOND + DAY)
        say(4.0)
        with store.write() as connection:
            # the feed's counter is gone, so the last step of closing cannot be done
            connection.execute(
                sa.text("UPDATE counters SET name = 'elsewhere' WHERE name = 'feed'")
            )

        with pytest.raises(sa.exc.NoResultFound):
            close_period(store, "2026-Q1", by="Ada", note=None, now=clock.now())

        with store.read() as connection:
            assert period_views(connection)[0].closed is None
        assert len(active(store, key_results, key_results.c.key)) == 3

    @pytest.mark.parametrize("name", ["2025-Q4", ""])
    def test_of_an_unknown_period_is_answered_with_the_known_ones(
        self, store: Store, clock: ManualClock, in_force: InForce, name: str
    ) -> None:
        in_force(first())

        with pytest.raises(Unknown, match="expected one of 2026-Q1"):
            close_period(store, name, by="Ada", note=None, now=clock.now())


def test_the_newest_period_is_shown_where_none_is_open(
    store: Store, clock: ManualClock, in_force: InForce
) -> None:
    in_force(first(), NEXT)

    def shown(now: datetime) -> list[str]:
        with store.read() as connection:
            return [view.period.id for view in choose(period_views(connection), None, now)]

    assert shown(START - DAY) == ["2026-Q2"]
    assert shown(START) == ["2026-Q1"]
    assert shown(SECOND) == ["2026-Q1", "2026-Q2"]
