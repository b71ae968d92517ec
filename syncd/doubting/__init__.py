"""Whether a number can be believed, and what has to come for one that cannot. Pure.

The rules, with worked examples that are tested: `docs/reference/judgement.md`. Why they are so:
`docs/decisions/0041-a-number-may-be-doubted.md`.
"""

from syncd.doubting.kinds import limits_of
from syncd.doubting.numbers import EQUAL_WITHIN, ROUGHLY, doubt_of, is_outside, shrink_doubt
from syncd.doubting.spells import alike, go_on
from syncd.doubting.words import doubt_words, quarantine_words, release_words, runs_words

__all__ = [
    "EQUAL_WITHIN",
    "ROUGHLY",
    "alike",
    "doubt_of",
    "doubt_words",
    "go_on",
    "is_outside",
    "limits_of",
    "quarantine_words",
    "release_words",
    "runs_words",
    "shrink_doubt",
]
