"""Numbers that are not believed, held back where a reading would be written.

The row of an indicator, and that of a scope, names the row of `quarantines` that holds it back.
Rows are written in the transaction that would have told the number, by whoever has the lease of
its scope, so that replicas decide once. What is told of it is returned: whoever appends it to the
feed does so last, because others wait for that.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from connectors.base import Dimension
from syncd.doubting import doubt_of, doubt_words, go_on, shrink_doubt
from syncd.model import Doubt, Doubted, DoubtKind, Event, Plausible, Quarantine
from syncd.store.codec import PLAUSIBLE, from_json
from syncd.store.quarantine_events import begun_events, ended_events
from syncd.store.schema import indicators, quarantines, readings, scopes

CONFIRMED = "confirmed"
ACCEPTED = "accepted"
IN_BOUNDS = "in_bounds"
UNMEASURED = "unmeasured"

Json = Any


@dataclass(frozen=True)
class Held:
    """Whether something is held back, and what is told because of it."""

    back: bool
    told: Sequence[Event] = ()


@dataclass(frozen=True)
class Open:
    """A quarantine that has not ended, by its number, and what it is of: an indicator, or a scope
    (then `scope_id`). `content`: all that the reading would say.
    """

    number: int
    seen: Quarantine
    scope_id: int | None = None
    content: Mapping[str, Json] | None = None


def limits_in(row: Any) -> Plausible:
    """What an indicator's numbers are held to (its row); one written down before there were limits
    is held to none.
    """
    return Plausible() if row.plausible is None else from_json(PLAUSIBLE, row.plausible)


def hold_number(
    connection: sa.Connection,
    indicator: Any,
    content: Any,
    newest: Any,
    *,
    observed_at: datetime,
    now: datetime,
) -> Held:
    """Whether what a reading would say (`content`) is held back, for an indicator (its row) whose
    newest reading is `newest` (its row, None: there is none). One that is partial is not judged,
    and so not doubted; it changes nothing.
    """
    if not content.complete:
        return Held(back=False)
    before = _open(connection, indicator.quarantine)
    limits = limits_in(indicator)
    doubt = None
    if content.value is not None:
        good = _last_good(connection, indicator.fingerprint, newest)
        doubt = doubt_of(content.value, limits, good, outside=indicator.outside)
    if doubt is None:
        return Held(False, _end(connection, [indicator], before, IN_BOUNDS, content.value, now))
    after = go_on(None if before is None else before.seen, doubt, observed_at, limits)
    if after is None:
        how = _how(before)
        return Held(False, _end(connection, [indicator], before, how, content.value, now))
    kept = asdict(content) if math.isfinite(content.value) else None
    number = _keep(connection, before, after, kept, indicator=indicator.fingerprint)
    if before is not None:
        return Held(back=True)
    connection.execute(
        sa.update(indicators)
        .where(indicators.c.fingerprint == indicator.fingerprint)
        .values(quarantine=number)
    )
    return Held(True, begun_events(connection, [indicator], after, now))


@dataclass(frozen=True)
class Counted:
    """How many objects a scope had, and has by what a run brought. `vouched`: its source has
    looked, and those that went are there, and in the scope no more; then only a declared limit
    counts.
    """

    before: int
    after: int
    vouched: bool = False

    def doubt(self, limits: Plausible) -> Doubt | None:
        """Why it is not believed; None: it is."""
        if limits.shrink_ratio is None and self.vouched:
            return None
        return shrink_doubt(self.before, self.after, limits.shrink_ratio)


def limits_of_scope(rows: Sequence[Any]) -> Plausible:
    """What a scope is held to, by the rows of its indicators: the strictest that is declared of it.
    Runs confirm it as the most cautious of those that read it would have it.
    """
    found = Plausible()
    for one in map(limits_in, rows):
        found = found.and_also(Plausible(shrink_ratio=one.shrink_ratio, confirm=one.confirm))
    return found


def hold_scope(
    connection: sa.Connection,
    scope: Any,
    rows: Sequence[Any],
    counted: Counted,
    *,
    observed_at: datetime,
    now: datetime,
) -> Held:
    """Whether what a run brought of a scope (its row, and those of its indicators) is held back."""
    limits = limits_of_scope(rows)
    doubt = counted.doubt(limits)
    before, left = _open(connection, scope.quarantine), counted.after
    if doubt is None:
        return Held(False, _end(connection, rows, before, IN_BOUNDS, left, now))
    after = go_on(None if before is None else before.seen, doubt, observed_at, limits)
    if after is None:
        return Held(False, _end(connection, rows, before, _how(before), left, now))
    number = _keep(connection, before, after, None, scope_id=scope.id)
    connection.execute(sa.update(scopes).where(scopes.c.id == scope.id).values(quarantine=number))
    return Held(True, () if before is not None else begun_events(connection, rows, after, now))


def readers_of_scope(connection: sa.Connection, scope_id: int) -> Sequence[Any]:
    """The rows of the active indicators on a scope."""
    return connection.execute(
        sa.select(indicators)
        .where(indicators.c.scope_id == scope_id, indicators.c.active)
        .order_by(indicators.c.fingerprint)
    ).all()


# made once, and run for each judging
_OPEN = sa.select(quarantines).where(quarantines.c.ended_at.is_(None)).order_by(quarantines.c.id)


def open_quarantines(connection: sa.Connection) -> dict[str, list[Open]]:
    """All that has not ended, by the fingerprint of the indicator whose number it holds back; what
    its scope is held back by comes first.
    """
    rows = connection.execute(_OPEN).all()
    found: dict[str, list[Open]] = {}
    if not rows:
        return found
    by_number = {row.id: row for row in rows}
    query = (
        sa.select(
            indicators.c.fingerprint, indicators.c.quarantine, scopes.c.quarantine.label("of_scope")
        )
        .join(scopes, scopes.c.id == indicators.c.scope_id, isouter=True)
        .where(
            sa.or_(
                indicators.c.quarantine.in_(by_number),
                scopes.c.quarantine.in_(by_number),
            )
        )
    )
    for row in connection.execute(query):
        for number in (row.of_scope, row.quarantine):
            if number in by_number:
                found.setdefault(row.fingerprint, []).append(_opened(by_number[number]))
    return found


def doubts_of(connection: sa.Connection, within: Mapping[str, Sequence[str]]) -> dict[str, Doubted]:
    """What is not believed of what each of these indicators is made of, itself first; `within` has
    the fingerprints of that. Of what is sound there is nothing.
    """
    found = open_quarantines(connection)
    if not found:
        return {}
    rows = {
        row.fingerprint: row
        for row in connection.execute(
            sa.select(indicators).where(indicators.c.fingerprint.in_(found))
        )
    }
    doubts: dict[str, Doubted] = {}
    for whole, parts in within.items():
        held = next((part for part in parts if part in found), None)
        if held is None:
            continue
        row, seen = rows[held], found[held][0].seen
        words = doubt_words(seen.doubt, Dimension(row.dimension), row.unit)
        if held != whole:
            words = f"{row.name or row.measure}: {words}"
        doubts[whole] = Doubted(seen.doubt.kind, words, seen.since)
    return doubts


def end_accepted(
    connection: sa.Connection, indicator: Any, held: Open, now: datetime
) -> Sequence[Event]:
    """Ends the quarantine of an indicator's number because a person has accepted it."""
    return _end(connection, [indicator], held, ACCEPTED, held.seen.doubt.value, now)


