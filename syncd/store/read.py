"""What surfaces read: key results as told, their evidence, the feed, the sources. Never writes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from connectors.base import Dimension
from syncd.assess import Line, expected_line
from syncd.model import (
    Adjustment,
    Assessment,
    Event,
    EventKind,
    Former,
    KeyResult,
    Quarantine,
    Reading,
)
from syncd.store.adjusting import adjustments_of
from syncd.store.codec import ASSESSMENT, COMPOSITION, FORMER, KEY_RESULT, from_json
from syncd.store.events import event_of
from syncd.store.lately import told_with_readings
from syncd.store.leaves import leaves_of
from syncd.store.loads import MappingView as MappingView
from syncd.store.loads import findings as findings
from syncd.store.loads import mapping as mapping
from syncd.store.past import Point as Point
from syncd.store.past import history as history
from syncd.store.periods import IMPORTED, Closed
from syncd.store.quarantines import open_quarantines
from syncd.store.readings import to_reading
from syncd.store.schema import (
    closings,
    events,
    final_scores,
    indicators,
    key_results,
    readings,
    scopes,
    verdict_sets,
)
from syncd.store.schema import periods as periods_table
from syncd.store.shown import shown
from syncd.store.source_views import SourceView as SourceView
from syncd.store.source_views import sources as sources


@dataclass(frozen=True)
class IndicatorView:
    """An indicator as configured and as last measured.

    `kind` is ``scan``, ``number``, ``coverage``, ``combination`` or ``manual``. A composed one has
    no scope and is due at no time of its own; its `interval_seconds`, its last success and what it
    fails by are those of the measured ones below it. `fixed_at`: it is read as of this past moment.
    `quarantine`: what was read last of it is not believed.
    """

    fingerprint: str
    name: str | None
    measure: str
    source: str
    unit: str | None
    dimension: Dimension
    definition: Mapping[str, Any]
    link: str | None
    scope_id: int | None
    set_id: int | None
    interval_seconds: float
    next_due_at: datetime | None
    last_attempt_at: datetime | None
    last_success_at: datetime | None
    error_type: str | None
    error_message: str | None
    failing_since: datetime | None
    reading: Reading | None
    partial: Reading | None
    kind: str = "scan"
    fixed_at: datetime | None = None
    quarantine: Quarantine | None = None

    def without_today(self) -> IndicatorView:
        """The same without what only holds of the present: what it read and tried last, what
        fails, when it is due.
        """
        return replace(
            self,
            next_due_at=None,
            last_attempt_at=None,
            last_success_at=None,
            error_type=None,
            error_message=None,
            failing_since=None,
            reading=None,
            partial=None,
            quarantine=None,
        )


@dataclass(frozen=True)
class KeyResultView:
    """A key result with what is told of it (None: not assessed yet) and what it reads. `closed`:
    its period is, and all this is as it was then.
    """

    key_result: KeyResult
    assessment: Assessment | None
    indicator: IndicatorView
    previous_definition: bool
    former: tuple[Former, ...] = ()
    adjustments: tuple[Adjustment, ...] = ()
    closed: Closed | None = None

    def as_of(self, now: datetime) -> datetime:
        """The moment that is told of: `now`, or when its period was closed."""
        return now if self.closed is None else self.closed.at

    def expected_line(self) -> Line:
        """The expected line as it is judged by: what was defined before the day of an edit still
        counts for the days before it, and it stands still while it is paused.
        """
        told = self.assessment
        return expected_line(
            self.key_result,
            None if told is None else told.start,
            None if told is None else told.goal,
            adjustments=self.adjustments,
            former=self.former,
        )


def key_result_views(
    connection: sa.Connection,
    only: Sequence[str] | None = None,
    *,
    periods: Sequence[str] | None = None,
    most: int | None = None,
) -> list[KeyResultView]:
    """All key results that are measured and judged, in the order of the mapping files; or those
    with the given keys, or of the given periods, of closed ones too. `most`: so many at most, the
    first ones.
    """
    query = (
        sa.select(
            key_results,
            final_scores.c.definition.label("final_definition"),
            final_scores.c.former.label("final_former"),
            final_scores.c.indicator.label("final_indicator"),
            final_scores.c.assessment.label("final_assessment"),
            closings.c.at.label("closed_at"),
            closings.c.by.label("closed_by"),
            closings.c.note.label("closing_note"),
            periods_table.c.definition["imported"].label("imported"),
        )
        .join(final_scores, final_scores.c.key_result == key_results.c.key, isouter=True)
        .join(closings, closings.c.period == final_scores.c.period, isouter=True)
        .join(periods_table, periods_table.c.id == closings.c.period, isouter=True)
        .order_by(key_results.c.rank, key_results.c.key)
    )
    if only is None and periods is None:
        query = query.where(key_results.c.active)
    else:
        query = query.where(shown())
    if only is not None:
        query = query.where(key_results.c.key.in_(only))
    if periods is not None:
        query = query.where(key_results.c.period.in_(periods))
    rows = connection.execute(query.limit(most)).all()
    told_by = {row.final_indicator or row.serving for row in rows}
    seen = {view.fingerprint: view for view in indicator_views(connection, told_by)}
    said = adjustments_of(connection, [row.key for row in rows])
    read_by = _readings_of_closed(connection, rows)
    return [
        _open_view(row, seen, said.get(row.key, ()))
        if row.closed_at is None
        else _closed_view(row, seen, said.get(row.key, ()), read_by.get(row.key))
        for row in rows
    ]


def _readings_of_closed(connection: sa.Connection, rows: Sequence[Any]) -> dict[str, Reading]:
    """What the key results of closed periods were judged by last: what the same indicator reads
    since is another period's.
    """
    keys: dict[datetime, list[str]] = defaultdict(list)
    for row in rows:
        if row.closed_at is not None:
            keys[row.closed_at].append(row.key)
    return {
        key: told.reading
        for at, of in keys.items()
        for key, told in told_with_readings(connection, at, of).items()
        if told.reading is not None
    }


def _open_view(
    row: Any, seen: Mapping[str, IndicatorView], said: tuple[Adjustment, ...]
) -> KeyResultView:
    key_result = from_json(KEY_RESULT, row.definition)
    return KeyResultView(
        key_result=key_result,
        assessment=None if row.current is None else from_json(ASSESSMENT, row.current),
        indicator=in_unit_of(key_result, seen[row.serving]),
        previous_definition=row.serving != row.indicator,
        former=from_json(FORMER, row.former),
        adjustments=said,
    )


def in_unit_of(key_result: KeyResult, indicator: IndicatorView) -> IndicatorView:
    """The indicator shown in the unit that the key result's target is written in."""
    return replace(indicator, unit=key_result.shown_in or indicator.unit)


