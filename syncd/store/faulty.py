"""What is wrong with one judge of a scope alone: its set waits, the others are read without it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from connectors.base import UpstreamError
from syncd.model import Event, EventKind
from syncd.store.claims import Claim, held
from syncd.store.engine import Store
from syncd.store.events import append_events
from syncd.store.marking import mark_readers
from syncd.store.naming import indicator_title
from syncd.store.schema import indicators, key_results, verdict_sets
from syncd.tracing import current_id
from syncd.wording import duration

SOUND: Mapping[str, Any] = {
    "failures": 0,
    "error_type": None,
    "error_message": None,
    "failing_since": None,
    "next_try_at": None,
}
"""What a verdict set says of itself when nothing is wrong with its judge."""

BACKOFF_MAX = timedelta(hours=1)
"""A failing scope is tried at least this often (or at its own interval, if that is longer)."""


def patience(claim: Claim, failures: int) -> timedelta:
    """How long to wait before another try after so many failures in a row."""
    interval = timedelta(seconds=claim.interval_seconds)
    doubled: timedelta = interval * 2 ** min(failures - 1, 10)
    return min(doubled, max(interval, BACKOFF_MAX))


def record_fault(
    store: Store, claim: Claim, judge: str, error: UpstreamError, *, now: datetime
) -> Sequence[Event]:
    """Writes down what is wrong with a judge (its fingerprint) of the claim; its verdicts and the
    readings made of them stay as they were. Another try comes later with each failure in a row.
    Returns what that tells of its indicators, if they were sound until now. Raises LeaseLost and
    then writes nothing.
    """
    with store.write() as connection:
        held(connection, claim)
        set_id = claim.sets[judge]
        before = connection.execute(
            sa.select(verdict_sets).where(verdict_sets.c.id == set_id)
        ).one()
        failures = before.failures + 1
        connection.execute(
            sa.update(verdict_sets)
            .where(verdict_sets.c.id == set_id)
            .values(
                failures=failures,
                error_type=error.error_type,
                error_message=str(error),
                failing_since=before.failing_since or now,
                next_try_at=now + patience(claim, failures),
            )
        )
        found = connection.execute(
            sa.select(indicators.c.fingerprint).where(indicators.c.set_id == set_id)
        ).scalars()
        mark_readers(connection, list(found))
        if before.failures > 0:
            return []
        told = _failing(connection, claim.source, set_id, error, now)
        append_events(connection, told)
        return told


def recovered(
    connection: sa.Connection, source: str, sets: Sequence[Any], now: datetime
) -> Sequence[Event]:
    """Tells of those of the verdict sets (their rows as they were before) whose judge is not at
    fault any more; what it told.
    """
    told = [
        Event(
            at=now,
            kind=EventKind.INDICATOR_RECOVERED,
            subject=row.name or row.fingerprint,
            title=f"{indicator_title(connection, row)} is measured again",
            text=f"It could not be for {duration((now - each.failing_since).total_seconds())}.",
            reason="measured",
            before={"failing": True, "error_type": each.error_type},
            after={"failing": False},
            data={"source": source, "key_results": readers_of(connection, row.fingerprint)},
        )
        for each in sets
        if each.failures > 0
        for row in _indicators(connection, each.id)
    ]
    append_events(connection, told)
    return told


def of_the_run() -> Mapping[str, str]:
    """What leads from an event to the log: the id of the run that brought it about."""
    run_id = current_id()
    return {} if run_id is None else {"run_id": run_id}


def _failing(
    connection: sa.Connection, source: str, set_id: int, error: UpstreamError, now: datetime
) -> list[Event]:
    return [
        Event(
            at=now,
            kind=EventKind.INDICATOR_FAILING,
            subject=row.name or row.fingerprint,
            title=f"{indicator_title(connection, row)} cannot be measured",
            text=str(error),
            reason=error.error_type,
            before={"failing": False},
            after={"failing": True, "error_type": error.error_type},
            data={
                "source": source,
                "key_results": readers_of(connection, row.fingerprint),
                **of_the_run(),
            },
        )
        for row in _indicators(connection, set_id)
    ]


def _indicators(connection: sa.Connection, set_id: int) -> Sequence[Any]:
    return connection.execute(
        sa.select(indicators)
        .where(indicators.c.set_id == set_id, indicators.c.active)
        .order_by(indicators.c.fingerprint)
    ).all()


def readers_of(connection: sa.Connection, fingerprint: str) -> list[str]:
    """The keys of the key results that read it themselves."""
    query = sa.select(key_results.c.key).where(
        key_results.c.indicator == fingerprint, key_results.c.active
    )
    return list(connection.execute(query.order_by(key_results.c.key)).scalars())
