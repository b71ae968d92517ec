"""What is wrong with one judge of a scope alone: its set waits, the others are read without it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from connectors.base import UpstreamError
from syncd.store.claims import Claim, held
from syncd.store.engine import Store
from syncd.store.marking import mark_readers
from syncd.store.schema import indicators, verdict_sets

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
) -> None:
    """Writes down what is wrong with a judge (its fingerprint) of the claim; its verdicts and the
    readings made of them stay as they were. Another try comes later with each failure in a row.
    Raises LeaseLost and then writes nothing.
    """
    with store.write() as connection:
        held(store, connection, claim)
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
