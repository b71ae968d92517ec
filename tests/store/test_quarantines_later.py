"""What is told later of a number that was not believed: of a past day, of a period that is closed or
taken elsewhere, of a history that is rebuilt, and when two decide on it at one moment.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from connectors.base import Number
from syncd.clock import ManualClock
from syncd.intake.closing import close_period
from syncd.model import Catalogue, EventKind, Indicator, Plausible, Status
from syncd.store import read
from syncd.store.accepting import NothingHeld, accept
from syncd.store.catalogue import put_in_force
from syncd.store.claims import Claim, claim_due
from syncd.store.compacting import compact
from syncd.store.engine import Store
from syncd.store.explaining import explain
from syncd.store.exporting import export_period
from syncd.store.importing import import_period
from syncd.store.publish import begin, publish_number
from syncd.store.removing import Keep
from syncd.store.schema import indicators, quarantines
from syncd.store.told import key_results_known
from syncd.surfaces.report.building import build
from syncd.surfaces.report.markdown import markdown
from syncd.surfaces.report.material import gather
from tests.store.catalogues import START, catalogue, key_result, numbered
from tests.store.made import made
from tests.store.state import assess_all, waits_for_a_lock

LOAD = replace(numbered("load"), plausible=Plausible(high=100, confirm=2))
OTHER = replace(numbered("other", query="down"), plausible=LOAD.plausible)
FIVE = timedelta(minutes=5)
DAY = timedelta(days=1)
ENDS = START + 90 * DAY
WHY = "300, at most 100 is plausible"

Claims = Callable[[], list[Claim]]
InForce = Callable[..., None]
Say = Callable[[float], datetime]


def quarter(period: str = "2026-Q1", indicator: Indicator = LOAD) -> Catalogue:
    return catalogue(
        [indicator],
        [key_result("a-1", indicator, due=ENDS)],
        period=period,
        starts=START,
        ends=ENDS,
    )


@pytest.fixture
def say(store: Store, clock: ManualClock, claim: Claims) -> Say:
    """Five minutes later all that is due says this, and is judged; when that was."""

    def publish(value: float) -> datetime:
        clock.advance(minutes=5)
        for one in claim():
            begin(store, one)
            publish_number(store, one, Number(value, clock.now()), now=clock.now())
        assess_all(store, clock)
        return clock.now()

    return publish


def ended(store: Store) -> list[str | None]:
    with store.read() as connection:
        query = sa.select(quarantines.c.ended_how).order_by(quarantines.c.id)
        return list(connection.execute(query).scalars())


def released(store: Store) -> list[str]:
    with store.read() as connection:
        return [e.reason for e in read.feed(connection) if e.kind is EventKind.NUMBER_RELEASED]


def test_a_past_moment_tells_the_number_that_was_believed_then_with_its_age(
    store: Store, clock: ManualClock, in_force: InForce, say: Say
) -> None:
    in_force(quarter())
    good = say(80)
    doubted = say(300)
    say(301)
    over = say(90)
    clock.advance(days=1)

    with store.read() as connection:
        (then,) = key_results_known(connection, doubted + FIVE)
        (later,) = key_results_known(connection, over)
        found = explain(connection, LOAD.fingerprint, now=clock.now(), at=doubted, told_by=doubted)
    assert then.assessment is not None
    assert later.assessment is not None
    assert found is not None
    assert found.reading is not None
    assert (then.assessment.value, then.assessment.doubt) == (80, "range")
    assert WHY in then.assessment.reason
    assert then.indicator.reading is not None
    assert (then.indicator.reading.value, then.indicator.reading.observed_at) == (80, good)
    assert found.reading.value == 80
    assert (later.assessment.value, later.assessment.doubt) == (90, None)
    assert "plausible" not in later.assessment.reason


def test_a_report_of_a_past_day_tells_the_same(
    store: Store, clock: ManualClock, in_force: InForce, say: Say
) -> None:
    in_force(quarter())
    say(80)
    doubted = say(300)
    say(90)

    def of(at: datetime) -> str:
        with store.read() as connection:
            return markdown(build(gather(connection, now=at, since=at - DAY, told_by=at)))

    said = of(doubted)
    assert WHY in said
    assert "300" not in said.replace(WHY, "")
    assert "80" in said
    assert "300" not in of(clock.now()).replace(WHY, "")


@pytest.fixture
def held_at_its_end(store: Store, clock: ManualClock, in_force: InForce, say: Say) -> datetime:
    """A quarter that is over, whose last number is not believed; when the one before was read."""
    in_force(quarter())
    clock.move_to(ENDS - FIVE)
    good = say(80)
    say(300)
    return good


@pytest.mark.usefixtures("held_at_its_end")
class TestAPeriodThatIsClosedMeanwhile:
    def test_says_so_and_what_is_final_is_the_last_number_that_was_believed(
        self, store: Store, clock: ManualClock, held_at_its_end: datetime
    ) -> None:
        close_period(store, "2026-Q1", by="Ada", note=None, now=clock.now())

        with store.read() as connection:
            event = read.feed(connection)[0]
            (final,) = read.key_result_views(connection, periods=["2026-Q1"])
        assert event.text == (
            "By Ada. What was read last of a-1 was not believed: "
            "final is the last number before it."
        )
        assert event.data["doubted"] == ["a-1"]
        assert final.assessment is not None
        assert (final.assessment.value, final.assessment.doubt) == (80, "range")
        assert final.assessment.status is Status.ACHIEVED
        assert final.assessment.observed_at == held_at_its_end

    def test_is_not_changed_by_who_accepts_it_afterwards(
        self, store: Store, clock: ManualClock
    ) -> None:
        close_period(store, "2026-Q1", by="Ada", note=None, now=clock.now())

        with pytest.raises(NothingHeld):
            accept(store, LOAD.fingerprint, by="Ada", reason="late", now=clock.now())

        assert ended(store) == ["unmeasured"]
        with store.read() as connection:
            (final,) = read.key_result_views(connection, periods=["2026-Q1"])
        assert final.indicator.reading is not None
        assert final.indicator.reading.value == 80

    def test_goes_elsewhere_without_what_was_not_believed(
        self, store: Store, clock: ManualClock, in_force: InForce, say: Say, tmp_path: Path
    ) -> None:
        # The next quarter reads it too, so it is held back on.
        in_force(quarter(), quarter("2026-Q2"))
        say(300)
        close_period(store, "2026-Q1", by="Ada", note=None, now=clock.now())
        assert ended(store) == [None]
        file = tmp_path / "q1.syncd"
        export_period(store, "2026-Q1", file, by="Eve", now=clock.now(), version="1")
        elsewhere = made(tmp_path / "elsewhere.db")
        hold(elsewhere, OTHER, clock)  # where the same number is another one's

        import_period(elsewhere, file, by="Eve", now=clock.now())

        with elsewhere.read() as connection:
            (final,) = read.key_result_views(connection, periods=["2026-Q1"])
            every = set(connection.execute(sa.select(indicators.c.fingerprint)).scalars())
            views = read.indicator_views(connection, every)
        assert final.assessment is not None
        assert final.assessment.value == 80
        assert WHY in final.assessment.reason
        doubted = [one.fingerprint for one in views if one.quarantine is not None]
        elsewhere.close()
        assert doubted == [OTHER.fingerprint]


def hold(store: Store, indicator: Indicator, clock: ManualClock) -> None:
    """A store in which one number was read, and then one that is not believed."""
    put_in_force(
        store,
        catalogue([indicator], []),
        interval_of=lambda _: 300.0,
        link_of=lambda _: None,
        now=clock.now(),
    )
    for value in (80.0, 300.0):
        (taken,) = claim_due(
            store,
            now=clock.now(),
            room={"prometheus": 1},
            lease_seconds=60,
            full_every_seconds=86_400,
        )
        publish_number(store, taken, Number(value, clock.now()), now=clock.now())
        clock.advance(minutes=5)


def test_what_is_measured_no_more_is_held_back_no_more(
    store: Store, clock: ManualClock, in_force: InForce, say: Say
) -> None:
    in_force(quarter())
    say(80)
    say(300)

    in_force(quarter(indicator=OTHER))

    assert ended(store) == ["unmeasured"]
    with pytest.raises(NothingHeld):
        accept(store, LOAD.fingerprint, by="Ada", reason="late", now=clock.now())
    in_force(quarter())
    say(300)
    assert ended(store) == ["unmeasured", None]


def test_those_that_ended_leave_with_the_readings_of_their_time(
    store: Store, clock: ManualClock, in_force: InForce, say: Say
) -> None:
    in_force(quarter())
    for value in (80, 300, 90, 300):
        say(value)
    keep = Keep(fine=30 * DAY, events=90 * DAY, letters=30 * DAY)

    def left(at: datetime) -> list[str | None]:
        clock.move_to(at)
        compact(store, clock.now, keep, every=DAY, due=False)
        return ended(store)

    assert left(ENDS + 29 * DAY) == ["in_bounds", None]
    in_force(catalogue([LOAD], [key_result("b-1", LOAD, start=ENDS, due=ENDS + 90 * DAY)]))
    assert left(ENDS + 60 * DAY) == [None]


class TestTwoThatDecideAtOneMoment:
    @pytest.fixture
    def store_url(self, request: pytest.FixtureRequest) -> str:
        url: str = request.getfixturevalue("postgres").create_database(
            template=request.getfixturevalue("made_once")
        )
        return url

    @pytest.fixture
    def another(self, store_url: str) -> Iterator[Store]:
        opened = Store(store_url)
        yield opened
        opened.close()

    def test_come_to_one_end_that_is_told_once(
        self,
        store: Store,
        another: Store,
        clock: ManualClock,
        in_force: InForce,
        say: Say,
        claim: Claims,
    ) -> None:
        in_force(quarter())
        for value in (80, 300, 300):
            say(value)
        clock.advance(minutes=5)
        (taken,) = claim()
        refused: list[Exception] = []

        def run() -> None:
            publish_number(store, taken, Number(300, clock.now()), now=clock.now())

        def person() -> None:
            try:
                accept(another, LOAD.fingerprint, by="Ada", reason="so", now=clock.now())
            except NothingHeld as error:
                refused.append(error)

        threads = [threading.Thread(target=one) for one in (run, person)]
        with store.write() as connection:  # both come as far as what is held back, and wait
            connection.execute(store.locked(sa.select(quarantines.c.id))).all()
            for number, one in enumerate(threads, 1):
                one.start()
                waits_for_a_lock(another, number)
        for one in threads:
            one.join()

        assert released(store) == ["confirmed"]
        assert ended(store) == ["confirmed"]
        assert len(refused) == 1
