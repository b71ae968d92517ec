"""Several periods at once: one id in two of them, and what people mean by it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from connectors.base import Number
from syncd.clock import ManualClock
from syncd.model import Catalogue, Indicator, KeyResult, Status, Target, TargetType
from syncd.store import read
from syncd.store.catalogue import measured
from syncd.store.claims import Claim
from syncd.store.engine import Store
from syncd.store.explaining import find
from syncd.store.naming import key_meant, short_names, words
from syncd.store.past import daily
from syncd.store.publish import begin, publish_number
from tests.store.catalogues import START, catalogue, key_result, numbered
from tests.store.state import assess_all

InForce = Callable[..., None]
Claims = Callable[[], list[Claim]]

DAY = timedelta(days=1)
SECOND = datetime(2026, 4, 1, 7, tzinfo=UTC)
THIRD = datetime(2026, 7, 1, 7, tzinfo=UTC)
INSTANT = timedelta(microseconds=1)
GOODS = numbered("goods")
BADS = numbered("bads", query="down")


def quarter(number: int, *key_results: KeyResult, of: Iterable[Indicator] = (GOODS,)) -> Catalogue:
    starts, ends = (START, SECOND) if number == 1 else (SECOND, THIRD)
    return catalogue(of, key_results, period=f"2026-Q{number}", starts=starts, ends=ends - INSTANT)


def wanting(key: str, goal: float, of: Indicator = GOODS, **more: object) -> KeyResult:
    return key_result(key, of, target=Target(TargetType.AT_LEAST, goal=goal), **more)


FIRST = quarter(1, wanting("a-1", 1.0), wanting("a-2", 1.0))
NEXT = quarter(2, wanting("a-1", 4.0, start=SECOND, due=THIRD), wanting("a-3", 1.0))


@pytest.fixture
def say(store: Store, clock: ManualClock, claim: Claims) -> Callable[[float], None]:
    """Answers every query that is due with a value."""

    def publish(value: float) -> None:
        for one in claim():
            begin(store, one)
            publish_number(store, one, Number(value, clock.now()), now=clock.now())

    return publish


def told(store: Store) -> dict[str, tuple[float | None, Status]]:
    with store.read() as connection:
        return {
            view.key_result.key: (view.assessment.progress, view.assessment.status)
            for view in read.key_result_views(connection)
            if view.assessment is not None
        }


class TestOneIdInTwoPeriods:
    def test_is_judged_in_each_by_what_that_wants(
        self, store: Store, clock: ManualClock, in_force: InForce, say: Callable[[float], None]
    ) -> None:
        in_force(FIRST, NEXT)
        clock.move_to(SECOND - 10 * DAY)
        say(1.0)
        assess_all(store, clock)

        found = told(store)
        assert found["2026-Q1/a-1"] == (1.0, Status.ACHIEVED)
        assert found["2026-Q2/a-1"] == (0.25, Status.ON_TRACK)

    def test_is_told_under_its_period(
        self, store: Store, clock: ManualClock, in_force: InForce
    ) -> None:
        in_force(FIRST, NEXT)
        assess_all(store, clock)

        with store.read() as connection:
            subjects = {e.subject for e in read.feed(connection) if e.kind == "status_changed"}
            history = daily(connection, until=clock.now(), timezone="UTC")
        assert (
            subjects
            == set(history)
            == {
                "2026-Q1/a-1",
                "2026-Q1/a-2",
                "2026-Q2/a-1",
                "2026-Q2/a-3",
            }
        )

    def test_is_needed_by_its_own_period_alone(
        self, store: Store, clock: ManualClock, in_force: InForce, say: Callable[[float], None]
    ) -> None:
        in_force(
            quarter(1, wanting("a-1", 100.0), wanting("b-1", 1.0, needs=("a-1",))),
            quarter(2, wanting("a-1", 1.0), wanting("b-1", 5.0, needs=("a-1",))),
        )
        clock.move_to(SECOND - 30 * DAY)
        say(4.0)

        order = assess_all(store, clock)

        found = told(store)
        assert found["2026-Q1/a-1"][1] is Status.OFF_TRACK
        assert found["2026-Q1/b-1"][1] is Status.ACHIEVED
        assert found["2026-Q2/b-1"][1] is Status.ON_TRACK
        assert order.index("2026-Q2/a-1") < order.index("2026-Q2/b-1")

    def test_slips_with_what_it_needs_in_its_own_period(
        self, store: Store, clock: ManualClock, in_force: InForce, say: Callable[[float], None]
    ) -> None:
        in_force(
            quarter(1, wanting("a-1", 100.0), wanting("b-1", 4.2, needs=("a-1",))),
            quarter(2, wanting("a-1", 1.0)),
        )
        clock.move_to(SECOND - 30 * DAY)
        say(4.0)
        assess_all(store, clock)

        with store.read() as connection:
            (view,) = read.key_result_views(connection, ["2026-Q1/b-1"])
        assert view.assessment is not None
        assert view.assessment.status is Status.AT_RISK
        assert view.assessment.because == ("a-1",)

    def test_keeps_its_past_when_its_period_leaves_the_files(
        self, store: Store, clock: ManualClock, in_force: InForce
    ) -> None:
        in_force(FIRST, NEXT)
        assess_all(store, clock)
        clock.advance(days=1)
        in_force(NEXT)

        with store.read() as connection:
            assert len(read.history(connection, "2026-Q1/a-1")) == 1
            assert [v.key_result.key for v in read.key_result_views(connection)] == [
                "2026-Q2/a-1",
                "2026-Q2/a-3",
            ]


class TestAWord:
    @pytest.fixture(autouse=True)
    def two(self, in_force: InForce) -> None:
        in_force(NEXT, FIRST)

    @pytest.mark.parametrize(
        ("word", "now", "key"),
        [
            ("a-1", SECOND - INSTANT, "2026-Q1/a-1"),
            ("a-1", SECOND, "2026-Q2/a-1"),
            ("a-1", START - DAY, "2026-Q2/a-1"),  # neither has begun
            ("a-2", THIRD, "2026-Q1/a-2"),
            ("a-3", START, "2026-Q2/a-3"),
            ("2026-Q1/a-1", THIRD, "2026-Q1/a-1"),
            ("2026-Q2/a-1", START, "2026-Q2/a-1"),
            ("2026-Q2/a-2", THIRD, None),
            ("nobody", THIRD, None),
        ],
    )
    def test_means_the_key_result_of_the_newest_period_that_has_begun(
        self, store: Store, word: str, now: datetime, key: str | None
    ) -> None:
        with store.read() as connection:
            assert key_meant(connection, word, now) == key

    def test_that_is_short_means_what_it_stands_for(self, store: Store) -> None:
        for now in (START - DAY, START, SECOND, THIRD):
            with store.read() as connection:
                names = short_names(connection, now)
                assert {key_meant(connection, name, now): name for name in names.values()} == names

    def test_is_short_where_it_can_be(self, store: Store) -> None:
        with store.read() as connection:
            assert short_names(connection, SECOND) == {
                "2026-Q1/a-1": "2026-Q1/a-1",
                "2026-Q1/a-2": "a-2",
                "2026-Q2/a-1": "a-1",
                "2026-Q2/a-3": "a-3",
            }
            assert words(connection) == ["a-1", "a-2", "a-3"]


def test_an_indicator_name_means_that_of_the_newest_period_that_has_begun(
    store: Store, clock: ManualClock, in_force: InForce
) -> None:
    renewed = numbered("goods", query="up and well")
    periods = (
        quarter(1, wanting("a-1", 1.0)),
        quarter(2, wanting("a-1", 1.0, renewed), of=[renewed]),
    )
    meant = []
    for now in (START, SECOND):
        clock.move_to(now)
        in_force(*periods)
        with store.read() as connection:
            meant.append(
                tuple(find(connection, w, now) for w in ("goods", "2026-Q1/goods", "2026-Q2/goods"))
            )

    assert meant == [
        (GOODS.fingerprint, None, renewed.fingerprint),
        (renewed.fingerprint, GOODS.fingerprint, None),
    ]


def test_what_two_periods_measure_alike_is_measured_once(
    store: Store, in_force: InForce, claim: Claims
) -> None:
    in_force(FIRST, NEXT)

    assert len(claim()) == 1


@pytest.mark.parametrize("newest", ["keys", "titles"])
def test_of_two_periods_wishes_for_evidence_the_one_that_keeps_less_wins(newest: str) -> None:
    other = "titles" if newest == "keys" else "keys"
    first, second = (replace(GOODS, evidence=one) for one in (other, newest))

    found = measured([quarter(1, of=[first]), quarter(2, of=[second])])

    assert [one.evidence for one in found.values()] == ["keys"]
