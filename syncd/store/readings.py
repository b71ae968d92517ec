"""Writing readings down: what is new, what only confirms, and which one is the newest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from connectors.base import Aggregation
from syncd.doubting import is_outside
from syncd.model import Event, Origin, Reading
from syncd.store.quarantines import Open, end_accepted, hold_number, limits_in
from syncd.store.schema import IS_ACTIVE, indicators, key_results, readings

REPEAT_AFTER = timedelta(hours=1)
"""An unchanged reading is written down again after this long."""

_COMPARED = (
    "value",
    "numerator",
    "denominator",
    "pending",
    "objects",
    "approximate",
    "lower_bound",
)

Json = Any

# Made once: to make a statement anew costs more than to run it, and these are run for each reading.
_ONE = sa.select(readings).where(readings.c.id == sa.bindparam("of_id"))
_ADD = sa.insert(readings).returning(readings.c.id)
_CHANGE = sa.update(indicators).where(indicators.c.fingerprint == sa.bindparam("of_indicator"))
_SERVE = (
    sa.update(key_results)
    .where(
        IS_ACTIVE,
        key_results.c.indicator == sa.bindparam("of_indicator"),
        key_results.c.serving != sa.bindparam("of_indicator"),
    )
    .values(serving=sa.bindparam("of_indicator"), revision=key_results.c.revision + 1)
)


@dataclass(frozen=True)
class Content:
    """What a reading says, without its times."""

    value: float | None
    numerator: float | None = None
    denominator: float | None = None
    pending: int | None = None
    objects: int | None = None
    complete: bool = True
    approximate: bool = False
    lower_bound: bool = False
    details: Json = None


def write_reading(
    connection: sa.Connection,
    indicator: Any,
    content: Content,
    *,
    observed_at: datetime,
    now: datetime,
) -> Sequence[Event]:
    """Tells the newest reading of an indicator (its row), unless it is not believed: then the last
    one stays as it is. Returns what that tells, for the feed; whoever calls appends it, last.
    """
    newest = _newest(connection, indicator, content)
    held = hold_number(connection, indicator, content, newest, observed_at=observed_at, now=now)
    if not held.back:
        tell_reading(connection, indicator, content, newest, observed_at=observed_at, now=now)
    return held.told


def accept_reading(
    connection: sa.Connection, indicator: Any, held: Open, *, now: datetime
) -> Sequence[Event]:
    """Tells the reading that is held back of an indicator (its row), and ends that; what it tells,
    as `write_reading` does.
    """
    content = Content(**held.content or {})
    observed_at = held.seen.observed_at
    newest = _newest(connection, indicator, content)
    tell_reading(connection, indicator, content, newest, observed_at=observed_at, now=now)
    return end_accepted(connection, indicator, held, now)


def _newest(connection: sa.Connection, indicator: Any, content: Content) -> Any:
    newest_id = indicator.reading_id if content.complete else indicator.partial_reading_id
    if newest_id is None:
        return None
    return connection.execute(_ONE, {"of_id": newest_id}).one()


def tell_reading(
    connection: sa.Connection,
    indicator: Any,
    content: Content,
    newest: Any,
    *,
    observed_at: datetime,
    now: datetime,
) -> None:
    """Tells a reading that is believed: a new one where something differs or the last (`newest`) is
    an hour old, else the last one is confirmed. One that is read as of a past moment is written
    down again only when it differs.
    """
    fixed_at: datetime | None = indicator.fixed_at
    changes: dict[str, Any] = {}
    if (
        newest is None
        or (fixed_at is None and newest.recorded_at + REPEAT_AFTER <= now)
        or any(getattr(newest, name) != getattr(content, name) for name in _COMPARED)
        or (_tells_in_details(indicator) and newest.details != content.details)
    ):
        reading_id = insert_reading(
            connection,
            indicator.fingerprint,
            content,
            observed_at=observed_at,
            at=fixed_at or now,
            recorded_at=now,
            origin=Origin.LIVE,
        )
        changes["reading_id" if content.complete else "partial_reading_id"] = reading_id
        if content.complete and indicator.first_reading_id is None and content.value is not None:
            changes["first_reading_id"] = reading_id
    if content.complete:
        changes |= {
            "observed_at": observed_at,
            "partial_reading_id": None,
            "outside": is_outside(content.value, limits_in(indicator)),
        }
    if changes:
        connection.execute(_CHANGE, {"of_indicator": indicator.fingerprint, **changes})
    if content.complete:
        serve(connection, indicator.fingerprint)


def insert_reading(
    connection: sa.Connection,
    fingerprint: str,
    content: Content,
    *,
    observed_at: datetime,
    at: datetime,
    recorded_at: datetime,
    origin: Origin,
) -> int:
    """Adds a row and returns its id; which one is the newest stays as it was."""
    return int(
        connection.execute(
            _ADD,
            {
                "indicator": fingerprint,
                "observed_at": observed_at,
                "at": at,
                "recorded_at": recorded_at,
                "origin": origin.value,
                **asdict(content),
            },
        ).scalar_one()
    )


def count_rewriting(connection: sa.Connection, fingerprint: str) -> None:
    """Counts that readings of an earlier moment than the newest were written down."""
    connection.execute(
        sa.update(indicators)
        .where(indicators.c.fingerprint == fingerprint)
        .values(rewritten=indicators.c.rewritten + 1)
    )


def begin_with(
    connection: sa.Connection, indicator: Any, reading_id: int, content: Content, at: datetime
) -> bool:
    """Makes a reading of the past the indicator's first, if it is complete, has a value and is
    earlier than the one that was; returns whether it is.
    """
    if not content.complete or content.value is None:
        return False
    first = sa.select(readings.c.at).where(readings.c.id == indicator.first_reading_id)
    earliest: datetime | None = connection.execute(first).scalar_one_or_none()
    if earliest is not None and earliest <= at:
        return False
    connection.execute(
        sa.update(indicators)
        .where(indicators.c.fingerprint == indicator.fingerprint)
        .values(first_reading_id=reading_id)
    )
    return True


def serve(connection: sa.Connection, fingerprint: str) -> None:
    """Key results that wait for this definition's first reading are told by it from now on."""
    connection.execute(_SERVE, {"of_indicator": fingerprint})


