"""Taking credentials out of texts that people and machines will read."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

HIDDEN = "***"
SHORTEST_SECRET = 4
"""A secret of a letter or two would blank out ordinary words, and is none."""

SHORTEST_CODED = 12
"""In base64 a short secret looks like a word of anything else."""

_IN_URLS = str.maketrans("+/", "-_")
_IN_WORDS = re.compile(r"(?i)\b(bearer|basic|token)(\s+|\s*[:=]\s*)[A-Za-z0-9._~+/=-]{8,}")
_IN_URL = re.compile(r"(?<=://)[^/\s@:]*:[^/\s@]+(?=@)")


def without_credentials(text: str) -> str:
    """The text without what looks like a credential, whoever's: after the name of a scheme, or
    before the host of a URL.

    >>> without_credentials("Authorization: Bearer abcdefgh at https://me:word@example.org/")
    'Authorization: Bearer *** at https://***@example.org/'
    """
    return _IN_URL.sub(HIDDEN, _IN_WORDS.sub(rf"\1\2{HIDDEN}", text))


def spellings(secrets: Iterable[str]) -> set[str]:
    """Every form in which secrets may stand in a text: as they are, as part of a URL, in base64."""
    values = {value for value in secrets if len(value) >= SHORTEST_SECRET}
    forms = values | {quote(value, safe="") for value in values} | {quote_plus(v) for v in values}
    for value in values:
        coded = b64encode(value.encode()).decode().rstrip("=")
        if len(coded) >= SHORTEST_CODED:
            forms |= {coded, coded.translate(_IN_URLS)}
    return forms
