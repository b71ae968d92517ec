"""Indicators made of others: a set compared with another, a number made of numbers. Pure; no
network, no database, no clock.
"""

from syncd.compose.combination import PartReadings, combine
from syncd.compose.composed import Composed
from syncd.compose.coverage import Side, coverage
from syncd.compose.keys import Key, Matching, Member, matched, normalised

__all__ = [
    "Composed",
    "Key",
    "Matching",
    "Member",
    "PartReadings",
    "Side",
    "combine",
    "coverage",
    "matched",
    "normalised",
]
