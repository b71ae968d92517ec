"""A person believes what no run has confirmed yet: a number is told at once, a scope read again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from syncd.model import Quarantine
from syncd.store.engine import Store
from syncd.store.events import append_events
from syncd.store.marking import mark_readers
from syncd.store.quarantines import Open, open_quarantines, readers_of_scope
from syncd.store.readings import accept_reading
from syncd.store.schema import indicators, quarantines, scopes


class NothingHeld(Exception):
    """Nothing of this indicator is held back."""


class Impossible(Exception):
    """What is held back cannot be, whoever says so."""


@dataclass(frozen=True)
class Accepted:
    """What was accepted. `told`: it is told from now on; else its scope is read again first."""

    seen: Quarantine
    told: bool


def accept(store: Store, fingerprint: str, *, by: str, reason: str, now: datetime) -> Accepted:
    """Writes down that `by` believes what is held back of an indicator, and why. Raises NothingHeld
    and Impossible.
    """
    with store.write() as connection:
        row = _locked(store, connection, fingerprint)
        held = open_quarantines(connection).get(fingerprint)
        if not held:
            raise NothingHeld("nothing of it is held back")
        first = held[0]
        if first.seen.needed is None:
            raise Impossible("such a number cannot be, whoever accepts it")
        accepted = replace(first, seen=replace(first.seen, accepted_by=by, accepted_reason=reason))
        connection.execute(
            sa.update(quarantines)
            .where(quarantines.c.id == first.number)
            .values(accepted_by=by, accepted_reason=reason, accepted_at=now)
        )
        if first.scope_id is None:
            told = accept_reading(connection, row, accepted, now=now)
            mark_readers(connection, [fingerprint])
            append_events(connection, told)
        else:
            _read_again(connection, accepted, now)
        return Accepted(accepted.seen, told=first.scope_id is None)


def _locked(store: Store, connection: sa.Connection, fingerprint: str) -> Any:
    """The indicator's row, locked as publishing and composing lock it, its scope first: no run
    decides meanwhile, and what one has just decided is seen.
    """
    its = indicators.c.fingerprint == fingerprint
    of = sa.select(indicators.c.scope_id).where(its).scalar_subquery()
    connection.execute(store.locked(sa.select(scopes.c.id).where(scopes.c.id == of))).all()
    return connection.execute(store.locked(sa.select(indicators).where(its))).one()


def _read_again(connection: sa.Connection, held: Open, now: datetime) -> None:
    """The scope is due now; a run that is under way may have begun before it was accepted."""
    connection.execute(
        sa.update(scopes)
        .where(scopes.c.id == held.scope_id)
        .values(next_due_at=now, again=scopes.c.lease_token.is_not(None))
    )
    if held.scope_id is not None:
        rows = readers_of_scope(connection, held.scope_id)
        mark_readers(connection, [row.fingerprint for row in rows])
