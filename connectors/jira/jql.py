"""Jira Query Language as text: what can be checked, joined and dated without a server.

Terms of the language as in Atlassian's "Use advanced search with Jira Query Language": strings
in double or single quotes with backslash escapes, lists and groups in parentheses, ``cf[10010]``
for custom fields, ``ORDER BY`` at the end. The server alone knows fields and values.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone, tzinfo
from typing import NamedTuple

_TOKEN = re.compile(
    r"""(?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
      | (?P<quote>["'])
      | (?P<bracket>[()\[\]])
      | (?P<word>[^\s()\[\]"',=!<>~]+)
      | (?P<sign>[,=!<>~]+)""",
    re.VERBOSE | re.DOTALL,
)
_PAIRS = {")": "(", "]": "["}
_BEFORE_A_LIST = frozenset(
    {"and", "or", "not", "in", "is", "was", "changed", "from", "to", "by", "on"}
    | {"before", "after", "during"}
)
_FIXED_FUNCTIONS = frozenset({"currentuser"})
_RELATIVE_DATE = re.compile(r"[-+]?\d+\s*[wdhmMy](\s+\d+\s*[wdhmMy])*")
_STEP = timedelta(minutes=30)

WESTERNMOST = timezone(timedelta(hours=-12))
"""The zone in which a moment has its earliest wall time: a date written in it is never too late,
whatever zone the reader turns out to use."""


class _Token(NamedTuple):
    kind: str
    text: str
    start: int


def _tokens(jql: str) -> Iterator[_Token]:
    for match in _TOKEN.finditer(jql):
        yield _Token(str(match.lastgroup), match.group(), match.start())


def _near(jql: str, start: int) -> str:
    return jql[start : start + 40]


def checked(jql: str) -> str:
    """The query of an author, trimmed; ValueError with words when it cannot be right.

    Refused: an empty query, unbalanced quotes or brackets, an ORDER BY (the reading order is
    the connector's, and nothing can be ANDed behind one).
    """
    text = jql.strip()
    if not text:
        raise ValueError("got an empty query; expected JQL such as: project = CE")
    open_brackets: list[_Token] = []
    before = ""
    for token in _tokens(text):
        if token.kind == "quote":
            raise ValueError(
                f"got a quote that is never closed, from: {_near(text, token.start)}; expected "
                "balanced quotes; fix: write the query under jql: |- on the next line"
            )
        if token.kind == "bracket" and token.text in "([":
            open_brackets.append(token)
        elif token.kind == "bracket" and (
            not open_brackets or open_brackets.pop().text != _PAIRS[token.text]
        ):
            raise ValueError(
                f"got a {token.text} that nothing opened, at: {_near(text, token.start)}; "
                "expected balanced brackets"
            )
        word = token.text.lower() if token.kind == "word" else ""
        if before == "order" and word == "by":
            raise ValueError(
                "got an ORDER BY; expected only conditions, because the order of a set is "
                "nobody's business; fix: leave it out"
            )
        before = word
    if open_brackets:
        raise ValueError(
            f"got a bracket that is never closed, from: {_near(text, open_brackets[-1].start)}; "
            "expected balanced brackets; fix: quote the query, or write it under jql: |- on the "
            "next line"
        )
    return text


def without_order(jql: str) -> str:
    """The conditions of a saved filter's query: everything before its ORDER BY, trimmed."""
    before: _Token | None = None
    for token in _tokens(jql):
        if (
            before is not None
            and (before.kind, before.text.lower()) == ("word", "order")
            and (token.kind, token.text.lower()) == ("word", "by")
        ):
            return jql[: before.start].strip()
        before = token
    return jql.strip()


def within(scope: str, *more: str) -> str:
    """The scope and further conditions, each kept whole in its own parentheses, joined by AND."""
    return " AND ".join(f"({part})" for part in (scope, *more))


def moves_with_time(jql: str) -> bool:
    """True when an issue may enter or leave the query's result without being edited.

    That is so for relative dates (``-7d``) and for functions (``now()``, ``openSprints()``,
    ``membersOf()``): what they stand for changes by itself. Only ``currentUser()`` stays.
    Said too often rather than too seldom: a wrong yes costs a listing, a wrong no an error.
    """
    before: _Token | None = None
    for token in _tokens(jql):
        if (
            token.text == "("
            and before is not None
            and before.kind == "word"
            and before.text.lower() not in _BEFORE_A_LIST | _FIXED_FUNCTIONS
        ):
            return True
        bare = token.text[1:-1].strip() if token.kind == "string" else token.text
        if token.kind in {"string", "word"} and _RELATIVE_DATE.fullmatch(bare):
            return True
        before = token
    return False


def wall_minute(moment: datetime, zone: tzinfo) -> str:
    """`moment` (aware) as JQL writes dates, ``yyyy-MM-dd HH:mm`` in `zone`, never later.

    Jira reads the text in the account's zone and to the minute. Where clocks go back a wall time
    names two moments and nothing says which Jira takes; the text is then moved back until both
    are at or before `moment`.
    """
    wanted = moment
    while True:
        wall = wanted.astimezone(zone).replace(second=0, microsecond=0)
        if all(wall.replace(fold=fold).timestamp() <= moment.timestamp() for fold in (0, 1)):
            return wall.strftime("%Y-%m-%d %H:%M")
        wanted -= _STEP
