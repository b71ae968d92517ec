"""Events as documents."""

from __future__ import annotations

from syncd.model import EventKind, Status
from syncd.surfaces.api.models.base import Asked, Document, Json, Moment


class Event(Document):
    """A change worth telling someone; it is never edited and never deleted."""

    position: int
    """Its place in the feed."""
    cursor: str
    id: str
    at: Moment
    kind: EventKind
    subject: str
    key_result: str | None
    team: str | None
    status: Status | None
    """The status that is told since; null: it is about something else."""
    reason: str
    """A code for programs."""
    title: str
    text: str
    """The sentence for people."""
    before: dict[str, Json] | None
    after: dict[str, Json] | None
    page: str
    evidence: str | None
    """Where a program finds what it rests on."""
    data: dict[str, Json]


class Events(Asked):
    """Some events, the oldest first."""

    events: list[Event]
    next: str
    """The cursor to go on from, also where there is nothing yet."""
