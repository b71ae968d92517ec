"""What is wanted: targets, their milestones and checkpoints, and the thresholds of judgement."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


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
    `hold_seconds`: how long a new status must last before it is told. `hysteresis_ratio`: by how
    much progress/expected must pass a threshold before a better status than the told one is
    given; a worse one is given at the threshold itself. `history_seconds`: how much of the past a
    forecast looks at. `pace_step` and `forecast_step`: by how much the pace, and the forecast's
    chance, must have moved since they were told last to be told again.
    """

    on_track_ratio: float = 0.9
    at_risk_ratio: float = 0.7
    early_ratio: float = 0.05
    hold_seconds: float = 0.0
    hysteresis_ratio: float = 0.02
    history_seconds: float = 28 * 86_400.0
    # What is told does not change what is judged: the fingerprint of a target has the rest only.
    pace_step: float = field(default=0.1, repr=False)
    forecast_step: float = field(default=0.25, repr=False)


@dataclass(frozen=True)
class Checkpoint:
    """The value (base unit of the indicator) asked for by the end of a day (`at`, aware UTC)."""

    at: datetime
    value: float
