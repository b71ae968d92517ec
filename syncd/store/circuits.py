"""A source that fails as a whole is left alone for a growing while, then tried by one run alone.

The circuit of a source opens when several runs in a row, whatever they asked, failed in a way that
says more of the source than of the question. While it is open nothing is asked: what comes due is
written down as failing, for the same reason. When its time has come one run is let through (half
open); if the source answers, all that failed is due at once, else it is left alone twice as long.
Kept in the store, so that replicas share it. Its row is locked before those of scopes and key
results, so that nobody waits in a circle.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from connectors.base import UpstreamError
from syncd.store.engine import Store
from syncd.store.marking import mark_readers
from syncd.store.schema import circuits, indicators, scopes

FAILURES = 3
"""So many runs in a row open the circuit."""

FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(minutes=15)
"""How long a source is left alone at first, and at most unless it asks for more itself."""


class CircuitState(StrEnum):
    """Whether a source is asked: as usual, not at all, or by one run alone."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


@dataclass(frozen=True)
class Circuit:
    """A source's circuit. `retry_at`: when one run is let through, or (half open) when the one that
    is under way is given up; None while it is closed.
    """

    state: CircuitState = CircuitState.CLOSED
    retry_at: datetime | None = None
    opened_at: datetime | None = None
    error_type: str | None = None
    error_message: str | None = None

    @property
    def lets_one_through(self) -> bool:
        """Whether one run may find out if the source answers again."""
        return self.state is CircuitState.OPEN and self.retry_at is None


_CLOSED: Mapping[str, Any] = {
    "failures": 0,
    "trips": 0,
    "error_type": None,
    "error_message": None,
    "opened_at": None,
    "retry_at": None,
    "probe": None,
}

_OPEN = (
    sa.select(circuits)
    .where(
        circuits.c.opened_at.is_not(None),
        circuits.c.source.in_(sa.bindparam("sources", expanding=True)),
    )
    .order_by(circuits.c.source)
    .with_for_update(key_share=True)  # which SQLite is not told of
)
_FAILING = sa.select(circuits).where(
    circuits.c.source == sa.bindparam("of_source"), circuits.c.failures > 0
)


def circuits_at(connection: sa.Connection, now: datetime) -> dict[str, Circuit]:
    """The circuits that are not closed, by source."""
    query = sa.select(circuits).where(circuits.c.opened_at.is_not(None))
    return {row.source: _circuit(row, now) for row in connection.execute(query)}


def lock_open(
    connection: sa.Connection, sources: Collection[str], now: datetime
) -> dict[str, Circuit]:
    """The same of these sources, held until the transaction ends: one claims the trying run."""
    rows = connection.execute(_OPEN, {"sources": sorted(sources)})
    return {row.source: _circuit(row, now) for row in rows}


def begin_probe(connection: sa.Connection, source: str, token: str, until: datetime) -> None:
    """The claim of this token finds out if the source answers again, `until` its lease ends."""
    connection.execute(
        sa.update(circuits).where(circuits.c.source == source).values(probe=token, retry_at=until)
    )


def give_up_probe(connection: sa.Connection, token: str, now: datetime) -> None:
    """The claim of this token ended without telling: another may find out at once."""
    connection.execute(
        sa.update(circuits).where(circuits.c.probe == token).values(probe=None, retry_at=now)
    )


