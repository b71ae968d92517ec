"""The shapes of what organisation and team files say for all that is in them."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, WithJsonSchema

from connectors.plausible import Runs, Share
from syncd.mapping.shape.words import (
    PAST_PATTERN,
    PIECE,
    Date,
    Duration,
    Id,
    Name,
    Shape,
    Text,
    piece,
)

Json = Any


class JudgementShape(Shape):
    """Thresholds of status; the nearest of organisation, team and key result wins, key by key."""

    on_track: float | None = Field(
        default=None,
        gt=0,
        le=1,
        description="From this ratio of progress to expected progress on: on track.",
        examples=[0.9],
    )
    at_risk: float | None = Field(
        default=None,
        gt=0,
        le=1,
        description="From this ratio on: at risk; below: off track.",
        examples=[0.7],
    )
    hold: Duration = Field(
        default=None,
        description="How long a new status must last before it is told.",
        examples=["1 h"],
    )
    hysteresis: float | None = Field(
        default=None,
        ge=0,
        lt=0.2,
        description="How far above a threshold a ratio must be before a better status is given.",
        examples=[0.02],
    )
    early: float | None = Field(
        default=None,
        ge=0,
        lt=1,
        description="While expected progress is below this ratio it is too early to judge.",
        examples=[0.05],
    )
    history: Duration = Field(
        default=None,
        description="How much of the past a forecast looks at; at least 7 d.",
        examples=["28 d"],
    )
    pace_step: float | None = Field(
        default=None,
        gt=0,
        le=1,
        description="How much the pace must have moved since it was told last to be told again.",
        examples=[0.1],
    )
    forecast_step: float | None = Field(
        default=None,
        gt=0,
        le=1,
        description="How much the chance to land must have moved to be told again.",
        examples=[0.25],
    )


class BusinessHoursShape(Shape):
    """When work is done, in the timezone of the file."""

    days: list[Text] = Field(
        min_length=1,
        description="The days of the week on which work is done.",
        examples=[["mon", "tue", "wed", "thu", "fri"]],
    )
    from_: Text = Field(alias="from", description="When it begins, HH:MM.", examples=["09:00"])
    to: Text = Field(description="When it ends, HH:MM.", examples=["17:00"])


class FreezeShape(Shape):
    """Days on which no progress can be made; they do not count as time to progress."""

    title: Text = Field(description="What people call it.", examples=["Year-end change freeze"])
    from_: Date = Field(alias="from", description="The first day.", examples=["2026-01-01"])
    to: Date = Field(description="The last day.", examples=["2026-01-04"])
    teams: list[Text] | None = Field(
        default=None,
        min_length=1,
        description="In the organisation file: the teams it is for; default: all.",
        examples=[["dcim", "net"]],
    )


class CalendarShape(Shape):
    """Days off and hours; the nearest of organisation and team wins, key by key; freezes add up."""

    holidays: Text | None = Field(
        default=None,
        description="Whose public holidays are days off, and no time to progress: a country, or "
        "US-CA for a part of one.",
        examples=["US"],
    )
    business_hours: Annotated[Json, piece("BusinessHoursShape")] = Field(
        default=None,
        description="For durations with hours: business.",
        examples=[{"days": ["mon", "tue", "wed", "thu", "fri"], "from": "09:00", "to": "17:00"}],
    )
    freezes: list[Annotated[Json, piece("FreezeShape")]] = Field(
        default_factory=list,
        description="Days that do not count as time to progress.",
        examples=[[{"title": "Year-end freeze", "from": "2026-01-01", "to": "2026-01-04"}]],
    )


class PlausibleDefaultsShape(Shape):
    """What may go at once, and how a number that is not believed is confirmed."""

    shrink: Share | None = Field(
        default=None,
        description="A share, at most 100 %: that more of a scope's objects have gone at once is "
        "not believed.",
        examples=["30 %"],
    )
    confirm: Runs | None = Field(
        default=None,
        description="How many of the next runs must say the same of a number that was not "
        "believed.",
        examples=[3],
    )


class DefaultsShape(Shape):
    """What indicators use where they say nothing themselves."""

    source: dict[Name, Text] = Field(
        default_factory=dict,
        description="The source of each kind.",
        examples=[{"jira": "jira-dc"}],
    )
    evidence: str | None = Field(
        default=None,
        pattern="^(keys|titles)$",
        description="What is kept of each object: keys (default) or titles.",
        examples=["titles"],
    )
    plausible: Annotated[Json, piece("PlausibleDefaultsShape")] = Field(
        default=None,
        description="What may go at once, and how a number that is not believed is confirmed.",
        examples=[{"shrink": "30 %", "confirm": 3}],
    )


class PeriodShape(Shape):
    """A period of one's own; both days are in it."""

    id: Id = Field(examples=["spring"])
    from_: Date = Field(alias="from", description="The first day.", examples=["2026-02-01"])
    to: Date = Field(description="The last day.", examples=["2026-05-15"])


PERIOD = WithJsonSchema(
    {
        "anyOf": [
            {"type": "integer", "minimum": 2000, "maximum": 2199},
            {
                "type": "string",
                "pattern": PAST_PATTERN,
            },
            {PIECE: "PeriodShape"},
        ]
    }
)
