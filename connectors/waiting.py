"""Pure: what holds of an object while it waits for something, and how long it waited."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field

from connectors.base import (
    Aggregate,
    Aggregation,
    BusinessHours,
    Dimension,
    Json,
    Outcome,
    Verdict,
)
from connectors.business import business_clock

_AHEAD = timedelta(days=14)
"""How far ahead the age in business time of what still waits is written down. A full read, once a
day, writes it anew; past the last row the age stays a lower bound.
"""


@dataclass(frozen=True)
class Wait:
    """How a wait is counted and when it has lasted too long.

    - `within`: the limit in seconds; in time is what takes no longer, to the second.
    - `hours`: the time and the limit are in business seconds. A deadline that ends with the day's
      business is passed when the next one begins, because until then no more time has passed.
    - `aged`: the age of what still waits will be looked at (a percentile). By the wall clock it is
      the time since its pending row began. In business time a pending row begins at each closing
      and its number is the age reached there: a lower bound that lags by less than one business
      day.
    """

    within: float | None = None
    hours: BusinessHours | None = None
    aged: bool = False

    def definition(self, limit: str) -> Mapping[str, Json]:
        """JSON that identifies it; `limit` is what its judge calls the limit there."""
        return {
            limit: self.within,
            "hours": None if self.hours is None else self.hours.definition,
            "aged": self.aged and self.hours is not None,
        }

    def seconds(self, start: datetime, end: datetime) -> float:
        """How long the wait was, in (business) seconds."""
        if self.hours is not None:
            return business_clock(self.hours).elapsed(start, end)
        return (end - start).total_seconds()

    def in_time(self, seconds: float) -> bool:
        """Whether a wait of this length keeps the limit; true where there is none."""
        return self.within is None or seconds <= self.within

    def so_far(
        self,
        start: datetime,
        until: datetime | None,
        now: datetime,
        *,
        late: str,
        notes: tuple[str, ...] = (),
    ) -> tuple[Verdict, ...]:
        """What holds from `start` until it ends (None: it has not): pending, from the deadline on
        failing for want of `late`. Each carries `notes`. The deadline is written ahead: nobody
        must read for it to pass.
        """
        if start == until:
            return ()
        deadline = self._deadline(start)
        if deadline is not None and (until is None or deadline < until):
            return (
                Verdict(start, deadline, Outcome.PENDING, None, notes),
                Verdict(deadline, until, Outcome.FAIL, None, (*notes, late)),
            )
        if self.aged and self.hours is not None:
            return tuple(self._ageing(start, until, now, self.hours, notes))
        return (Verdict(start, until, Outcome.PENDING, None, notes),)

    def _deadline(self, start: datetime) -> datetime | None:
        if self.hours is not None and self.within is not None:
            return business_clock(self.hours).deadline(start, self.within)
        try:
            return None if self._limit is None else start + self._limit
        except OverflowError:
            return None

    @cached_property
    def _limit(self) -> timedelta | None:
        return None if self.within is None else timedelta(seconds=self.within)

    @staticmethod
    def _ageing(
        start: datetime,
        until: datetime | None,
        now: datetime,
        hours: BusinessHours,
        notes: tuple[str, ...],
    ) -> Iterator[Verdict]:
        clock = business_clock(hours)
        last = until if until is not None else max(now, start) + _AHEAD
        begins, age = start, 0.0
        # Until the first closing both clocks agree, if it begins while work is done.
        number = None if clock.is_open(start) else age
        for closing in clock.closings(start, last):
            yield Verdict(begins, closing, Outcome.PENDING, number=number, missing=notes)
            age += clock.elapsed(begins, closing)
            begins, number = closing, age
        yield Verdict(begins, until, Outcome.PENDING, number=number, missing=notes)


PercentileField = Annotated[
    float | None,
    Field(
        gt=0, le=100, description="The value is this percentile of the durations.", examples=[90]
    ),
]
MeanField = Annotated[
    Literal[True] | None,
    Field(description="`true`: the value is the mean of the finished durations."),
]

ANY_TIME = Wait()
"""A wait by the wall clock without a limit."""


def summary_of(
    within: object | None, percentile: float | None, mean: object | None
) -> tuple[Aggregate, Dimension]:
    """How the waits that a measure looks at become its value, and what kind of quantity that is.

    The three are what its author gave under these keys. Raises ValueError where that is none of
    them, or more than one.
    """
    given = {"within": within, "percentile": percentile, "mean": mean}
    chosen = [name for name, value in given.items() if value is not None]
    if len(chosen) != 1:
        got = " and ".join(chosen) or "none of them"
        raise ValueError(f"expected exactly one of {', '.join(given)}; got {got}")
    if within is not None:
        return Aggregate(Aggregation.SHARE), Dimension.RATIO
    if percentile is not None:
        return Aggregate(Aggregation.PERCENTILE, percentile), Dimension.DURATION
    return Aggregate(Aggregation.MEAN), Dimension.DURATION