def _closed_view(
    row: Any,
    seen: Mapping[str, IndicatorView],
    said: tuple[Adjustment, ...],
    reading: Reading | None,
) -> KeyResultView:
    """As it was when the period was closed; what fails since is not its matter any more."""
    key_result = from_json(KEY_RESULT, row.final_definition)
    return KeyResultView(
        key_result=key_result,
        assessment=from_json(ASSESSMENT, row.final_assessment),
        indicator=replace(
            in_unit_of(key_result, seen[row.final_indicator]).without_today(), reading=reading
        ),
        previous_definition=row.final_indicator != key_result.indicator,
        former=from_json(FORMER, row.final_former),
        adjustments=said,
        closed=Closed(
            row.closed_at,
            row.closed_by,
            row.closing_note,
            None if row.imported is None else from_json(IMPORTED, row.imported),
        ),
    )


def indicator_views(connection: sa.Connection, only: set[str] | None = None) -> list[IndicatorView]:
    """The active indicators, or those with the given fingerprints (active or not)."""
    query = sa.select(
        indicators,
        scopes.c.kind.label("scope_kind"),
        scopes.c.next_due_at,
        scopes.c.last_attempt_at,
        scopes.c.last_success_at,
        verdict_sets.c.next_try_at,
    )
    query = query.join(scopes, scopes.c.id == indicators.c.scope_id, isouter=True)
    query = query.join(verdict_sets, verdict_sets.c.id == indicators.c.set_id, isouter=True)
    if only is None:
        query = query.where(indicators.c.active).order_by(indicators.c.fingerprint)
    else:
        query = query.where(indicators.c.fingerprint.in_(only))
    rows = connection.execute(query).all()
    wanted = {r for row in rows for r in (row.reading_id, row.partial_reading_id) if r is not None}
    found = {
        row.id: row
        for row in connection.execute(sa.select(readings).where(readings.c.id.in_(wanted)))
    }
    below = leaves_of(connection, [row.fingerprint for row in rows])
    held = open_quarantines(connection)
    views = []
    for row in rows:
        failure = below[row.fingerprint].failure(row.fingerprint)
        views.append(
            IndicatorView(
                fingerprint=row.fingerprint,
                name=row.name,
                measure=row.measure,
                source=row.source,
                unit=row.unit,
                dimension=Dimension(row.dimension),
                definition=row.definition,
                link=row.link,
                scope_id=row.scope_id,
                set_id=row.set_id,
                interval_seconds=below[row.fingerprint].interval_seconds,
                next_due_at=max(row.next_due_at, row.next_try_at)
                if row.next_try_at
                else row.next_due_at,
                last_attempt_at=row.last_attempt_at,
                # Of what is composed, or at fault where its scope is read, its own.
                last_success_at=row.last_success_at
                if row.composition is None and row.next_try_at is None
                else row.observed_at,
                error_type=None if failure is None else failure.error_type,
                error_message=None if failure is None else failure.message,
                failing_since=None if failure is None else failure.since,
                reading=None
                if row.reading_id is None
                else to_reading(found[row.reading_id], row.observed_at),
                partial=None
                if row.partial_reading_id is None
                else to_reading(found[row.partial_reading_id], None),
                kind=row.scope_kind or kind_of(row.composition),
                fixed_at=row.fixed_at,
                quarantine=held[row.fingerprint][0].seen if row.fingerprint in held else None,
            )
        )
    return views


def kind_of(composition: Mapping[str, Any]) -> str:
    """What the composition in an indicator's row is: ``coverage``, ``combination``, ``manual``."""
    plan = from_json(COMPOSITION, composition)
    return type(plan).__name__.lower()


def feed(
    connection: sa.Connection,
    *,
    after: int | None = None,
    subject: str | None = None,
    keys: Sequence[str] | None = None,
    until: datetime | None = None,
    without: Collection[EventKind] = (),
    limit: int = 50,
) -> list[Event]:
    """Events: the newest first; with `after`, the oldest first from that position on. `keys`: of
    what is told of key results only what is of these. `until`: what had been told by that moment.
    `without`: not those of these kinds.
    """
    query = sa.select(events).limit(limit)
    if without:
        query = query.where(events.c.kind.not_in([kind.value for kind in without]))
    if subject is not None:
        query = query.where(events.c.subject == subject)
    if until is not None:
        query = query.where(events.c.at <= until)
    if keys is not None:
        query = query.where(sa.or_(events.c.key_result.is_(None), events.c.key_result.in_(keys)))
    if after is not None:
        query = query.where(events.c.position > after).order_by(events.c.position)
    else:
        query = query.order_by(events.c.position.desc())
    return [event_of(row) for row in connection.execute(query)]
