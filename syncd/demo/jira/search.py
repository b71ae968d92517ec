"""Which issues a JQL query finds, and in which order; or Jira's own words for why it cannot."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.jira.jql_tree import (
    Both,
    Clause,
    Either,
    Empty,
    FieldName,
    JqlError,
    Node,
    Query,
    Value,
    Values,
    parse,
)
from syncd.demo.jira import words
from syncd.demo.jira.fields import Field, Kind
from syncd.demo.jira.history import historical
from syncd.demo.jira.meaning import Asking, Meaning
from syncd.demo.jira.ordering import Sorted, moment_of, sort_value
from syncd.demo.jira.past import State
from syncd.demo.jira.site import Site
from syncd.demo.jira.world import World

Test = Callable[[State], bool]

_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


_QUERIES_KEPT = 64


@dataclass(frozen=True, slots=True)
class Found:
    """The issues a query finds, in its order, and what each was sorted by."""

    states: tuple[State, ...]
    keys: tuple[Any, ...]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Known:
    states: tuple[State, ...]
    now: datetime | None
    found: Found


class Search:
    """Queries over one Jira."""

    def __init__(self, site: Site, world: World) -> None:
        self._site = site
        self._world = world
        self._known: dict[tuple[str, str, str, bool], _Known] = {}

    def run(
        self,
        text: str,
        asking: Asking,
        states: Iterable[State] | None = None,
        *,
        lenient: bool = False,
    ) -> Found:
        """What is found among `states` (all that can be seen, unless given). JqlError.

        Lenient, conditions on unknown fields and values find nothing instead, and `warnings`
        holds what was wrong.
        """
        everything = self._world.states(asking.now) if states is None else None
        memo = (text, asking.account, asking.zone.key, lenient)
        if everything is not None:
            known = self._known.get(memo)
            # The same tuple of states means that nothing has happened since.
            if known is not None and known.states is everything and known.now in (None, asking.now):
                return known.found
        reading = _Reading(self._site, self._world, asking)
        test, sort_key = reading.of(parse(text))
        if reading.faults and not lenient:
            raise JqlError(*reading.faults)
        among = everything if states is None else states
        rows = sorted(((sort_key(s), s) for s in among or () if test(s)), key=lambda row: row[0])
        found = Found(
            tuple(state for _, state in rows), tuple(key for key, _ in rows), reading.faults
        )
        if everything is not None:
            if len(self._known) >= _QUERIES_KEPT:
                self._known.clear()
            now = None if reading.timeless else asking.now
            self._known[memo] = _Known(everything, now, found)
        return found

    @staticmethod
    def is_unbounded(text: str) -> bool:
        """True when the query restricts nothing. JqlError."""
        return parse(text).where is None


class _Reading:
    """One query made into a test and a sort key; collects every fault, as Jira does."""

    def __init__(self, site: Site, world: World, asking: Asking) -> None:
        self._site = site
        self._world = world
        self._asking = asking
        self._meaning = Meaning(site, world, asking)

    def of(self, query: Query) -> tuple[Test, Callable[[State], Any]]:
        test: Test = _always if query.where is None else self._node(query.where)
        sorts = []
        for sort in query.order:
            for field in self._fields(sort.field)[:1]:
                if not field.sortable:
                    self._fault(f"Not able to sort using field '{sort.field.text}'.")
                sorts.append((sort_value(self._site, field, sort.field.text), sort.descending))

        def sort_key(state: State) -> tuple[Any, ...]:
            # Jira leaves the order of equals open; here the newest comes first.
            keys = [Sorted(value(state), descending) for value, descending in sorts]
            return (*keys, -state.id)

        return test, sort_key

    @property
    def faults(self) -> tuple[str, ...]:
        """What was wrong, each thing once."""
        return tuple(dict.fromkeys(self._meaning.faults))

    @property
    def timeless(self) -> bool:
        """True when the answer is the same as long as no issue changes."""
        return self._meaning.timeless

    def _fault(self, message: str) -> Test:
        self._meaning.faults.append(message)
        return _never

    # ------------------------------------------------------------------------------- structure

    def _node(self, node: Node) -> Test:
        match node:
            case Clause():
                return self._clause(node)
            case Both():
                tests = [self._node(part) for part in node.parts]
                return lambda state: all(test(state) for test in tests)
            case Either():
                tests = [self._node(part) for part in node.parts]
                return lambda state: any(test(state) for test in tests)

    def _fields(self, name: FieldName) -> tuple[Field, ...]:
        found = self._site.fields.in_jql(name.text)
        if not found:
            self._fault(
                f"Field '{name.text}' does not exist or you do not have permission to view it."
            )
        return found

    def _clause(self, clause: Clause) -> Test:
        tests = [self._on_field(field, clause) for field in self._fields(clause.field)]
        if len(tests) == 1:
            return tests[0]
        # Several fields of one name: Jira asks each of them.
        decide = all if clause.operator in ("!=", "!~", "not in", "is not") else any
        return lambda state: decide(test(state) for test in tests)

    def _on_field(self, field: Field, clause: Clause) -> Test:
        name, sign, operand = clause.field.text, clause.operator, clause.operand
        if sign.startswith("was") or sign.endswith("changed"):
            if sign not in field.operators:
                return self._fault(f"History searches do not support the '{name}' field.")
            return historical(self._world, self._meaning, field, clause)
        if sign not in field.operators:
            return self._fault(f"The operator '{sign}' is not supported by the '{name}' field.")
        listed = sign in ("in", "not in")
        if listed and isinstance(operand, Value | Empty):
            shown = operand.text if isinstance(operand, Value) else "EMPTY"
            return self._fault(
                f"Operator '{sign}' does not support the non-list value '{shown}' for field "
                f"'{name}'."
            )
        if not listed and isinstance(operand, Values):
            return self._fault(
                f"Operator '{sign}' does not support the list value for field '{name}'."
            )
        if sign in ("is", "is not"):
            if not isinstance(operand, Empty):
                return self._fault(
                    f"The operator '{sign}' only supports EMPTY for the field '{name}'."
                )
            empty = self._emptiness(field)
            return empty if sign == "is" else _opposite(empty)
        if sign in ("~", "!~"):
            return self._text(field, clause)
        wanted, has_empty = self._meaning.wanted(field, clause, operand)
        if sign in _COMPARISONS:
            return self._ordered(field, clause, wanted, has_empty=has_empty)
        return self._equal(field, wanted, has_empty=has_empty, positive=sign in ("=", "in"))

    # ------------------------------------------------------------------------------ conditions

    def _emptiness(self, field: Field) -> Test:
        values = self._values(field)
        return lambda state: not values(state)

    def _equal(self, field: Field, wanted: list[Any], *, has_empty: bool, positive: bool) -> Test:
        values = self._values(field)
        among = frozenset(wanted)

        def equal(state: State) -> bool:
            found = values(state)
            if not found:
                return has_empty and positive
            # An empty field is never found by != or NOT IN.
            return (not among.isdisjoint(found)) is positive

        return equal

    def _ordered(self, field: Field, clause: Clause, wanted: list[Any], *, has_empty: bool) -> Test:
        compare = _COMPARISONS[clause.operator]
        if has_empty:
            return self._fault(
                f"The operator '{clause.operator}' does not support searching for EMPTY values "
                f"for the field '{clause.field.text}'."
            )
        if not wanted:
            return _never
        limit = wanted[0]
        if field.kind is Kind.KEY:
            return self._key_range(compare, limit)
        if field.kind is Kind.PRIORITY:
            rank = self._site.priorities.rank
            # The first priority is the greatest.
            return lambda state: (
                state.fields["priority"] is not None
                and compare(-rank[state.fields["priority"]], -rank[limit])
            )
        values = self._values(field)
        return lambda state: any(compare(value, limit) for value in values(state))

    def _key_range(self, compare: Callable[[Any, Any], bool], limit: Any) -> Test:
        if isinstance(limit, int):
            return lambda state: compare(state.id, limit)
        project, _, number = limit.rpartition("-")
        return lambda state: state.project.key == project and compare(state.number, int(number))

    def _text(self, field: Field, clause: Clause) -> Test:
        if not isinstance(clause.operand, Value):
            return self._fault(
                f"The field '{clause.field.text}' does not support searching for an empty string."
            )
        matches = words.matcher(clause.operand.text)
        texts = self._texts(field)
        if clause.operator == "~":
            return lambda state: any(matches(text) for text in texts(state))
        return lambda state: bool(found := texts(state)) and not any(matches(t) for t in found)

    def _texts(self, field: Field) -> Callable[[State], list[str]]:
        if field.kind is Kind.COMMENTS:
            return lambda state: [comment.body for comment in state.comments]
        ids = [field.id]
        if field.kind is Kind.ANY_TEXT:
            ids = [f.id for f in self._site.fields if f.kind in (Kind.STRING, Kind.TEXT)]

        def texts(state: State) -> list[str]:
            found = [state.fields[each] for each in ids if state.fields[each]]
            if field.kind is Kind.ANY_TEXT:
                found += [comment.body for comment in state.comments]
            return found

        return texts

    def _values(self, field: Field) -> Callable[[State], Sequence[Any]]:
        """What a field holds, comparable with what `_wanted` makes of operands."""
        identifier, kind = field.id, field.kind
        match kind:
            case Kind.KEY:
                return lambda state: (state.id,)
            case Kind.PROJECT:
                return lambda state: (state.project.id,)
            case Kind.PARENT:
                return lambda state: self._parent(state.fields[identifier])
            case Kind.CATEGORY:
                return lambda state: (self._site.category(state.fields["status"]).key,)
            case Kind.COMMENTS:
                return lambda state: state.comments
            case Kind.RANK:
                return lambda state: (state.id,)
            case Kind.DATETIME:
                return lambda state: _whole_seconds(moment_of(state, identifier))
            case Kind.LABELS:
                return lambda state: [each.casefold() for each in state.fields[identifier]]
            case _ if kind.holds_many:
                return lambda state: state.fields[identifier] or ()
        return lambda state: () if state.fields[identifier] is None else (state.fields[identifier],)

    def _parent(self, key: str | None) -> tuple[int, ...]:
        found = None if key is None else self._world.find(key, self._asking.now)
        return () if found is None else (found.id,)


def _always(_: State) -> bool:
    return True


def _never(_: State) -> bool:
    return False


def _opposite(test: Test) -> Test:
    return lambda state: not test(state)


def _whole_seconds(moment: datetime | None) -> tuple[datetime, ...]:
    return () if moment is None else (moment.replace(microsecond=0),)
