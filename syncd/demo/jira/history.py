"""Conditions on what a field was: WAS and CHANGED with AFTER, BEFORE, ON, DURING, BY, FROM, TO."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from connectors.jira.jql_tree import Clause
from syncd.demo.jira.fields import Field
from syncd.demo.jira.meaning import Meaning
from syncd.demo.jira.past import Span, State
from syncd.demo.jira.world import World


def historical(
    world: World, meaning: Meaning, field: Field, clause: Clause
) -> Callable[[State], bool]:
    """A test of issues for a condition on the field's history; faults go to `meaning`."""
    spans_of = world.spans
    now = meaning.asking.now
    during = _when(meaning, clause)
    if clause.operator.endswith("changed"):
        from_, to = (_side(meaning, field, clause, word) for word in ("from", "to"))

        def changed(state: State) -> bool:
            spans = spans_of(state.id, field.id, now)
            return any(
                during(after, instant=True) and from_(before.value) and to(after.value)
                for before, after in pairwise(spans)
            )

        return (lambda state: not changed(state)) if clause.operator.startswith("not") else changed
    wanted, has_empty = meaning.wanted(field, clause, clause.operand)
    among = _holding(wanted, has_empty=has_empty)

    def was(state: State) -> bool:
        return any(
            among(span.value) and during(span, instant=False)
            for span in spans_of(state.id, field.id, now)
        )

    return (lambda state: not was(state)) if "not" in clause.operator else was


def _side(meaning: Meaning, field: Field, clause: Clause, word: str) -> Callable[[Any], bool]:
    for predicate in clause.predicates:
        if predicate.word == word:
            wanted, has_empty = meaning.wanted(field, clause, predicate.operand)
            return _holding(wanted, has_empty=has_empty)
    return lambda _value: True


def _when(meaning: Meaning, clause: Clause) -> Callable[..., bool]:
    """A test of a span: by whom its value was set, and when that was (`instant`) or held."""
    start = datetime.min.replace(tzinfo=UTC)
    end = datetime.max.replace(tzinfo=UTC)
    authors: set[str] | None = None
    for predicate in clause.predicates:
        if predicate.word == "by":
            authors = set(meaning.people(predicate))
        elif predicate.word in ("after", "before", "on", "during"):
            moments = meaning.moments(predicate)
            if not moments:
                continue
            if predicate.word == "after":
                start = moments[0]
            elif predicate.word == "before":
                end = moments[0]
            elif predicate.word == "on":
                start, end = moments[0], moments[0] + timedelta(days=1)
            else:
                start, end = moments[0], moments[-1]

    def holds(span: Span, *, instant: bool) -> bool:
        if authors is not None and span.author not in authors:
            return False
        if instant:
            return start <= span.start < end
        return span.start < end and (span.end is None or span.end > start)

    return holds


def _holding(wanted: list[Any], *, has_empty: bool) -> Callable[[Any], bool]:
    among = frozenset(wanted)

    def holding(value: Any) -> bool:
        if value is None or value == ():
            return has_empty
        return not among.isdisjoint(value if isinstance(value, tuple) else (value,))

    return holding
