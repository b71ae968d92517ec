"""Claiming what is due: scopes are rows, and a lease says who reads one until when."""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

import sqlalchemy as sa

from syncd.store.circuits import (
    Circuit,
    CircuitState,
    begin_probe,
    give_up_probe,
    hold_back,
    lock_open,
)
from syncd.store.engine import Store
from syncd.store.rates import lock_sources
from syncd.store.schema import scopes, verdict_sets

# Made once: to make a statement anew costs more than to run it, and these are run for each claim.
_SETS = sa.select(verdict_sets).where(
    verdict_sets.c.scope_id == sa.bindparam("of_scope"), verdict_sets.c.active
)
_NOW = sa.bindparam("now", type_=scopes.c.next_due_at.type)
_DUE = (
    # of a source, and read by nobody, the longest overdue first; SQLite is not told of locks
    sa.select(scopes)
    .where(
        scopes.c.active,
        scopes.c.next_due_at <= _NOW,
        sa.or_(scopes.c.lease_token.is_(None), scopes.c.lease_until <= _NOW),
        scopes.c.source == sa.bindparam("of_source"),
    )
    .order_by(scopes.c.next_due_at, scopes.c.id)
    .limit(sa.bindparam("free"))
    .with_for_update(key_share=True, skip_locked=True)
)
_LIVE = (
    sa.select(scopes.c.source, sa.func.count().label("live"))
    .where(
        scopes.c.source.in_(sa.bindparam("sources", expanding=True)),
        scopes.c.lease_token.is_not(None),
        scopes.c.lease_until > _NOW,
    )
    .group_by(scopes.c.source)
)
_CHANGE = sa.update(scopes).where(scopes.c.id == sa.bindparam("of_scope"))
_HELD = (
    sa.select(scopes)
    .where(scopes.c.id == sa.bindparam("of_scope"), scopes.c.lease_token == sa.bindparam("token"))
    .with_for_update(key_share=True)
)


class LeaseLost(Exception):
    """Another worker has taken the scope over; nothing of this run may be written."""


@dataclass(frozen=True)
class Claim:
    """A scope that this worker may read until `lease_until`.

    `sets` maps judge fingerprints to set ids; `faulty` those that are at fault by themselves to
    when they are worth another try. `cursor` None: read everything. `resume` goes on with a full
    read that was cut.
    """

    scope_id: int
    fingerprint: str
    source: str
    kind: str
    token: str
    lease_until: datetime
    interval_seconds: float
    sets: Mapping[str, int]
    cursor: Mapping[str, Any] | None
    resume: Mapping[str, Any] | None
    faulty: Mapping[str, datetime] = field(default_factory=dict)

    def reading(self, judges: Collection[str]) -> Claim:
        """The claim as one for these judges only. One that was at fault missed what changed since,
        so that everything is read again.
        """
        sets = {judge: self.sets[judge] for judge in self.sets if judge in judges}
        if any(judge in self.faulty for judge in judges):
            return replace(self, sets=sets, cursor=None, resume=None)
        return replace(self, sets=sets)


