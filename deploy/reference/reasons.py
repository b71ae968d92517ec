"""The codes that an event may have as its reason, by its kind, in words.

`tests/deploy/test_reasons.py` holds them to the code that makes events.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from syncd.model import EventKind, Status

PERSON = {"person": "somebody has said so"}
ENDED = {
    "ran_out": "the moment has come that it was to last until",
    "withdrawn": "somebody has taken it back",
    "replaced": "somebody has said something else instead",
}
DATE = {
    "date_passed": "the date has come",
    "known_late": "the date had come while nobody knew the value",
}
SLIPPING = {
    one.value: "that is its status now"
    for one in (Status.AT_RISK, Status.OFF_TRACK, Status.MISSED, Status.ABANDONED, Status.CARRIED)
}


class Further(Enum):
    """Codes that are listed apart."""

    RULES = "a rule of judgement"
    ERRORS = "the kind of error"
    DOUBTS = "why it is not believed"


FURTHER: Mapping[EventKind, tuple[Further, ...]] = {
    EventKind.STATUS_CHANGED: (Further.RULES,),
    EventKind.ACHIEVED: (Further.RULES,),
    EventKind.MISSED: (Further.RULES,),
    EventKind.DATA_STALE: (Further.ERRORS, Further.RULES),
    EventKind.DATA_RECOVERED: (Further.RULES,),
    EventKind.SOURCE_FAILING: (Further.ERRORS,),
    EventKind.INDICATOR_FAILING: (Further.ERRORS,),
    EventKind.NUMBER_QUARANTINED: (Further.DOUBTS,),
}
"""Kinds whose reasons are, besides those below, codes of other lists."""

OVERRIDE = {"override": "a person has set the status"}
REASONS: Mapping[EventKind, Mapping[str, str]] = {
    EventKind.STATUS_CHANGED: OVERRIDE,
    EventKind.ACHIEVED: OVERRIDE,
    EventKind.MISSED: OVERRIDE,
    EventKind.DATA_STALE: {},
    EventKind.DATA_RECOVERED: {},
    EventKind.CHECKPOINT_MET: {
        **DATE,
        "reached_late": "it was missed, and is reached now",
    },
    EventKind.CHECKPOINT_MISSED: DATE,
    EventKind.PACE_CHANGED: {
        "ahead": "it is further than when it was told last",
        "behind": "it is less far",
    },
    EventKind.FORECAST_CHANGED: {
        "likelier": "the goal is reached in time more likely than when it was told last",
        "less_likely": "it is so less likely",
    },
    EventKind.DEPENDENCY_SLIPPED: {**SLIPPING, "external": "it is outside, and a person says so"},
    EventKind.OVERRIDE_SET: PERSON,
    EventKind.OVERRIDE_ENDED: ENDED,
    EventKind.PAUSE_SET: PERSON,
    EventKind.PAUSE_ENDED: ENDED,
    EventKind.NOTE_ADDED: PERSON,
    EventKind.NOTE_WITHDRAWN: {"withdrawn": ENDED["withdrawn"]},
    EventKind.MAPPING_CHANGED: {
        "accepted": "of the files as a whole: they are in force",
        "added": "of a key result: it is new",
        "edited": "of a key result: it is another than before",
        "removed": "of a key result: it was taken out",
    },
    EventKind.MAPPING_REFUSED: {"faults": "`data` has the first of them"},
    EventKind.SOURCE_FAILING: {},
    EventKind.SOURCE_RECOVERED: {
        "answers": "its scopes can be measured again",
        "test": "nothing has happened: `syncd notify --test ROUTE` sends it, and no feed has it",
    },
    EventKind.INDICATOR_FAILING: {},
    EventKind.INDICATOR_RECOVERED: {"measured": "it can be measured again"},
    EventKind.NUMBER_SET: PERSON,
    EventKind.NUMBER_QUARANTINED: {},
    EventKind.NUMBER_RELEASED: {
        "confirmed": "the next runs say the same",
        "accepted": "a person accepts it",
        "in_bounds": "what was read since is plausible",
    },
    EventKind.EXTERNAL_SET: PERSON,
    EventKind.PERIOD_CLOSED: PERSON,
    EventKind.PERIOD_IMPORTED: PERSON,
}
