"""The shape of mapping files, piece by piece: which keys there are and what each one holds.

Each piece is checked by itself, so that a fault in one hides nothing of another. What a shape
cannot say (dates, quantities, references) is checked where it is resolved.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from syncd.mapping import quantity
from syncd.mapping.period import DATE_PATTERN

Json = Any


PIECE = "x-piece"
"""Stands for ``$ref`` to another piece until the whole schema is put together."""


def _ref(name: str) -> WithJsonSchema:
    return WithJsonSchema({PIECE: name})


_QUANTITY = WithJsonSchema({"type": ["number", "string"], "pattern": quantity.PATTERN})
_GOAL = WithJsonSchema(
    {
        "anyOf": [
            {"type": "number"},
            {"const": "tbd"},
            {"type": "string", "pattern": quantity.PATTERN},
        ]
    }
)
_DATE = WithJsonSchema({"type": "string", "pattern": DATE_PATTERN})
_DURATION_PATTERN = r"^[0-9]+(\.[0-9]+)? (s|min|h|d|w)$"
_DURATION = WithJsonSchema({"type": "string", "pattern": _DURATION_PATTERN})

_DAY = DATE_PATTERN.strip("^$")
_PAST = f"^[0-9]{{4}}(-Q[1-4])?$|^{_DAY}/{_DAY}$"
_START = WithJsonSchema(
    {
        "anyOf": [
            {"type": "number"},
            {"type": "string", "pattern": quantity.PATTERN},
            {"type": "string", "pattern": _PAST},
        ]
    }
)
_MILESTONES = WithJsonSchema(
    {
        "anyOf": [
            {"const": "all"},
            {"type": "object", "additionalProperties": {"type": "string", "pattern": DATE_PATTERN}},
        ]
    }
)

Id = Annotated[
    str,
    Field(
        pattern="^[a-z0-9]+(-[a-z0-9]+)*$",
        description="An id: small letters and digits, with - between words.",
    ),
]
Name = Annotated[
    str,
    Field(pattern="^[a-z][a-z0-9_]*$", description="A name: small letters, digits and _."),
]
Text = Annotated[str, Field(min_length=1)]
Quantity = Annotated[Json, _QUANTITY]
Goal = Annotated[Json, _GOAL]
Date = Annotated[str, _DATE]
Duration = Annotated[str, _DURATION]


class Shape(BaseModel):
    """Base of all pieces. `later` names keys that a later version will know, and what for."""

    model_config = ConfigDict(extra="forbid")
    later: ClassVar[frozenset[str]] = frozenset()


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
    hold: Duration | None = Field(
        default=None,
        description="How long a new status must last before it is told.",
        examples=["1 h"],
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


class CalendarShape(Shape):
    """Days off and hours; the nearest of organisation and team wins, key by key."""

    later: ClassVar = frozenset({"freezes"})
    holidays: Text | None = Field(
        default=None,
        description="Whose public holidays are days off: a country, or US-CA for a part of one.",
        examples=["US"],
    )
    business_hours: Annotated[Json, _ref("BusinessHoursShape")] = Field(
        default=None,
        description="For durations with hours: business.",
        examples=[{"days": ["mon", "tue", "wed", "thu", "fri"], "from": "09:00", "to": "17:00"}],
    )


class DefaultsShape(Shape):
    """What indicators use where they say nothing themselves."""

    later: ClassVar = frozenset({"evidence"})
    source: dict[Name, Text] = Field(
        default_factory=dict,
        description="The source of each kind.",
        examples=[{"jira": "jira-dc"}],
    )


class GuardShape(Shape):
    """A limit that must never be passed; a band has both."""

    at_least: Goal = Field(default=None, description="Never below.", examples=["99.5 %"])
    at_most: Goal = Field(default=None, description="Never above.", examples=[0])


class TargetShape(Shape):
    """What is wanted of the indicator: exactly one of the goals, and what may stand beside it."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "oneOf": [
                {"required": [key]}
                for key in (
                    "at_least",
                    "at_most",
                    "increase_to",
                    "decrease_to",
                    "increase_by",
                    "decrease_by",
                    "guard",
                    "boolean",
                    "milestones",
                )
            ]
        },
    )

    at_least: Goal = Field(
        default=None, description="At least this much; has no start.", examples=["100 %", 3]
    )
    at_most: Goal = Field(
        default=None, description="At most this much; has no start.", examples=["7 d", "5 %"]
    )
    increase_to: Goal = Field(
        default=None, description="Up to this much, from a start.", examples=["100 %"]
    )
    decrease_to: Goal = Field(
        default=None, description="Down to this much, from a start.", examples=["2 d"]
    )
    increase_by: Goal = Field(
        default=None,
        description="Up by this much; % is relative to the start, pp are points.",
        examples=["40 %", "10 pp"],
    )
    decrease_by: Goal = Field(
        default=None,
        description="Down by this much; % is relative to the start, pp are points.",
        examples=["40 %", "tbd"],
    )
    guard: Annotated[Json, _ref("GuardShape")] = Field(
        default=None,
        description="A limit that must never be passed; a breach is remembered.",
        examples=[{"at_most": 0}],
    )
    boolean: bool | None = Field(
        default=None,
        description="Met when the value is 1 (or 100 %).",
        examples=[True],
        json_schema_extra={"const": True},
    )
    milestones: Annotated[Json, _MILESTONES] = Field(
        default=None,
        description="By when each milestone of the indicator is due; all: each by the due day.",
        examples=["all", {"site": "2026-01-31", "operational": "2026-03-31"}],
    )
    from_: Annotated[Json, _START] = Field(
        default=None,
        alias="from",
        description="Where increase and decrease start: a quantity, or a past period over which "
        "the same indicator is read; absent: the first reading.",
        examples=["19 %", "2025-Q4"],
    )
    stretch: Quantity = Field(
        default=None, description="More than the goal; shown, never judged.", examples=[6]
    )
    held_for: Duration | None = Field(
        default=None, description="How long a boolean must have been met.", examples=["1 d"]
    )
    empty: str | None = Field(
        default=None,
        pattern="^met$",
        description="met: an empty set of objects counts as met instead of no data.",
        examples=["met"],
    )


