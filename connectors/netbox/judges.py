"""The pure judges of NetBox objects as they are: passing a filter, being complete."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from connectors.base import Json, Outcome, Row, Timeline, Verdict
from connectors.netbox.fields import label_of
from connectors.netbox.filters import Filter
from connectors.netbox.needs import PASSING, Needs, merged, passing_key
from connectors.netbox.required import Requirement


def from_now(
    row: Row, now: datetime, lacks: Iterable[str] = (), keys: Sequence[str] = ()
) -> Timeline:
    """Fails for what it lacks, else passes, from `now` on; what stood before is history."""
    missing = tuple(lacks)
    outcome = Outcome.FAIL if missing else Outcome.PASS
    return timeline(row, now, Verdict(now, None, outcome, missing=missing, keys=tuple(keys)))


def timeline(row: Row, since: datetime | None, *verdicts: Verdict) -> Timeline:
    """The object's timeline under its name."""
    return Timeline(str(row["id"]), since, verdicts, label=label_of(row))


@dataclass(frozen=True)
class PresentJudge:
    """Passes every object there is."""

    @property
    def definition(self) -> Json:
        """JSON that identifies the judgement."""
        return {"judge": "netbox.present"}

    @property
    def needs(self) -> Needs:
        """What the row must carry."""
        return Needs()

    def judge(self, row: Row, now: datetime) -> Timeline:
        """A pass from `now` on; what stood before is history."""
        return from_now(row, now)


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
        return timeline(row, now, Verdict(now, None, outcome))


def lacking(row: Row, required: Iterable[Requirement]) -> tuple[str, ...]:
    """What is required of the object and not there, each field once."""
    return tuple(dict.fromkeys(field for entry in required for field in entry.missing(row)))


@dataclass(frozen=True)
class CompletenessJudge:
    """Passes what has every required field; names the missing ones in the author's words."""

    required: tuple[Requirement, ...]

    @property
    def definition(self) -> Json:
        """JSON that identifies the judgement."""
        entries = [entry.model_dump(exclude_defaults=True) for entry in self.required]
        return {"judge": "netbox.completeness", "required": entries}

    @property
    def needs(self) -> Needs:
        """What the row must carry."""
        return merged(entry.needs for entry in self.required)

    def judge(self, row: Row, now: datetime) -> Timeline:
        """Pass or fail from `now` on; what stood before is history."""
        return from_now(row, now, lacking(row, self.required))


def passing_judge(passing: Filter) -> PassingJudge:
    """The judge of a share whose passing objects match this filter, scope included."""
    return PassingJudge(dict(passing))
