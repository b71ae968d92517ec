"""How long an object took from one moment to another, and at whose hands. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from connectors.base import BusinessHours, Json, Outcome, Row, Timeline, Verdict
from connectors.business import business_clock
from connectors.netbox.fields import value_at
from connectors.netbox.judges import timeline
from connectors.netbox.needs import Needs, merged
from connectors.netbox.points import CREATED, Point, definition_of, moment, needs_of, parsed

_TAGS = ("tags", "slug")

_AHEAD = timedelta(days=14)
"""How far ahead an open object's age in business time is written down. A full read, once a day,
writes it anew; past the last row the age stays a lower bound."""


@dataclass(frozen=True)
class LatencyJudge:
    """Judges how long an object took from one point to another; numbers are seconds.

    With `within_seconds` an open object is pending until its deadline and fails from then on (the
    row is written ahead of time); one that arrived passes or fails from its `to` moment. Without,
    it is pending until it arrives and passes then: the number is what counts.

    - A `to` before `from` (tracked before it was delivered) passes at once, with 0 seconds.
    - An object whose `from` is empty is not judged.
    - `to_by`: where another account did it, the object fails from that moment on. Where nobody
      knows any more who did it, the object is pending: it proves nothing either way.
    - `to_tag`: where the object has none of these tags (slugs), it fails from its `to` moment on.
    - A `from` that is no date and time leaves the object pending, with that as what is missing.

    The whole history is rewritten each time: the points carry their own moments. `timezone` is
    where the day of a date without a time begins.
    """

    from_: Point
    to: Point
    to_by: tuple[str, ...] | None = None
    to_tag: tuple[str, ...] | None = None
    within_seconds: float | None = None
    timezone: str = "UTC"
    hours: BusinessHours | None = None
    aged: bool = False

    @property
    def definition(self) -> Json:
        """JSON that identifies the judgement."""
        return {
            "judge": "netbox.latency",
            "from": definition_of(self.from_),
            "to": definition_of(self.to),
            "to_by": None if self.to_by is None else sorted(self.to_by),
            "to_tag": None if self.to_tag is None else sorted(self.to_tag),
            "within_seconds": self.within_seconds,
            "timezone": self.timezone,
            "hours": None if self.hours is None else self.hours.definition,
            "aged": self.aged and self.hours is not None,
        }

    @property
    def needs(self) -> Needs:
        """What the row must carry."""
        points = needs_of([self.from_, self.to], accounts=self.to_by is not None)
        if self.to_tag is None:
            return points
        return merged([points, Needs(frozenset({_TAGS}))])

    def judge(self, row: Row, now: datetime) -> Timeline:
        """The object's whole history as known at `now`, its deadline included."""
        start, end = (moment(row, point, self.timezone) for point in (self.from_, self.to))
        if start.at is None:
            if start.note is None:
                return timeline(row, None)
            known = parsed(row[CREATED]) or now
            return timeline(row, None, Verdict(known, None, Outcome.PENDING, missing=(start.note,)))
        notes = tuple(note for note in (start.note, end.note) if note)
        if end.at is None:
            return timeline(row, None, *self._open(start.at, None, notes, now))
        return timeline(row, None, *self._arrived(row, start.at, end.at, end.account, notes, now))

    def _deadline(self, start: datetime) -> datetime | None:
        if self.within_seconds is None:
            return None
        if self.hours is not None:
            return business_clock(self.hours).deadline(start, self.within_seconds)
        try:
            return start + timedelta(seconds=self.within_seconds)
        except OverflowError:
            return None

    def _seconds(self, start: datetime, end: datetime) -> float:
        if self.hours is not None:
            return business_clock(self.hours).elapsed(start, end)
        return (end - start).total_seconds()

    def _open(
        self, start: datetime, until: datetime | None, notes: tuple[str, ...], now: datetime
    ) -> Iterator[Verdict]:
        """Pending from the start, failing from the deadline, until the moment (None: no end)."""
        if start == until:
            return
        deadline = self._deadline(start)
        if deadline is not None and (until is None or deadline < until):
            yield Verdict(start, deadline, Outcome.PENDING, missing=notes)
            yield Verdict(deadline, until, Outcome.FAIL, missing=(*notes, f"no {self.to} yet"))
        elif self.aged and self.hours is not None:
            yield from self._ageing(start, until, notes, now, self.hours)
        else:
            yield Verdict(start, until, Outcome.PENDING, missing=notes)

    def _ageing(
        self,
        start: datetime,
        until: datetime | None,
        notes: tuple[str, ...],
        now: datetime,
        hours: BusinessHours,
    ) -> Iterator[Verdict]:
        clock = business_clock(hours)
        last = until if until is not None else max(now, start) + _AHEAD
        begins, age = start, 0.0
        # until the first closing both clocks agree, if it begins while work is done
        number = None if clock.is_open(start) else age
        for closing in clock.closings(start, last):
            yield Verdict(begins, closing, Outcome.PENDING, number=number, missing=notes)
            age += clock.elapsed(begins, closing)
            begins, number = closing, age
        yield Verdict(begins, until, Outcome.PENDING, number=number, missing=notes)

    def _arrived(
        self,
        row: Row,
        start: datetime,
        end: datetime,
        account: str | None,
        notes: tuple[str, ...],
        now: datetime,
    ) -> Iterator[Verdict]:
        arrived = max(start, end)
        yield from self._open(start, arrived, (), now)
        seconds = self._seconds(start, arrived)
        in_time = self.within_seconds is None or seconds <= self.within_seconds
        outcome = Outcome.PASS if in_time else Outcome.FAIL
        if self.to_by is not None and account not in self.to_by:
            if account is not None:
                outcome, notes = Outcome.FAIL, (*notes, f"to_by (it was {account})")
            elif outcome is Outcome.PASS:
                outcome, notes = Outcome.PENDING, (*notes, "to_by (nobody knows any more)")
        if self.to_tag is not None and not set(self.to_tag) & set(value_at(row, _TAGS) or ()):
            outcome, notes = Outcome.FAIL, (*notes, f"to_tag ({' or '.join(self.to_tag)})")
        yield Verdict(arrived, None, outcome, number=seconds, missing=notes)
