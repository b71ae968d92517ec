"""The pure judges of NetBox objects: passing a filter, being complete, being in time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from connectors.base import Json, Outcome, Row, Timeline, Verdict
from connectors.netbox.filters import Filter
from connectors.netbox.needs import PASSING, Needs, merged, passing_key
from connectors.netbox.points import Moment, moment, needs_of
from connectors.netbox.required import Requirement


def _timeline(row: Row, since: datetime | None, *verdicts: Verdict) -> Timeline:
    label = row.get("display") or row.get("name") or row["id"]
    return Timeline(str(row["id"]), since, verdicts, label=str(label))


@dataclass(frozen=True)
class PassingJudge:
    """Passes what also matches a second filter, told by the server's own listing of it."""

    passing: Mapping[str, Json]

    @property
    def definition(self) -> Json:
        """JSON that identifies the judgement."""
        return {"judge": "netbox.ratio", "passing": dict(self.passing)}

    @property
    def needs(self) -> Needs:
        """What the row must carry."""
        return Needs(passing={passing_key(self.passing): self.passing})

    def judge(self, row: Row, now: datetime) -> Timeline:
        """Pass or fail from `now` on; what stood before is history."""
        passes = passing_key(self.passing) in row[PASSING]
        outcome = Outcome.PASS if passes else Outcome.FAIL
        return _timeline(row, now, Verdict(now, None, outcome))


@dataclass(frozen=True)
class CompletenessJudge:
    """Passes what has every required field; names the missing ones in the author's words."""

    required: tuple[Requirement, ...]

    @property
    def definition(self) -> Json:
        """JSON that identifies the judgement."""
        entries = [entry.model_dump(mode="json", exclude_defaults=True) for entry in self.required]
        return {"judge": "netbox.completeness", "required": entries}

    @property
    def needs(self) -> Needs:
        """What the row must carry."""
        return merged(entry.needs for entry in self.required)

    def judge(self, row: Row, now: datetime) -> Timeline:
        """Pass or fail from `now` on; what stood before is history."""
        missing = dict.fromkeys(field for entry in self.required for field in entry.missing(row))
        outcome = Outcome.FAIL if missing else Outcome.PASS
        return _timeline(row, now, Verdict(now, None, outcome, missing=tuple(missing)))


@dataclass(frozen=True)
class LatencyJudge:
    """Judges how long an object took from one point to another; numbers are seconds.

    With `within_seconds` an open object is pending until its deadline and fails from then on (the
    row is written ahead of time); one that arrived passes or fails from its `to` moment. Without,
    it is pending until it arrives and passes then: the number is what counts.

    - A `to` before `from` (tracked before it was delivered) passes at once, with 0 seconds.
    - An object whose `from` is empty is not judged.
    - `to_by`: where another account did it, the object fails from that moment on. Where the change
      log no longer says who did it, the object is pending: it proves nothing either way.
    - A `from` that is no date and time leaves the object pending, with that as what is missing.

    The whole history is rewritten each time: the points carry their own moments.
    """

    from_: str
    to: str
    to_by: tuple[str, ...] | None = None
    within_seconds: float | None = None

    @property
    def definition(self) -> Json:
        """JSON that identifies the judgement."""
        return {
            "judge": "netbox.latency",
            "from": self.from_,
            "to": self.to,
            "to_by": None if self.to_by is None else sorted(self.to_by),
            "within_seconds": self.within_seconds,
        }

    @property
    def needs(self) -> Needs:
        """What the row must carry."""
        return merged([needs_of(self.from_), needs_of(self.to)])

    def judge(self, row: Row, now: datetime) -> Timeline:
        """The object's whole history as known at `now`, its deadline included."""
        start, end = moment(row, self.from_), moment(row, self.to)
        if start.at is None:
            if start.note is None:
                return _timeline(row, None)
            unknown = Verdict(now, None, Outcome.PENDING, missing=(start.note,))
            return _timeline(row, now, unknown)
        notes = tuple(note for note in (start.note, end.note) if note)
        if end.at is None:
            return _timeline(row, None, *self._open(start.at, None, notes))
        return _timeline(row, None, *self._arrived(start.at, end.at, end, notes))

    def _deadline(self, start: datetime) -> datetime | None:
        if self.within_seconds is None:
            return None
        return start + timedelta(seconds=self.within_seconds)

    def _open(
        self, start: datetime, until: datetime | None, notes: tuple[str, ...]
    ) -> list[Verdict]:
        """Pending from the start, failing from the deadline, until the moment (None: no end)."""
        deadline = self._deadline(start)
        if deadline is None or (until is not None and deadline >= until):
            return [Verdict(start, until, Outcome.PENDING, missing=notes)]
        return [
            Verdict(start, deadline, Outcome.PENDING, missing=notes),
            Verdict(deadline, until, Outcome.FAIL, missing=notes),
        ]

    def _arrived(
        self, start: datetime, at: datetime, end: Moment, notes: tuple[str, ...]
    ) -> list[Verdict]:
        arrived = max(start, at)
        seconds = (arrived - start).total_seconds()
        deadline = self._deadline(start)
        outcome = Outcome.PASS if deadline is None or arrived <= deadline else Outcome.FAIL
        if self.to_by is not None and end.account not in self.to_by:
            if end.account is not None:
                outcome, notes = Outcome.FAIL, (*notes, f"to_by (it was {end.account})")
            elif outcome is Outcome.PASS:
                outcome, notes = Outcome.PENDING, (*notes, "to_by (nobody knows any more)")
        before = self._open(start, arrived, ()) if arrived > start else []
        return [*before, Verdict(arrived, None, outcome, number=seconds, missing=notes)]


def passing_judge(passing: Filter) -> PassingJudge:
    """The judge of a share whose passing objects match this filter, scope included."""
    return PassingJudge(dict(passing))