def claim_due(
    store: Store,
    *,
    now: datetime,
    room: Mapping[str, int],
    lease_seconds: float,
    full_every_seconds: float,
    at_once: Mapping[str, int] | None = None,
) -> list[Claim]:
    """Takes due scopes, the longest overdue first, at most `room[source]` of each source, and no
    more than leave `at_once[source]` live leases of it with all workers together (None: any).

    A scope whose last full read is older than `full_every_seconds` is read in full. Scopes held
    by a live lease are passed over; those of a dead worker come back when its lease ends. A source
    whose circuit is open gets none, or one that finds out whether it answers again.
    """
    claims: list[Claim] = []
    if not any(room.values()):
        return claims
    left = dict(room)
    until = now + timedelta(seconds=lease_seconds)
    with store.write() as connection:
        trying = _only_one_through(store, connection, left, now)
        if at_once is not None:
            _no_more_than(store, connection, left, at_once, now)
        # Only what is taken is locked: the rest is for others.
        for row in chain.from_iterable(
            connection.execute(_DUE, {"of_source": source, "now": now, "free": free}).all()
            for source, free in left.items()
            if free > 0
        ):
            full_is_due = (
                row.last_full_at is None
                or row.last_full_at + timedelta(seconds=full_every_seconds) <= now
            )
            full = row.cursor is None or full_is_due or bool(row.staged_full)
            claim = _claim_on(connection, row, until, full=full)
            claims.append(claim)
            if row.source in trying:
                _take(connection, [claim], now)  # what is held back is the others
                begin_probe(connection, row.source, claim.token, until)
                held_back = replace(
                    trying[row.source], state=CircuitState.HALF_OPEN, retry_at=until
                )
                hold_back(store, connection, row.source, held_back, now)
        _take(connection, [one for one in claims if one.source not in trying], now)
    return claims


def _only_one_through(
    store: Store, connection: sa.Connection, left: dict[str, int], now: datetime
) -> dict[str, Circuit]:
    """Takes from `left` what open circuits forbid; those that let one run through."""
    found = lock_open(connection, left, now)
    for source, circuit in found.items():
        if circuit.lets_one_through:
            left[source] = min(left[source], 1)
        else:
            left[source] = 0
            hold_back(store, connection, source, circuit, now)
    return {source: circuit for source, circuit in found.items() if circuit.lets_one_through}


def _no_more_than(
    store: Store,
    connection: sa.Connection,
    left: dict[str, int],
    at_once: Mapping[str, int],
    now: datetime,
) -> None:
    """Takes from `left` what the leases of all workers leave no room for. Whoever claims of a
    source waits here for who does so at the same time, so that both count right.
    """
    limited = sorted(source for source, free in left.items() if free > 0 and source in at_once)
    lock_sources(store, connection, limited)
    found = connection.execute(_LIVE, {"sources": limited, "now": now})
    live = {row.source: row.live for row in found}
    for source in limited:
        left[source] = min(left[source], at_once[source] - live.get(source, 0))


def claim_whole(
    store: Store, fingerprint: str, *, now: datetime, lease_seconds: float
) -> Claim | None:
    """Takes the active scope of this fingerprint, due or not, to be read in full from its
    beginning. None while another worker holds it, or when there is none.
    """
    with store.write() as connection:
        row = connection.execute(
            store.locked(
                sa.select(scopes).where(
                    scopes.c.fingerprint == fingerprint,
                    scopes.c.active,
                    sa.or_(scopes.c.lease_token.is_(None), scopes.c.lease_until <= now),
                )
            )
        ).first()
        if row is None:
            return None
        until = now + timedelta(seconds=lease_seconds)
        claim = replace(_claim_on(connection, row, until, full=True), resume=None)
        _take(connection, [claim], now)
        return claim


def _take(connection: sa.Connection, claims: Sequence[Claim], now: datetime) -> None:
    """Writes the leases down."""
    if claims:
        connection.execute(
            _CHANGE,
            [
                {
                    "of_scope": one.scope_id,
                    "lease_token": one.token,
                    "lease_until": one.lease_until,
                    "last_attempt_at": now,
                    "again": False,
                }
                for one in claims
            ],
        )


def _claim_on(connection: sa.Connection, row: Any, until: datetime, *, full: bool) -> Claim:
    # a number is judged by nobody, and there are thousands of them
    sets = [] if row.kind == "number" else connection.execute(_SETS, {"of_scope": row.id}).all()
    return Claim(
        scope_id=row.id,
        fingerprint=row.fingerprint,
        source=row.source,
        kind=row.kind,
        token=secrets.token_hex(8),
        lease_until=until,
        interval_seconds=row.interval_seconds,
        sets={s.judge: s.id for s in sets},
        cursor=None if full else row.cursor,
        resume=row.staged_resume if full and row.staged_full else None,
        faulty={s.judge: s.next_try_at for s in sets if s.failures > 0},
    )


