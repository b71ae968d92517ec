"""What a reason says of numbers that are counted: there is no 2.15th of a thing."""

from __future__ import annotations

import math

from connectors.base import Dimension
from syncd.assess.formula import EQUAL_WITHIN, rises
from syncd.model import Evidence, Target


def counts_whole(evidence: Evidence) -> bool:
    """Whether every reading so far was a whole number of things, and none a rate."""
    is_rate = evidence.unit is not None and evidence.unit.startswith("1/")
    return (
        evidence.dimension is Dimension.COUNT
        and not is_rate
        and all(y == int(y) for _, y in evidence.history)
    )


def whole_before(value: float, target: Target) -> float:
    """The whole number that is there at a value on the way to the goal, never beyond it."""
    if rises(target):
        return math.floor(value + EQUAL_WITHIN)
    return math.ceil(value - EQUAL_WITHIN)


def whole_from(value: float, target: Target) -> float:
    """The first whole number at a value or beyond it, towards the goal."""
    if rises(target):
        return math.ceil(value - EQUAL_WITHIN)
    return math.floor(value + EQUAL_WITHIN)


def asked_of_whole(wanted: float, target: Target) -> tuple[str, float]:
    """How to ask whole things for `wanted`: words and a whole number that say exactly the same of
    them, neither more nor less. At least 2.15 machines are more than 2.

    >>> from syncd.model import TargetType
    >>> asked_of_whole(2.15, Target(TargetType.AT_LEAST, goal=4))
    ('more than', 2)
    >>> asked_of_whole(47.6, Target(TargetType.DECREASE, goal=10))
    ('less than', 48)
    >>> asked_of_whole(2.0, Target(TargetType.AT_LEAST, goal=4))
    ('at least', 2)
    """
    up = rises(target)
    before, beyond = whole_before(wanted, target), whole_from(wanted, target)
    if before == beyond:
        return ("at least" if up else "at most"), before
    return ("more than" if up else "less than"), before
