"""How issues are sorted: what each field is sorted by, with empty values at the end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import total_ordering
from typing import Any

from syncd.demo.jira.fields import Field, Kind
from syncd.demo.jira.past import State
from syncd.demo.jira.site import Site


def moment_of(state: State, identifier: str) -> datetime | None:
    """The moment a field of kind DATETIME holds."""
    if identifier == "created":
        return state.created
    if identifier == "updated":
        return state.updated
    moment: datetime | None = state.fields[identifier]
    return moment


def sort_value(site: Site, field: Field, name: str) -> Callable[[State], Any]:
    """What issues are compared by when ordered by a field under this name; None when empty."""
    identifier = field.id
    match field.kind:
        case Kind.KEY if name.casefold() == "id":
            return lambda state: state.id
        case Kind.KEY:
            return lambda state: (state.project.key, state.number)
        case Kind.PROJECT:
            return lambda state: state.project.name.casefold()
        case Kind.RANK:
            return lambda state: state.id
        case Kind.DATETIME:
            return lambda state: moment_of(state, identifier)
        case Kind.PRIORITY | Kind.STATUS | Kind.RESOLUTION:
            rank = {
                Kind.PRIORITY: {n: -r for n, r in site.priorities.rank.items()},
                Kind.STATUS: site.statuses.rank,
                Kind.RESOLUTION: site.resolutions.rank,
            }[field.kind]
            return lambda state: rank.get(state.fields[identifier])
        case Kind.USER:
            return lambda state: (
                site.user(state.fields[identifier]).display_name.casefold()
                if state.fields[identifier]
                else None
            )
        case kind if kind.holds_many:
            return lambda state: next(iter(sorted(state.fields[identifier])), None)
    return lambda state: _folded(state.fields[identifier])


@total_ordering
class Sorted:
    """A value in its order; empty values come last, first when descending."""

    __slots__ = ("_descending", "_value")

    def __init__(self, value: Any, descending: bool) -> None:
        self._value = value
        self._descending = descending

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sorted) and self._value == other._value

    __hash__ = None  # type: ignore[assignment]

    def __lt__(self, other: Sorted) -> bool:
        one, two = (other, self) if self._descending else (self, other)
        if one._value is None or two._value is None:
            return one._value is not None and two._value is None
        return bool(one._value < two._value)


def _folded(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value
