"""Readings of the past: what is known of earlier moments, written down beside what was told.

A live reading is never replaced: a moment that has a reading at or within half a step keeps it.
What is written carries its origin, becomes the indicator's first reading where it is earlier, and
never the newest.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from syncd.compose import PartReadings, combine, matched
from syncd.compose.coverage import composed_of
from syncd.model import Combination, Coverage, Manual, Origin
from syncd.store.codec import COMPOSITION, from_json
from syncd.store.composing import content_of_composed
from syncd.store.contents import content_at
from syncd.store.engine import Store
from syncd.store.leaves import LEAST_STALE_SECONDS, STALE_INTERVALS, leaves_of
from syncd.store.marking import mark_readers
from syncd.store.readings import (
    Content,
    begin_with,
    count_rewriting,
    insert_reading,
    to_reading,
)
from syncd.store.schema import backfills, indicators, readings, scopes, verdict_sets
from syncd.store.sets import can_tell, set_row
from syncd.store.sides import side_members


@dataclass(frozen=True)
class Begun:
    """A backfill as the store has it. `position`: readings up to this moment are written; `untold`:
    what the source could not tell, which is only known once it was asked.
    """

    position: datetime | None
    untold: tuple[str, ...]


@dataclass(frozen=True)
class Past:
    """What is known of some moments, in order; of those that are left out nothing is."""

    contents: tuple[tuple[datetime, Content], ...]


def set_reaches(store: Store, scope: str, judge: str, since: datetime) -> bool:
    """Whether the verdicts of a judge over a scope (fingerprints) tell of `since`."""
    with store.read() as connection:
        row = connection.execute(
            sa.select(verdict_sets)
            .join(scopes, scopes.c.id == verdict_sets.c.scope_id)
            .where(scopes.c.fingerprint == scope, verdict_sets.c.judge == judge)
        ).first()
    return row is not None and can_tell(row, since)


def unfinished(
    store: Store, fingerprint: str, since: datetime, step_seconds: float
) -> Begun | None:
    """The backfill of these moments that was cut; None: there is none to go on with."""
    with store.read() as connection:
        row = connection.execute(
            sa.select(backfills).where(
                backfills.c.indicator == fingerprint,
                backfills.c.since == since,
                backfills.c.step_seconds == step_seconds,
                backfills.c.finished_at.is_(None),
            )
        ).first()
    return None if row is None else Begun(row.position, tuple(row.untold))


def rebuilt_before(store: Store, fingerprint: str, since: datetime) -> tuple[str, ...] | None:
    """What could not be told when the past of an indicator was rebuilt to the end, from `since` or
    from before it; None: it was not.
    """
    with store.read() as connection:
        row = connection.execute(
            sa.select(backfills).where(
                backfills.c.indicator == fingerprint,
                backfills.c.since <= since,
                backfills.c.finished_at.is_not(None),
            )
        ).first()
    return None if row is None else tuple(row.untold)


def begin_backfill(
    store: Store,
    fingerprint: str,
    *,
    since: datetime,
    until: datetime,
    step_seconds: float,
    untold: Sequence[str],
    now: datetime,
) -> None:
    """Notes that the past of an indicator is being written, from its beginning."""
    with store.write() as connection:
        store.upsert(
            connection,
            backfills,
            [
                {
                    "indicator": fingerprint,
                    "since": since,
                    "until": until,
                    "step_seconds": step_seconds,
                    "position": None,
                    "untold": list(untold),
                    "began_at": now,
                    "finished_at": None,
                }
            ],
        )


def past_of(
    store: Store, fingerprint: str, moments: Sequence[datetime], *, step: timedelta
) -> Past:
    """What the store knows of an indicator at some moments, but for what is one number: from its
    verdicts, or from its parts' verdicts and readings.
    """
    with store.read() as connection:
        row = _row(connection, fingerprint)
        plan = None if row.composition is None else from_json(COMPOSITION, row.composition)
        found = []
        for moment in moments:
            content: Content | None = None
            if isinstance(plan, Coverage):
                content = _coverage_at(connection, plan, moment)
            elif isinstance(plan, Combination):
                content = _combination_at(connection, plan, moment, step)
            elif row.set_id is not None and can_tell(set_row(connection, row.set_id), moment):
                content = content_at(connection, row, moment)
            if content is not None:
                found.append((moment, content))
    return Past(tuple(found))


def write_past(
    store: Store,
    fingerprint: str,
    past: Past,
    *,
    step: timedelta,
    position: datetime,
    now: datetime,
) -> int:
    """Writes readings for moments that have none within half a step, and how far this is done;
    returns how many were written.
    """
    half = step / 2
    with store.write() as connection:
        row = connection.execute(
            store.locked(sa.select(indicators).where(indicators.c.fingerprint == fingerprint))
        ).one()
        taken = _taken(connection, fingerprint, past, half)
        written = 0
        for moment, content in past.contents:
            if _is_near(taken, moment, half):
                continue
            reading_id = insert_reading(
                connection,
                fingerprint,
                content,
                observed_at=moment,
                at=moment,
                recorded_at=now,
                origin=Origin.BACKFILL,
            )
            if begin_with(connection, row, reading_id, content, moment):
                row = _row(connection, fingerprint)
            written += 1
        if written:
            count_rewriting(connection, fingerprint)
        connection.execute(
            sa.update(backfills)
            .where(backfills.c.indicator == fingerprint)
            .values(position=position)
        )
        return written


def finish_backfill(
    store: Store, fingerprint: str, *, untold: Sequence[str], now: datetime
) -> datetime | None:
    """Notes that the past of an indicator is written, and marks what reads it: a target may begin
    with an earlier reading now. Returns the moment of the earliest reading that was rebuilt.
    """
    with store.write() as connection:
        connection.execute(
            sa.update(backfills)
            .where(backfills.c.indicator == fingerprint)
            .values(untold=list(untold), finished_at=now)
        )
        mark_readers(connection, [fingerprint])
        first: datetime | None = connection.execute(
            sa.select(sa.func.min(readings.c.at, type_=readings.c.at.type)).where(
                readings.c.indicator == fingerprint, readings.c.origin == Origin.BACKFILL.value
            )
        ).scalar_one()
    return first


# --------------------------------------------------------------------------------------- parts


def _row(connection: sa.Connection, fingerprint: str) -> Any:
    return connection.execute(
        sa.select(indicators).where(indicators.c.fingerprint == fingerprint)
    ).one()


def _taken(
    connection: sa.Connection, fingerprint: str, past: Past, half: timedelta
) -> list[datetime]:
    """The moments around these that have a complete reading, in order."""
    if not past.contents:
        return []
    first, last = past.contents[0][0], past.contents[-1][0]
    return list(
        connection.execute(
            sa.select(readings.c.at)
            .where(
                readings.c.indicator == fingerprint,
                readings.c.complete,
                readings.c.at.between(first - half, last + half),
            )
            .order_by(readings.c.at)
        ).scalars()
    )


def _is_near(taken: Sequence[datetime], moment: datetime, half: timedelta) -> bool:
    after = bisect_left(taken, moment)
    return any(abs(one - moment) <= half for one in taken[max(0, after - 1) : after + 1])


def _coverage_at(connection: sa.Connection, plan: Coverage, at: datetime) -> Content | None:
    sides = []
    for fingerprint in (plan.of, plan.inside):
        row = _row(connection, fingerprint)
        if not can_tell(set_row(connection, row.set_id), at):
            return None
        sides.append(side_members(connection, row, plan, at))
    found = matched(*sides, normalise=plan.normalise, within_seconds=plan.within_seconds, now=at)
    return content_of_composed(composed_of(found, observed_at=at, complete=True))


def _combination_at(
    connection: sa.Connection, plan: Combination, at: datetime, step: timedelta
) -> Content | None:
    parts = {}
    for part in plan.parts:
        row = _row(connection, part.indicator)
        near = _reading_near(connection, row, at, step)
        if near is None:
            return None
        parts[part.indicator] = PartReadings(row.name or row.fingerprint, to_reading(near, None))
    composed = combine(plan, parts)
    return None if composed is None else content_of_composed(composed)


def _reading_near(connection: sa.Connection, row: Any, at: datetime, step: timedelta) -> Any:
    """The complete reading that held at `at`: the newest up to then that was not too old; else one
    within half a step after, in whose favour none was rebuilt.
    """
    its = sa.select(readings).where(readings.c.indicator == row.fingerprint, readings.c.complete)
    plan = None if row.composition is None else from_json(COMPOSITION, row.composition)
    if isinstance(plan, Manual):
        lasts = timedelta(seconds=plan.stale_after_seconds)
    else:
        interval = leaves_of(connection, [row.fingerprint])[row.fingerprint].interval_seconds
        lasts = timedelta(seconds=max(STALE_INTERVALS * interval, LEAST_STALE_SECONDS))
    lasts = max(lasts, step / 2)
    before = connection.execute(
        its.where(readings.c.at <= at, readings.c.at >= at - lasts)
        .order_by(readings.c.at.desc(), readings.c.id.desc())
        .limit(1)
    ).first()
    if before is not None or isinstance(plan, Manual):
        return before
    return connection.execute(
        its.where(readings.c.at > at, readings.c.at <= at + step / 2)
        .order_by(readings.c.at, readings.c.id)
        .limit(1)
    ).first()
