"""Whether a text matches what follows ``~`` in a query.

Words match whatever their case and their simple English ending, all of them have to be there;
``"quoted phrases"``, ``wild*`` cards, ``-not`` and ``OR`` work as in Jira's text search.
https://support.atlassian.com/jira-software-cloud/docs/search-for-issues-using-the-text-field/
"""

from __future__ import annotations

import re
from collections.abc import Callable
from fnmatch import fnmatchcase

Matches = Callable[[str], bool]

_WORD = re.compile(r"\w+")
_TERM = re.compile(r'([-+!]?)(?:"([^"]*)"|(\S+))')
_ENDINGS = ("ingly", "edly", "ing", "ies", "ed", "es", "ly", "s")
_SHORTEST_STEM = 3


def matcher(query: str) -> Matches:
    """A function that is true of the texts that match the query."""
    alternatives: list[list[Matches]] = [[]]
    for sign, phrase, word in _TERM.findall(query):
        if not sign and word == "OR":
            alternatives.append([])
        elif word not in ("AND", "&&"):
            term = _phrase(phrase) if phrase else _word(word)
            alternatives[-1].append(_not(term) if sign in ("-", "!") and (phrase or word) else term)
    return lambda text: any(terms and all(term(text) for term in terms) for terms in alternatives)


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
            word = word[: -len(ending)] + ("y" if ending == "ies" else "")
            break
    return word[:-1] if word.endswith("e") and len(word) > _SHORTEST_STEM else word


def _stems(text: str) -> list[str]:
    return [_stem(word) for word in _WORD.findall(text.casefold())]


def _not(term: Matches) -> Matches:
    return lambda text: not term(text)


def _phrase(phrase: str) -> Matches:
    wanted = _stems(phrase)

    def matches(text: str) -> bool:
        found = _stems(text)
        return bool(wanted) and any(
            found[start : start + len(wanted)] == wanted for start in range(len(found))
        )

    return matches


def _word(word: str) -> Matches:
    pattern = word.casefold()
    if "*" in pattern or "?" in pattern:
        return lambda text: any(
            fnmatchcase(each, pattern) for each in _WORD.findall(text.casefold())
        )
    wanted = set(_stems(word))
    return lambda text: wanted <= set(_stems(text))
