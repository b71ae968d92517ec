"""The two sides of a coverage, as the store holds them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from syncd.compose import Member, Side
from syncd.model import Coverage
from syncd.store.schema import scopes, verdict_sets
from syncd.store.sets import members


def moment_of(connection: sa.Connection, indicator: Any, now: datetime) -> datetime:
    """The moment for which an indicator (its row) is told now: `now`, but while its scope or its
    judge fails, or what was read of it is not believed, the last time it was read: what happened
    since is unknown, and a deadline that passed unseen is no verdict.
    """
    if indicator.scope_id is None:
        return now
    scope = connection.execute(sa.select(scopes).where(scopes.c.id == indicator.scope_id)).one()
    in_doubt = scope.failures or scope.quarantine is not None
    if in_doubt and scope.last_success_at is not None:
        last: datetime = scope.last_success_at
        return last
    if indicator.observed_at is not None and _is_faulty(connection, indicator.set_id):
        observed: datetime = indicator.observed_at
        return observed
    return now


def _is_faulty(connection: sa.Connection, set_id: int | None) -> bool:
    query = sa.select(verdict_sets.c.failures).where(verdict_sets.c.id == set_id)
    return bool(connection.execute(query).scalar_one_or_none())


def side_members(
    connection: sa.Connection, indicator: Any, spec: Coverage, at: datetime
) -> list[Member]:
    """What an indicator (its row) holds at `at` as a side of a coverage."""
    return members(
        connection,
        indicator.scope_id,
        indicator.set_id,
        at,
        passing=indicator.fingerprint == spec.inside,
        lasting=spec.within_seconds is not None,
    )


def side_of(connection: sa.Connection, indicator: Any, spec: Coverage, now: datetime) -> Side:
    """An indicator (its row) as a side of a coverage, as it is told at `now`."""
    scope = connection.execute(sa.select(scopes).where(scopes.c.id == indicator.scope_id)).one()
    at = moment_of(connection, indicator, now)
    return Side(
        name=indicator.name or indicator.measure,
        observed_at=indicator.observed_at,
        # of one whose number is not believed no key is either
        complete=indicator.partial_reading_id is None and indicator.quarantine is None,
        interval_seconds=scope.interval_seconds,
        members=side_members(connection, indicator, spec, at),
    )
