"""What a rebuilt history says of a moment: readings that were written down later, judged as they
would have been. It was told to nobody then, and is never shown as if it had been. Never writes.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from operator import attrgetter

import sqlalchemy as sa

from syncd.model import ENDED, UNKNOWN, Assessment, Status
from syncd.store.past import Point, rebuilt_points
from syncd.store.read import KeyResultView, key_result_views
from syncd.store.schema import assessments, backfills

REBUILT = "Rebuilt from what was written down later; it was not told then."
NOT_REBUILT = "Nothing was rebuilt of that moment."
TOLD = "This was told at the time and not rebuilt: ask without reconstructing."

FRESH = timedelta(days=1)
"""How long a rebuilt reading speaks for at least: history is rebuilt in steps."""

LONGER = timedelta(hours=1)
"""How much longer than others the day is on which summer time ends."""


def key_results_rebuilt(
    connection: sa.Connection,
    at: datetime,
    only: Collection[str] | None = None,
    *,
    periods: Sequence[str] | None = None,
) -> list[KeyResultView]:
    """The key results with these keys, or of these periods, as the mapping files of today name
    them, with what was rebuilt of `at`; of which nothing was, or which had been told by then, there
    is no assessment but for a sentence that says so.
    """
    views = key_result_views(connection, None if only is None else sorted(only), periods=periods)
    keys = [view.key_result.key for view in views]
    past = rebuilt_points(connection, keys)
    told = _told_first(connection, keys)
    steps = {
        row.indicator: timedelta(seconds=row.step_seconds)
        for row in connection.execute(sa.select(backfills))
    }
    found = []
    for view in views:
        key = view.key_result.key
        step = steps.get(view.indicator.fingerprint, FRESH)
        point = _point(past.get(key, ()), at, max(step, FRESH) + LONGER)
        live = key in told and told[key] <= at
        words = TOLD if live else NOT_REBUILT if point is None else REBUILT
        found.append(_rebuilt(view, None if live else point, words, at))
    return found


def _told_first(connection: sa.Connection, keys: Sequence[str]) -> dict[str, datetime]:
    """When something was told of each key result for the first time that was not unknown."""
    unknown = [status.value for status in UNKNOWN]
    query = (
        sa.select(assessments.c.key_result, sa.func.min(assessments.c.at).label("first"))
        .where(assessments.c.key_result.in_(keys), assessments.c.status.not_in(unknown))
        .group_by(assessments.c.key_result)
    )
    return {row.key_result: row.first for row in connection.execute(query)}


def _point(past: Sequence[Point], at: datetime, lasts: timedelta) -> Point | None:
    """The last point up to `at`, if it still speaks for it."""
    index = bisect_right(past, at, key=attrgetter("at"))
    if index == 0 or at - past[index - 1].at > lasts:
        return None
    return past[index - 1]


def _rebuilt(view: KeyResultView, point: Point | None, words: str, at: datetime) -> KeyResultView:
    status = Status.NO_DATA if point is None else Status(point.status)
    progress = None if point is None else point.progress
    expected = None if point is None else point.expected
    known = status not in UNKNOWN | ENDED and progress is not None and expected is not None
    told = view.assessment
    assessment = Assessment(
        key_result=view.key_result.key,
        at=at if point is None else point.at,
        status=status,
        raw_status=status,
        since=at if point is None else point.at,
        reason=words,
        value=None if point is None else point.value,
        start=None if told is None or point is None else told.start,
        goal=None if told is None or point is None else told.goal,
        progress=progress,
        progress_unbounded=progress,
        expected=expected,
        pace=progress - expected
        if known and progress is not None and expected is not None
        else None,
        observed_at=None if point is None else point.at,
        complete=True,
        no_forecast="of what is rebuilt none is made",
    )
    return replace(
        view, assessment=assessment, indicator=view.indicator.without_today(), closed=None
    )
