"""Indicators as documents: where a number comes from, down to the objects."""

from __future__ import annotations

from pydantic import Field

from connectors.base import Outcome
from syncd.model import DoubtKind, Origin
from syncd.surfaces.api.models.base import Asked, Document, Json, Moment, Page


class Reading(Document):
    """A reading's raw numbers, in base units."""

    value: float | None
    numerator: float | None
    denominator: float | None
    pending: int | None
    objects: int | None
    """How many objects there are in all."""
    complete: bool
    approximate: bool
    lower_bound: bool
    """Whether an open object is among those that decide, so that the value can only rise."""
    observed_at: Moment
    """When the upstream said so last."""
    at: Moment
    """The moment that it is of."""
    recorded_at: Moment
    """When it was written down."""
    origin: Origin
    raw: Json
    """What else the source said."""


class Readings(Asked, Page):
    """A page of readings, in the order in which they were written down."""

    indicator: str
    readings: list[Reading]
    """The readings."""


class IndicatorSummary(Document):
    """An indicator and what it read last."""

    indicator: str
    """What it is called in addresses: its name, or its fingerprint."""
    name: str | None
    fingerprint: str
    measure: str
    source: str | None
    kind: str
    unit: str | None
    dimension: str
    value: float | None
    value_text: str
    observed_at: Moment | None
    complete: bool
    error_type: str | None


class Indicators(Page):
    """A page of the indicators in force, those with a name first."""

    indicators: list[IndicatorSummary]


class Manual(Document):
    """Who gave a number."""

    by: str | None
    note: str | None
    at: Moment


class Part(IndicatorSummary):
    """A part of a composed number, as old as it is itself."""

    role: str
    factor: float
    weight: float
    value_in_whole: float | None
    manual: Manual | None
    error: str | None
    failing_since: Moment | None


class Holder(Document):
    """Who holds a key."""

    id: str
    label: str
    url: str | None
    outcome: Outcome
    since: Moment
    missing: list[str]
    """What it lacks."""


class UpstreamObject(Document):
    """An upstream object, or a key of a comparison, and the verdict that holds of it."""

    id: str
    label: str
    """Its key; with its title only where the mapping file asks for titles."""
    url: str | None
    outcome: Outcome | None
    since: Moment
    number: float | None
    missing: list[str]
    """What it lacks."""
    due_at: Moment | None = None
    of: list[Holder] | None = None
    """Of a key: who holds it on the counted side."""
    inside: list[Holder] | None = Field(default=None, alias="in")
    """Of a key: who holds it on the searched side."""


class Objects(Page):
    """A page of what a number is made of."""

    indicator: str
    at: Moment
    outcome: str
    limit: int
    total: int | None
    """How many there are in all; null: none are kept, or nothing is known of them."""
    objects: list[UpstreamObject]


class Lacking(Document):
    """What failing objects lack."""

    field: str
    objects: int
    """How many lack it."""


class Cost(Document):
    """What the last run took."""

    seconds: float
    requests: int
    """How many requests it took."""
    bytes_received: int
    text: str


class Coverage(Document):
    """How two sets differ."""

    of: str
    inside: str = Field(alias="in")
    missing_there: int
    missing_here: int
    twice_of: list[UpstreamObject]
    twice_in: list[UpstreamObject]


class Rebuilt(Document):
    """How far the past was rebuilt."""

    since: Moment
    rebuilt_until: Moment | None
    finished_at: Moment | None
    untold: list[str]


class Quarantine(Document):
    """What was read last and is not believed, as numbers in base units; of a scope that shrank,
    numbers of objects.
    """

    kind: DoubtKind
    text: str
    value: float | None
    """None: no finite number."""
    last_good: float | None
    since: Moment
    observed_at: Moment
    agreed: int
    """How many runs have said the same since the first."""
    missing: int | None
    """How many more have to, at least; null: no run can confirm it."""
    not_before: Moment | None
    accepted_by: str | None
    """Who believes it: it is told once the next run says the same."""
    accepted_reason: str | None


class IndicatorFacts(IndicatorSummary):
    """An indicator and where its number comes from."""

    definition: dict[str, Json]
    """What the mapping file says."""
    query: dict[str, Json] | None
    """What the source is asked."""
    link: str | None
    interval_seconds: float
    next_due_at: Moment | None
    last_attempt_at: Moment | None
    last_success_at: Moment | None
    error: str | None
    failing_since: Moment | None
    what: str
    """What the number is, in words."""
    at: Moment
    untold: str | None
    """Why something is not known."""
    reading: Reading | None
    partial_reading: Reading | None
    """A newer one that lacks something: shown, never assessed."""
    quarantine: Quarantine | None
    partial_text: str
    counts: dict[Outcome, int] | None
    missing: list[Lacking]
    """What failing objects lack, the most frequent first."""
    cost: Cost | None
    parts: list[Part]
    coverage: Coverage | None
    manual: Manual | None
    history: Rebuilt | None
    """How far its past was rebuilt; null: it was not."""
    key_results: list[str]
    """The key results that read it."""
    objects_text: str | None


class IndicatorDetail(Asked, IndicatorFacts):
    """All about one indicator but its objects."""


class Evidence(IndicatorFacts):
    """What a key result rests on, with the first page of the objects."""

    outcome: str
    limit: int
    total: int | None
    objects: list[UpstreamObject]
    next: str | None
    """The cursor of the next page, for `/krs/{id}/evidence`."""
