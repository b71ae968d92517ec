"""What was told at an earlier moment, and what has happened since. Never writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa

from syncd.model import Assessment, Event, KeyResult
from syncd.store.codec import ASSESSMENT, KEY_RESULT, from_json
from syncd.store.events import event_of
from syncd.store.schema import assessments, events, key_results
from syncd.store.shown import shown


def told_at(connection: sa.Connection, at: datetime) -> Mapping[str, Assessment]:
    """What was told of each key result at `at`, by id, those that the mapping files no longer name
    included; one of which nothing had been told by then is not in it. Expected progress and pace
    are those of the last change.
    """
    newest = (
        sa.select(sa.func.max(assessments.c.id))
        .where(assessments.c.at <= at)
        .group_by(assessments.c.key_result)
    )
    rows = connection.execute(
        sa.select(assessments.c.key_result, assessments.c.assessment).where(
            assessments.c.id.in_(newest)
        )
    )
    return {row.key_result: from_json(ASSESSMENT, row.assessment) for row in rows}


def left_since(connection: sa.Connection, since: datetime) -> Sequence[KeyResult]:
    """The key results that the mapping files no longer name, and that were told after `since`."""
    rows = connection.execute(
        sa.select(key_results.c.definition, key_results.c.current)
        .where(sa.not_(shown()), key_results.c.current.is_not(None))
        .order_by(key_results.c.rank, key_results.c.key)
    )
    return [
        from_json(KEY_RESULT, row.definition)
        for row in rows
        if from_json(ASSESSMENT, row.current).at > since
    ]


def events_between(connection: sa.Connection, since: datetime, until: datetime) -> list[Event]:
    """The events after `since` and up to `until`, the oldest first."""
    rows = connection.execute(
        sa.select(events)
        .where(events.c.at > since, events.c.at <= until)
        .order_by(events.c.position)
    )
    return [event_of(row) for row in rows]
