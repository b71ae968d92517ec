"""Readings made of verdicts: every aggregation, on either engine."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from connectors.base import Aggregate, Aggregation, Outcome, Timeline, Verdict
from syncd.model import Catalogue
from syncd.store.aggregate import Aggregated, aggregate, aggregate_of
from syncd.store.claims import Claim
from syncd.store.engine import Store
from syncd.store.schema import verdict_sets
from tests.store.catalogues import START, Answer, catalogue, scanned
from tests.store.conftest import Publish

PASS, FAIL, PENDING = Outcome.PASS, Outcome.FAIL, Outcome.PENDING

Aggregating = Callable[..., Aggregated]


@pytest.fixture
def of(
    store: Store,
    in_force: Callable[[Catalogue], None],
    claim: Callable[[], list[Claim]],
    publish: Publish,
) -> Aggregating:
    """Aggregates (outcome, number, keys) of objects, an hour after they began to hold."""

    def aggregated(
        rows: list[tuple[Outcome, float | None, tuple[str, ...]]],
        how: Aggregation,
        percentile: float | None = None,
        scale: float = 1.0,
        began: datetime | None = None,
    ) -> Aggregated:
        in_force(catalogue([scanned("any")], []))
        timelines = [
            Timeline(str(n), None, (Verdict(START, None, outcome, number, keys=keys, began=began),))
            for n, (outcome, number, keys) in enumerate(rows)
        ]
        publish(claim()[0], Answer(timelines).last())
        with store.read() as connection:
            set_id = connection.execute(sa.select(verdict_sets.c.id)).scalar_one()
            wanted = Aggregate(how, percentile, scale)
            return aggregate(connection, set_id, wanted, START + timedelta(hours=1))

    return aggregated


def numbers(
    *rows: tuple[Outcome, float | None],
) -> list[tuple[Outcome, float | None, tuple[str, ...]]]:
    return [(outcome, number, ()) for outcome, number in rows]


MIXED = numbers((PASS, 6.0), (PASS, 2.0), (FAIL, 8.0), (PENDING, 100.0))


@pytest.mark.parametrize(
    ("how", "value", "numerator", "denominator"),
    [
        (Aggregation.SHARE, 2 / 3, 2, 3),
        (Aggregation.COUNT, 2, 2, None),
        (Aggregation.MEAN, 16 / 3, 16, 3),
        (Aggregation.SUM, 8, 8, None),
        (Aggregation.WEIGHTED_SHARE, 0.5, 8, 16),
        (Aggregation.ONLY, None, None, None),
        (Aggregation.KEYS, 0, 0, None),
        (Aggregation.MILESTONES, 2 / 3, 2, 3),
    ],
)
def test_what_each_makes_of_the_same_objects(
    of: Aggregating,
    how: Aggregation,
    value: float | None,
    numerator: float | None,
    denominator: float | None,
) -> None:
    found = of(MIXED, how)

    assert found.value == (None if value is None else pytest.approx(value))
    assert (found.numerator, found.denominator) == (numerator, denominator)
    assert (found.pending, found.objects) == (1, 4)


@pytest.mark.parametrize(
    ("how", "value"),
    [
        (Aggregation.SHARE, None),
        (Aggregation.COUNT, 0),
        (Aggregation.MEAN, None),
        (Aggregation.PERCENTILE, None),
        (Aggregation.SUM, 0),
        (Aggregation.WEIGHTED_SHARE, None),
        (Aggregation.ONLY, None),
        (Aggregation.KEYS, 0),
        (Aggregation.MILESTONES, None),
    ],
)
def test_what_each_makes_of_an_empty_set(
    of: Aggregating, how: Aggregation, value: float | None
) -> None:
    percentile = 90.0 if how is Aggregation.PERCENTILE else None

    assert of([], how, percentile).value == value


def test_a_mean_is_over_the_numbers_that_there_are(of: Aggregating) -> None:
    found = of(numbers((PASS, 6.0), (PASS, None)), Aggregation.MEAN)

    assert (found.value, found.denominator) == (6.0, 1.0)


@pytest.mark.parametrize(
    ("rows", "value"),
    [
        (numbers((PASS, 7.0)), 7.0),
        (numbers((PASS, 7.0), (FAIL, 3.0)), 7.0),
        (numbers((PASS, 7.0), (PASS, 3.0)), None),
        (numbers((PASS, 7.0), (PASS, None)), None),
        (numbers((PASS, None)), None),
        (numbers((FAIL, 7.0)), None),
    ],
    ids=["one", "one passes", "several", "several, one empty", "empty", "none passes"],
)
def test_the_only_number(
    of: Aggregating,
    rows: list[tuple[Outcome, float | None, tuple[str, ...]]],
    value: float | None,
) -> None:
    assert of(rows, Aggregation.ONLY).value == value


def test_keys_are_counted_once_and_only_of_what_passes(of: Aggregating) -> None:
    found = of(
        [
            (PASS, None, ("a", "b")),
            (PASS, None, ("b", 'a"quoted", ä')),
            (FAIL, None, ("c",)),
            (PASS, None, ()),
        ],
        Aggregation.KEYS,
    )

    assert found.value == 3.0


def test_milestones_tell_of_each_key(of: Aggregating) -> None:
    found = of([(FAIL, None, ("plan",)), (PASS, None, ("published",))], Aggregation.MILESTONES)

    assert found.value == 0.5
    assert found.details == {
        "milestones": {
            "plan": {"done": False, "since": None, "object": "0"},
            "published": {"done": True, "since": START.isoformat(), "object": "1"},
        }
    }


def test_only_the_value_is_scaled(of: Aggregating) -> None:
    found = of(numbers((PASS, None), (PASS, None)), Aggregation.COUNT, scale=0.25)

    assert (found.value, found.numerator) == (0.5, 2.0)


class TestPercentile:
    def test_is_a_number_that_some_object_has(self, of: Aggregating) -> None:
        rows = numbers(*((PASS, float(n)) for n in range(1, 11)))

        found = of(rows, Aggregation.PERCENTILE, percentile=90.0)

        assert (found.value, found.lower_bound) == (9.0, False)

    def test_takes_an_open_object_at_its_age(self, of: Aggregating) -> None:
        found = of(numbers((PASS, 10.0), (PENDING, None)), Aggregation.PERCENTILE, percentile=90.0)

        assert (found.value, found.lower_bound) == (3600.0, True)

    def test_takes_an_open_object_that_began_before_its_row_at_its_whole_age(
        self, of: Aggregating
    ) -> None:
        began = START - timedelta(hours=2)

        found = of(numbers((PENDING, None)), Aggregation.PERCENTILE, percentile=90.0, began=began)

        assert (found.value, found.lower_bound) == (3 * 3600.0, True)

    def test_takes_an_open_object_at_its_number_where_it_has_one(self, of: Aggregating) -> None:
        """Time that does not run by the wall clock is written ahead by the judge."""
        found = of(numbers((PASS, 10.0), (PENDING, 60.0)), Aggregation.PERCENTILE, percentile=90.0)

        assert (found.value, found.lower_bound) == (60.0, True)


@pytest.mark.parametrize("how", list(Aggregation))
def test_an_aggregate_is_known_by_its_definition(how: Aggregation) -> None:
    wanted = Aggregate(how, 90.0, 0.25)

    assert aggregate_of(wanted.definition) == wanted


def test_a_definition_from_before_there_was_a_scale_has_none() -> None:
    assert aggregate_of({"how": "count", "percentile": None}) == Aggregate(Aggregation.COUNT)
