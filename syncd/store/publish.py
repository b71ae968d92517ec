"""The first of the two transactions: what a run brought, whole or not at all.

A run's verdicts, its cursor and the readings of every indicator on its scope become visible
together, and the key results that read them are marked dirty.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from connectors.base import Aggregation, Batch, Number, Timeline, UpstreamError
from syncd.model import Event
from syncd.store.aggregate import Aggregated, aggregate
from syncd.store.claims import Claim, held
from syncd.store.engine import Store
from syncd.store.events import append_events
from syncd.store.schema import (
    indicators,
    key_results,
    objects,
    readings,
    scopes,
    verdict_sets,
    verdicts,
)
from syncd.store.timelines import apply_stage, clear_stage, stage
from syncd.wording import duration, source_name

REPEAT_AFTER = timedelta(hours=1)
"""An unchanged reading is written down again after this long."""

BACKOFF_MAX = timedelta(hours=1)
"""A failing scope is tried at least this often (or at its own interval, if that is longer)."""


class Held:
    """The objects that the store holds of a claim's scope (the connector's `Known`)."""

    def __init__(self, store: Store, claim: Claim) -> None:
        self._store = store
        self._present = sa.and_(objects.c.scope_id == claim.scope_id, objects.c.present)

    def count(self) -> int:
        """How many are in the scope as far as is known."""
        query = sa.select(sa.func.count()).select_from(objects).where(self._present)
        with self._store.read() as connection:
            return int(connection.execute(query).scalar_one())

    def ids(self) -> Iterator[str]:
        """Their ids."""
        query = sa.select(objects.c.object_id).where(self._present)
        with self._store.read() as connection:
            yield from connection.execute(query).scalars()


def begin(store: Store, claim: Claim) -> None:
    """Prepares the stage; what an earlier run left there stays only if it can be resumed."""
    with store.write() as connection:
        held(store, connection, claim)
        if claim.resume is None:
            clear_stage(connection, claim.scope_id)
            connection.execute(
                sa.update(scopes)
                .where(scopes.c.id == claim.scope_id)
                .values(staged_full=None, staged_resume=None)
            )


def stage_batch(store: Store, claim: Claim, judges: Sequence[str], batch: Batch) -> None:
    """Keeps a batch aside. `judges` are the fingerprints of the job's judges, in its order.

    Where the batch says how to go on from here, so does the store, should this run be cut.
    """
    with store.write() as connection:
        held(store, connection, claim)
        stage(store, connection, claim.scope_id, _addressed(claim, judges, batch))
        if batch.resume is not None:
            connection.execute(
                sa.update(scopes)
                .where(scopes.c.id == claim.scope_id)
                .values(staged_full=True, staged_resume=dict(batch.resume))
            )


def publish_scan(
    store: Store,
    claim: Claim,
    judges: Sequence[str],
    last: Batch,
    *,
    observed_at: datetime,
    now: datetime,
) -> None:
    """Publishes a run whose last batch is `last`. Raises LeaseLost and then writes nothing.

    `observed_at`: when the run began to read; `now`: the moment the readings are for.
    """
    if last.cursor is None:
        raise ValueError("only the last batch of a run carries a cursor, and this one has none")
    full = claim.cursor is None
    with store.write() as connection:
        scope = held(store, connection, claim)
        stage(store, connection, claim.scope_id, _addressed(claim, judges, last))
        apply_stage(
            store, connection, claim.scope_id, list(claim.sets.values()), full=full, now=now
        )
        connection.execute(
            sa.update(verdict_sets)
            .where(verdict_sets.c.id.in_(list(claim.sets.values())))
            .values(filled=True)
        )
        _read_sets(
            connection,
            claim.scope_id,
            observed_at=observed_at,
            now=now,
            complete=not last.partial,
        )
        connection.execute(
            sa.update(scopes)
            .where(scopes.c.id == claim.scope_id)
            .values(
                cursor=dict(last.cursor),
                staged_full=None,
                staged_resume=None,
                next_transition_at=_next_transition(connection, claim.scope_id, now),
                **({"last_full_at": observed_at} if full else {}),
                **_succeeded(claim, observed_at, now),
            )
        )
        _tell_recovery(connection, scope, now)


def publish_number(store: Store, claim: Claim, number: Number, *, now: datetime) -> None:
    """Publishes a number that was read. Raises LeaseLost and then writes nothing."""
    with store.write() as connection:
        scope = held(store, connection, claim)
        rows = connection.execute(
            sa.select(indicators).where(
                indicators.c.scope_id == claim.scope_id, indicators.c.active
            )
        ).all()
        for row in rows:
            _write_reading(
                connection,
                row,
                {
                    "value": number.value,
                    "numerator": number.numerator,
                    "denominator": number.denominator,
                    "pending": None,
                    "objects": number.objects,
                    "complete": not number.partial,
                    "approximate": number.approximate,
                    "lower_bound": False,
                    "details": number.raw,
                },
                observed_at=number.observed_at,
                now=now,
            )
        _mark_dirty(connection, [row.fingerprint for row in rows])
        connection.execute(
            sa.update(scopes)
            .where(scopes.c.id == claim.scope_id)
            .values(last_full_at=now, cursor={}, **_succeeded(claim, number.observed_at, now))
        )
        _tell_recovery(connection, scope, now)


def record_failure(store: Store, claim: Claim, error: UpstreamError, *, now: datetime) -> None:
    """Writes down that a run was cut: readings, cursor and serving set stay as they were.

    The next try comes later with each failure in a row, or when the upstream said it may.
    """
    with store.write() as connection:
        scope = held(store, connection, claim)
        failures = scope.failures + 1
        interval = timedelta(seconds=claim.interval_seconds)
        wait = min(interval * 2 ** min(failures - 1, 10), max(interval, BACKOFF_MAX))
        if error.retry_after_seconds is not None:
            wait = max(wait, timedelta(seconds=error.retry_after_seconds))
        others_fail = connection.execute(
            sa.select(sa.literal(1))
            .where(scopes.c.source == scope.source, scopes.c.active, scopes.c.failures > 0)
            .limit(1)
        ).first()
        connection.execute(
            sa.update(scopes)
            .where(scopes.c.id == claim.scope_id)
            .values(
                lease_token=None,
                lease_until=None,
                failures=failures,
                error_type=error.error_type,
                error_message=str(error),
                failing_since=scope.failing_since or now,
                next_due_at=now + wait,
            )
        )
        found = connection.execute(
            sa.select(indicators.c.fingerprint).where(indicators.c.scope_id == claim.scope_id)
        ).scalars()
        _mark_dirty(connection, list(found))
        if others_fail is None:
            append_events(
                connection,
                [
                    Event(
                        at=now,
                        kind="source.failing",
                        subject=scope.source,
                        title=f"{source_name(scope.source)} does not answer as it should",
                        text=str(error),
                        data={"error_type": error.error_type},
                    )
                ],
            )


def move_by_time(store: Store, *, now: datetime) -> int:
    """Reads again, from the verdicts alone, the scopes whose deadlines have passed by `now`.

    Returns how many moved. A scope whose last run failed is left alone: what happened since is
    unknown, and a deadline that passed unseen is no verdict.
    """
    with store.write() as connection:
        rows = connection.execute(
            store.locked(
                sa.select(scopes)
                .where(
                    scopes.c.active,
                    scopes.c.next_transition_at <= now,
                    scopes.c.failures == 0,
                    scopes.c.last_success_at.is_not(None),
                )
                .order_by(scopes.c.id),
                skip=True,
            )
        ).all()
        for row in rows:
            _read_sets(connection, row.id, observed_at=row.last_success_at, now=now, complete=True)
            connection.execute(
                sa.update(scopes)
                .where(scopes.c.id == row.id)
                .values(next_transition_at=_next_transition(connection, row.id, now))
            )
        return len(rows)


# --------------------------------------------------------------------------------------- parts


def _addressed(claim: Claim, judges: Sequence[str], batch: Batch) -> Iterable[tuple[int, Timeline]]:
    for fingerprint, timelines in zip(judges, batch.timelines, strict=True):
        for timeline in timelines:
            yield claim.sets[fingerprint], timeline


def _succeeded(claim: Claim, observed_at: datetime, now: datetime) -> dict[str, Any]:
    return {
        "lease_token": None,
        "lease_until": None,
        "last_success_at": observed_at,
        "failures": 0,
        "error_type": None,
        "error_message": None,
        "failing_since": None,
        "next_due_at": now + timedelta(seconds=claim.interval_seconds),
    }


def _tell_recovery(connection: sa.Connection, before: Any, now: datetime) -> None:
    if before.failures == 0:
        return
    still = connection.execute(
        sa.select(sa.literal(1))
        .where(scopes.c.source == before.source, scopes.c.active, scopes.c.failures > 0)
        .limit(1)
    ).first()
    if still is None:
        failed_for = duration((now - before.failing_since).total_seconds())
        append_events(
            connection,
            [
                Event(
                    at=now,
                    kind="source.recovered",
                    subject=before.source,
                    title=f"{source_name(before.source)} answers again",
                    text=f"It had failed for {failed_for}.",
                    data={},
                )
            ],
        )


def _read_sets(
    connection: sa.Connection,
    scope_id: int,
    *,
    observed_at: datetime,
    now: datetime,
    complete: bool,
) -> None:
    rows = connection.execute(
        sa.select(indicators).where(
            indicators.c.scope_id == scope_id,
            indicators.c.active,
            indicators.c.set_id.is_not(None),
        )
    ).all()
    aggregated: dict[Any, Aggregated] = {}
    for row in rows:
        how = Aggregation(row.aggregate["how"])
        key = (row.set_id, how, row.aggregate["percentile"])
        if key not in aggregated:
            aggregated[key] = aggregate(connection, *key, now)
        found = aggregated[key]
        _write_reading(
            connection,
            row,
            {
                "value": found.value,
                "numerator": found.numerator,
                "denominator": found.denominator,
                "pending": found.pending,
                "objects": found.objects,
                "complete": complete,
                "approximate": False,
                "lower_bound": found.lower_bound,
                "details": None,
            },
            observed_at=observed_at,
            now=now,
        )
    _mark_dirty(connection, [row.fingerprint for row in rows])


_COMPARED = ("value", "numerator", "denominator", "pending", "objects", "lower_bound")


def _write_reading(
    connection: sa.Connection,
    indicator: Any,
    values: dict[str, Any],
    *,
    observed_at: datetime,
    now: datetime,
) -> None:
    complete = values["complete"]
    newest_id = indicator.reading_id if complete else indicator.partial_reading_id
    newest = None
    if newest_id is not None:
        newest = connection.execute(sa.select(readings).where(readings.c.id == newest_id)).one()
    changes: dict[str, Any] = {}
    if (
        newest is None
        or newest.recorded_at + REPEAT_AFTER <= now
        or any(getattr(newest, name) != values[name] for name in _COMPARED)
    ):
        reading_id = connection.execute(
            sa.insert(readings)
            .values(
                indicator=indicator.fingerprint,
                observed_at=observed_at,
                at=now,
                recorded_at=now,
                origin="live",
                **values,
            )
            .returning(readings.c.id)
        ).scalar_one()
        changes["reading_id" if complete else "partial_reading_id"] = reading_id
        if complete and indicator.first_reading_id is None and values["value"] is not None:
            changes["first_reading_id"] = reading_id
    if complete:
        changes |= {"observed_at": observed_at, "partial_reading_id": None}
    if changes:
        connection.execute(
            sa.update(indicators)
            .where(indicators.c.fingerprint == indicator.fingerprint)
            .values(**changes)
        )
    if complete:
        connection.execute(
            sa.update(key_results)
            .where(
                key_results.c.indicator == indicator.fingerprint,
                key_results.c.serving != indicator.fingerprint,
            )
            .values(serving=indicator.fingerprint)
        )


def _mark_dirty(connection: sa.Connection, fingerprints: Sequence[str]) -> None:
    reads = sa.or_(
        key_results.c.serving.in_(fingerprints), key_results.c.indicator.in_(fingerprints)
    )
    # Locked in the order of ids, as the assessing transaction does, so that neither waits for
    # the other in a circle.
    found = (
        connection.execute(
            sa.select(key_results.c.id)
            .where(key_results.c.active, reads)
            .order_by(key_results.c.id)
            .with_for_update()
            if connection.dialect.name != "sqlite"
            else sa.select(key_results.c.id).where(key_results.c.active, reads)
        )
        .scalars()
        .all()
    )
    connection.execute(sa.update(key_results).where(key_results.c.id.in_(found)).values(dirty=True))


def _next_transition(connection: sa.Connection, scope_id: int, now: datetime) -> datetime | None:
    sets = sa.select(verdict_sets.c.id).where(
        verdict_sets.c.scope_id == scope_id, verdict_sets.c.active
    )
    moment: datetime | None = connection.execute(
        sa.select(sa.func.min(verdicts.c.valid_from, type_=verdicts.c.valid_from.type)).where(
            verdicts.c.set_id.in_(sets), verdicts.c.valid_from > now
        )
    ).scalar_one()
    return moment
