"""What of each kind may go: batches of rows, found without a lock and then taken out one by one.

What is found here is long over: nobody writes to it any more, but for a backfill, which only adds.
What could come into use meanwhile is looked at again by who takes a batch out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from syncd.model import UNKNOWN, Origin
from syncd.store.engine import Store
from syncd.store.horizon import Horizon, earlier
from syncd.store.keeping import Kept, surplus
from syncd.store.schema import (
    assessments,
    circuits,
    closings,
    compactions,
    events,
    indicators,
    key_results,
    objects,
    outbox,
    quarantines,
    readings,
    scopes,
    staged_timelines,
    tallies,
    verdict_sets,
    verdicts,
)

BATCH = 500
"""How many rows leave in one transaction, or of how many objects all verdicts do."""


class Kind(StrEnum):
    """What is compacted, in this order: what rests on others goes before them."""

    ASSESSMENTS = "assessments"
    READINGS = "readings"
    EVENTS = "events"
    LETTERS = "letters"
    QUARANTINES = "quarantines"
    VERDICTS = "verdicts"
    CIRCUITS = "circuits"


@dataclass(frozen=True)
class Keep:
    """How long what is kept: what was measured and told as it came until so long after a period's
    end, events, and letters that were given up.
    """

    fine: timedelta
    events: timedelta
    letters: timedelta


@dataclass(frozen=True)
class Batch:
    """`found` rows that may go; `remove` takes out those that still may, and returns how many."""

    found: int
    remove: Callable[[sa.Connection], int]


Found = Callable[[Store, Horizon, Keep, datetime], Iterator[Batch]]


def _assessments(store: Store, horizon: Horizon, keep: Keep, now: datetime) -> Iterator[Batch]:  # noqa: ARG001
    past = assessments.c.at < horizon.fine_since
    with store.read() as connection:
        keys = connection.execute(sa.select(assessments.c.key_result).where(past).distinct())
        every = sorted(keys.scalars())
    for key in every:
        with store.read() as connection:
            rows = connection.execute(
                sa.select(
                    assessments.c.id,
                    assessments.c.at,
                    assessments.c.repeated,
                    assessments.c.status,
                )
                .where(past, assessments.c.key_result == key)
                .order_by(assessments.c.id)
            ).all()
            resting = _resting(connection, key)
        kept = (Kept(row.id, row.at, ("any",) if row.repeated else ("any", "new")) for row in rows)
        going = surplus(kept, horizon.zones)
        unknown = {status.value for status in UNKNOWN}
        known = min((row.id for row in rows if row.status not in unknown), default=None)
        ended = [row.id for row in rows if any(row.at <= at for at in resting.closed)]
        going -= {known, max(ended, default=None)}
        going -= {row.id for row in rows if row.at in resting.events}
        yield from _by_id(assessments, sorted(going))


@dataclass(frozen=True)
class _Resting:
    """The moments of a key result on which others rest: of what was told, and of its closing."""

    events: frozenset[datetime]
    closed: tuple[datetime, ...]


def _resting(connection: sa.Connection, key: str) -> _Resting:
    told = connection.execute(sa.select(events.c.at).where(events.c.key_result == key)).scalars()
    closed = connection.execute(
        sa.select(closings.c.at)
        .join(key_results, key_results.c.period == closings.c.period)
        .where(key_results.c.key == key)
    ).scalars()
    return _Resting(frozenset(told), tuple(closed))


def _readings(store: Store, horizon: Horizon, keep: Keep, now: datetime) -> Iterator[Batch]:  # noqa: ARG001
    # What was rebuilt or given by people is never thinned.
    past = sa.and_(
        readings.c.at < horizon.fine_since,
        readings.c.recorded_at < horizon.fine_since,
        readings.c.origin == Origin.LIVE.value,
    )
    with store.read() as connection:
        found = connection.execute(sa.select(readings.c.indicator).where(past).distinct())
        every = sorted(found.scalars())
    told = sa.select(assessments.c.id).where(assessments.c.reading_id == readings.c.id).exists()
    for fingerprint in every:
        with store.read() as connection:
            rows = connection.execute(
                sa.select(
                    readings.c.id,
                    readings.c.at,
                    readings.c.complete,
                    readings.c.value,
                    told.label("told"),
                )
                .where(past, readings.c.indicator == fingerprint)
                .order_by(readings.c.id)
            ).all()
        kept = (Kept(row.id, row.at, _kinds(row)) for row in rows)
        going = surplus(kept, horizon.zones) - {row.id for row in rows if row.told}
        yield from _by_id(readings, sorted(going), sa.not_(_named()))


def _kinds(row: Any) -> tuple[str, ...]:
    if not row.complete:
        return ("partial",)
    return ("complete",) if row.value is None else ("complete", "value")


def _named() -> sa.ColumnElement[bool]:
    """That an indicator has the reading as its first or its newest."""
    names = ("first_reading_id", "reading_id", "partial_reading_id")
    return (
        sa.select(indicators.c.fingerprint)
        .where(
            indicators.c.fingerprint == readings.c.indicator,
            sa.or_(*(indicators.c[name] == readings.c.id for name in names)),
        )
        .exists()
    )


def _events(store: Store, horizon: Horizon, keep: Keep, now: datetime) -> Iterator[Batch]:
    past = events.c.at < min(earlier(now, keep.events), horizon.fine_since)
    with store.read() as connection:
        first, oldest = connection.execute(
            sa.select(
                sa.select(sa.func.min(events.c.position))
                .where(events.c.position > 0)
                .scalar_subquery(),
                sa.select(sa.func.max(events.c.position)).where(past).scalar_subquery(),
            )
        ).one()
    if oldest is None:
        return
    # The very first tells this store from every other; the last of the past is where readers who
    # have all before it go on.
    going = sa.and_(past, events.c.position > first, events.c.position < oldest)
    waits = sa.select(outbox.c.position).where(outbox.c.position == events.c.position).exists()

    def remove(positions: Sequence[int]) -> Callable[[sa.Connection], int]:
        def do(connection: sa.Connection) -> int:
            connection.execute(
                sa.update(compactions)
                .where(compactions.c.kind == Kind.EVENTS.value)
                .values(position=oldest)
            )
            which = events.c.position.in_(positions), sa.not_(waits)
            return connection.execute(sa.delete(events).where(*which)).rowcount

        return do

    after = 0
    while True:
        with store.read() as connection:
            query = sa.select(events.c.position).where(
                going, events.c.position > after, sa.not_(waits)
            )
            positions = list(
                connection.execute(query.order_by(events.c.position).limit(BATCH)).scalars()
            )
        if not positions:
            return
        after = positions[-1]
        yield Batch(len(positions), remove(positions))


def _letters(store: Store, horizon: Horizon, keep: Keep, now: datetime) -> Iterator[Batch]:  # noqa: ARG001
    old = outbox.c.dead_at < earlier(now, keep.letters)
    with store.read() as connection:
        rows = connection.execute(sa.select(outbox.c.target, outbox.c.position).where(old)).all()
    which = sa.tuple_(outbox.c.target, outbox.c.position)
    for some in _some([tuple(row) for row in rows]):
        yield Batch(len(some), _deleting(outbox, which.in_(some), old))


def _quarantines(store: Store, horizon: Horizon, keep: Keep, now: datetime) -> Iterator[Batch]:  # noqa: ARG001
    over = quarantines.c.ended_at < horizon.fine_since
    with store.read() as connection:
        ids = list(connection.execute(sa.select(quarantines.c.id).where(over)).scalars())
    yield from _by_id(quarantines, ids, over)


def _verdicts(store: Store, horizon: Horizon, keep: Keep, now: datetime) -> Iterator[Batch]:  # noqa: ARG001
    with store.read() as connection:
        used = {
            row.set_id
            for row in connection.execute(sa.select(indicators.c.fingerprint, indicators.c.set_id))
            if row.fingerprint in horizon.indicators
        }
        retired = [
            row.id
            for row in connection.execute(
                sa.select(verdict_sets.c.id)
                .where(sa.not_(verdict_sets.c.active))
                .order_by(verdict_sets.c.id)
            )
            if row.id not in used
        ]
        left = connection.execute(
            sa.select(scopes.c.id).where(
                sa.not_(scopes.c.active),
                scopes.c.id.not_in(
                    sa.select(verdict_sets.c.scope_id).where(verdict_sets.c.id.in_(used))
                ),
            )
        )
        scope_ids = sorted(left.scalars())
    retired_sets = sa.select(verdict_sets.c.id).where(sa.not_(verdict_sets.c.active))
    retired_scopes = sa.select(scopes.c.id).where(sa.not_(scopes.c.active))
    for set_id in retired:
        # Locked, so that nobody fills it again meanwhile.
        lock = retired_sets.where(verdict_sets.c.id == set_id)
        emptied = sa.update(verdict_sets).where(verdict_sets.c.id == set_id)
        first = [
            emptied.values(filled=False, known_since=None),
            sa.delete(tallies).where(tallies.c.set_id == set_id),
        ]
        of_set = verdicts.c.set_id == set_id
        yield from _by_object(store, verdicts, of_set, lock, first)
    for scope_id in scope_ids:
        lock = retired_scopes.where(scopes.c.id == scope_id)
        for table in (staged_timelines, objects):
            yield from _by_object(store, table, table.c.scope_id == scope_id, lock, [])


def _by_object(
    store: Store,
    table: sa.Table,
    which: sa.ColumnElement[bool],
    lock: sa.Select[Any],
    first: Sequence[sa.UpdateBase],
) -> Iterator[Batch]:
    """Some objects at a time, while what they are of is still not in use."""
    after = ""
    while True:
        with store.read() as connection:
            query = sa.select(table.c.object_id, sa.func.count().label("rows"))
            query = query.where(which, table.c.object_id > after).group_by(table.c.object_id)
            rows = connection.execute(query.order_by(table.c.object_id).limit(BATCH)).all()
        if not rows:
            return
        some = sa.and_(which, table.c.object_id > after, table.c.object_id <= rows[-1].object_id)
        after = rows[-1].object_id

        def remove(connection: sa.Connection, some: sa.ColumnElement[bool] = some) -> int:
            if connection.execute(store.locked(lock)).first() is None:
                return 0
            for statement in first:
                connection.execute(statement)
            return connection.execute(sa.delete(table).where(some)).rowcount

        yield Batch(sum(row.rows for row in rows), remove)


def _circuits(store: Store, horizon: Horizon, keep: Keep, now: datetime) -> Iterator[Batch]:  # noqa: ARG001
    asked = sa.select(scopes.c.source).where(scopes.c.active)
    gone = circuits.c.source.not_in(asked)
    with store.read() as connection:
        names = list(connection.execute(sa.select(circuits.c.source).where(gone)).scalars())
    for some in _some(names):
        yield Batch(len(some), _deleting(circuits, circuits.c.source.in_(some), gone))


def _by_id(table: sa.Table, ids: Sequence[int], *still: sa.ColumnElement[bool]) -> Iterator[Batch]:
    for some in _some(ids):
        yield Batch(len(some), _deleting(table, table.c.id.in_(some), *still))


def _deleting(table: sa.Table, *which: sa.ColumnElement[bool]) -> Callable[[sa.Connection], int]:
    return lambda connection: connection.execute(sa.delete(table).where(*which)).rowcount


def _some(every: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for first in range(0, len(every), BATCH):
        yield every[first : first + BATCH]


FOUND: Mapping[Kind, Found] = {
    Kind.ASSESSMENTS: _assessments,
    Kind.READINGS: _readings,
    Kind.EVENTS: _events,
    Kind.LETTERS: _letters,
    Kind.QUARANTINES: _quarantines,
    Kind.VERDICTS: _verdicts,
    Kind.CIRCUITS: _circuits,
}

TABLES: Mapping[Kind, sa.Table] = {
    Kind.ASSESSMENTS: assessments,
    Kind.READINGS: readings,
    Kind.EVENTS: events,
    Kind.LETTERS: outbox,
    Kind.QUARANTINES: quarantines,
    Kind.VERDICTS: verdicts,
    Kind.CIRCUITS: circuits,
}
"""Where what is kept of each is counted."""
