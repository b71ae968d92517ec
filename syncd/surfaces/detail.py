"""One key result with all that it is told by, as a JSON document."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from connectors.base import Outcome
from syncd.store.explaining import explain
from syncd.store.read import Point, history
from syncd.surfaces.asked import NOW, Asked, views_asked
from syncd.surfaces.documents import (
    OBJECTS,
    Document,
    key_result_document,
    moment,
    point_document,
)
from syncd.surfaces.explaining import detail, page_of
from syncd.surfaces.people import adjustment_list


def key_result_detail(
    connection: sa.Connection,
    key: str,
    *,
    now: datetime,
    asked: Asked = NOW,
    which: str = Outcome.FAIL.value,
    limit: int = OBJECTS,
    offset: int = 0,
) -> Document:
    """One key result, by its key, with its evidence down to the objects. That of a closed period
    is the same as ever since: what was told when it was closed.
    """
    (view,) = views_asked(connection, asked, [key])
    fingerprint, now = view.indicator.fingerprint, view.as_of(asked.now(now))
    asked = asked if view.closed is None else Asked(now)
    found = explain(connection, fingerprint, now=now, at=asked.at, told_by=asked.told_by)
    if found is None:
        raise LookupError(f"{key} is told by {fingerprint}, which is not there")
    return {
        **key_result_document(view),
        "expected_line": [
            {"at": moment(when), "ratio": ratio} for when, ratio in view.expected_line()
        ],
        "evidence": {
            **detail(connection, found),
            **page_of(connection, found, which, now=now, at=asked.at, limit=limit, offset=offset),
        },
        "history": [point_document(point) for point in _course(connection, key, asked)],
        "adjustments": adjustment_list(connection, now=now, of=key, told_by=asked.told_by),
    }


def _course(connection: sa.Connection, key: str, asked: Asked) -> list[Point]:
    """What was told of a key result; what was rebuilt of it too, but not beside what was known."""
    points = history(connection, key, told_by=asked.told_by)
    if asked.at is None or not asked.reconstructed:
        return points
    return [point for point in points if point.rebuilt and point.at <= asked.at]
