"""Key results, readings and assessments as immutable values. No I/O, no clock.

Times are aware UTC. Quantities are in base units: shares 0..1, durations in seconds, counts and
everything else as they are. Words are those of `docs/reference/terms.md`.
"""

from syncd.model.assessment import (
    BAD,
    ENDED,
    GOOD,
    UNKNOWN,
    Adjustment,
    AdjustmentKind,
    Assessment,
    Evidence,
    ExternalState,
    Forecast,
    Former,
    Memory,
    Needed,
    Status,
)
from syncd.model.event import STATUS_KINDS, STEPS, Event, EventKind, Telling
from syncd.model.indicator import (
    Combination,
    Combining,
    Composition,
    Coverage,
    Indicator,
    Manual,
    Part,
    parts_of,
)
from syncd.model.key_result import (
    Beside,
    Catalogue,
    Ending,
    External,
    KeyResult,
    Objective,
    TimeOff,
    dependants_in_order,
)
from syncd.model.plausible import Doubt, Doubted, DoubtKind, Plausible, Quarantine
from syncd.model.reading import Failure, Origin, Reading
from syncd.model.target import Checkpoint, Judgement, Milestone, Target, TargetType

__all__ = [
    "BAD",
    "ENDED",
    "GOOD",
    "STATUS_KINDS",
    "STEPS",
    "UNKNOWN",
    "Adjustment",
    "AdjustmentKind",
    "Assessment",
    "Beside",
    "Catalogue",
    "Checkpoint",
    "Combination",
    "Combining",
    "Composition",
    "Coverage",
    "Doubt",
    "DoubtKind",
    "Doubted",
    "Ending",
    "Event",
    "EventKind",
    "Evidence",
    "External",
    "ExternalState",
    "Failure",
    "Forecast",
    "Former",
    "Indicator",
    "Judgement",
    "KeyResult",
    "Manual",
    "Memory",
    "Milestone",
    "Needed",
    "Objective",
    "Origin",
    "Part",
    "Plausible",
    "Quarantine",
    "Reading",
    "Status",
    "Target",
    "TargetType",
    "Telling",
    "TimeOff",
    "dependants_in_order",
    "parts_of",
]
