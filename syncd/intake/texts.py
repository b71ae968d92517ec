"""What people write beside their numbers and states: short texts, taken or refused in words."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from syncd.wording import nearest

LONGEST_NAME = 200
LONGEST_NOTE = 2000
LONGEST_REASON = 300
"""Of a pause, an override or a withdrawal: it stands in the sentence of the status."""

_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""They turn the direction of what follows, so that a text reads as another one than it is."""


class Refused(Exception):
    """What a person says cannot be written down; the message says what would be right."""


class Conflict(Refused):
    """It could be written down, if things did not stand as they do."""


class Unknown(Exception):
    """Nothing is called what a person names; the message says what may have been meant."""


def text(key: str, given: str, longest: int) -> str:
    r"""The text on one line, runs of white space as one space. Raises Refused for one that is
    empty, longer than `longest` characters, or has characters that nobody sees.

    >>> text("note", "the contract\n is  signed", 80)
    'the contract is signed'
    """
    found = " ".join(given.split())
    if not 0 < len(found) <= longest:
        raise Refused(f"{key}: got {len(found)} characters; expected 1 to {longest}")
    for character in found:
        if unicodedata.category(character) in ("Cc", "Cs") or character in _TURNING:
            raise Refused(
                f"{key}: got the control character U+{ord(character):04X}; "
                "expected a text that can be read; fix: leave it out"
            )
    return found


def known(key: str, given: str, words: Iterable[str]) -> str:
    """The word, if it is one of `words`. Raises Refused with the nearest.

    >>> known("state", "sliped", ["on_track", "slipped"])
    Traceback (most recent call last):
    ...
    syncd.intake.texts.Refused: state: got 'sliped'; expected on_track or slipped; fix: slipped
    """
    every = list(words)
    if given in every:
        return given
    near = nearest(given, every)
    fix = f"; fix: {near}" if near else ""
    expected = " or ".join((", ".join(every[:-1]), every[-1])) if len(every) > 1 else every[0]
    raise Refused(f"{key}: got {given[:80]!r}; expected {expected}{fix}")
