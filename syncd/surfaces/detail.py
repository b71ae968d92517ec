"""One key result with all that it is told by, as a JSON document."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from connectors.base import Outcome
from syncd.store.explaining import Explanation, explain
from syncd.store.read import KeyResultView, Point, history
from syncd.surfaces.asked import NOW, Asked, views_asked
from syncd.surfaces.documents import (
    Document,
    key_result_document,
    moment,
    point_document,
)
from syncd.surfaces.explaining import detail, page_of
from syncd.surfaces.people import adjustment_list

NEWEST = 2000
"""So many points of its course stand in the document."""


@dataclass(frozen=True)
class Evidence:
    """A key result and the explanation of the number that it is told by, looked at from `now` on.
    That of a closed period is the same as ever since: what was told when it was closed.
    """

    view: KeyResultView
    found: Explanation
    now: datetime
    asked: Asked


ObjectsOf = Callable[[sa.Connection, Evidence], Document]
"""A page of the objects that evidence is made of."""


def evidence_of(
    connection: sa.Connection, key: str, *, now: datetime, asked: Asked = NOW
) -> Evidence:
    """What a key result, by its key, rests on. Raises LookupError."""
    (view,) = views_asked(connection, asked, [key])
    fingerprint, now = view.indicator.fingerprint, view.as_of(asked.now(now))
    asked = asked if view.closed is None else Asked(now)
    found = explain(connection, fingerprint, now=now, at=asked.at, told_by=asked.told_by)
    if found is None:
        raise LookupError(f"{key} is told by {fingerprint}, which is not there")
    return Evidence(view, found, now, asked)


def first_that_fail(connection: sa.Connection, evidence: Evidence) -> Document:
    """The first page of the objects that fail."""
    now, at = evidence.now, evidence.asked.at
    return page_of(connection, evidence.found, Outcome.FAIL.value, now=now, at=at)


def key_result_detail(
    connection: sa.Connection,
    key: str,
    *,
    now: datetime,
    asked: Asked = NOW,
    objects: ObjectsOf = first_that_fail,
) -> Document:
    """One key result, by its key, with its evidence down to the objects."""
    evidence = evidence_of(connection, key, now=now, asked=asked)
    return {
        **key_result_document(evidence.view),
        "expected_line": [
            {"at": moment(when), "ratio": ratio} for when, ratio in evidence.view.expected_line()
        ],
        "evidence": {**detail(connection, evidence.found), **objects(connection, evidence)},
        "history": [
            point_document(point)
            for point in course(connection, key, evidence.asked, newest=NEWEST)
        ],
        "adjustments": adjustment_list(
            connection, now=evidence.now, of=key, told_by=evidence.asked.told_by
        ),
    }


def course(
    connection: sa.Connection, key: str, asked: Asked, *, newest: int | None = None
) -> list[Point]:
    """What was told of a key result, the oldest first; what was rebuilt of it too, but not beside
    what was known. `newest`: only so many.
    """
    points = history(connection, key, told_by=asked.told_by, limit=newest)
    if asked.at is None or not asked.reconstructed:
        return points
    return [point for point in points if point.rebuilt and point.at <= asked.at]
