"""The measure `jira.rate`: how often something happens to issues."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from connectors.base import (
    NO_CONTEXT,
    Aggregate,
    Aggregation,
    Dimension,
    Json,
    Outcome,
    PlanContext,
    Row,
    ScanPlan,
    Timeline,
    Verdict,
)
from connectors.jira.duration_measure import PointText
from connectors.jira.measures import JiraMeasure
from connectors.jira.needs import Needs
from connectors.jira.points import Point, point_of
from connectors.jira.verdicts import OfMoments, about, identity, looked_at
from connectors.quantity import SECONDS, parse_duration
from connectors.quantity import Duration as DurationText


@dataclass(frozen=True)
class Happened(OfMoments):
    """An issue passes from the moment it first reached the point for `window` seconds, and is then
    no longer judged: time takes it out, and nobody has to read for it.

    Tells the whole past every time. An issue that never reached the point is not judged.
    """

    at: Point
    window: float
    titles: bool = False

    @property
    def definition(self) -> Json:
        """JSON that identifies the judgement."""
        return identity(self.titles, jira="happened", at=self.at.definition, window=self.window)

    @property
    def needs(self) -> Needs:
        """What the point needs."""
        return self.at.needs

    @property
    def fields(self) -> frozenset[str]:
        """The fields of the point, and the title where it is kept."""
        return looked_at(self.needs.fields, self.titles)

    def judge(self, row: Row, now: datetime) -> Timeline:  # noqa: ARG002  the row says it all
        """The pass of the window that begins at the point, past or to come."""
        found = self.at.first(row)
        if found is None:
            return about(row, (), since=None, titles=self.titles)
        verdict = Verdict(found.at, _after(found.at, self.window), Outcome.PASS)
        return about(row, (verdict,), since=None, titles=self.titles)


def _after(moment: datetime, seconds: float) -> datetime | None:
    try:
        return moment + timedelta(seconds=seconds)
    except OverflowError:
        return None


def _per(text: str) -> str:
    if text not in SECONDS:
        parse_duration(text)
    return text


def _seconds(per: str) -> float:
    return SECONDS[per] if per in SECONDS else parse_duration(per)


def _no_period(window: Any) -> Any:
    if window == "period":
        raise ValueError(
            "got window: period; expected a duration, because a rate looks back over a window of "
            "one length; fix: window: 4 w"
        )
    return window


Per = Annotated[str, AfterValidator(_per)]
"""A unit of time (``w``), or a duration (``2 w``), as its author wrote it."""


class Rate(JiraMeasure):
    """How often the scope's issues reach a point, over a window that ends now: their number in it,
    told per day, week or another time.
    """

    measure: Literal["jira.rate"]
    at: PointText = Field(
        description="What is counted, when it first happens to an issue.",
        examples=["created", "resolved", {"status": "Delivered"}],
    )
    per: Per = Field(
        description="The time that the value is told for: s, min, h, d, w or a duration.",
        examples=["w", "d", "2 w"],
    )
    window: Annotated[DurationText, BeforeValidator(_no_period)] = Field(
        description="How far back is looked; the value is the number of issues in it, divided by "
        "its length.",
        examples=["4 w"],
    )
    unit: str | None = Field(
        default=None,
        description="The unit of the value; by default 1/w where per is w, and so on.",
        examples=["pages/w"],
    )

    @model_validator(mode="before")
    @classmethod
    def _unit_from_per(cls, given: Any) -> Any:
        if not isinstance(given, dict) or given.get("unit") is not None:
            return given
        per = str(given.get("per")).removeprefix("1 ")
        return given | {"unit": f"1/{per}" if per in SECONDS else f"1/({per})"}

    def plan(self, source: str, context: PlanContext = NO_CONTEXT) -> ScanPlan:  # noqa: ARG002
        """All issues of the scope, each one counted while it is in the window."""
        window = parse_duration(self.window)
        return ScanPlan(
            scope=self.scope(source),
            judge=Happened(point_of(self.at), window, self.titles),
            aggregate=Aggregate(Aggregation.COUNT, scale=_seconds(self.per) / window),
            dimension=Dimension.OTHER,
            retrospective=True,
        )

    def over(self, seconds: float) -> Self:
        """The same rate over a window of this length."""
        return self.model_copy(update={"window": f"{seconds:f} s"})
