"""Whether the quotes and brackets of a query are balanced, in any of the upstreams' languages."""

from __future__ import annotations

from dataclasses import dataclass

_CLOSES = {")": "(", "]": "[", "}": "{"}
_QUOTES = "\"'`"


@dataclass(frozen=True)
class Imbalance:
    """What is left open or closed too often. `kind` is ``quotes`` or ``brackets``."""

    kind: str
    character: str
    opened: bool

    def __str__(self) -> str:
        return (
            f"a {self.character} that is never closed"
            if self.opened
            else f"a {self.character} that nothing opened"
        )


def imbalance(query: str) -> Imbalance | None:
    """What is out of balance in the query first, or None.

    Knows what JQL and PromQL share: text in ``"``, ``'`` or backticks (a backslash escapes in
    the first two), brackets outside text.
    """
    quote: str | None = None
    escaped = False
    open_brackets: list[str] = []
    for character in query:
        if quote is not None:
            if escaped:
                escaped = False
            elif character == "\\" and quote != "`":
                escaped = True
            elif character == quote:
                quote = None
        elif character in _QUOTES:
            quote = character
        elif character in "([{":
            open_brackets.append(character)
        elif character in _CLOSES:
            if not open_brackets or open_brackets[-1] != _CLOSES[character]:
                return Imbalance("brackets", character, opened=False)
            open_brackets.pop()
    if quote is not None:
        return Imbalance("quotes", quote, opened=True)
    if open_brackets:
        return Imbalance("brackets", open_brackets[-1], opened=True)
    return None
