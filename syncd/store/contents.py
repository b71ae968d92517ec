"""What a reading of a measured indicator says: of a number, or of a set of verdicts at a moment."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from connectors.base import Number
from syncd.store.aggregate import Counts, aggregate, aggregate_of
from syncd.store.readings import Content
from syncd.store.sets import can_tell, set_row


def content_of(number: Number) -> Content:
    """What a number says."""
    return Content(
        value=number.value,
        numerator=number.numerator,
        denominator=number.denominator,
        objects=number.objects,
        complete=not number.partial,
        approximate=number.approximate,
        details=number.raw,
    )


def content_at(
    connection: sa.Connection,
    indicator: Any,
    at: datetime,
    *,
    complete: bool = True,
    counts: Counts | None = None,
) -> Content:
    """What an indicator's set (the indicator's row) says of `at`: without a value, and with the
    reason in words, for a moment of which the set knows nothing. `counts`: of its objects at `at`,
    where they are known.
    """
    of_set = set_row(connection, indicator.set_id)
    if not can_tell(of_set, at):
        return Content(None, complete=complete, details={"untold": _untold(of_set.known_since)})
    wanted = aggregate_of(indicator.aggregate)
    found = aggregate(connection, indicator.set_id, wanted, at, counts)
    return Content(
        value=found.value,
        numerator=found.numerator,
        denominator=found.denominator,
        pending=found.pending,
        objects=found.objects,
        complete=complete,
        lower_bound=found.lower_bound,
        details=found.details,
    )


def _untold(known_since: datetime | None) -> str:
    if known_since is None:
        return "nothing has been read yet"
    return (
        f"nothing is known from before {known_since.isoformat(timespec='seconds')}; "
        "a backfill may reach further"
    )
