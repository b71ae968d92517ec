"""How long an object took from one moment to another, and at whose hands. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from connectors.base import Json, Outcome, Row, Timeline, Verdict
from connectors.netbox.fields import value_at
from connectors.netbox.judges import timeline
from connectors.netbox.needs import Needs, merged
from connectors.netbox.points import CREATED, Point, definition_of, moment, needs_of, parsed
from connectors.waiting import ANY_TIME, Wait

_TAGS = ("tags", "slug")


@dataclass(frozen=True)
class LatencyJudge:
    """Judges how long an object took from one point to another; numbers are seconds.

    With a limit an open object is pending until its deadline and fails from then on; one that
    arrived passes or fails from its `to` moment. Without, it is pending until it arrives and passes
    then: the number is what counts.

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
    wait: Wait = ANY_TIME
    timezone: str = "UTC"

    @property
    def definition(self) -> Json:
        """JSON that identifies the judgement."""
        return {
            "judge": "netbox.latency",
            "from": definition_of(self.from_),
            "to": definition_of(self.to),
            "to_by": None if self.to_by is None else sorted(self.to_by),
            "to_tag": None if self.to_tag is None else sorted(self.to_tag),
            "timezone": self.timezone,
            **self.wait.definition("within_seconds"),
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

    def _open(
        self, start: datetime, until: datetime | None, notes: tuple[str, ...], now: datetime
    ) -> tuple[Verdict, ...]:
        return self.wait.so_far(start, until, now, late=f"no {self.to} yet", notes=notes)

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
        seconds = self.wait.seconds(start, arrived)
        outcome = Outcome.PASS if self.wait.in_time(seconds) else Outcome.FAIL
        if self.to_by is not None and account not in self.to_by:
            if account is not None:
                outcome, notes = Outcome.FAIL, (*notes, f"to_by (it was {account})")
            elif outcome is Outcome.PASS:
                outcome, notes = Outcome.PENDING, (*notes, "to_by (nobody knows any more)")
        if self.to_tag is not None and not set(self.to_tag) & set(value_at(row, _TAGS) or ()):
            outcome, notes = Outcome.FAIL, (*notes, f"to_tag ({' or '.join(self.to_tag)})")
        yield Verdict(arrived, None, outcome, number=seconds, missing=notes)