class KeyResultShape(Shape):
    """One key result."""

    later: ClassVar = frozenset({"duplicate_of", "beside"})

    id: Id = Field(examples=["dcim-o1-kr1"])
    title: Text = Field(description="What people call it.", examples=["Model completeness"])
    owner: Text | Annotated[list[Text], Field(min_length=1)] | None = Field(
        default=None,
        description="A person or role, or a list of them.",
        examples=["DCIM lead", ["Observability lead", "Platform ops lead"]],
    )
    indicator: Annotated[Json, _ref("Indicator")] = Field(
        description="The name of an indicator, or one written here.", examples=["fsh_coverage"]
    )
    target: Annotated[Json, _ref("TargetShape")] = Field(
        default=None, description="What is wanted.", examples=[{"at_least": "100 %"}]
    )
    checkpoints: dict[str, Quantity] = Field(
        default_factory=dict,
        description="Values of the indicator asked for by the end of a day, rising to the goal.",
        examples=[{"2026-02-15": "80 %"}],
    )
    start: Date | None = Field(
        default=None, description="The first day; default: the period's.", examples=["2026-01-01"]
    )
    due: Date | None = Field(
        default=None,
        description="Due by the end of this day; default: the period's last.",
        examples=["2026-03-31"],
    )
    needs: list[Text] = Field(
        default_factory=list,
        description="Key results, or external:NAME, that this one depends on.",
        examples=[["dcim-o1-kr1", "external:recruiting"]],
    )
    weight: float = Field(
        default=1.0, gt=0, description="Its weight in the objective; default 1.", examples=[2]
    )
    judgement: Annotated[Json, _ref("JudgementShape")] = Field(
        default=None, description="Thresholds of its own.", examples=[{"hold": "1 h"}]
    )
    stale_after: Duration | None = Field(
        default=None,
        description="How old a reading may grow; default: three intervals, at least 1 h.",
        examples=["1 d"],
    )
    page: bool = Field(
        default=False, description="true: its alerts page the owner.", examples=[True]
    )
    evidence: str | None = Field(
        default=None,
        pattern="^(keys|titles)$",
        description="What is kept of each object: keys (default) or titles.",
        examples=["keys"],
    )
    note: Text | None = Field(
        default=None,
        description="What a reader should know.",
        examples=["Devices entered by hand fail."],
    )


class ObjectiveShape(Shape):
    """An objective and its key results."""

    later: ClassVar = frozenset({"weight", "joint_with", "accountable"})

    id: Id = Field(examples=["dcim-o1"])
    title: Text = Field(description="What people call it.", examples=["Clusters faster"])
    key_results: list[Annotated[Json, _ref("KeyResultShape")]] = Field(
        min_length=1,
        description="What shows that it is reached.",
        examples=[[{"id": "dcim-o1-kr1", "title": "...", "indicator": "..."}]],
    )


