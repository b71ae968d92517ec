"""The measure `jira.duration`: what an author writes, and the plan it makes."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, WithJsonSchema, model_validator

from connectors.base import (
    NO_CONTEXT,
    Aggregate,
    BusinessHours,
    Dimension,
    PlanContext,
    ScanPlan,
)
from connectors.jira.durations import Agreement
from connectors.jira.durations import Duration as DurationJudge
from connectors.jira.judges import IssueJudge
from connectors.jira.measures import JiraMeasure, Word
from connectors.jira.points import Agreed, Created, point_json, point_of
from connectors.quantity import Duration as DurationText
from connectors.quantity import parse_duration
from connectors.waiting import MeanField, PercentileField, Wait, summary_of

_POINT_SCHEMA = {
    "anyOf": [
        {"enum": ["created", "resolved", "assigned"]},
        *(
            {
                "type": "object",
                "properties": {kind: schema},
                "required": [kind],
                "additionalProperties": False,
            }
            for kind, schema in (
                ("status", {"type": "string"}),
                ("status_category", {"type": "string", "examples": ["new", "done"]}),
                (
                    "transition",
                    {
                        "type": "object",
                        "properties": {"from": {"type": "string"}, "to": {"type": "string"}},
                        "required": ["from", "to"],
                        "additionalProperties": False,
                    },
                ),
                ("field", {"type": "string"}),
                ("comment", {"enum": ["first"]}),
                ("sla", {"type": "string"}),
            )
        ),
    ]
}
PointText = Annotated[Any, AfterValidator(point_json), WithJsonSchema(_POINT_SCHEMA)]
"""A point as an author writes it: a word, or one key with its value."""


class Duration(JiraMeasure):
    """How long the issues take from one moment to another: as a share within a limit, a percentile,
    or a mean.
    """

    measure: Literal["jira.duration"]
    from_: PointText | None = Field(
        default=None,
        alias="from",
        description="The moment the time runs from; the first time, where it comes again. May be "
        "left out where `to` is an sla: then the time is the agreement's own.",
        examples=["created", {"status": "In Progress"}],
    )
    to: PointText = Field(
        description="The moment the time runs to; the first time, where it comes again.",
        examples=[{"status_category": "done"}, {"transition": {"from": "Open", "to": "Routed"}}],
    )
    to_by: Word | list[Word] | None = Field(
        default=None,
        description="Accounts that must have brought about `to`, by name, account id, e-mail "
        "address or display name. By anyone else: the issue fails, it does not leave the count.",
        examples=[["svc-oncall-router"]],
    )
    hours: Literal["business"] | None = Field(
        default=None,
        description="`business`: only the business hours that the mapping declares are counted.",
    )
    within: Literal["goal"] | DurationText | None = Field(
        default=None,
        description="The limit; the value is the share of issues within it. `goal`: the one that "
        "the agreement sets itself (`to: {sla: NAME}` without `from`).",
        examples=["5 min", "24 h"],
    )
    percentile: PercentileField = None
    mean: MeanField = None

    @model_validator(mode="after")
    def _makes_sense(self) -> Duration:
        summary_of(self.within, self.percentile, self.mean)
        if self.from_ is None and not self._is_agreement:
            raise ValueError(
                "got no from; expected the moment the time runs from, such as created (only "
                "to: {sla: NAME} can do without)"
            )
        if self.from_ is not None and self.from_ == self.to:
            raise ValueError(f"from and to are both {self.to}; a duration needs two moments")
        if self.to_by == []:
            raise ValueError("to_by names no account; name at least one, or leave it out")
        if isinstance(point_of(self.to), Created) and self.to_by is None:
            raise ValueError("to is created, before which nothing happens; write it as from")
        self._agrees_with_an_agreement()
        return self

    @property
    def _is_agreement(self) -> bool:
        return isinstance(point_of(self.to), Agreed)

    def _agrees_with_an_agreement(self) -> None:
        own_time = self._is_agreement and self.from_ is None
        if self.within == "goal" and not own_time:
            raise ValueError(
                "got within: goal; expected a duration such as 24 h (only to: {sla: NAME} without "
                "from has a goal of its own)"
            )
        if own_time and self.within not in (None, "goal"):
            raise ValueError(
                f"got within: {self.within}; an agreement's time runs by a calendar that only the "
                "service desk knows; fix: within: goal, or from: created for the time by the clock"
            )
        if own_time and self.hours is not None:
            raise ValueError("got hours: business; an agreement has its own calendar; leave it out")
        if self._is_agreement and self.to_by is not None:
            raise ValueError("got to_by; the service desk does not say who ended a cycle")

    @property
    def aggregate(self) -> tuple[Aggregate, Dimension]:
        """How the value is made of the verdicts, and what kind of quantity it is."""
        return summary_of(self.within, self.percentile, self.mean)

    def plan(self, source: str, context: PlanContext = NO_CONTEXT) -> ScanPlan:
        """All issues of the scope with both moments. ValueError when business hours are wanted and
        the mapping declares none.
        """
        aggregate, dimension = self.aggregate
        return ScanPlan(
            scope=self.scope(source),
            judge=self._judge(context.business_hours),
            aggregate=aggregate,
            dimension=dimension,
            retrospective=True,
        )

    def _judge(self, hours: BusinessHours | None) -> IssueJudge:
        end = point_of(self.to)
        if isinstance(end, Agreed) and self.from_ is None:
            return Agreement(end.sla, goal=self.within == "goal", titles=self.titles)
        if self.hours is not None and hours is None:
            raise ValueError(
                "got hours: business, and the mapping declares none; expected calendar: "
                '{business_hours: {days: [mon, …], from: "09:00", to: "17:00"}}'
            )
        accounts = [self.to_by] if isinstance(self.to_by, str) else self.to_by
        return DurationJudge(
            start=point_of(self.from_, begins=True),
            end=end,
            by=None if accounts is None else tuple(accounts),
            wait=Wait(
                None if self.within is None else parse_duration(self.within),
                hours=hours if self.hours is not None else None,
                aged=self.percentile is not None,
            ),
            titles=self.titles,
        )
