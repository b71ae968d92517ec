"""Writing timelines of verdicts: what a judge says now, merged with what stood before.

The merging itself is pure; it is what keeps history when an object changes, and what makes
judging an object again a no-op.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple, TypeVar

import sqlalchemy as sa
from msgspec.structs import replace

from connectors.base import Outcome, Timeline, Verdict
from connectors.spells import goes_on
from syncd.store.columns import from_microseconds, to_microseconds
from syncd.store.engine import Store
from syncd.store.schema import objects, staged_timelines, verdicts
from syncd.store.tallies import Tally, forget, tally_of

CHUNK = 400
"""Objects a statement: few round trips, and far below any engine's limit of parameters."""

T = TypeVar("T")


def merged(before: Sequence[Verdict], timeline: Timeline) -> list[Verdict]:
    """What holds of an object once `timeline` is known; `before` is what was held so far.

    Without `since` the timeline replaces everything. With it, earlier rows stay, cut at that
    moment, and a row that only says again what the row before it said is joined to it, unless it
    began at another moment.

    >>> from datetime import UTC, datetime
    >>> monday, tuesday = datetime(2026, 1, 5, tzinfo=UTC), datetime(2026, 1, 6, tzinfo=UTC)
    >>> fails = Verdict(monday, None, Outcome.FAIL)
    >>> passes = Verdict(tuesday, None, Outcome.PASS)
    >>> [(v.outcome.value, v.valid_to) for v in merged([fails], Timeline("7", tuesday, (passes,)))]
    [('fail', datetime.datetime(2026, 1, 6, 0, 0, tzinfo=datetime.timezone.utc)), ('pass', None)]
    """
    if timeline.since is None:
        return list(timeline.verdicts)
    since = timeline.since
    kept = [_cut(verdict, since) for verdict in before if verdict.valid_from < since]
    for verdict in timeline.verdicts:
        if kept and goes_on(kept[-1], verdict):
            kept[-1] = replace(kept[-1], valid_to=verdict.valid_to)
        else:
            kept.append(verdict)
    return kept


def ended(before: Sequence[Verdict], at: datetime) -> list[Verdict]:
    """What holds of an object that has been out of the set since `at`."""
    return merged(before, Timeline("", at, ()))


def _cut(verdict: Verdict, at: datetime) -> Verdict:
    if verdict.valid_to is None or verdict.valid_to > at:
        return replace(verdict, valid_to=at)
    return verdict


# ------------------------------------------------------------------------------------- staging


class Moved(NamedTuple):
    """How many objects came into a scope, and how many left it."""

    came: int
    gone: int


def stage(
    store: Store,
    connection: sa.Connection,
    scope_id: int,
    timelines: Iterable[tuple[int, Timeline]],
) -> None:
    """Keeps (set id, timeline) pairs aside until the run is published."""
    for chunk in chunks(timelines, CHUNK):
        store.upsert(
            connection,
            staged_timelines,
            [
                {
                    "scope_id": scope_id,
                    "set_id": set_id,
                    "object_id": timeline.object_id,
                    "since": timeline.since,
                    "verdicts": [_packed(verdict) for verdict in timeline.verdicts],
                    "label": timeline.label,
                    "url": timeline.url,
                }
                # one object may be read twice in a run (pages drift): the later word counts
                for set_id, timeline in {
                    (set_id, timeline.object_id): (set_id, timeline) for set_id, timeline in chunk
                }.values()
            ],
        )


def clear_stage(connection: sa.Connection, scope_id: int) -> None:
    """Forgets what a run had staged."""
    connection.execute(sa.delete(staged_timelines).where(staged_timelines.c.scope_id == scope_id))