def held(connection: sa.Connection, claim: Claim) -> Any:
    """The scope's row, locked, if the claim still holds; else raises LeaseLost."""
    row = connection.execute(_HELD, {"of_scope": claim.scope_id, "token": claim.token}).first()
    if row is None:
        raise LeaseLost(f"scope {claim.fingerprint} was taken over by another worker")
    return row


def release(store: Store, claim: Claim, *, now: datetime) -> None:
    """Gives a claim back unread: the scope is due as it was. Harmless when the lease is lost."""
    with store.write() as connection:
        give_up_probe(connection, claim.token, now)
        connection.execute(
            sa.update(scopes)
            .where(scopes.c.id == claim.scope_id, scopes.c.lease_token == claim.token)
            .values(lease_token=None, lease_until=None)
        )


def count_due(store: Store, *, now: datetime) -> int:
    """How many active scopes are due, claimed ones included."""
    with store.read() as connection:
        return int(
            connection.execute(
                sa.select(sa.func.count())
                .select_from(scopes)
                .where(scopes.c.active, scopes.c.next_due_at <= now)
            ).scalar_one()
        )


def next_moment(store: Store) -> datetime | None:
    """When the next scope is due or moves by itself, or None when nothing is scheduled."""
    with store.read() as connection:
        due, moves = connection.execute(
            sa.select(
                sa.func.min(scopes.c.next_due_at, type_=scopes.c.next_due_at.type),
                sa.func.min(scopes.c.next_transition_at, type_=scopes.c.next_due_at.type),
            ).where(scopes.c.active)
        ).one()
    return min((moment for moment in (due, moves) if moment is not None), default=None)


def postpone(store: Store, claim: Claim, *, now: datetime, until: datetime) -> None:
    """Gives a claim back unread, not to be claimed before `until`."""
    with store.write() as connection:
        give_up_probe(connection, claim.token, now)
        connection.execute(
            sa.update(scopes)
            .where(scopes.c.id == claim.scope_id, scopes.c.lease_token == claim.token)
            .values(lease_token=None, lease_until=None, next_due_at=until)
        )


def make_due(
    store: Store,
    source: str,
    matches: Callable[[Mapping[str, Any], Sequence[Any]], bool],
    *,
    now: datetime,
) -> int:
    """Makes the active scopes of a source due at once where `matches` (the scope's definition, the
    definitions of its judges) says so; returns how many it did.

    A scope that is being read runs once more when that run has ended: what changed meanwhile may
    have been missed. One whose last run failed keeps its time, because a hint must not undo what
    the source asked for; its next run reads what changed all the same.
    """
    with store.read() as connection:
        judges: dict[int, list[Any]] = defaultdict(list)
        for row in connection.execute(
            sa.select(verdict_sets.c.scope_id, verdict_sets.c.definition)
            .join(scopes, scopes.c.id == verdict_sets.c.scope_id)
            .where(verdict_sets.c.active, scopes.c.active, scopes.c.source == source)
            .order_by(verdict_sets.c.id)
        ):
            judges[row.scope_id].append(row.definition)
        wanted = [
            row.id
            for row in connection.execute(
                sa.select(scopes.c.id, scopes.c.definition)
                .where(scopes.c.active, scopes.c.source == source)
                .order_by(scopes.c.id)
            )
            if matches(row.definition, judges[row.id])
        ]
    if not wanted:
        return 0
    with store.write() as connection:
        found = connection.execute(
            store.locked(
                sa.select(scopes)
                .where(scopes.c.id.in_(wanted), scopes.c.active, scopes.c.failures == 0)
                .order_by(scopes.c.id)
            )
        ).all()
        for row in found:
            connection.execute(
                sa.update(scopes)
                .where(scopes.c.id == row.id)
                .values(next_due_at=min(row.next_due_at, now), again=row.lease_token is not None)
            )
        return len(found)
