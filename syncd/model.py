"""Key results, readings and assessments as immutable values. No I/O, no clock.

Times are aware UTC. Quantities are in base units: shares 0..1, durations in seconds, counts and
everything else as they are. Words are those of `docs/reference/terms.md`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from connectors.base import Dimension, Plan, fingerprint

Json = Any


# ------------------------------------------------------------------------------- what is wanted


class TargetType(StrEnum):
    """How a value is turned into progress; the formulas are in `syncd.assess`."""

    INCREASE = "increase"
    DECREASE = "decrease"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    GUARD = "guard"
    BOOLEAN = "boolean"
    MILESTONES = "milestones"


@dataclass(frozen=True)
class Milestone:
    """One step of a key result, due by the end of a day (`at`, aware UTC)."""

    name: str
    at: datetime


@dataclass(frozen=True)
class Target:
    """What a key result wants of its indicator.

    `goal` None means the author wrote `tbd` (status `no_target`), except for GUARD (which has
    `low` and/or `high`), BOOLEAN and relative targets. `by` is the change asked of the start:
    relative to it when `by_relative` (0.4 = 40 %), else in the indicator's base unit; the goal
    is then start ± by. `start` None means: the first reading (INCREASE and DECREASE only), or,
    where `start_from` is the fingerprint of an indicator, that one's reading of a past period,
    which `start_period` names. `milestones` are MILESTONES' own, in the order of their dates.
    `held_for_seconds`: how long a BOOLEAN must have been met. `empty_met`: an empty set of
    objects counts as met instead of no data.
    """

    type: TargetType
    goal: float | None = None
    start: float | None = None
    by: float | None = None
    by_relative: bool = False
    low: float | None = None
    high: float | None = None
    stretch: float | None = None
    held_for_seconds: float = 0.0
    empty_met: bool = False
    start_from: str | None = None
    start_period: str | None = None
    milestones: tuple[Milestone, ...] = ()

    @property
    def is_decided(self) -> bool:
        """False where the author wrote `tbd`."""
        if self.type in (TargetType.BOOLEAN, TargetType.MILESTONES):
            return True
        if self.type is TargetType.GUARD:
            return self.low is not None or self.high is not None
        return self.goal is not None or self.by is not None


@dataclass(frozen=True)
class Judgement:
    """Thresholds of status. Ratios are progress/expected in 0..1.

    `early_ratio`: while expected progress is below it only on_track, stale and no_data are told.
    `hold_seconds`: how long a new status must last before it is told.
    """

    on_track_ratio: float = 0.9
    at_risk_ratio: float = 0.7
    early_ratio: float = 0.05
    hold_seconds: float = 0.0


@dataclass(frozen=True)
class Checkpoint:
    """The value (base unit of the indicator) asked for by the end of a day (`at`, aware UTC)."""

    at: datetime
    value: float


@dataclass(frozen=True)
class Coverage:
    """Which keys of one indicator's set (`of`) are in another's (`inside`); both fingerprints.

    `normalise` is applied to each key of both sides in order: ``trim``, ``lower``, ``upper``,
    ``strip_domain`` (what follows the first dot goes), ``remove:TEXT``. `within_seconds`: a key
    passes only if the other side has it at most this long after `of` had it, is pending until
    then and fails after. `shrink_ratio`: a side that loses more than this share of its keys
    from one reading to the next makes the reading partial until it has lasted.
    """

    of: str
    inside: str
    normalise: tuple[str, ...] = ()
    within_seconds: float | None = None
    shrink_ratio: float = 0.2


class Combining(StrEnum):
    """How a number is made of other indicators' values."""

    SUM = "sum"
    MINIMUM = "minimum"
    RATIO = "ratio"  # first over second
    DIFFERENCE = "difference"  # first minus second
    WEIGHTED_MEAN = "weighted_mean"


@dataclass(frozen=True)
class Part:
    """An indicator (by fingerprint) in a combination. Its value times `factor` is in the
    combination's own unit; `weight` counts in a weighted mean.
    """

    indicator: str
    factor: float = 1.0
    weight: float = 1.0


@dataclass(frozen=True)
class Combination:
    """A number made of other indicators' values."""

    how: Combining
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Manual:
    """A number that a person gives; it is stale once it is older than `stale_after_seconds`."""

    stale_after_seconds: float


Composition = Coverage | Combination | Manual


def parts_of(plan: Plan | Composition) -> tuple[str, ...]:
    """The fingerprints of the indicators that a plan is made of (none for what is measured)."""
    if isinstance(plan, Coverage):
        return (plan.of, plan.inside)
    if isinstance(plan, Combination):
        return tuple(part.indicator for part in plan.parts)
    return ()


