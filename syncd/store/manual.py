"""Numbers that people give: readings like any other, with who said so."""

from __future__ import annotations

import math
from datetime import datetime

import sqlalchemy as sa

from connectors.base import Dimension
from syncd.model import Event, EventKind, Manual, Origin, Reading
from syncd.store.codec import COMPOSITION, from_json
from syncd.store.engine import Store
from syncd.store.events import append_events
from syncd.store.marking import mark_readers
from syncd.store.naming import indicator_title
from syncd.store.readings import (
    Content,
    begin_with,
    count_rewriting,
    insert_reading,
    serve,
    to_reading,
)
from syncd.store.schema import indicators, readings
from syncd.wording import quantity


class NotManual(Exception):
    """No active indicator of this name is one that people set."""


def record_manual(
    store: Store,
    indicator: str,
    value: float,
    *,
    note: str | None,
    by: str,
    at: datetime,
    now: datetime,
) -> Reading:
    """Writes down the number that `by` gives of a manual indicator (its name or fingerprint), as
    of `at`, and tells it in the feed. `value` is in the indicator's base unit.

    What is said of an earlier moment than the newest reading is kept, and does not replace it.
    Raises NotManual, and ValueError for a value that is not finite or a moment that has not come.
    """
    if not math.isfinite(value):
        raise ValueError(f"got {value}; expected a finite number")
    if at > now:
        raise ValueError(f"got {at.isoformat()}, which has not come yet; expected a moment before")
    with store.write() as connection:
        row = connection.execute(
            store.locked(
                sa.select(indicators).where(
                    indicators.c.active,
                    sa.or_(
                        indicators.c.fingerprint == indicator,
                        indicators.c.name == indicator,
                    ),
                )
            )
        ).first()
        if row is None:
            raise NotManual(f"got {indicator!r}; expected the name of an indicator in force")
        plan = None if row.composition is None else from_json(COMPOSITION, row.composition)
        if not isinstance(plan, Manual):
            raise NotManual(f"{indicator} is made by {row.measure}; expected a manual indicator")
        content = Content(value, details={"by": by, "note": note})
        reading_id = insert_reading(
            connection,
            row.fingerprint,
            content,
            observed_at=at,
            at=at,
            recorded_at=now,
            origin=Origin.MANUAL,
        )
        newest: datetime | None = connection.execute(
            sa.select(readings.c.at).where(readings.c.id == row.reading_id)
        ).scalar_one_or_none()
        if newest is None or newest <= at:
            connection.execute(
                sa.update(indicators)
                .where(indicators.c.fingerprint == row.fingerprint)
                .values(reading_id=reading_id, observed_at=at)
            )
        else:
            count_rewriting(connection, row.fingerprint)
        begin_with(connection, row, reading_id, content, at)
        serve(connection, row.fingerprint)
        mark_readers(connection, [row.fingerprint])
        written = connection.execute(sa.select(readings).where(readings.c.id == reading_id)).one()
        shown = quantity(value, Dimension(row.dimension), row.unit)
        called = indicator_title(connection, row)
        append_events(
            connection,
            [
                Event(
                    at=now,
                    kind=EventKind.NUMBER_SET,
                    subject=row.name or row.fingerprint,
                    title=f"{called} set to {shown}",
                    text=f"By {by}: {note}" if note else f"By {by}.",
                    reason="person",
                    after={"value": value},
                    data={"by": by, "note": note, "at": at.isoformat()},
                )
            ],
        )
        return to_reading(written, None)
