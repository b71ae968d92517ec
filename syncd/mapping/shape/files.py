"""The shapes of the kinds of file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field

from syncd.mapping.shape.around import PERIOD
from syncd.mapping.shape.words import Date, Id, Shape, Text, piece

Json = Any


class TeamFile(Shape):
    """What one team wants in the period."""

    elsewhere: ClassVar = {
        "external": "move it to the organisation file",
        "rollups": "move it to the organisation file",
        "variables": "move it to variables.yaml",
    }

    team: Id = Field(examples=["dcim"])
    title: Text | None = Field(
        default=None, description="What people call the team; default: its id.", examples=["DCIM"]
    )
    period: Annotated[Json, PERIOD] = Field(
        default=None, description="A period other than the organisation's.", examples=["2026-Q1"]
    )
    timezone: Text | None = Field(
        default=None,
        description="A timezone other than the organisation's.",
        examples=["Europe/London"],
    )
    calendar: Annotated[Json, piece("CalendarShape")] = Field(
        default=None,
        description="Days off and hours other than the organisation's.",
        examples=[{"holidays": "GB"}],
    )
    judgement: Annotated[Json, piece("JudgementShape")] = Field(
        default=None, description="Thresholds of status for this team.", examples=[{"hold": "1 h"}]
    )
    defaults: Annotated[Json, piece("DefaultsShape")] = Field(
        default=None,
        description="What this team's indicators use where they say nothing themselves.",
        examples=[{"source": {"jira": "jira-dc"}}],
    )
    indicators: dict[str, Annotated[Json, piece("NamedIndicator")]] = Field(
        default_factory=dict,
        description="Indicators by name, for several key results to read.",
        examples=[{"hired": {"measure": "jira.count", "jql": "project = HIRE"}}],
    )
    objectives: list[Annotated[Json, piece("ObjectiveShape")]] = Field(
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

    elsewhere: ClassVar = {
        "objectives": "move it to the file of a team",
        "variables": "move it to variables.yaml",
    }

    organisation: Text = Field(description="Its name.", examples=["Infrastructure"])
    period: Annotated[Json, PERIOD] = Field(
        description="The period of the key results.", examples=["2026-Q1"]
    )
    timezone: Text = Field(
        description="The timezone in which days begin and end.", examples=["America/Los_Angeles"]
    )
    calendar: Annotated[Json, piece("CalendarShape")] = Field(
        default=None,
        description="Days off and business hours.",
        examples=[{"holidays": "US"}],
    )
    judgement: Annotated[Json, piece("JudgementShape")] = Field(
        default=None,
        description="Thresholds of status for all teams.",
        examples=[{"on_track": 0.9, "at_risk": 0.7, "hold": "1 h"}],
    )
    defaults: Annotated[Json, piece("DefaultsShape")] = Field(
        default=None,
        description="What indicators use where they say nothing themselves.",
        examples=[{"source": {"jira": "jira-cloud"}}],
    )
    external: dict[str, Annotated[Json, piece("ExternalShape")]] = Field(
        default_factory=dict,
        description="Dependencies outside the key results, by name.",
        examples=[{"recruiting": {"title": "Recruiting keeps pace"}}],
    )
    indicators: dict[str, Annotated[Json, piece("NamedIndicator")]] = Field(
        default_factory=dict,
        description="Indicators that several teams read.",
        examples=[{"hired": {"measure": "jira.count", "jql": "project = HIRE"}}],
    )
    rollups: list[Annotated[Json, piece("RollupShape")]] = Field(
        default_factory=list,
        description="Results of no team, over several of them; they count in no mean.",
        examples=[[{"id": "hiring", "title": "Hired in all teams", "indicator": "hired"}]],
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
