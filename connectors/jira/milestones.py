"""The measure `jira.milestones`: named issues, each of which is to be done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from msgspec.structs import replace
from pydantic import Field, field_validator

from connectors.base import (
    NO_CONTEXT,
    Aggregate,
    Aggregation,
    BadAnswer,
    Dimension,
    Json,
    Measure,
    Outcome,
    PlanContext,
    Row,
    ScanPlan,
    Scope,
    Timeline,
    Verdict,
)
from connectors.jira.changelog import moment_of
from connectors.jira.entries import Malformed
from connectors.jira.measures import IssueKey, Word
from connectors.jira.number_judges import STATUS, is_done
from connectors.jira.verdicts import AsksNothing, about, identity, looked_at

_BECAME_DONE = ("statuscategorychangedate", "resolutiondate")
"""What tells since when an issue is done, the surest first; Data Center has only the second, and
neither is there where a workflow sets no resolution."""


@dataclass(frozen=True)
class Reached(AsksNothing):
    """An issue passes while its status is of the category done, and fails until then; the key that
    it carries is the milestone's name.

    A pass holds since the issue became done, where Jira says when (else since it was seen), however
    late it was read. What was told of the time before stays.
    """

    titles: bool = False

    @property
    def definition(self) -> Json:
        """JSON that identifies the judgement."""
        return identity(self.titles, jira="milestone")

    @property
    def fields(self) -> frozenset[str]:
        """The status, when it came to be, and the title where it is kept."""
        return looked_at({STATUS, *_BECAME_DONE}, self.titles)

    def judge(self, row: Row, now: datetime) -> Timeline:
        """A pass since the issue became done, or a fail from `now` on."""
        name = row["milestone"]
        done = is_done(row)
        since = min(_became_done(row) or now, now) if done else now
        outcome = Outcome.PASS if done else Outcome.FAIL
        verdict = Verdict(since, None, outcome, keys=(name,))
        timeline = about(row, (verdict,), since=since, titles=self.titles)
        return replace(timeline, label=f"{name}: {timeline.label}")


def _became_done(row: Row) -> datetime | None:
    for word in _BECAME_DONE:
        written = row["fields"].get(word)
        if written is not None:
            try:
                return moment_of(written)
            except Malformed as error:
                raise BadAnswer(f"issue {row['key']}: {word}: {error}") from error
    return None


class Milestones(Measure):
    """The share of named issues that are done: their status is of the category done. An issue that
    is not there, or that the account may not see, leaves the indicator without a reading.
    """

    measure: Literal["jira.milestones"]
    issues: dict[Word, IssueKey] = Field(
        min_length=1,
        description="What each milestone is called, and the key of its issue. An issue that was "
        "moved is still found by the key it had.",
        examples=[{"site": "PROC-101", "operational": "PROC-104"}],
    )

    @field_validator("issues")
    @classmethod
    def _are_different(cls, issues: dict[str, str]) -> dict[str, str]:
        named: dict[str, str] = {}
        for name, key in issues.items():
            other = named.setdefault(key, name)
            if other != name:
                raise ValueError(
                    f'got {key} as "{other}" and as "{name}"; expected an issue of its own for '
                    "each milestone; fix: leave one out"
                )
        return issues

    def plan(self, source: str, context: PlanContext = NO_CONTEXT) -> ScanPlan:  # noqa: ARG002
        """The named issues, each one done or not."""
        titles = self.evidence == "titles"
        # of a scope of its own, as all that keep titles
        definition = identity(titles, kind="jira", issues=dict(self.issues))
        return ScanPlan(
            scope=Scope(source=source, definition=definition),
            judge=Reached(titles),
            aggregate=Aggregate(Aggregation.MILESTONES),
            dimension=Dimension.RATIO,
        )