def hold_back(
    store: Store, connection: sa.Connection, source: str, circuit: Circuit, now: datetime
) -> None:
    """What is due of the source fails unasked, for the circuit's reason, and is due again when the
    circuit or its own interval says so, whichever is later.
    """
    rows = connection.execute(
        store.locked(
            sa.select(scopes)
            .where(
                scopes.c.active,
                scopes.c.source == source,
                scopes.c.next_due_at <= now,
                sa.or_(scopes.c.lease_token.is_(None), scopes.c.lease_until <= now),
            )
            .order_by(scopes.c.id),
            skip=True,
        )
    ).all()
    if not rows:
        return
    connection.execute(
        sa.update(scopes).where(scopes.c.id == sa.bindparam("of_scope")),
        [
            {
                "of_scope": row.id,
                "lease_token": None,
                "lease_until": None,
                "failures": max(row.failures, 1),
                "error_type": circuit.error_type,
                "error_message": circuit.error_message,
                "failing_since": row.failing_since or now,
                "next_due_at": max(
                    now + timedelta(seconds=row.interval_seconds), circuit.retry_at or now
                ),
            }
            for row in rows
        ],
    )
    newly = [row.id for row in rows if row.failures == 0]
    if newly:
        found = connection.execute(
            sa.select(indicators.c.fingerprint).where(indicators.c.scope_id.in_(newly))
        ).scalars()
        mark_readers(connection, list(found))


def count_failure(
    store: Store,
    connection: sa.Connection,
    source: str,
    token: str,
    error: UpstreamError,
    now: datetime,
) -> None:
    """The run of this token failed; `error` is one of the source's own (`of_source`)."""
    connection.execute(
        store.insert(circuits)
        .values(source=source, failures=0, trips=0)
        .on_conflict_do_nothing(index_elements=["source"])
    )
    row = connection.execute(
        store.locked(sa.select(circuits).where(circuits.c.source == source))
    ).one()
    failures = row.failures + 1
    said: dict[str, Any] = {"error_type": error.error_type, "error_message": str(error)}
    changed: dict[str, Any] = {"failures": failures, **said}
    opens = row.opened_at is None and failures >= FAILURES
    # runs that were under way when it opened say nothing new
    if opens or (row.probe is not None and row.probe == token):
        trips = row.trips + 1
        changed |= {
            "trips": trips,
            "opened_at": row.opened_at or now,
            "retry_at": now + _wait(trips, error.retry_after_seconds),
            "probe": None,
        }
    connection.execute(sa.update(circuits).where(circuits.c.source == source).values(**changed))


def count_answer(store: Store, connection: sa.Connection, source: str, now: datetime) -> None:
    """The source answered, if only that it refuses the query: it is asked as usual again, and what
    failed with it is due at once.
    """
    asked = {"of_source": source}
    if connection.execute(_FAILING, asked).first() is None:
        return
    row = connection.execute(store.locked(_FAILING), asked).first()
    if row is None:
        return
    connection.execute(sa.update(circuits).where(circuits.c.source == source).values(**_CLOSED))
    if row.opened_at is None:
        return
    failed = connection.execute(
        store.locked(
            sa.select(scopes.c.id)
            .where(
                scopes.c.source == source,
                scopes.c.active,
                scopes.c.failures > 0,
                scopes.c.error_type.in_(_of_source()),
                scopes.c.lease_token.is_(None),
                scopes.c.next_due_at > now,
            )
            .order_by(scopes.c.id),
            skip=True,
        )
    ).scalars()
    connection.execute(
        sa.update(scopes).where(scopes.c.id.in_(list(failed))).values(next_due_at=now)
    )


def _circuit(row: Any, now: datetime) -> Circuit:
    waits = row.retry_at is not None and row.retry_at > now
    state = CircuitState.HALF_OPEN if waits and row.probe is not None else CircuitState.OPEN
    return Circuit(
        state=state,
        retry_at=row.retry_at if waits else None,
        opened_at=row.opened_at,
        error_type=row.error_type,
        error_message=row.error_message,
    )


def _wait(trips: int, asked_seconds: float | None) -> timedelta:
    doubled: timedelta = FIRST_WAIT * 2 ** min(trips - 1, 10)
    return max(min(doubled, LONGEST_WAIT), timedelta(seconds=asked_seconds or 0.0))


def _of_source(kind: type[UpstreamError] = UpstreamError) -> list[str]:
    """The types of errors that are the source's own, those of other connectors' packages too."""
    own = [kind.error_type] if kind.of_source else []
    return [*own, *(one for each in kind.__subclasses__() for one in _of_source(each))]