def apply_stage(
    store: Store,
    connection: sa.Connection,
    scope: Any,
    set_ids: Sequence[int],
    *,
    full: bool,
    now: datetime,
) -> Moved:
    """Merges what is staged of a scope (its row) into the serving sets and clears the stage; how
    many objects came into the scope by that, and how many left it.

    `full`: the run read everything, so objects that are not staged left the scope by `now`.
    """
    came = gone = 0
    scope_id = scope.id
    for set_id in set_ids:
        if full:
            forget(connection, set_id)
            gone += _end_unseen(connection, scope_id, set_id, now)
        tally: Tally | None = None
        after: str | None = None
        while True:
            query = (
                sa.select(staged_timelines)
                .where(staged_timelines.c.scope_id == scope_id, staged_timelines.c.set_id == set_id)
                .order_by(staged_timelines.c.object_id)
                .limit(CHUNK)
            )
            if after is not None:
                query = query.where(staged_timelines.c.object_id > after)
            rows = connection.execute(query).all()
            if not rows:
                break
            if after is None and not full:
                tally = tally_of(connection, set_id, scope.last_success_at)
            after = rows[-1].object_id
            some = [_timeline(row) for row in rows]
            moved = _merge_chunk(store, connection, scope_id, set_id, some, now, tally)
            came, gone = came + moved.came, gone + moved.gone
        if tally is not None and tally.is_other:
            tally.write(connection)
    clear_stage(connection, scope_id)
    return Moved(came, gone)


def _merge_chunk(
    store: Store,
    connection: sa.Connection,
    scope_id: int,
    set_id: int,
    timelines: Sequence[Timeline],
    now: datetime,
    tally: Tally | None,
) -> Moved:
    before = _rows_of(connection, set_id, [timeline.object_id for timeline in timelines])
    after = {
        timeline.object_id: merged(before.get(timeline.object_id, ()), timeline)
        for timeline in timelines
    }
    for key, rows in _rewrite(connection, set_id, before, after).items():
        if tally is not None:
            tally.rewritten(before.get(key, ()), rows)
    present = [timeline for timeline in timelines if not _has_left(timeline, now)]
    came = len(present) - _present_among(connection, scope_id, [t.object_id for t in present])
    _name(store, connection, scope_id, present, present=True)
    left = [timeline for timeline in timelines if _has_left(timeline, now)]
    return Moved(came, _remember_left(store, connection, scope_id, left))


def _present_among(connection: sa.Connection, scope_id: int, object_ids: Sequence[str]) -> int:
    if not object_ids:
        return 0
    query = sa.select(sa.func.count()).where(
        objects.c.scope_id == scope_id, objects.c.object_id.in_(object_ids), objects.c.present
    )
    return int(connection.execute(query).scalar_one())


def _has_left(timeline: Timeline, now: datetime) -> bool:
    """Whether the object is out of the scope by `now`: it says so, or its past (of one that was
    deleted, say) ends before.
    """
    if timeline.since is None or not timeline.verdicts:
        return timeline.left
    ends_at = timeline.verdicts[-1].valid_to
    return ends_at is not None and ends_at <= now


def _remember_left(
    store: Store, connection: sa.Connection, scope_id: int, left: Sequence[Timeline]
) -> int:
    """Objects that are gone: those with a past keep the name that people knew them by. How many
    were in the scope until now.
    """
    gone = _mark_left(connection, scope_id, [timeline.object_id for timeline in left])
    remembered = [timeline for timeline in left if timeline.verdicts]
    _name(store, connection, scope_id, remembered, present=False)
    return gone


def _name(
    store: Store,
    connection: sa.Connection,
    scope_id: int,
    timelines: Sequence[Timeline],
    *,
    present: bool,
) -> None:
    """Keeps the names that people know the objects by."""
    store.upsert(
        connection,
        objects,
        [
            {
                "scope_id": scope_id,
                "object_id": timeline.object_id,
                "label": timeline.label or timeline.object_id,
                "url": timeline.url,
                "present": present,
            }
            for timeline in timelines
        ],
    )


def _mark_left(connection: sa.Connection, scope_id: int, object_ids: Sequence[str]) -> int:
    if not object_ids:
        return 0
    there = sa.and_(
        objects.c.scope_id == scope_id, objects.c.object_id.in_(object_ids), objects.c.present
    )
    return connection.execute(sa.update(objects).where(there).values(present=False)).rowcount


