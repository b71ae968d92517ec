"""What was told at an earlier moment, and what has happened since. Never writes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from syncd.model import Assessment, Event, KeyResult, Reading
from syncd.store.codec import ASSESSMENT, KEY_RESULT, from_json
from syncd.store.events import event_of
from syncd.store.readings import to_reading
from syncd.store.schema import assessments, events, key_result_versions, key_results, readings
from syncd.store.shown import shown


@dataclass(frozen=True)
class Told:
    """What was told of a key result, and the reading that it was told by (None: by none)."""

    assessment: Assessment
    reading: Reading | None


def told_at(connection: sa.Connection, at: datetime) -> Mapping[str, Assessment]:
    """What was told of each key result at `at`, by key, those that the mapping files no longer name
    included; one of which nothing had been told by then is not in it. Expected progress and pace
    are those of the last time that something else was told too.
    """
    rows = connection.execute(_newest(at))
    return {row.key_result: from_json(ASSESSMENT, row.assessment) for row in rows}


def told_with_readings(
    connection: sa.Connection, at: datetime, keys: Collection[str]
) -> Mapping[str, Told]:
    """The same of these key results, with what it was told by."""
    rows = connection.execute(_newest(at, keys)).all()
    wanted = {row.reading_id for row in rows if row.reading_id is not None}
    found = {
        row.id: row
        for row in connection.execute(sa.select(readings).where(readings.c.id.in_(wanted)))
    }
    told = {}
    for row in rows:
        assessment = from_json(ASSESSMENT, row.assessment)
        read = found.get(row.reading_id)
        reading = None if read is None else to_reading(read, assessment.observed_at)
        told[row.key_result] = Told(assessment, reading)
    return told


def _newest(at: datetime, keys: Collection[str] | None = None) -> sa.Select[Any]:
    newest = sa.select(sa.func.max(assessments.c.id)).where(assessments.c.at <= at)
    if keys is not None:
        newest = newest.where(assessments.c.key_result.in_(keys))
    return sa.select(assessments).where(
        assessments.c.id.in_(newest.group_by(assessments.c.key_result))
    )


def left_between(
    connection: sa.Connection, since: datetime, until: datetime | None = None
) -> Sequence[KeyResult]:
    """The key results that the mapping files name no longer, and that were told after `since`;
    `until`: as that was at that moment (None: as it is).
    """
    if until is not None:
        return _left_by(connection, since, until)
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


def _left_by(connection: sa.Connection, since: datetime, until: datetime) -> list[KeyResult]:
    versions = key_result_versions
    newest = (
        sa.select(sa.func.max(versions.c.id))
        .where(versions.c.recorded_at <= until)
        .group_by(versions.c.key_result)
    )
    rows = connection.execute(
        sa.select(versions.c.definition)
        .where(
            versions.c.id.in_(newest),
            sa.not_(versions.c.active),
            versions.c.recorded_at > since,
        )
        .order_by(versions.c.key_result)
    )
    return [from_json(KEY_RESULT, row.definition) for row in rows]


def events_between(connection: sa.Connection, since: datetime, until: datetime) -> list[Event]:
    """The events after `since` and up to `until`, the oldest first."""
    rows = connection.execute(
        sa.select(events)
        .where(events.c.at > since, events.c.at <= until)
        .order_by(events.c.position)
    )
    return [event_of(row) for row in rows]
