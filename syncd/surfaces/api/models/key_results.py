"""Key results as documents: what is told of them, their course, and what they wait for."""

from __future__ import annotations

from syncd.model import Status, TargetType
from syncd.surfaces.api.models.base import Asked, Document, Json, Moment, Page, Ratio
from syncd.surfaces.api.models.indicators import Evidence
from syncd.surfaces.api.models.people import Adjustment, Said


class Target(Document):
    """A target as its author decided it, in base units; null where it was left open."""

    type: TargetType
    goal: float | None
    start: float | None
    by: float | None
    """Of a change of the start: by how much."""
    by_relative: bool
    """Whether `by` is a share of the start."""
    low: float | None
    high: float | None
    stretch: float | None
    held_for_seconds: float | None
    decided: bool


class Forecast(Document):
    """Where the value lands if it goes on as it did, in base units."""

    low: float
    middle: float
    high: float
    lands_at: Moment | None
    chance: Ratio | None
    readings: int
    """How many readings it is made of."""
    since: Moment
    """Since when they are."""


class Checkpoint(Document):
    """A value to be reached by a day."""

    at: Moment
    value: float


class Imported(Document):
    """That the period was lived in another store, and taken in as it was closed there."""

    at: Moment
    by: str
    store: str
    """What the other store is called: its file, or host and database."""
    exported_at: Moment
    exported_by: str


class Closed(Document):
    """That the period is closed, so that nothing of it changes any more."""

    at: Moment
    by: str
    note: str | None
    imported: Imported | None
    """Null: it is this store's own."""


class KeyResult(Document):
    """A key result as told. What is unknown is null, never 0."""

    id: str
    key: str
    """Its permanent name, with its period."""
    period: str
    title: str
    team: str
    objective: str
    objective_title: str
    owner: list[str]
    status: Status
    since: Moment | None
    """Since when this status is told."""
    reason: str
    """The sentence that explains the status."""
    raw_status: Status
    """The status of the moment, which is told once it has held for a while."""
    overridden: Said | None
    paused: Said | None
    because: list[str]
    """What it needs that slips."""
    chain: list[str]
    """From there down to the cause."""
    value: float | None
    """In `unit`."""
    value_text: str
    unit: str | None
    dimension: str
    start_value: float | None
    start_is_first_reading: bool
    goal: float | None
    target: Target | None
    target_text: str
    progress: Ratio | None
    progress_unbounded: Ratio | None
    expected: Ratio | None
    pace: float | None
    """Progress less what is expected, in 0..1."""
    forecast: Forecast | None
    forecast_text: str
    starts_at: Moment
    due_at: Moment
    due_text: str
    checkpoints: list[Checkpoint]
    needs: list[str]
    duplicate_of: str | None
    observed_at: Moment | None
    """When the oldest data that it rests on was read."""
    assessed_at: Moment | None
    complete: bool
    """False: the newest reading lacks something, and is not assessed."""
    doubt: str | None
    """Why what was read last is not believed; what is told rests on an older reading."""
    error_type: str | None
    error: str | None
    failing_since: Moment | None
    indicator: str
    previous_definition: bool
    """Whether it is still told by the indicator that was defined before."""
    note: str | None
    closed: Closed | None


class KeyResults(Asked, Page):
    """A page of key results, in the order of the mapping files."""

    key_results: list[KeyResult]


class LinePoint(Document):
    """A corner of the expected line."""

    at: Moment
    ratio: Ratio


class Point(Document):
    """What was told of a key result at a moment."""

    at: Moment
    status: Status
    value: float | None
    progress: Ratio | None
    expected: Ratio | None


class History(Asked, Page):
    """A page of what was told of a key result, the oldest first."""

    id: str
    key: str
    history: list[Point]


class KeyResultDetail(Asked, KeyResult):
    """A key result with all that it is told by."""

    expected_line: list[LinePoint]
    evidence: Evidence
    history: list[Point]
    """The newest 2000 points; `/krs/{id}/history` has them all."""
    adjustments: list[Adjustment]


class Need(Document):
    """Something that is needed: a key result, or a dependency outside."""

    id: str
    title: str
    status: Status
    status_text: str
    due_at: Moment | None
    due_text: str | None
    by: str | None
    """Who said how a dependency outside stands."""
    note: str | None


class Step(Need):
    """A need on the critical path."""

    landing_at: Moment | None
    basis: str
    """What the landing is known from."""
    slack_seconds: float | None
    unknown: list[str]
    text: str


class Path(Asked):
    """What a due date hangs on, from need to need."""

    id: str
    title: str
    status: Status
    due_at: Moment
    due_text: str
    needs: list[Need]
    steps: list[Step]


__all__ = ["History", "Json", "KeyResult", "KeyResultDetail", "KeyResults", "Path", "Point"]