def _end_unseen(connection: sa.Connection, scope_id: int, set_id: int, now: datetime) -> int:
    staged = (
        sa.select(sa.literal(1))
        .where(
            staged_timelines.c.scope_id == scope_id,
            staged_timelines.c.set_id == set_id,
            staged_timelines.c.object_id == objects.c.object_id,
        )
        .exists()
    )
    query = sa.select(objects.c.object_id).where(objects.c.scope_id == scope_id, ~staged)
    gone = 0
    for unseen in chunks(connection.execute(query).scalars().all(), CHUNK):
        before = _rows_of(connection, set_id, unseen)
        after = {object_id: ended(rows, now) for object_id, rows in before.items()}
        _rewrite(connection, set_id, before, after)
        gone += _mark_left(connection, scope_id, unseen)
    return gone


def _rows_of(
    connection: sa.Connection, set_id: int, object_ids: Sequence[str]
) -> dict[str, list[Verdict]]:
    found: dict[str, list[Verdict]] = defaultdict(list)
    for row in connection.execute(
        sa.select(verdicts)
        .where(verdicts.c.set_id == set_id, verdicts.c.object_id.in_(object_ids))
        .order_by(verdicts.c.object_id, verdicts.c.valid_from)
    ):
        found[row.object_id].append(
            Verdict(
                valid_from=row.valid_from,
                valid_to=row.valid_to,
                outcome=Outcome(row.outcome),
                number=row.number,
                missing=tuple(row.missing or ()),
                keys=tuple(row.keys or ()),
                began=row.began,
            )
        )
    return found


def _rewrite(
    connection: sa.Connection,
    set_id: int,
    before: Mapping[str, Sequence[Verdict]],
    after: Mapping[str, Sequence[Verdict]],
) -> Mapping[str, Sequence[Verdict]]:
    """Writes only what differs: an object judged again to the same end costs a look. Returns what
    was written.
    """
    changed = {key: rows for key, rows in after.items() if list(before.get(key, ())) != list(rows)}
    stale = [key for key in changed if key in before]
    for some in chunks(stale, CHUNK):
        connection.execute(
            sa.delete(verdicts).where(verdicts.c.set_id == set_id, verdicts.c.object_id.in_(some))
        )
    rows: list[dict[str, Any]] = [
        {
            "set_id": set_id,
            "object_id": key,
            "valid_from": verdict.valid_from,
            "valid_to": verdict.valid_to,
            "began": verdict.began,
            "outcome": verdict.outcome.value,
            "number": verdict.number,
            "missing": list(verdict.missing) or None,
            "keys": list(verdict.keys) or None,
        }
        for key, timeline in changed.items()
        for verdict in timeline
    ]
    if rows:
        connection.execute(sa.insert(verdicts), rows)
    return changed


# --------------------------------------------------------------------------------------- forms


def _packed(verdict: Verdict) -> list[Any]:
    return [
        to_microseconds(verdict.valid_from),
        None if verdict.valid_to is None else to_microseconds(verdict.valid_to),
        verdict.outcome.value,
        verdict.number,
        list(verdict.missing),
        list(verdict.keys),
        None if verdict.began is None else to_microseconds(verdict.began),
    ]


def _timeline(row: Any) -> Timeline:
    return Timeline(
        object_id=row.object_id,
        since=row.since,
        label=row.label,
        url=row.url,
        verdicts=tuple(
            Verdict(
                valid_from=from_microseconds(valid_from),
                valid_to=None if valid_to is None else from_microseconds(valid_to),
                outcome=Outcome(outcome),
                number=number,
                missing=tuple(missing),
                keys=tuple(keys),
                began=None if began is None else from_microseconds(began),
            )
            for valid_from, valid_to, outcome, number, missing, keys, began in row.verdicts
        ),
    )


def chunks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Lists of at most `size` items, in order."""
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk
