"""What was known at a moment of the past: what had been told by then, under the mapping files that
were in force. Never what is known today. Never writes.

Statuses, values and sentences are those that were told. The expected line is drawn again from what
was defined and said by then, so that it is that of the moment and not of the last change before.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from syncd.assess import expected_on
from syncd.model import KeyResult, Reading
from syncd.store.adjusting import adjustments_of
from syncd.store.codec import KEY_RESULT, from_json
from syncd.store.externals import PREFIX, ExternalView, external_views, said_last
from syncd.store.lately import Told, told_with_readings
from syncd.store.naming import Named
from syncd.store.periods import PERIOD, Closed, Period, PeriodView, period_views
from syncd.store.read import (
    IndicatorView,
    KeyResultView,
    in_unit_of,
    indicator_views,
    key_result_views,
)
from syncd.store.readings import to_reading
from syncd.store.schema import (
    closings,
    key_result_versions,
    key_results,
    period_versions,
    readings,
)
from syncd.store.versions import former_of, versions_of


def known_since(connection: sa.Connection) -> datetime | None:
    """Since when anything is known: the first mapping files that were in force; None: none were."""
    first: datetime | None = connection.execute(
        sa.select(sa.func.min(period_versions.c.recorded_at))
    ).scalar_one()
    return first


def periods_known(connection: sa.Connection, at: datetime | None) -> list[PeriodView]:
    """The periods that readers could ask for at `at` (None: can now), the earliest first; one that
    was closed later is open.
    """
    if at is None:
        return period_views(connection)
    rows = connection.execute(sa.select(closings).where(closings.c.at <= at))
    closed = {row.period: row for row in rows}
    found = [
        _period_view(from_json(PERIOD, row.definition), closed.get(row.period))
        for row in connection.execute(_defined(period_versions, period_versions.c.period, at))
        if row.active or row.period in closed
    ]
    return sorted(found, key=lambda one: one.period.begins)


def _period_view(period: Period, closing: Any) -> PeriodView:
    if closing is None:
        return PeriodView(period, None)
    return PeriodView(period, Closed(closing.at, closing.by, closing.note, period.imported))


def key_results_known(
    connection: sa.Connection,
    at: datetime | None,
    only: Collection[str] | None = None,
    *,
    periods: Sequence[str] | None = None,
) -> list[KeyResultView]:
    """The key results as they were told at `at` (None: as they are now): all of open periods, or
    those with the given keys, or of the given periods, of closed ones too.
    """
    if at is None:
        return key_result_views(connection, None if only is None else sorted(only), periods=periods)
    known = {one.period.id: one for one in periods_known(connection, at)}
    closed = {key for key, one in known.items() if one.closed is not None}
    wanted = set(known) - closed if only is None and periods is None else set(known)
    if periods is not None:
        wanted &= set(periods)
    rows = [
        row
        for row in _key_result_rows(connection, at)
        if row.definition["period"] in wanted and (only is None or row.key_result in only)
    ]
    frozen = {
        view.key_result.key: view
        for view in key_result_views(connection, periods=sorted(wanted & closed))
    }
    views = _views(connection, [row for row in rows if row.definition["period"] not in closed], at)
    found = [views.get(row.key_result) or frozen.get(row.key_result) for row in rows]
    return [view for view in found if view is not None]


def dependants_known(
    connection: sa.Connection, key_result: KeyResult, at: datetime | None
) -> list[KeyResultView]:
    """The key results of the same period that need this one, as they were told at `at` (None: as
    they are now).
    """
    if at is None:
        # few of thousands need anything, and of the others nothing is read
        needs = sa.select(key_results.c.key, key_results.c.needs).where(
            key_results.c.active,
            key_results.c.period == key_result.period,
            sa.cast(key_results.c.needs, sa.Text) != "[]",
        )
        keys = [row.key for row in connection.execute(needs) if key_result.key in row.needs]
    else:
        keys = [
            row.key_result
            for row in _key_result_rows(connection, at)
            if row.definition["period"] == key_result.period
            and key_result.id in row.definition["needs"]
        ]
    return key_results_known(connection, at, keys) if keys else []


def externals_known(connection: sa.Connection, at: datetime | None) -> list[ExternalView]:
    """The dependencies outside as they stood at `at` (None: as they do now). Of a period that was
    written down without them by an older version there are none.
    """
    if at is None:
        return external_views(connection)
    said = said_last(connection, at)
    needed = defaultdict(list)
    for row in _key_result_rows(connection, at):
        for need in row.definition["needs"]:
            needed[row.definition["period"], need].append(row.definition["id"])
    return [
        ExternalView(
            external,
            said.get(external.name),
            tuple(needed[one.period.id, PREFIX + external.name]),
            one.period.id,
        )
        for one in periods_known(connection, at)
        for external in one.period.externals or ()
    ]


def key_known(connection: sa.Connection, word: str, at: datetime) -> str | None:
    """The key of the key result that a word meant at `at`, as `naming.key_meant` has it now."""
    found = [one for one in named_at(connection, at) if word in (one.key, one.id)]
    if any(one.key == word for one in found):
        return word
    return max(found, key=lambda one: one.period.seniority(at)).key if found else None


def named_at(connection: sa.Connection, at: datetime) -> list[Named]:
    """The key results that readers could ask for at `at`."""
    known: dict[str, Period] = {one.period.id: one.period for one in periods_known(connection, at)}
    return [
        Named(row.key_result, row.definition["id"], known[row.definition["period"]])
        for row in _key_result_rows(connection, at)
        if row.definition["period"] in known
    ]


def served_at(connection: sa.Connection, word: str, at: datetime) -> str | None:
    """The fingerprint of the indicator by which a key result (its id or key) was told at `at`;
    None: there was no such key result.
    """
    key = key_known(connection, word, at)
    if key is None:
        return None
    (view,) = key_results_known(connection, at, [key])
    return view.indicator.fingerprint


def readers_known(connection: sa.Connection, fingerprint: str, at: datetime) -> list[str]:
    """The ids of the key results that were to be told by an indicator at `at`."""
    return [
        row.definition["id"]
        for row in _key_result_rows(connection, at)
        if row.definition["indicator"] == fingerprint
    ]


def _defined(table: sa.Table, of: sa.ColumnElement[str], at: datetime) -> sa.Select[Any]:
    """The row of a table of versions that held at `at`, of each thing that has any."""
    newest = sa.select(sa.func.max(table.c.id)).where(table.c.recorded_at <= at).group_by(of)
    return sa.select(table).where(table.c.id.in_(newest))


def _key_result_rows(connection: sa.Connection, at: datetime) -> Sequence[Any]:
    """The versions of the key results that were in force at `at`, in the order of mapping files."""
    defined = _defined(key_result_versions, key_result_versions.c.key_result, at).subquery()
    return connection.execute(
        sa.select(defined)
        .join(key_results, key_results.c.key == defined.c.key_result)
        .where(defined.c.active)
        .order_by(key_results.c.rank, key_results.c.key)
    ).all()


def _views(
    connection: sa.Connection, rows: Sequence[Any], at: datetime
) -> dict[str, KeyResultView]:
    defined = {row.key_result: from_json(KEY_RESULT, row.definition) for row in rows}
    told = told_with_readings(connection, at, list(defined))
    versions = versions_of(connection, list(defined), at)
    said = adjustments_of(connection, list(defined), told_by=at)
    serving = {key: _serving(kr.indicator, told.get(key)) for key, kr in defined.items()}
    seen = {one.fingerprint: one for one in indicator_views(connection, set(serving.values()))}
    return {
        key: _on_the_line(
            KeyResultView(
                key_result=kr,
                assessment=None if key not in told else told[key].assessment,
                indicator=_read(connection, in_unit_of(kr, seen[serving[key]]), told.get(key), at),
                previous_definition=serving[key] != kr.indicator,
                former=former_of(kr, versions.get(key, ())),
                adjustments=said.get(key, ()),
            ),
            at,
        )
        for key, kr in defined.items()
    }


def _serving(wanted: str, told: Told | None) -> str:
    """The indicator by whose readings it was told."""
    return wanted if told is None or told.reading is None else told.reading.indicator


def _read(
    connection: sa.Connection, view: IndicatorView, told: Told | None, at: datetime
) -> IndicatorView:
    """The indicator with what was told of it then; of what failed only the kind was kept."""
    if told is None:
        return view.without_today()
    return replace(
        view.without_today(),
        reading=told.reading,
        partial=None if told.assessment.complete else _partial(connection, view, told, at),
        error_type=told.assessment.error_type,
    )


def _partial(
    connection: sa.Connection, view: IndicatorView, told: Told, at: datetime
) -> Reading | None:
    query = (
        sa.select(readings)
        .where(
            readings.c.indicator == view.fingerprint,
            sa.not_(readings.c.complete),
            readings.c.recorded_at <= at,
        )
        .order_by(readings.c.id.desc())
        .limit(1)
    )
    row = connection.execute(query).first()
    if row is None or (told.reading is not None and row.at <= told.reading.at):
        return None
    return to_reading(row, None)


def _on_the_line(view: KeyResultView, at: datetime) -> KeyResultView:
    """With what the line of that time expected at `at`."""
    told = view.assessment
    if told is None or told.expected is None:
        return view
    expected = expected_on(view.expected_line(), at)
    pace = (
        None
        if told.pace is None or told.progress is None or expected is None
        else told.progress - expected
    )
    return replace(view, assessment=replace(told, expected=expected, pace=pace))
