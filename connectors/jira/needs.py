"""What a judge needs of an issue besides its fields."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable


@dataclass(frozen=True)
class Needs:
    """`fields`: whose values, `changes`: whose change log (in the author's words); `comments`:
    when and by whom; `slas`: the cycles of the service desk's agreements of these names;
    `statuses`, `categories`: which must exist; `people`: who changed what.

    The row then carries ``changes`` (by word: `Change`s, the oldest first), ``comments`` (`Said`s,
    the oldest first), ``slas`` (by name: `Cycle`s; None when the service desk does not know the
    issue) and ``statuses`` (`Statuses`), each where it is needed.
    """

    fields: frozenset[str] = frozenset()
    changes: frozenset[str] = frozenset()
    comments: bool = False
    slas: frozenset[str] = frozenset()
    statuses: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    people: bool = False

    def __or__(self, other: Needs) -> Needs:
        return Needs(
            self.fields | other.fields,
            self.changes | other.changes,
            self.comments or other.comments,
            self.slas | other.slas,
            self.statuses | other.statuses,
            self.categories | other.categories,
            self.people or other.people,
        )


NOTHING = Needs()
WHO = Needs(fields=frozenset({"creator"}), people=True)
"""Of what looks at who brought a point about. Each user is half of what Jira tells of a change."""


@runtime_checkable
class Needing(Protocol):
    """A judge that looks beyond the fields of an issue. What `needs.fields` names, its `fields`
    name as well.
    """

    @property
    def needs(self) -> Needs:
        """What its row must carry."""
        ...

    @property
    def valued(self) -> frozenset[str]:
        """The fields whose own values are judged, of `fields`: not what only its points need."""
        ...


def needs_of(judge: object) -> Needs:
    """What a judge needs."""
    return judge.needs if isinstance(judge, Needing) else NOTHING


def together(each: Iterable[Needs]) -> Needs:
    """What all of these are together."""
    found = NOTHING
    for one in each:
        found |= one
    return found
