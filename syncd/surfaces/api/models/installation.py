"""What stands behind the key results, as documents."""

from __future__ import annotations

from pydantic import Field

from syncd.hygiene import Severity
from syncd.surfaces.api.models.base import Asked, Document, Moment, Page


class Version(Document):
    """Which syncd answers."""

    version: str = Field(description="the tag's; between tags with the commit")


class Source(Document):
    """A source's health over the scopes that are read from it."""

    name: str
    up: bool
    scopes: int
    failing_scopes: int
    last_success_at: Moment | None
    failing_since: Moment | None
    error_type: str | None
    error: str | None


class Sources(Page):
    """A page of the sources, by name."""

    sources: list[Source]


class Place(Document):
    """What a finding is about as well, and where it stands."""

    subject: str
    file: str
    line: int
    path: str


class Finding(Place):
    """Something that sound mapping files leave open or say twice."""

    rule: str
    title: str
    severity: Severity
    says: str
    fix: str
    others: list[Place]


class Hygiene(Asked, Page):
    """A page of what hygiene found, in the order in which it found it."""

    findings: list[Finding]


class InForce(Document):
    """What stands in the mapping files that are in force."""

    organisation: str
    period: str
    timezone: str
    teams: dict[str, str]
    """The teams' titles by their ids."""
    periods: list[str] = Field(default_factory=list)
    key_results: int = 0
    """How many key results there are."""
    indicators: int = 0
    """How many indicators there are."""
    findings: list[Finding] = Field(default_factory=list)


class Mapping(Asked):
    """The last attempt to load the mapping files, and what is in force."""

    accepted: bool
    at: Moment | None
    """When that was."""
    faults: list[str]
    in_force: InForce | None
    in_force_since: Moment | None
