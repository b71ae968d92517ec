"""What it means: statuses, what judgement looks at and remembers, assessments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from connectors.base import Dimension
from syncd.model.key_result import KeyResult
from syncd.model.plausible import Doubted
from syncd.model.reading import Failure, Reading


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
    ABANDONED = "abandoned"
    CARRIED = "carried"


GOOD = frozenset({Status.ACHIEVED, Status.ON_TRACK})
BAD = frozenset({Status.AT_RISK, Status.OFF_TRACK, Status.MISSED})
UNKNOWN = frozenset({Status.NO_TARGET, Status.NO_DATA, Status.STALE})
ENDED = frozenset({Status.ABANDONED, Status.CARRIED})
"""Neither good, bad nor unknown: such a key result is judged no more and counts in no mean. What
needs one slips, because it will not come in this period.
"""


class ExternalState(StrEnum):
    """What a person says of a dependency outside the key results."""

    ON_TRACK = "on_track"
    AT_RISK = "at_risk"
    SLIPPED = "slipped"
    DONE = "done"

    @property
    def status(self) -> Status:
        """What it is to those who need it."""
        return _EXTERNAL[self]


_EXTERNAL = {
    ExternalState.ON_TRACK: Status.ON_TRACK,
    ExternalState.AT_RISK: Status.AT_RISK,
    ExternalState.SLIPPED: Status.OFF_TRACK,
    ExternalState.DONE: Status.ACHIEVED,
}


class AdjustmentKind(StrEnum):
    """What a person may do to a key result."""

    NOTE = "note"
    PAUSE = "pause"
    OVERRIDE = "override"


@dataclass(frozen=True)
class Adjustment:
    """What a person says of a key result, from `since` on and until `until` (not in it; None only
    for a note, which is a mark at a moment). Aware UTC.

    A pause stops the expected line; the value is judged as ever. An override tells `status`
    instead of the judged one. Both are always shown, with `by` and `reason`.
    """

    id: str
    kind: AdjustmentKind
    by: str
    reason: str
    since: datetime
    until: datetime | None = None
    status: Status | None = None


@dataclass(frozen=True)
class Former:
    """A key result as it was defined until `until` (aware UTC, the beginning of a day)."""

    until: datetime
    key_result: KeyResult


@dataclass(frozen=True)
class Needed:
    """What is told of something that a key result needs: a status (None: nothing yet), and, where
    it slips because of what it needs itself, the chain of ids from there to the cause.
    """

    status: Status | None
    chain: tuple[str, ...] = ()


@dataclass(frozen=True)
class Forecast:
    """Where the value will be at the due date if it goes on as it did; values in base units.

    `low` and `high` bound the landing value in eight of ten cases. `lands_at`: when the goal is
    reached at this pace, None: not within two more periods. `chance`: of reaching the goal by the
    due date, 0..1. `readings`: how many daily readings it was made from, the first of `since`.
    """

    low: float
    middle: float
    high: float
    lands_at: datetime | None
    chance: float
    readings: int
    since: datetime


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
    `history`: the last complete value of each day of the reading's definition, oldest first, over
    the judgement's `history_seconds`. `former`: earlier definitions of the key result whose line
    differs, oldest first. `adjustments`: all that people said of it, oldest first, those that are
    over included: a pause or an override that was withdrawn ended then, a note that was withdrawn
    is left out. At most one pause and one override are in force at any moment. `doubted`: something
    newer than the reading was read, and is not believed.
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
    history: tuple[tuple[datetime, float], ...] = ()
    former: tuple[Former, ...] = ()
    adjustments: tuple[Adjustment, ...] = ()
    doubted: Doubted | None = None


@dataclass(frozen=True)
class Memory:
    """What judgement remembers of a key result from one assessment to the next.

    `told` and `told_since`: the held status; `before`: what was told before it became unknown;
    `candidate` and `candidate_since`: a different one that must still last; `breached_at`: a guard
    was breached then; `met_since`: a boolean has been met without a break since then (time without
    data left out), and is known to be until `met_until`; `target`: the `target_fingerprint` all
    this belongs to; `guard`: fingerprint of the bounds that were breached; `final`: achieved or
    missed, as the first complete reading observed after the due date said.
    """

    told: Status | None = None
    told_since: datetime | None = None
    before: Status | None = None
    candidate: Status | None = None
    candidate_since: datetime | None = None
    breached_at: datetime | None = None
    met_since: datetime | None = None
    met_until: datetime | None = None
    target: str | None = None
    guard: str | None = None
    final: Status | None = None

    @property
    def last_known(self) -> Status | None:
        """What is told, or, where that is unknown, what was told before."""
        return self.before if self.told in UNKNOWN else self.told


@dataclass(frozen=True)
class Assessment:
    """What a key result's readings mean at `at`.

    `progress` and `expected` are ratios in 0..1 (None: cannot be told), `progress_unbounded`
    may leave that range; `pace` = progress - expected. `status` is the held one, which is told;
    `raw_status` the one of this moment. `reason` is one sentence for a lead. `because` names
    dependencies that drag it, and `chain` leads from the first of them to the cause of its slip.
    `due_to_change_at`: when it must be assessed again although nothing is read (a hold ends, data
    grows stale, a checkpoint or the due date passes). `no_forecast` says in words why there is no
    `forecast`. `paused` and `overridden`: what a person has said that is in force. `rule`: the
    code of the rule that gave `raw_status` (None: judged before that was kept). `doubt`: why what
    was read last is not believed, as a code; what is told rests on an older reading.
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
    forecast: Forecast | None = None
    no_forecast: str | None = None
    chain: tuple[str, ...] = ()
    paused: Adjustment | None = None
    overridden: Adjustment | None = None
    rule: str | None = None
    doubt: str | None = None