@dataclass(frozen=True)
class Indicator:
    """One number measured on a schedule. `definition` is what the author wrote, variables
    replaced, JSON-able. `name` is None for one written inside a key result. `unit` is the
    author's or the dimension's word for showing; `source` the configured source's name, None for
    one composed of others. `at`: it is read as of this past moment and not as of now.
    """

    name: str | None
    measure: str
    source: str | None
    plan: Plan | Composition
    dimension: Dimension
    unit: str | None
    definition: Mapping[str, Json]
    evidence: str = "keys"
    at: datetime | None = None

    @property
    def fingerprint(self) -> str:
        """Changes when what is measured changes; names, units and evidence do not count."""
        what = {k: v for k, v in self.definition.items() if k not in ("evidence", "unit", "source")}
        whole: dict[str, Json] = {"source": self.source, "unit": self.unit, "definition": what}
        if self.at is not None:
            whole["at"] = self.at.isoformat()
        if parts_of(self.plan):
            # its definition names its parts, and what a name means may change
            whole["definition"] = repr(self.plan)
        return fingerprint(whole)


@dataclass(frozen=True)
class KeyResult:
    """One key result as its author wrote it, defaults filled in.

    `indicator` is the fingerprint of the indicator it reads. `start` is the first moment of the
    first day, `due` the last moment of the due day (both aware UTC). `needs` are ids of key
    results or ``external:NAME``. `stale_after_seconds` None: three intervals, at least an hour.
    """

    id: str
    title: str
    team: str
    objective: str
    objective_title: str
    owner: tuple[str, ...]
    indicator: str
    target: Target | None
    start: datetime
    due: datetime
    timezone: str
    checkpoints: tuple[Checkpoint, ...] = ()
    needs: tuple[str, ...] = ()
    weight: float = 1.0
    judgement: Judgement = Judgement()
    stale_after_seconds: float | None = None
    page: bool = False
    note: str | None = None

    @property
    def target_fingerprint(self) -> str:
        """Changes when what is wanted (not what is measured) changes."""
        return fingerprint(
            {
                "target": repr(self.target),
                "checkpoints": [(c.at.isoformat(), c.value) for c in self.checkpoints],
                "start": self.start.isoformat(),
                "due": self.due.isoformat(),
                "judgement": repr(self.judgement),
                "stale_after": self.stale_after_seconds,
                "needs": list(self.needs),
            }
        )


@dataclass(frozen=True)
class External:
    """A dependency outside the key results; its state is set by a person."""

    name: str
    title: str
    owner: str | None = None
    due: datetime | None = None
    plan: str | None = None


@dataclass(frozen=True)
class Catalogue:
    """Everything the mapping files say, checked and resolved.

    `indicators` by fingerprint, in the order of the files; `key_results` by id; `teams` by id
    with their titles. `digest` identifies the files' content and the variables used.
    """

    organisation: str
    period_title: str
    timezone: str
    teams: Mapping[str, str]
    indicators: Mapping[str, Indicator]
    key_results: Mapping[str, KeyResult]
    externals: Mapping[str, External] = field(default_factory=dict)
    digest: str = ""


# ------------------------------------------------------------------------------- what was seen


class Origin(StrEnum):
    """Where a reading comes from."""

    LIVE = "live"
    BACKFILL = "backfill"
    MANUAL = "manual"


@dataclass(frozen=True)
class Reading:
    """An indicator's value at a moment.

    `value` None: the upstream was read and has nothing to say (an empty set, no series).
    `observed_at`: when the upstream was last read well; `at`: the moment the value holds for
    (later than `observed_at` where a deadline passed by itself); `recorded_at`: when it was
    written down. `pending`: objects that are neither passed nor failed. `lower_bound`: the value
    can only be larger (a percentile that falls on an object still open): it may fail an upper
    limit and never satisfies one. `details` is evidence:
    small, JSON-able.
    """

    indicator: str
    value: float | None
    observed_at: datetime
    at: datetime
    recorded_at: datetime
    numerator: float | None = None
    denominator: float | None = None
    pending: int | None = None
    objects: int | None = None
    complete: bool = True
    approximate: bool = False
    lower_bound: bool = False
    origin: Origin = Origin.LIVE
    details: Json = None
    id: int | None = None


@dataclass(frozen=True)
class Failure:
    """The last attempt to measure failed: what kind, in words, and since when it has failed."""

    error_type: str
    message: str
    since: datetime


# ------------------------------------------------------------------------------- what it means


