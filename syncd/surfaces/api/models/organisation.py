"""The organisation, teams and objectives as documents."""

from __future__ import annotations

from typing import Literal

from syncd.model import Status
from syncd.surfaces.api.models.base import Asked, Document, Moment, Page, Ratio
from syncd.surfaces.api.models.key_results import Closed


class Numbers(Document):
    """What something comes to: the weighted mean of what is known, and beside it what is not."""

    period: str
    progress: Ratio | None
    expected: Ratio | None
    pace: float | None
    unknown_share: Ratio
    """How much of the weight is not known."""
    counted: float
    """The weight that the mean is made of."""
    counts: dict[Status, int]
    """How many key results have which status."""
    text: str


class RollUp(Numbers):
    """What an objective, a team or the organisation comes to."""

    level: Literal["objective", "team", "organisation"]
    id: str
    title: str
    team: str | None = None
    joint_team: str | None = None
    """Of an objective: the team that shares it."""
    joint_id: str | None = None


class RollUps(Asked, Page):
    """A page of roll-ups: of each period the objectives, the teams, the organisation."""

    rollups: list[RollUp]


class Team(Numbers):
    """A team, its objectives and key results, and what they come to."""

    id: str
    title: str
    objectives: list[str]
    """Those that it shares included."""
    key_results: list[str]
    """Keys, in the order of the mapping files."""


class Teams(Asked, Page):
    """A page of teams, in the order of the mapping files."""

    teams: list[Team]


class TeamDetail(Asked, Team):
    """One team."""


class Objective(Numbers):
    """An objective, its key results, and what they come to."""

    id: str
    title: str
    team: str
    weight: float
    joint_team: str | None
    joint_id: str | None
    accountable: list[str]
    key_results: list[str]
    """Keys, in the order of the mapping files."""


class Objectives(Asked, Page):
    """A page of objectives, in the order of the mapping files."""

    objectives: list[Objective]


class ObjectiveDetail(Asked, Objective):
    """One objective."""


class Period(Numbers):
    """A period and what the organisation comes to in it."""

    title: str
    starts_at: Moment | None
    ends_at: Moment | None
    open: bool
    """Whether it has begun and nobody has closed it."""
    closed: Closed | None
    teams: list[str]
    """The ids of its teams."""
    key_results: int
    """How many key results it has."""


class Organisation(Asked):
    """The organisation and the periods that were asked for, the earliest first; before any mapping
    files were in force `name` is null.
    """

    name: str | None
    timezone: str | None
    periods: list[Period]
