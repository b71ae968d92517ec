"""Sets of verdicts looked at as a whole: since when they can tell, and the keys they hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from connectors.base import Outcome
from syncd.compose import Member
from syncd.store.aggregate import holding
from syncd.store.schema import objects, verdict_sets, verdicts


def set_row(connection: sa.Connection, set_id: int) -> Any:
    """The row of a set."""
    return connection.execute(sa.select(verdict_sets).where(verdict_sets.c.id == set_id)).one()


def can_tell(of_set: Any, at: datetime) -> bool:
    """Whether a set (its row) says what was so at `at`; where not, nothing is known (not 0)."""
    return bool(of_set.filled) and (of_set.known_since is None or of_set.known_since <= at)


def members(
    connection: sa.Connection,
    scope_id: int,
    set_id: int,
    at: datetime,
    *,
    passing: bool,
    lasting: bool,
) -> list[Member]:
    """What a keyed set holds at `at`: one for each object and each of its keys.

    With `lasting` each tells since when the object has held the key without a break (and with
    `passing` has passed), which takes reading its past too; else since when its verdict holds.
    """
    rows = (
        _with_past(connection, scope_id, set_id, at)
        if lasting
        else _with_objects(connection, scope_id, holding(set_id, at))
    )
    found: list[Member] = []
    for timeline in rows:
        last = timeline[-1]
        if last.valid_to is not None and last.valid_to <= at:
            continue
        found.extend(
            Member(
                key=key,
                object_id=last.object_id,
                label=last.label or last.object_id,
                url=last.url,
                outcome=Outcome(last.outcome),
                since=_held_since(timeline, key, passing) if lasting else _since(last),
                missing=tuple(last.missing or ()),
            )
            for key in dict.fromkeys(last.keys or ())
        )
    return found


def _held_since(timeline: list[Any], key: str, passing: bool) -> datetime:
    """The beginning of the unbroken run of rows, up to the last, that carry the key, or the moment
    before it since when the key has been there.
    """
    first = timeline[-1]
    if not passing or first.outcome == Outcome.PASS.value:
        for row in reversed(timeline[:-1]):
            if row.valid_to != first.valid_from or key not in (row.keys or ()):
                break
            if passing and row.outcome != Outcome.PASS.value:
                break
            first = row
    return _since(first)


def _since(row: Any) -> datetime:
    moment: datetime = row.valid_from if row.began is None else row.began
    return moment


def _with_past(
    connection: sa.Connection, scope_id: int, set_id: int, at: datetime
) -> Iterator[list[Any]]:
    """The rows of each object up to `at`, in order."""
    before = sa.and_(verdicts.c.set_id == set_id, verdicts.c.valid_from <= at)
    timeline: list[Any] = []
    for row in _rows(connection, scope_id, before):
        if timeline and timeline[-1].object_id != row.object_id:
            yield timeline
            timeline = []
        timeline.append(row)
    if timeline:
        yield timeline


def _with_objects(
    connection: sa.Connection, scope_id: int, which: sa.ColumnElement[bool]
) -> Iterator[list[Any]]:
    for row in _rows(connection, scope_id, which):
        yield [row]


def _rows(connection: sa.Connection, scope_id: int, which: sa.ColumnElement[bool]) -> Iterable[Any]:
    known = sa.and_(objects.c.scope_id == scope_id, objects.c.object_id == verdicts.c.object_id)
    return connection.execute(
        sa.select(verdicts, objects.c.label, objects.c.url)
        .join(objects, known, isouter=True)
        .where(which)
        .order_by(verdicts.c.object_id, verdicts.c.valid_from)
    )
