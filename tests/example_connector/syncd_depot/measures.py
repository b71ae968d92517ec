"""What an author may ask of a Depot, what that plans, and how a part is judged. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from pydantic import Field

from connectors.base import (
    NO_CONTEXT,
    Aggregate,
    Aggregation,
    Dimension,
    Json,
    Measure,
    NumberPlan,
    Outcome,
    PlanContext,
    Row,
    ScanPlan,
    Scope,
    Timeline,
    Verdict,
)
from connectors.quantity import Duration, parse_duration


class Level(Measure):
    """How many parts of a kind there are now."""

    measure: Literal["depot.level"]
    of: str = Field(description="The kind of part.", examples=["psu"])

    def plan(self, source: str, context: PlanContext = NO_CONTEXT) -> NumberPlan:
        """A plan whose number is a count."""
        return NumberPlan(source, {"of": self.of}, Dimension.COUNT, counts=True)


class Tested(Measure):
    """The share of a site's parts that were tested in time after they had come in."""

    measure: Literal["depot.tested"]
    site: str = Field(description="The site that holds the parts.", examples=["ams1"])
    within: Duration = Field(description="How long a test may take.", examples=["48 h"])

    def plan(self, source: str, context: PlanContext = NO_CONTEXT) -> ScanPlan:
        """A plan that judges every part of the site."""
        return ScanPlan(
            scope=Scope(source, {"site": self.site}),
            judge=TestedInTime(parse_duration(self.within)),
            aggregate=Aggregate(Aggregation.SHARE),
            dimension=Dimension.RATIO,
            retrospective=True,
        )


@dataclass(frozen=True)
class TestedInTime:
    """A part is pending from when it came in, until it is tested or its time is over. A row is
    ``{"id": text, "name": text, "received": moment, "tested": moment or None}``, in ISO 8601.
    """

    within_seconds: float

    @property
    def definition(self) -> Json:
        """JSON that identifies the judgement."""
        return {"judge": "depot.tested", "within": self.within_seconds}

    def judge(self, row: Row, now: datetime) -> Timeline:
        """The part's whole past, and the moment to come at which its time is over."""
        received = datetime.fromisoformat(row["received"])
        over = received + timedelta(seconds=self.within_seconds)
        tested = None if row["tested"] is None else datetime.fromisoformat(row["tested"])
        if tested is not None and tested < over:
            after = Verdict(tested, None, Outcome.PASS)
        else:
            after = Verdict(over, None, Outcome.FAIL, missing=("tested in time",))
        waiting = Verdict(received, after.valid_from, Outcome.PENDING)
        verdicts = (waiting, after) if received < after.valid_from else (after,)
        return Timeline(row["id"], None, verdicts, label=row["name"])