def to_reading(row: Any, confirmed_at: datetime | None) -> Reading:
    """The reading of a row; `confirmed_at`: the upstream said the same again then."""
    return Reading(
        id=row.id,
        indicator=row.indicator,
        value=row.value,
        numerator=row.numerator,
        denominator=row.denominator,
        pending=row.pending,
        objects=row.objects,
        complete=row.complete,
        approximate=row.approximate,
        lower_bound=row.lower_bound,
        observed_at=row.observed_at if confirmed_at is None else confirmed_at,
        at=row.at,
        recorded_at=row.recorded_at,
        origin=Origin(row.origin),
        details=row.details,
    )


def readings_of(
    connection: sa.Connection,
    fingerprint: str,
    *,
    after: int,
    told_by: datetime | None,
    limit: int,
) -> list[Reading]:
    """The readings of an indicator that were written down after the one of this id, the first one
    first; `told_by`: by that moment.
    """
    query = sa.select(readings).where(readings.c.indicator == fingerprint, readings.c.id > after)
    if told_by is not None:
        query = query.where(readings.c.recorded_at <= told_by)
    rows = connection.execute(query.order_by(readings.c.id).limit(limit))
    return [to_reading(row, None) for row in rows]


def _tells_in_details(indicator: Any) -> bool:
    """Whether the details are part of what is told, and not only evidence."""
    if indicator.composition is not None:
        return True
    return (
        indicator.aggregate is not None
        and indicator.aggregate["how"] == Aggregation.MILESTONES.value
    )