class Status(StrEnum):
    """What is told of a key result."""

    ACHIEVED = "achieved"
    ON_TRACK = "on_track"
    AT_RISK = "at_risk"
    OFF_TRACK = "off_track"
    MISSED = "missed"
    NO_TARGET = "no_target"
    NO_DATA = "no_data"
    STALE = "stale"


GOOD = frozenset({Status.ACHIEVED, Status.ON_TRACK})
BAD = frozenset({Status.AT_RISK, Status.OFF_TRACK, Status.MISSED})
UNKNOWN = frozenset({Status.NO_TARGET, Status.NO_DATA, Status.STALE})


@dataclass(frozen=True)
class Evidence:
    """All that judgement may look at for one key result.

    `reading`: the newest complete reading (the only one assessed); `partial`: a newer partial
    one, shown but never assessed; `first`: the first complete reading with a value, for targets
    without a declared start; `failure`: the last attempt failed; `interval_seconds`: how often
    the indicator is measured; `previous_definition`: the reading was made under an older
    definition of the indicator, because the new one has none yet. `dimension`, `unit` and
    `source` are the indicator's, for sentences only. `baseline`: the reading of the target's
    `start_from`. `stale_after_seconds`: the indicator's own, which a key result's replaces.
    """

    interval_seconds: float
    reading: Reading | None = None
    partial: Reading | None = None
    first: Reading | None = None
    failure: Failure | None = None
    previous_definition: bool = False
    dimension: Dimension = Dimension.COUNT
    unit: str | None = None
    source: str | None = None
    baseline: Reading | None = None
    stale_after_seconds: float | None = None


@dataclass(frozen=True)
class Memory:
    """What judgement remembers of a key result from one assessment to the next.

    `told` and `told_since`: the held status; `candidate` and `candidate_since`: a different one
    that must still last; `breached_at`: a guard was breached then; `met_since`: a boolean has
    been met without a break since then (time without data left out), and is known to be until
    `met_until`; `target`: the `target_fingerprint` all this belongs to; `guard`: fingerprint of
    the bounds that were breached; `final`: achieved or missed, as the first complete reading
    observed after the due date said.
    """

    told: Status | None = None
    told_since: datetime | None = None
    candidate: Status | None = None
    candidate_since: datetime | None = None
    breached_at: datetime | None = None
    met_since: datetime | None = None
    met_until: datetime | None = None
    target: str | None = None
    guard: str | None = None
    final: Status | None = None


@dataclass(frozen=True)
class Assessment:
    """What a key result's readings mean at `at`.

    `progress` and `expected` are ratios in 0..1 (None: cannot be told), `progress_unbounded`
    may leave that range; `pace` = progress - expected. `status` is the held one, which is told;
    `raw_status` the one of this moment. `reason` is one sentence for a lead. `because` names
    dependencies that drag it. `due_to_change_at`: when it must be assessed again although
    nothing is read (a hold ends, data grows stale, a checkpoint or the due date passes).
    """

    key_result: str
    at: datetime
    status: Status
    raw_status: Status
    since: datetime
    reason: str
    value: float | None
    start: float | None
    goal: float | None
    progress: float | None
    progress_unbounded: float | None
    expected: float | None
    pace: float | None
    observed_at: datetime | None
    complete: bool
    error_type: str | None = None
    because: tuple[str, ...] = ()
    due_to_change_at: datetime | None = None
    start_is_first_reading: bool = False


@dataclass(frozen=True)
class Event:
    """A change worth telling someone. `position` orders the feed (None until written).

    `kind` is a dotted word such as ``kr.status``; `data` is JSON-able and has no secrets.
    """

    at: datetime
    kind: str
    subject: str
    title: str
    text: str
    data: Mapping[str, Json] = field(default_factory=dict)
    position: int | None = None
    id: str | None = None


def dependants_in_order(key_results: Mapping[str, KeyResult]) -> Sequence[str]:
    """Ids such that each comes after all it needs; ties by id. Raises ValueError on a circle.

    Ids that are not key results (``external:...``) are passed over.
    """
    order: list[str] = []
    state: dict[str, int] = {}

    def visit(key: str, path: tuple[str, ...]) -> None:
        if state.get(key) == 2:
            return
        if state.get(key) == 1:
            raise ValueError(" -> ".join((*path[path.index(key) :], key)))
        state[key] = 1
        for need in sorted(key_results[key].needs):
            if need in key_results:
                visit(need, (*path, key))
        state[key] = 2
        order.append(key)

    for key in sorted(key_results):
        visit(key, ())
    return order
