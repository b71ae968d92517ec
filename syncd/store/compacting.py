"""Compacting the past: claimed kind by kind, in small transactions, each under its lease.

What is removed is counted in the transaction that removes it. A worker that dies leaves a lease
that ends by itself, and the next one begins with what is left.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from syncd.store.columns import Moment
from syncd.store.engine import Store
from syncd.store.horizon import horizon
from syncd.store.removing import FOUND, TABLES, Keep, Kind
from syncd.store.schema import compactions

LEASE = timedelta(minutes=5)

_COARSE = frozenset({Kind.ASSESSMENTS, Kind.READINGS})
"""Of which the past is kept to the day, and not at all no more."""

Removing = Callable[[Kind, int], None]
"""Told how many rows were removed of a kind just now."""


@dataclass(frozen=True)
class Compacted:
    """What was removed of a kind, in rows, and how many are kept (None: not counted). `seconds`:
    how long it took. `taken`: False where another worker was at it, so that nothing was done.
    """

    kind: Kind
    removed: int
    kept: int | None
    seconds: float
    taken: bool = True


def compact(
    store: Store,
    now: Callable[[], datetime],
    keep: Keep,
    *,
    every: timedelta,
    due: bool = True,
    removing: Removing | None = None,
    stopping: Callable[[], bool] = lambda: False,
) -> list[Compacted]:
    """Removes of each kind what is kept no longer, and says when it is due again: in `every`.
    `due`: only of kinds whose turn has come. `stopping` is asked between two transactions; what is
    left then is due at once.
    """
    done = []
    for kind in Kind:
        token = _claim(store, kind, now(), due=due)
        if token is None:
            if not due:
                done.append(Compacted(kind, 0, None, 0.0, taken=False))
            continue
        began = time.monotonic()
        removed = 0
        ended = True
        for some in _removed(store, now, keep, kind, token):
            removed += some
            if removing is not None:
                removing(kind, some)
            if stopping():
                ended = False
                break
        seconds = time.monotonic() - began
        kept = _finish(store, kind, token, now(), every=every, seconds=seconds, ended=ended)
        done.append(Compacted(kind, removed, kept, seconds))
        if not ended:
            break
    if any(one.removed for one in done):
        store.give_back()
    return done


def would_go(store: Store, keep: Keep, now: datetime) -> Iterator[tuple[Kind, int]]:
    """How many rows of each kind would be removed now, some at a time; changes nothing. Of readings
    perhaps fewer than are: those that only assessments keep which would go too are not among them.
    """
    with store.read() as connection:
        found = horizon(connection, now, keep.fine)
    for kind in Kind:
        yield kind, 0
        for batch in FOUND[kind](store, found, keep, now):
            yield kind, batch.found


def coarse_before(connection: sa.Connection) -> datetime | None:
    """Of what is earlier than this the last of each day is kept; None: all is kept."""
    query = sa.select(sa.func.max(compactions.c.before, type_=Moment()))
    found: datetime | None = connection.execute(query).scalar_one()
    return found


# --------------------------------------------------------------------------------------- parts


def _claim(store: Store, kind: Kind, now: datetime, *, due: bool) -> str | None:
    of_kind = compactions.c.kind == kind.value
    free = [
        of_kind,
        sa.or_(compactions.c.lease_token.is_(None), compactions.c.lease_until <= now),
        *([compactions.c.next_due_at <= now] if due else []),
    ]
    with store.read() as connection:
        # Looked at without the writer's lock: most of the time there is nothing.
        known = connection.execute(sa.select(compactions.c.kind).where(of_kind)).first()
        if known and not connection.execute(sa.select(compactions.c.kind).where(*free)).first():
            return None
    token = secrets.token_hex(8)
    with store.write() as connection:
        new = store.insert(compactions).values(kind=kind.value, next_due_at=now)
        connection.execute(new.on_conflict_do_nothing(index_elements=["kind"]))
        taken = connection.execute(
            sa.update(compactions).where(*free).values(lease_token=token, lease_until=now + LEASE)
        )
        return token if taken.rowcount else None


def _removed(
    store: Store, now: Callable[[], datetime], keep: Keep, kind: Kind, token: str
) -> Iterator[int]:
    """How many rows each transaction removed; ends when another has taken over."""
    with store.read() as connection:
        found = horizon(connection, now(), keep.fine)
    held = sa.and_(compactions.c.kind == kind.value, compactions.c.lease_token == token)
    for batch in FOUND[kind](store, found, keep, now()):
        with store.write() as connection:
            # Said with the first that goes, so that nobody takes what is left for all there was.
            said = {"before": _later(found.fine_since)} if kind in _COARSE else {}
            still = connection.execute(
                sa.update(compactions).where(held).values(lease_until=now() + LEASE, **said)
            )
            if not still.rowcount:
                return
            gone = batch.remove(connection)
            connection.execute(
                sa.update(compactions).where(held).values(removed=compactions.c.removed + gone)
            )
        yield gone


def _later(moment: datetime) -> sa.ColumnElement[datetime]:
    """The column's moment or this one, whichever is later."""
    column = compactions.c.before
    return sa.case((column > moment, column), else_=sa.literal(moment, Moment()))


def _finish(
    store: Store,
    kind: Kind,
    token: str,
    now: datetime,
    *,
    every: timedelta,
    seconds: float,
    ended: bool,
) -> int:
    with store.read() as connection:
        kept = int(
            connection.execute(sa.select(sa.func.count()).select_from(TABLES[kind])).scalar_one()
        )
    values = {"next_due_at": now + every, "finished_at": now, "seconds": seconds, "kept": kept}
    with store.write() as connection:
        connection.execute(
            sa.update(compactions)
            .where(compactions.c.kind == kind.value, compactions.c.lease_token == token)
            .values(lease_token=None, lease_until=None, **(values if ended else {}))
        )
    return kept
