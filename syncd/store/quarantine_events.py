"""What the feed tells of numbers that are held back, and of what became of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from connectors.base import Dimension
from syncd.doubting import doubt_words
from syncd.model import DoubtKind, Event, EventKind, Quarantine
from syncd.store.faulty import of_the_run, readers_of
from syncd.store.naming import indicator_title
from syncd.wording import duration, quantity

_BECAUSE: Final = {
    "confirmed": "The next runs say the same",
    "accepted": "A person accepts it",
    "in_bounds": "What was read now is plausible",
}


def begun_events(
    connection: sa.Connection, rows: Sequence[Any], seen: Quarantine, now: datetime
) -> list[Event]:
    """That a number of an indicator, or the objects of a scope (its indicators' rows), are not
    believed; none for a scope that nothing reads.
    """
    if not rows:
        return []
    row, doubt = rows[0], seen.doubt
    dimension = Dimension(row.dimension)
    words = doubt_words(doubt, dimension, row.unit)
    told = "Nothing is taken in meanwhile."
    if doubt.kind is not DoubtKind.SHRINK or doubt.good is None:
        told = "No number is told meanwhile."
        if doubt.good is not None:
            told = f"{quantity(doubt.good, dimension, row.unit)} is told meanwhile, with its age."
    return [
        Event(
            at=now,
            kind=EventKind.NUMBER_QUARANTINED,
            subject=row.name or row.fingerprint,
            title=f"{_titles(connection, rows)}: what was read is not believed",
            text=f"{words[0].upper()}{words[1:]}. {told}",
            reason=doubt.kind.value,
            before={"quarantined": False, "value": doubt.good},
            after={"quarantined": True, "value": _finite(doubt.value)},
            data=_data(connection, rows),
        )
    ]


def ended_events(
    connection: sa.Connection,
    rows: Sequence[Any],
    seen: Quarantine,
    how: str,
    value: float | None,
    now: datetime,
) -> list[Event]:
    """That it is over, how (a code), and what is told now."""
    if not rows:
        return []
    row = rows[0]
    shown = "no value"
    if value is not None:
        shown = quantity(value, Dimension(row.dimension), row.unit)
    if seen.doubt.kind is DoubtKind.SHRINK and value is not None:
        shown = f"{quantity(value)} objects"
    because = _BECAUSE[how]
    if how == "accepted":
        because = f"{seen.accepted_by} accepts it: {seen.accepted_reason}"
    lasted = duration((now - seen.since).total_seconds())
    return [
        Event(
            at=now,
            kind=EventKind.NUMBER_RELEASED,
            subject=row.name or row.fingerprint,
            title=f"{_titles(connection, rows)}: what is read is believed again",
            text=f"{because}: {shown}. It was held back for {lasted}."
            if how != "accepted"
            else f"{because} ({shown}). It was held back for {lasted}.",
            reason=how,
            before={"quarantined": True, "value": _finite(seen.doubt.value)},
            after={"quarantined": False, "value": value},
            data={
                **_data(connection, rows),
                **(
                    {"by": seen.accepted_by, "reason": seen.accepted_reason}
                    if how == "accepted"
                    else {}
                ),
            },
        )
    ]


def _titles(connection: sa.Connection, rows: Sequence[Any]) -> str:
    first = indicator_title(connection, rows[0])
    more = len(rows) - 1
    return first if not more else f"{first} and {more} more"


def _data(connection: sa.Connection, rows: Sequence[Any]) -> dict[str, Any]:
    keys = [key for row in rows for key in readers_of(connection, row.fingerprint)]
    return {
        "source": rows[0].source,
        "indicators": [row.name or row.fingerprint for row in rows],
        "key_results": sorted(set(keys)),
        **of_the_run(),
    }


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
