"""The measure `jira.keys`: a set of keys, for a coverage to compare."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from connectors.base import (
    NO_CONTEXT,
    Aggregate,
    Aggregation,
    Dimension,
    PlanContext,
    ScanPlan,
)
from connectors.jira.duration_measure import PointText
from connectors.jira.measures import JiraMeasure, Jql, RequiredFields, Word, requirements
from connectors.jira.points import point_of
from connectors.jira.set_judges import KeyField
from connectors.jira.set_judges import Keys as KeysJudge


class SplitField(BaseModel):
    """A field whose value holds several keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    field: Word = Field(description="The field, by name or id.", examples=["Serial numbers"])
    split: str = Field(
        min_length=1,
        description="The text between two keys; a new line is always one.",
        examples=[","],
    )


class Keys(JiraMeasure):
    """The set of keys that the scope's issues carry; its value is how many different ones the
    passing issues have.
    """

    measure: Literal["jira.keys"]
    key: Word | SplitField = Field(
        description="Where the keys are: key (the issue's own), summary, any field by name or id, "
        "or {field: F, split: TEXT} for one that holds several.",
        examples=["key", "Cluster", {"field": "Serial numbers", "split": ","}],
    )
    passing: Jql | None = Field(
        default=None,
        description="JQL that is ANDed to the scope: only keys of issues that it finds match.",
        examples=["status = Delivered"],
    )
    required: list[RequiredFields] | None = Field(
        default=None,
        min_length=1,
        description="Fields that must be filled, as in jira.completeness: only keys of issues that "
        "lack none match.",
    )
    at: PointText | None = Field(
        default=None,
        description="Since when a key is in the set: when its issue first reached this point. "
        "Issues that have not reached it do not count. By default since it was first seen.",
        examples=["created", {"status": "Delivered"}],
    )

    def plan(self, source: str, context: PlanContext = NO_CONTEXT) -> ScanPlan:
        """All issues of the scope with their keys."""
        key = self.key
        judge = KeysJudge(
            key=KeyField(key.field, key.split) if isinstance(key, SplitField) else KeyField(key),
            passing=self.passing,
            required=requirements(self.required or ()),
            at=None if self.at is None else point_of(self.at),
            titles=self.titles,
        )
        return ScanPlan(
            scope=self.scope(source),
            judge=judge,
            aggregate=Aggregate(Aggregation.KEYS),
            dimension=Dimension.COUNT,
            keyed=True,
            retrospective=self.at is not None and self.passing is None and not self.required,
        )
