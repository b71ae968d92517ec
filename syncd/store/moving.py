"""Readings made of the verdicts that a scope has: when a run has brought some, and when time moves
them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from syncd.model import Event
from syncd.store.aggregate import aggregate_of, is_of_counts
from syncd.store.contents import content_at
from syncd.store.engine import Store
from syncd.store.events import Tell, append_events, nobody
from syncd.store.marking import mark_readers
from syncd.store.readings import Content, write_reading
from syncd.store.schema import indicators, scopes, verdict_sets, verdicts
from syncd.store.tallies import counted


def move_by_time(store: Store, *, now: datetime, tell: Tell = nobody) -> int:
    """Reads again, from the verdicts alone, the scopes whose deadlines have passed by `now`.

    Returns how many moved; `tell` hears what the feed says of that. A scope whose last run failed,
    or is not believed, is left alone: what happened since is unknown, and a deadline that passed
    unseen is no verdict.
    """
    told: list[Event] = []
    with store.write() as connection:
        rows = connection.execute(
            store.locked(
                sa.select(scopes)
                .where(
                    scopes.c.active,
                    scopes.c.next_transition_at <= now,
                    scopes.c.failures == 0,
                    scopes.c.quarantine.is_(None),
                    scopes.c.last_success_at.is_not(None),
                )
                .order_by(scopes.c.id),
                skip=True,
            )
        ).all()
        for row in rows:
            told += read_sets(
                connection,
                row.id,
                before=row.last_success_at,
                observed_at=row.last_success_at,
                now=now,
                complete=True,
            )
            connection.execute(
                sa.update(scopes)
                .where(scopes.c.id == row.id)
                .values(next_transition_at=next_transition(connection, row.id, now))
            )
        append_events(connection, told)
    tell(told)
    return len(rows)


def read_sets(
    connection: sa.Connection,
    scope_id: int,
    *,
    before: datetime | None,
    observed_at: datetime,
    now: datetime,
    complete: bool,
) -> Sequence[Event]:
    """Writes the readings that the sets of a scope make at `now`; what that tells, for the feed.
    `observed_at`: when what they say was read, `before`: what they said before.
    """
    rows = connection.execute(
        sa.select(indicators)
        .join(verdict_sets, verdict_sets.c.id == indicators.c.set_id)
        .where(
            indicators.c.scope_id == scope_id,
            indicators.c.active,
            # of one at fault nothing is known beyond what was read before
            verdict_sets.c.failures == 0,
        )
    ).all()
    # Several indicators may show the same aggregate of one set; it is made once.
    made: dict[tuple[Any, ...], Content] = {}
    sets = {
        row.set_id
        for row in rows
        if row.fixed_at is None and is_of_counts(aggregate_of(row.aggregate))
    }
    counts = {
        one: counted(connection, one, now, before=before, under=observed_at) for one in sorted(sets)
    }
    told: list[Event] = []
    for row in rows:
        at = row.fixed_at or now
        key = (row.set_id, *sorted(row.aggregate.items()), at)
        if key not in made:
            known = counts.get(row.set_id) if row.fixed_at is None else None
            made[key] = content_at(connection, row, at, complete=complete, counts=known)
        told += write_reading(connection, row, made[key], observed_at=observed_at, now=now)
    mark_readers(connection, [row.fingerprint for row in rows])
    return told


def next_transition(connection: sa.Connection, scope_id: int, now: datetime) -> datetime | None:
    """When time alone moves a scope next; None: nothing is known to."""
    sets = sa.select(verdict_sets.c.id).where(
        verdict_sets.c.scope_id == scope_id,
        verdict_sets.c.active,
        verdict_sets.c.failures == 0,
    )
    moment: datetime | None = connection.execute(
        sa.select(sa.func.min(verdicts.c.valid_from, type_=verdicts.c.valid_from.type)).where(
            verdicts.c.set_id.in_(sets), verdicts.c.valid_from > now
        )
    ).scalar_one()
    return moment
