"""Notes, pauses and overrides: what people say of key results, written down and told.

Only ever added to. A withdrawal, and that an end was told, are columns set once. Who writes locks
the key result first, as assessing does, so that every end is told exactly once: by who withdraws
or replaces, or by the first transaction that finds it has run out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from syncd.model import Adjustment, AdjustmentKind, Event, KeyResult, Status
from syncd.store import adjusting_events as telling
from syncd.store.codec import KEY_RESULT, from_json
from syncd.store.engine import Store
from syncd.store.events import append_events
from syncd.store.schema import adjustments, key_results

_SAID = sa.select(adjustments, key_results.c.definition).join(
    key_results, key_results.c.key == adjustments.c.key_result
)

# Made once: to make a statement anew costs more than to run it, and these are run for each judging.
_ALL_SAID = _SAID.order_by(adjustments.c.since, adjustments.c.id)
_SAID_OF = _ALL_SAID.where(adjustments.c.key_result.in_(sa.bindparam("keys", expanding=True)))
_OVER = (
    sa.update(adjustments)
    .where(
        adjustments.c.key_result.in_(sa.bindparam("keys", expanding=True)),
        adjustments.c.kind != AdjustmentKind.NOTE.value,
        adjustments.c.until <= sa.bindparam("now", type_=adjustments.c.until.type),
        adjustments.c.end_told_at.is_(None),
    )
    .values(end_told_at=sa.bindparam("now", type_=adjustments.c.until.type))
    .returning(adjustments.c.id)
)


class NoKeyResult(Exception):
    """There is no active key result with this id."""


class NoAdjustment(Exception):
    """There is no note, pause or override with this number."""


class HasEnded(Exception):
    """It was withdrawn, replaced or ran out before; it cannot end twice."""


@dataclass(frozen=True)
class Withdrawal:
    """Who took it back, when, and why."""

    at: datetime
    by: str
    reason: str


@dataclass(frozen=True)
class AdjustmentView:
    """What was said of a key result, in whose timezone its days are, and its withdrawal, if there
    was one.
    """

    key_result: str
    timezone: str
    said: Adjustment
    withdrawn: Withdrawal | None

    def in_force_at(self, now: datetime) -> bool:
        """Whether it changes what is told: never true of a note."""
        return self.withdrawn is None and _lasts(self.said, now)


def say(
    store: Store,
    key: str,
    kind: AdjustmentKind,
    *,
    by: str,
    reason: str,
    since: datetime,
    now: datetime,
    until: datetime | None = None,
    status: Status | None = None,
) -> AdjustmentView:
    """Writes down what `by` says of a key result, and tells it. A pause or an override replaces the
    one of its kind that is in force. Raises NoKeyResult.
    """
    with store.write() as connection:
        row, kr = _locked(store, connection, key)
        events = tell_ends(connection, [key], now)
        if kind is not AdjustmentKind.NOTE:
            events += _replace(connection, key, kr, kind, by, now)
        number = connection.execute(
            sa.insert(adjustments)
            .values(
                key_result=key,
                kind=kind.value,
                status=None if status is None else status.value,
                by=by,
                reason=reason,
                since=since,
                until=until,
                recorded_at=now,
            )
            .returning(adjustments.c.id)
        ).scalar_one()
        said = Adjustment(str(number), kind, by, reason, since, until, status)
        measured = None if row.current is None else Status(row.current["raw_status"])
        _mark(connection, key)
        append_events(connection, [*events, telling.begun(key, kr, said, measured, now)])
        return AdjustmentView(key, kr.timezone, said, None)


def withdraw(
    store: Store, number: int, *, of: str | None, by: str, reason: str, now: datetime
) -> AdjustmentView:
    """Takes back what was said (of the key result `of`, if that is given): it ends now, and stays
    visible. Tells it. Raises NoAdjustment, HasEnded, and NoKeyResult where that is no more active.
    """
    with store.write() as connection:
        query = _SAID.where(adjustments.c.id == number)
        if of is not None:
            query = query.where(adjustments.c.key_result == of)
        found = connection.execute(query).first()
        if found is None:
            whose = "" if of is None else f" of {of}"
            raise NoAdjustment(f"there is no note, pause or override {number}{whose}")
        key = found.key_result
        _, kr = _locked(store, connection, key)
        events = tell_ends(connection, [key], now)
        # read again: it may have ended while the key result was waited for
        before = _view(connection.execute(query).one())
        is_note = before.said.kind is AdjustmentKind.NOTE
        if before.withdrawn is not None or not (is_note or _lasts(before.said, now)):
            raise HasEnded(f"the {before.said.kind.value} {number} of {key} has ended already")
        taken = _withdraw(connection, number, Withdrawal(now, by, reason))
        _mark(connection, key)
        told = telling.withdrawn(key, kr, before.said, by=by, reason=reason, now=now)
        append_events(connection, [*events, told])
        return replace(before, withdrawn=taken)


def tell_ends(connection: sa.Connection, keys: Collection[str], now: datetime) -> list[Event]:
    """The events of what ran out by `now` and was not told; marks it told, so that nobody gets
    these again. The caller has locked the key results, and appends the events.
    """
    found = connection.execute(_OVER, {"keys": list(keys), "now": now}).scalars().all()
    if not found:
        return []
    query = _SAID.where(adjustments.c.id.in_(found))
    return [
        telling.ran_out(row.key_result, from_json(KEY_RESULT, row.definition), _view(row).said, now)
        for row in connection.execute(query.order_by(adjustments.c.until, adjustments.c.id))
    ]


def adjustments_of(
    connection: sa.Connection,
    keys: Collection[str] | sa.Select[tuple[str]] | None = None,
    *,
    told_by: datetime | None = None,
) -> dict[str, tuple[Adjustment, ...]]:
    """What judgement may know of each key result (None: of all), oldest first. What was withdrawn
    ended then; a note that was withdrawn is left out. `told_by`: what it could know at that moment.
    """
    found = defaultdict(list)
    for view in adjustment_views(connection, keys, told_by=told_by):
        said = view.said
        if view.withdrawn is not None:
            if said.until is None:
                continue
            said = replace(said, until=min(said.until, view.withdrawn.at))
        found[view.key_result].append(said)
    return {key: tuple(said) for key, said in found.items()}


def adjustment_views(
    connection: sa.Connection,
    keys: Collection[str] | sa.Select[tuple[str]] | None = None,
    *,
    told_by: datetime | None = None,
) -> list[AdjustmentView]:
    """All that was ever said of these key results (None: of all), oldest first. `told_by`: what had
    been said by that moment, and not what became of it later.
    """
    query, asked = _ALL_SAID, {}
    if isinstance(keys, sa.Select):
        query = query.where(adjustments.c.key_result.in_(keys))
    elif keys is not None:
        query, asked = _SAID_OF, {"keys": list(keys)}
    if told_by is None:
        return [_view(row) for row in connection.execute(query, asked)]
    query = query.where(adjustments.c.recorded_at <= told_by)
    return [_as_of(_view(row), told_by) for row in connection.execute(query, asked)]


def _as_of(view: AdjustmentView, told_by: datetime) -> AdjustmentView:
    if view.withdrawn is None or view.withdrawn.at <= told_by:
        return view
    return replace(view, withdrawn=None)


def _locked(store: Store, connection: sa.Connection, key: str) -> tuple[Any, KeyResult]:
    row = connection.execute(
        store.locked(sa.select(key_results).where(key_results.c.key == key, key_results.c.active))
    ).first()
    if row is None:
        raise NoKeyResult(f"there is no key result {key!r}")
    return row, from_json(KEY_RESULT, row.definition)


def _replace(
    connection: sa.Connection,
    key: str,
    kr: KeyResult,
    kind: AdjustmentKind,
    by: str,
    now: datetime,
) -> list[Event]:
    events = []
    for view in adjustment_views(connection, [key]):
        if view.said.kind is kind and view.in_force_at(now):
            _withdraw(connection, int(view.said.id), Withdrawal(now, by, "replaced"))
            events.append(telling.replaced(key, kr, view.said, by, now))
    return events


def _withdraw(connection: sa.Connection, number: int, taken: Withdrawal) -> Withdrawal:
    # who withdraws tells the end, so nobody else will
    connection.execute(
        sa.update(adjustments)
        .where(adjustments.c.id == number, adjustments.c.withdrawn_at.is_(None))
        .values(
            withdrawn_at=taken.at,
            withdrawn_by=taken.by,
            withdrawn_reason=taken.reason,
            end_told_at=taken.at,
        )
    )
    return taken


def _mark(connection: sa.Connection, key: str) -> None:
    connection.execute(sa.update(key_results).where(key_results.c.key == key).values(dirty=True))


def _lasts(said: Adjustment, now: datetime) -> bool:
    return said.until is not None and said.since <= now < said.until


def _view(row: Any) -> AdjustmentView:
    withdrawn = None
    if row.withdrawn_at is not None:
        withdrawn = Withdrawal(row.withdrawn_at, row.withdrawn_by, row.withdrawn_reason)
    return AdjustmentView(
        key_result=row.key_result,
        timezone=row.definition["timezone"],
        said=Adjustment(
            id=str(row.id),
            kind=AdjustmentKind(row.kind),
            by=row.by,
            reason=row.reason,
            since=row.since,
            until=row.until,
            status=None if row.status is None else Status(row.status),
        ),
        withdrawn=withdrawn,
    )
