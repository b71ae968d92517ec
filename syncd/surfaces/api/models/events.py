"""Events as documents."""

from __future__ import annotations

from syncd.model import EventKind, Status
from syncd.surfaces.api.models.base import Asked, Document, Json, Moment


class Event(Document):
    """A change worth telling someone; it is never edited and never deleted."""

    position: int
    """Its place in the feed."""
    cursor: str
    """What goes on after it, in the API and the feeds."""
    id: str
    """It never changes: by it one knows what one has had."""
    at: Moment
    kind: EventKind
    """What it tells."""
    subject: str
    """What it is about: the key of a key result, or the name of something else."""
    key_result: str | None
    """The key of the key result that it is about; null: it is about something else."""
    team: str | None
    """The team of that key result."""
    status: Status | None
    """The status that is told since; null: it is about something else."""
    reason: str
    """A code for programs."""
    title: str
    """What it is about, as people call it."""
    text: str
    """The sentence for people."""
    before: dict[str, Json] | None
    """One side of the change; null: there is none."""
    after: dict[str, Json] | None
    """The other side."""
    page: str
    """Where a person sees it."""
    evidence: str | None
    """Where a program finds what it rests on."""
    data: dict[str, Json]
    """What else there is to say."""


class Events(Asked):
    """Some events, the oldest first."""

    events: list[Event]
    next: str
    """The cursor to go on from, also where there is nothing yet."""