class PeriodShape(Shape):
    """A period of one's own; both days are in it."""

    id: Id = Field(examples=["spring"])
    from_: Date = Field(alias="from", description="The first day.", examples=["2026-02-01"])
    to: Date = Field(description="The last day.", examples=["2026-05-15"])


_PERIOD = WithJsonSchema(
    {
        "anyOf": [
            {"type": "integer", "minimum": 2000, "maximum": 2199},
            {
                "type": "string",
                "pattern": _PAST,
            },
            {PIECE: "PeriodShape"},
        ]
    }
)


class TeamFile(Shape):
    """What one team wants in the period."""

    team: Id = Field(examples=["dcim"])
    title: Text | None = Field(
        default=None, description="What people call the team; default: its id.", examples=["DCIM"]
    )
    period: Annotated[Json, _PERIOD] = Field(
        default=None, description="A period other than the organisation's.", examples=["2026-Q1"]
    )
    timezone: Text | None = Field(
        default=None,
        description="A timezone other than the organisation's.",
        examples=["Europe/London"],
    )
    calendar: Annotated[Json, _ref("CalendarShape")] = Field(
        default=None,
        description="Days off and hours other than the organisation's.",
        examples=[{"holidays": "GB"}],
    )
    judgement: Annotated[Json, _ref("JudgementShape")] = Field(
        default=None, description="Thresholds of status for this team.", examples=[{"hold": "1 h"}]
    )
    defaults: Annotated[Json, _ref("DefaultsShape")] = Field(
        default=None,
        description="What this team's indicators use where they say nothing themselves.",
        examples=[{"source": {"jira": "jira-dc"}}],
    )
    indicators: dict[str, Annotated[Json, _ref("NamedIndicator")]] = Field(
        default_factory=dict,
        description="Indicators by name, for several key results to read.",
        examples=[{"hired": {"measure": "jira.count", "jql": "project = HIRE"}}],
    )
    objectives: list[Annotated[Json, _ref("ObjectiveShape")]] = Field(
        description="The team's objectives.",
        examples=[[{"id": "dcim-o1", "title": "...", "key_results": ["..."]}]],
    )


class ExternalShape(Shape):
    """A dependency outside the key results; its state is set by a person."""

    title: Text = Field(description="What people call it.", examples=["Recruiting keeps pace"])
    owner: Text | None = Field(default=None, description="Who sees to it.", examples=["Facilities"])
    due: Date | None = Field(
        default=None, description="Due by the end of this day.", examples=["2026-02-15"]
    )
    plan: Text | None = Field(
        default=None, description="Where the plan is.", examples=["https://wiki.example.org/plan"]
    )


class OrganisationFile(Shape):
    """What holds for all teams."""

    later: ClassVar = frozenset({"rollups"})

    organisation: Text = Field(description="Its name.", examples=["Infrastructure"])
    period: Annotated[Json, _PERIOD] = Field(
        description="The period of the key results.", examples=["2026-Q1"]
    )
    timezone: Text = Field(
        description="The timezone in which days begin and end.", examples=["America/Los_Angeles"]
    )
    calendar: Annotated[Json, _ref("CalendarShape")] = Field(
        default=None,
        description="Days off and business hours.",
        examples=[{"holidays": "US"}],
    )
    judgement: Annotated[Json, _ref("JudgementShape")] = Field(
        default=None,
        description="Thresholds of status for all teams.",
        examples=[{"on_track": 0.9, "at_risk": 0.7, "hold": "1 h"}],
    )
    defaults: Annotated[Json, _ref("DefaultsShape")] = Field(
        default=None,
        description="What indicators use where they say nothing themselves.",
        examples=[{"source": {"jira": "jira-cloud"}}],
    )
    external: dict[str, Annotated[Json, _ref("ExternalShape")]] = Field(
        default_factory=dict,
        description="Dependencies outside the key results, by name.",
        examples=[{"recruiting": {"title": "Recruiting keeps pace"}}],
    )
    indicators: dict[str, Annotated[Json, _ref("NamedIndicator")]] = Field(
        default_factory=dict,
        description="Indicators that several teams read.",
        examples=[{"hired": {"measure": "jira.count", "jql": "project = HIRE"}}],
    )


class VariablesFile(Shape):
    """Values by name, used as ${name} in all files."""

    variables: dict[str, Json] = Field(
        description="One name, one value: text, a number, or a list of them.",
        examples=[{"stream_site": "stream-1"}],
    )


FILES: Mapping[str, type[Shape]] = {
    "variables": VariablesFile,
    "organisation": OrganisationFile,
    "team": TeamFile,
}
"""The kinds of file by the key that stands first in them."""
