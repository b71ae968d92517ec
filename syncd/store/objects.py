"""The upstream objects that a number is made of."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from connectors.base import Outcome
from syncd.store.aggregate import holding
from syncd.store.read import IndicatorView
from syncd.store.schema import verdicts


@dataclass(frozen=True)
class ObjectView:
    """One upstream object with the verdict that holds of it at a moment. `place`: where it stands
    among them, by since when the verdict holds.
    """

    object_id: str
    label: str
    url: str | None
    outcome: Outcome
    since: datetime
    number: float | None
    missing: tuple[str, ...]
    keys: tuple[str, ...] = ()
    place: tuple[datetime, str] | None = None


def missing_counts(
    connection: sa.Connection, indicator: IndicatorView, at: datetime
) -> list[tuple[str, int]]:
    """What objects lack at `at`, the most frequent first: (the author's word, objects)."""
    if indicator.set_id is None:
        return []
    tally: Counter[str] = Counter()
    rows = connection.execute(
        sa.select(verdicts.c.missing).where(
            holding(indicator.set_id, at), verdicts.c.outcome == Outcome.FAIL.value
        )
    )
    for missing in rows.scalars():
        tally.update(missing or ())
    return sorted(tally.items(), key=lambda item: (-item[1], item[0]))