def end_unmeasured(connection: sa.Connection, now: datetime) -> None:
    """Ends what is held back of indicators and scopes that are not measured any more: no run comes
    to confirm it, and nobody is to accept what nothing reads. The feed tells why by itself.
    """
    for table, key, of in (
        (indicators, indicators.c.fingerprint, quarantines.c.indicator),
        (scopes, scopes.c.id, quarantines.c.scope_id),
    ):
        left = sa.and_(sa.not_(table.c.active), table.c.quarantine.is_not(None))
        connection.execute(
            sa.update(quarantines)
            .where(quarantines.c.ended_at.is_(None), of.in_(sa.select(key).where(left)))
            .values(ended_at=now, ended_how=UNMEASURED)
        )
        connection.execute(sa.update(table).where(left).values(quarantine=None))


def doubted_spells(
    connection: sa.Connection, fingerprint: str
) -> list[tuple[datetime, datetime | None]]:
    """From when until when (None: still) what was read of an indicator was not believed, and nobody
    has confirmed it since.
    """
    rows = connection.execute(
        sa.select(quarantines)
        .where(quarantines.c.indicator == fingerprint)
        .order_by(quarantines.c.id)
    )
    found = []
    for row in rows:
        believed = row.ended_how in (CONFIRMED, ACCEPTED)
        found.append((row.since, row.alike_since if believed else row.ended_at))
    return found


