"""The first of the two transactions: what a run brought, whole or not at all.

A run's verdicts, its cursor and the readings of every indicator on its scope become visible
together, and the key results that read them are marked dirty.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

import sqlalchemy as sa

from connectors.base import Batch, Number, UpstreamError
from syncd.model import Event, EventKind
from syncd.store.circuits import count_answer, count_failure, give_up_probe
from syncd.store.claims import Claim, held
from syncd.store.contents import content_of
from syncd.store.engine import Store
from syncd.store.events import append_events
from syncd.store.faulty import SOUND, of_the_run, patience, recovered
from syncd.store.marking import mark_readers
from syncd.store.merging import addressed, present, take_in
from syncd.store.moving import next_transition, read_sets
from syncd.store.quarantines import Held as Withheld
from syncd.store.quarantines import readers_of_scope
from syncd.store.readings import write_reading
from syncd.store.schema import indicators, objects, scopes, verdict_sets, verdicts
from syncd.store.timelines import clear_stage, stage
from syncd.wording import duration, source_name

# Made once: to make a statement anew costs more than to run it, and these are run for each number.
_INDICATORS = sa.select(indicators).where(
    indicators.c.scope_id == sa.bindparam("of_scope"), indicators.c.active
)
_CHANGE = sa.update(scopes).where(scopes.c.id == sa.bindparam("of_scope"))


class Shrunk(UpstreamError):
    """Too many objects are gone at once for the past of a scope to be believed."""

    error_type: ClassVar[str] = "shrunk"


@dataclass(frozen=True)
class Cost:
    """What a run took: seconds until it was published, exchanges with the source, bytes."""

    seconds: float
    requests: int
    bytes_received: int


class Held:
    """The objects that the store holds of a claim's scope (the connector's `Known`)."""

    def __init__(self, store: Store, claim: Claim) -> None:
        self._store = store
        self._present = present(claim.scope_id)

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
        held(connection, claim)
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
        held(connection, claim)
        stage(store, connection, claim.scope_id, addressed(claim, judges, batch))
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
    history_since: datetime | None = None,
    cost: Cost | None = None,
) -> Sequence[Event]:
    """Publishes a run whose last batch is `last`; what it tells of sources and indicators that had
    failed, and of what is not believed; too few objects are not taken in. Raises LeaseLost, and
    Shrunk for a run that judged the past of so few; then writes nothing.

    `observed_at`: when the run began to read; `now`: the moment the readings are for;
    `history_since`: the run judged the past as well, from then on.
    """
    if last.cursor is None:
        raise ValueError("only the last batch of a run carries a cursor, and this one has none")
    full = claim.cursor is None
    with store.write() as connection:
        scope = held(connection, claim)
        count_answer(store, connection, scope.source, now)
        taken = take_in(
            store, connection, claim, scope, judges, last, observed_at=observed_at, now=now
        )
        if taken.back:
            if history_since is not None:
                raise Shrunk(f"{scope.source}: too many objects are gone at once to be believed")
            return _hold(connection, claim, scope, taken, observed_at, now, cost)
        untold = {claim.sets[one]: last.untold_for(place) for place, one in enumerate(judges)}
        guilty = _fill(connection, claim, last, untold, observed_at, history_since)
        doubted = read_sets(
            connection,
            claim.scope_id,
            before=scope.last_success_at,
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
                next_transition_at=next_transition(connection, claim.scope_id, now),
                **({"last_full_at": observed_at} if full else {}),
                **_succeeded(claim, scope, observed_at, now, cost),
            )
        )
        told = [*taken.told, *doubted]
        append_events(connection, told)
        told += _tell_recovery(connection, scope, now)
        return [*told, *recovered(connection, scope.source, guilty, now)]


def _hold(
    connection: sa.Connection,
    claim: Claim,
    scope: Any,
    taken: Withheld,
    observed_at: datetime,
    now: datetime,
    cost: Cost | None,
) -> Sequence[Event]:
    """The source has answered, and what it said is not taken in: cursor, verdicts and readings stay
    as they were, and the next run reads the same again.
    """
    succeeded = _succeeded(claim, scope, observed_at, now, cost)
    connection.execute(
        sa.update(scopes)
        .where(scopes.c.id == claim.scope_id)
        .values(
            **succeeded | {"last_success_at": scope.last_success_at},
            staged_full=None,
            staged_resume=None,
        )
    )
    rows = readers_of_scope(connection, claim.scope_id)
    mark_readers(connection, [row.fingerprint for row in rows])
    append_events(connection, taken.told)
    return [*taken.told, *_tell_recovery(connection, scope, now)]


def publish_number(
    store: Store, claim: Claim, number: Number, *, now: datetime, cost: Cost | None = None
) -> Sequence[Event]:
    """Publishes a number that was read; what it tells of its source, if that had failed, and of the
    number, if it is not believed. Raises LeaseLost and then writes nothing.
    """
    with store.write() as connection:
        scope = held(connection, claim)
        count_answer(store, connection, scope.source, now)
        rows = connection.execute(_INDICATORS, {"of_scope": claim.scope_id}).all()
        content, at = content_of(number), number.observed_at
        told = [
            event
            for row in rows
            for event in write_reading(connection, row, content, observed_at=at, now=now)
        ]
        mark_readers(connection, [row.fingerprint for row in rows])
        changes = {"last_full_at": now, "cursor": {}, **_succeeded(claim, scope, at, now, cost)}
        connection.execute(_CHANGE, {"of_scope": claim.scope_id, **changes})
        append_events(connection, told)
        return [*told, *_tell_recovery(connection, scope, now)]


def record_failure(
    store: Store, claim: Claim, error: UpstreamError, *, now: datetime
) -> Sequence[Event]:
    """Writes down that a run was cut: readings, cursor and serving set stay as they were. Returns
    what that tells of the source, if it was sound until now.

    The next try comes later with each failure in a row, or when the upstream said it may.
    """
    with store.write() as connection:
        scope = held(connection, claim)
        if error.of_source:
            count_failure(store, connection, scope.source, claim.token, error, now)
        elif error.answered:
            count_answer(store, connection, scope.source, now)
        else:
            give_up_probe(connection, claim.token, now)
        failures = scope.failures + 1
        wait = patience(claim, failures)
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
        mark_readers(connection, list(found))
        if others_fail is not None:
            return []
        told = [
            Event(
                at=now,
                kind=EventKind.SOURCE_FAILING,
                subject=scope.source,
                title=f"{source_name(scope.source)} does not answer as it should",
                text=str(error),
                reason=error.error_type,
                before={"failing": False},
                after={"failing": True, "error_type": error.error_type},
                data=of_the_run(),
            )
        ]
        append_events(connection, told)
        return told


# --------------------------------------------------------------------------------------- parts


def _fill(
    connection: sa.Connection,
    claim: Claim,
    last: Batch,
    untold: Mapping[int, Sequence[str]],
    observed_at: datetime,
    history_since: datetime | None,
) -> Sequence[Any]:
    """The claim's sets are filled; since when they can tell is settled. Returns the rows of those
    whose judge was at fault until now.

    A history that left something untold (by set id) can tell from its first row on, at the
    earliest: before that, no rows may mean no objects, or a log that does not reach so far.
    """
    rows = connection.execute(
        sa.select(verdict_sets).where(verdict_sets.c.id.in_(list(claim.sets.values())))
    ).all()
    for row in rows:
        known_since = None
        if not row.retrospective:
            known_since = row.known_since or observed_at
            if history_since is not None and not last.partial:
                reaches = history_since
                if untold[row.id]:
                    reaches = max(history_since, _first_row(connection, row.id) or observed_at)
                known_since = min(known_since, reaches)
        connection.execute(
            sa.update(verdict_sets)
            .where(verdict_sets.c.id == row.id)
            .values(filled=True, known_since=known_since, **SOUND)
        )
    return [row for row in rows if row.failures > 0]


def _first_row(connection: sa.Connection, set_id: int) -> datetime | None:
    first: datetime | None = connection.execute(
        sa.select(sa.func.min(verdicts.c.valid_from, type_=verdicts.c.valid_from.type)).where(
            verdicts.c.set_id == set_id
        )
    ).scalar_one()
    return first


def _succeeded(
    claim: Claim, scope: Any, observed_at: datetime, now: datetime, cost: Cost | None
) -> dict[str, Any]:
    spent = {}
    if cost is not None:
        spent = {
            "last_seconds": cost.seconds,
            "last_requests": cost.requests,
            "last_bytes": cost.bytes_received,
        }
    return spent | {
        "lease_token": None,
        "lease_until": None,
        "last_success_at": observed_at,
        "failures": 0,
        "error_type": None,
        "error_message": None,
        "failing_since": None,
        # A change that was noticed during the run may have been missed by it.
        "next_due_at": now if scope.again else now + timedelta(seconds=claim.interval_seconds),
        "again": False,
    }


def _tell_recovery(connection: sa.Connection, before: Any, now: datetime) -> Sequence[Event]:
    if before.failures == 0:
        return []
    still = connection.execute(
        sa.select(sa.literal(1))
        .where(scopes.c.source == before.source, scopes.c.active, scopes.c.failures > 0)
        .limit(1)
    ).first()
    if still is not None:
        return []
    failed_for = duration((now - before.failing_since).total_seconds())
    told = [
        Event(
            at=now,
            kind=EventKind.SOURCE_RECOVERED,
            subject=before.source,
            title=f"{source_name(before.source)} answers again",
            text=f"It had failed for {failed_for}.",
            reason="answers",
            before={"failing": True, "error_type": before.error_type},
            after={"failing": False},
        )
    ]
    append_events(connection, told)
    return told
