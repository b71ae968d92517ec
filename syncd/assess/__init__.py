"""Judgement: what the readings of a key result mean. Pure; no network, no database, no clock.

`assess` is the whole; the smaller functions are for charts, pages and explanations. The rules,
with worked examples that are tested: `docs/reference/judgement.md`.
"""

from syncd.assess.assessment import assess
from syncd.assess.critical_path import Basis, Step, World, critical_path
from syncd.assess.edits import definition_at
from syncd.assess.formula import (
    bounded,
    goal_of,
    is_met,
    is_number,
    progress,
    reaches,
    value_at,
)
from syncd.assess.line import Line, expected, expected_line, expected_on
from syncd.assess.marks import Mark, marks_of
from syncd.assess.rollup import RollUp, RollUps, roll_up
from syncd.assess.standing import Standing, standing_of
from syncd.assess.status import Rule, Ruling, next_change, status_of

__all__ = [
    "Basis",
    "Line",
    "Mark",
    "RollUp",
    "RollUps",
    "Rule",
    "Ruling",
    "Standing",
    "Step",
    "World",
    "assess",
    "bounded",
    "critical_path",
    "definition_at",
    "expected",
    "expected_line",
    "expected_on",
    "goal_of",
    "is_met",
    "is_number",
    "marks_of",
    "next_change",
    "progress",
    "reaches",
    "roll_up",
    "standing_of",
    "status_of",
    "value_at",
]
