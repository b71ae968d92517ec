"""A plan as a document: what edited mapping files would change."""

from __future__ import annotations

from syncd.model import Status
from syncd.surfaces.api.models.base import Document, Ratio


class Field(Document):
    """A field and its words before and after; null: it is not there."""

    name: str
    before: str | None
    after: str | None


class Difference(Document):
    """Something that is added, removed or changed."""

    kind: str
    how: str
    key: str
    """What it is called in mapping files."""
    title: str
    fields: list[Field]


class Standing(Document):
    """What is told of a key result."""

    status: Status
    raw_status: Status
    value: float | None
    value_text: str
    target_text: str
    progress: Ratio | None
    expected: Ratio | None
    pace: float | None
    reason: str


class Movement(Document):
    """A key result whose number or status would move, or that comes or goes."""

    key: str
    title: str
    before: Standing | None
    after: Standing | None
    unread: str
    """Why its new number is not known; empty: it is."""
    later: str
    """When a status that must hold first would be told."""


class Requests(Document):
    """The requests to one source, a day: at present, and as planned."""

    source: str
    before_per_day: float
    after_per_day: float
    first_requests: int
    scopes_before: int
    scopes_after: int
    unknown: int
    """Of how many scopes nobody knows what a turn takes."""


class Plan(Document):
    """All that would change; nothing was applied."""

    changes: bool
    differences: list[Difference]
    movements: list[Movement]
    unread: dict[str, str]
    """Why a new indicator's number is not known, by what people call it."""
    requests: list[Requests]
