"""Measures of the numbers that issues carry, and of how much of them is done."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from connectors.base import NO_CONTEXT, Aggregation, Dimension, PlanContext, ScanPlan
from connectors.jira.measures import IssueKey, JiraMeasure, Word
from connectors.jira.number_judges import Done, FieldWeight, NumberOf, TimeWeight
from connectors.units import dimension_of


class _OfField(JiraMeasure):
    """What the measures of one field of numbers share."""

    field: Word = Field(
        description="A field of numbers, by name or id. Times that Jira tracks "
        "(timespent, timeestimate, timeoriginalestimate) are seconds: unit: s.",
        examples=["Story points", "customfield_10042"],
    )
    unit: str | None = Field(
        default=None,
        description="The unit of what the field holds: ratio (0..1), percent, s, min, h, d, w, or "
        "any other word such as GPU; without one it is a count.",
        examples=["h"],
    )

    def _number(self, source: str, how: Aggregation, *, empty_passes: bool = False) -> ScanPlan:
        judge = NumberOf(self.field, self.unit, self.titles, empty_passes)
        return self._scan(source, judge, how, dimension_of(self.unit))


class Sum(_OfField):
    """The sum of a field over the scope's issues. An issue whose field is empty adds nothing, and
    is listed as pending with the field as missing.
    """

    measure: Literal["jira.sum"]

    def plan(self, source: str, context: PlanContext = NO_CONTEXT) -> ScanPlan:
        """All issues of the scope with their numbers."""
        return self._number(source, Aggregation.SUM)


class Mean(_OfField):
    """The mean of a field over the scope's issues that have it filled; the others are listed as
    pending with the field as missing.
    """

    measure: Literal["jira.mean"]

    def plan(self, source: str, context: PlanContext = NO_CONTEXT) -> ScanPlan:
        """All issues of the scope with their numbers."""
        return self._number(source, Aggregation.MEAN)


class Value(_OfField):
    """The number in a field of the scope's one issue; no value when there is none or several."""

    measure: Literal["jira.value"]

    def plan(self, source: str, context: PlanContext = NO_CONTEXT) -> ScanPlan:
        """The issue with its number."""
        return self._number(source, Aggregation.ONLY, empty_passes=True)


class ByWeight(BaseModel):
    """Issues weighed by a field."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    weight: Word = Field(
        description="A field of numbers, 0 or more, by name or id. An issue without one counts 0 "
        "and is listed with the field as missing.",
        examples=["Story points"],
    )


class DoneShare(JiraMeasure):
    """The share of the scope's issues that are done: their status is of the category done."""

    scopes: ClassVar[tuple[str, ...]] = ("jql", "board", "epic")

    measure: Literal["jira.done"]
    epic: IssueKey | None = Field(
        default=None,
        description="The key of an epic, instead of jql: the issues in it.",
        examples=["CE-12"],
    )
    by: Literal["count", "time"] | ByWeight = Field(
        default="count",
        description="What an issue weighs: count, every one the same; time, its original estimate, "
        "or where it has none the time spent and remaining; {weight: FIELD}, what a field holds.",
        examples=["time", {"weight": "Story points"}],
    )

    @field_validator("by", mode="before")
    @classmethod
    def _is_a_way_to_weigh(cls, by: Any) -> Any:
        known = set(by) == {"weight"} if isinstance(by, dict) else by in ("count", "time")
        if not known and not isinstance(by, ByWeight):
            raise ValueError(
                f"got {by!r:.60}; expected count, time or {{weight: FIELD}}; fix: by: count"
            )
        return by

    def plan(self, source: str, context: PlanContext = NO_CONTEXT) -> ScanPlan:
        """All issues of the scope, each one done or not."""
        if self.by == "count":
            return self._scan(source, Done(None, self.titles), Aggregation.SHARE, Dimension.RATIO)
        weight = FieldWeight(self.by.weight) if isinstance(self.by, ByWeight) else TimeWeight()
        judge = Done(weight, self.titles)
        return self._scan(source, judge, Aggregation.WEIGHTED_SHARE, Dimension.RATIO)