# --------------------------------------------------------------------------------------- parts


def _how(before: Open | None) -> str:
    """How what was doubted comes to be believed by a run that says the same."""
    return CONFIRMED if before is None or before.seen.accepted_by is None else ACCEPTED


def _last_good(connection: sa.Connection, fingerprint: str, newest: Any) -> float | None:
    """The value of the newest complete reading that has one."""
    if newest is None or newest.value is not None:
        return None if newest is None else float(newest.value)
    value: float | None = connection.execute(
        sa.select(readings.c.value)
        .where(
            readings.c.indicator == fingerprint,
            readings.c.complete,
            readings.c.value.is_not(None),
        )
        .order_by(readings.c.at.desc(), readings.c.id.desc())
        .limit(1)
    ).scalar_one_or_none()
    return value


def _open(connection: sa.Connection, number: int | None) -> Open | None:
    if number is None:
        return None
    return _opened(
        connection.execute(sa.select(quarantines).where(quarantines.c.id == number)).one()
    )


def _opened(row: Any) -> Open:
    value = math.nan if row.value is None else row.value
    return Open(
        row.id,
        Quarantine(
            Doubt(DoubtKind(row.kind), value, row.good, row.beyond, row.relative),
            since=row.since,
            alike_since=row.alike_since,
            observed_at=row.observed_at,
            agreed=row.agreed,
            needed=row.needed,
            earliest=row.earliest,
            accepted_by=row.accepted_by,
            accepted_reason=row.accepted_reason,
        ),
        row.scope_id,
        row.content,
    )


def _keep(
    connection: sa.Connection,
    before: Open | None,
    seen: Quarantine,
    content: Mapping[str, Json] | None,
    *,
    indicator: str | None = None,
    scope_id: int | None = None,
) -> int:
    """Writes a quarantine down as it is now; its number."""
    doubt = seen.doubt
    values = {
        "kind": doubt.kind.value,
        "value": doubt.value if math.isfinite(doubt.value) else None,
        "good": doubt.good,
        "beyond": doubt.limit,
        "relative": doubt.relative,
        "content": content,
        "since": seen.since,
        "alike_since": seen.alike_since,
        "observed_at": seen.observed_at,
        "agreed": seen.agreed,
        "needed": seen.needed,
        "earliest": seen.earliest,
        "accepted_by": seen.accepted_by,
        "accepted_reason": seen.accepted_reason,
    }
    if before is not None:
        connection.execute(
            sa.update(quarantines).where(quarantines.c.id == before.number).values(**values)
        )
        return before.number
    return int(
        connection.execute(
            sa.insert(quarantines)
            .values(indicator=indicator, scope_id=scope_id, **values)
            .returning(quarantines.c.id)
        ).scalar_one()
    )


def _end(
    connection: sa.Connection,
    rows: Sequence[Any],
    held: Open | None,
    how: str,
    value: float | None,
    now: datetime,
) -> Sequence[Event]:
    if held is None:
        return ()
    connection.execute(
        sa.update(quarantines)
        .where(quarantines.c.id == held.number)
        .values(ended_at=now, ended_how=how)
    )
    table, key = (
        (indicators, indicators.c.quarantine)
        if held.scope_id is None
        else (scopes, scopes.c.quarantine)
    )
    connection.execute(sa.update(table).where(key == held.number).values(quarantine=None))
    return ended_events(connection, rows, held.seen, how, value, now)
