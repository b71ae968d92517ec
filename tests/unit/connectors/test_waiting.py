"""What holds of an object while it waits, by the wall clock and in business time."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from connectors.base import (
    Aggregate,
    Aggregation,
    BusinessHours,
    Dimension,
    Json,
    Outcome,
    Verdict,
)
from connectors.waiting import Wait, summary_of

OFFICE = BusinessHours(frozenset(range(5)), time(9), time(17), "UTC")
FRIDAY = datetime(2026, 1, 9, 16, 0, tzinfo=UTC)
"""An hour before the week's last closing."""
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOTES = ("a note",)
PENDING, FAIL = Outcome.PENDING, Outcome.FAIL


def so_far(
    wait: Wait, until: datetime | None, now: datetime = FRIDAY, start: datetime = FRIDAY
) -> list[Verdict]:
    return list(wait.so_far(start, until, now, late="no end yet", notes=NOTES))


@pytest.mark.parametrize(
    ("wait", "identity"),
    [
        (Wait(), {"limit": None, "hours": None, "aged": False}),
        (Wait(60.0, aged=True), {"limit": 60.0, "hours": None, "aged": False}),
        (Wait(hours=OFFICE), {"limit": None, "hours": OFFICE.definition, "aged": False}),
        (Wait(hours=OFFICE, aged=True), {"limit": None, "hours": OFFICE.definition, "aged": True}),
    ],
)
def test_a_wait_is_known_by_its_limit_and_its_hours(wait: Wait, identity: dict[str, Json]) -> None:
    assert wait.definition("limit") == identity


@pytest.mark.parametrize(
    ("wait", "hours", "rows"),
    [
        (Wait(), None, [(0, None, PENDING)]),
        (Wait(), 5, [(0, 5, PENDING)]),
        (Wait(), 0, []),
        (Wait(7200.0), None, [(0, 2, PENDING), (2, None, FAIL)]),
        (Wait(7200.0), 5, [(0, 2, PENDING), (2, 5, FAIL)]),
        (Wait(7200.0), 2, [(0, 2, PENDING)]),
        (Wait(1e300), None, [(0, None, PENDING)]),
        # an hour is left of Friday, and the other one ends at ten on Monday
        (Wait(7200.0, OFFICE), None, [(0, 66, PENDING), (66, None, FAIL)]),
        (Wait(7200.0, OFFICE, aged=True), 70, [(0, 66, PENDING), (66, 70, FAIL)]),
        (Wait(7200.0, BusinessHours(frozenset(), time(9), time(17), "UTC")), 5, [(0, 5, PENDING)]),
        (Wait(aged=True), 5, [(0, 5, PENDING)]),
    ],
)
def test_what_waits_is_pending_and_fails_from_its_deadline_on(
    wait: Wait, hours: float | None, rows: list[tuple[float, float | None, Outcome]]
) -> None:
    told = so_far(wait, None if hours is None else FRIDAY + hours * HOUR)

    assert told == [
        Verdict(
            FRIDAY + begins * HOUR,
            None if ends is None else FRIDAY + ends * HOUR,
            outcome,
            missing=NOTES if outcome is PENDING else (*NOTES, "no end yet"),
        )
        for begins, ends, outcome in rows
    ]


@pytest.mark.parametrize(
    ("start", "rows"),
    [
        (FRIDAY, [(0, 1, None), (1, 73, 1.0), (73, 97, 9.0), (97, 100, 17.0)]),
        # at night no time has passed, and none does
        (FRIDAY + 2 * HOUR, [(2, 73, 0.0), (73, 97, 8.0), (97, 100, 16.0)]),
    ],
)
def test_an_age_in_business_time_is_told_anew_at_each_closing(
    start: datetime, rows: list[tuple[float, float, float | None]]
) -> None:
    wait = Wait(hours=OFFICE, aged=True)

    told = so_far(wait, FRIDAY + 100 * HOUR, start=start)

    assert told == [
        Verdict(
            FRIDAY + begins * HOUR,
            FRIDAY + ends * HOUR,
            PENDING,
            number=None if age is None else age * 3600,
            missing=NOTES,
        )
        for begins, ends, age in rows
    ]


@pytest.mark.parametrize(
    ("now", "last_closing"),
    [
        (FRIDAY, datetime(2026, 1, 22, 17, tzinfo=UTC)),
        (FRIDAY + 3 * DAY, datetime(2026, 1, 23, 17, tzinfo=UTC)),
        # what begins only later is told from then on
        (FRIDAY - 30 * DAY, datetime(2026, 1, 22, 17, tzinfo=UTC)),
    ],
)
def test_the_age_of_what_still_waits_is_told_two_weeks_ahead(
    now: datetime, last_closing: datetime
) -> None:
    last = so_far(Wait(hours=OFFICE, aged=True), None, now=now)[-1]

    assert (last.valid_from, last.valid_to) == (last_closing, None)


@pytest.mark.parametrize(
    ("given", "aggregate", "dimension"),
    [
        (("1 h", None, None), Aggregate(Aggregation.SHARE), Dimension.RATIO),
        ((None, 90.0, None), Aggregate(Aggregation.PERCENTILE, 90.0), Dimension.DURATION),
        ((None, None, True), Aggregate(Aggregation.MEAN), Dimension.DURATION),
    ],
)
def test_how_waits_become_a_value_is_what_its_author_gave(
    given: Any, aggregate: Aggregate, dimension: Dimension
) -> None:
    assert summary_of(*given) == (aggregate, dimension)


@pytest.mark.parametrize(
    ("given", "got"),
    [
        ((None, None, None), "none of them"),
        (("1 h", None, True), "within and mean"),
        (("1 h", 90.0, True), "within and percentile and mean"),
    ],
)
def test_none_or_several_ways_to_make_a_value_are_refused(given: Any, got: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011  its whole words are compared
        summary_of(*given)

    assert str(caught.value) == f"expected exactly one of within, percentile, mean; got {got}"
