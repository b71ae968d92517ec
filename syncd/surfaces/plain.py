"""Texts of strangers as one harmless line: nothing invisible, nothing that turns it round.

What is left may still mean something to a format; each renderer escapes that.
"""

from __future__ import annotations

import unicodedata

_HARMFUL = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_WANTED = frozenset({"\u00ad", "\u200c", "\u200d"})
"""A soft hyphen, and the joiners that some scripts and pictures are written with."""


def plain(text: str) -> str:
    r"""The text on one line, with single spaces, without characters that nobody can see.

    >>> plain("rack\n 4\x00 \u202eevil")
    'rack 4 evil'
    """
    seen = (
        one
        if one in _WANTED or unicodedata.category(one) not in _HARMFUL
        else " "
        if one.isspace()
        else ""
        for one in text
    )
    return " ".join("".join(seen).split())
