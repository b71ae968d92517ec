"""What key results were defined as, and when: rows that are only ever added to."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from syncd.model import Former, KeyResult
from syncd.store.codec import FORMER, KEY_RESULT, from_json, to_json
from syncd.store.schema import key_result_versions


@dataclass(frozen=True)
class Version:
    """A key result as it was defined from `recorded_at` (aware UTC) on."""

    recorded_at: datetime
    key_result: KeyResult


def record_versions(
    connection: sa.Connection,
    before: Mapping[str, Any],
    now_defined: Mapping[str, KeyResult],
    now: datetime,
) -> dict[str, Any]:
    """Writes down each definition that is another one than before, and which key results are no
    longer defined. `before`: their rows until now.

    Returns, as JSON, the earlier definitions that still matter to the line of each (`former_of`).
    """
    added = []
    for key, key_result in now_defined.items():
        old, definition = before.get(key), to_json(KEY_RESULT, key_result)
        if old is None or not old.active or old.definition != definition:
            added.append(_row(key, now, definition, key_result.line_fingerprint, active=True))
    added += [
        _row(key, now, old.definition, "", active=False)
        for key, old in before.items()
        if old.active and key not in now_defined
    ]
    if added:
        connection.execute(sa.insert(key_result_versions), added)
    versions = versions_of(connection, _edited(connection))
    return {
        key: to_json(FORMER, former_of(key_result, versions.get(key, ())))
        for key, key_result in now_defined.items()
    }


def former_of(key_result: KeyResult, versions: Iterable[Version]) -> tuple[Former, ...]:
    """The earlier definitions of a key result whose line differs from what followed, oldest first.

    `versions` are all there were, oldest first, the present one the last. Each holds until the
    beginning of the day, in the key result's timezone, of the edit that ended it. One that did not
    live to see another day is left out, as is one that ended before the key result's start.
    """
    zone = ZoneInfo(key_result.timezone)
    by_day = {_day(version, zone): version.key_result for version in versions}
    lasting: list[tuple[datetime, KeyResult]] = []
    for begins, definition in by_day.items():
        if not lasting or lasting[-1][1].line_fingerprint != definition.line_fingerprint:
            lasting.append((begins, definition))
    return tuple(
        Former(until, definition)
        for (_, definition), (until, _) in pairwise(lasting)
        if until > key_result.start
    )


def _day(version: Version, zone: ZoneInfo) -> datetime:
    local = version.recorded_at.astimezone(zone).date()
    return datetime.combine(local, time(), zone).astimezone(UTC)


def _row(
    key: str, now: datetime, definition: Any, line_fingerprint: str, *, active: bool
) -> dict[str, Any]:
    return {
        "key_result": key,
        "recorded_at": now,
        "active": active,
        "definition": definition,
        "line_fingerprint": line_fingerprint,
    }


def _edited(connection: sa.Connection) -> list[str]:
    """The key results that were defined with more than one line."""
    lines = sa.func.count(sa.distinct(key_result_versions.c.line_fingerprint))
    query = (
        sa.select(key_result_versions.c.key_result)
        .where(key_result_versions.c.active)
        .group_by(key_result_versions.c.key_result)
        .having(lines > 1)
    )
    return list(connection.execute(query).scalars())


def versions_of(
    connection: sa.Connection, keys: Collection[str], told_by: datetime | None = None
) -> dict[str, list[Version]]:
    """All that these key results were ever defined as, oldest first; `told_by`: by that moment."""
    found: dict[str, list[Version]] = {}
    query = (
        sa.select(key_result_versions)
        .where(key_result_versions.c.active, key_result_versions.c.key_result.in_(keys))
        .order_by(key_result_versions.c.id)
    )
    if told_by is not None:
        query = query.where(key_result_versions.c.recorded_at <= told_by)
    for row in connection.execute(query):
        version = Version(row.recorded_at, from_json(KEY_RESULT, row.definition))
        found.setdefault(row.key_result, []).append(version)
    return found
