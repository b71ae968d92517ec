"""Where an indicator's number comes from, at any moment: its query, objects, parts and cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from connectors.base import Outcome
from syncd.compose import Key, Matching, matched
from syncd.model import Combination, Combining, Coverage, Reading
from syncd.store.aggregate import holding
from syncd.store.codec import COMPOSITION, from_json
from syncd.store.naming import key_meant, words
from syncd.store.objects import missing_counts
from syncd.store.publish import Cost
from syncd.store.read import IndicatorView, indicator_views
from syncd.store.readings import to_reading
from syncd.store.schema import (
    backfills,
    indicators,
    key_results,
    readings,
    scopes,
    verdicts,
)
from syncd.store.sets import can_tell, set_row
from syncd.store.sides import moment_of, side_members

__all__ = [
    "CoverageView",
    "Explanation",
    "History",
    "Key",
    "PartView",
    "explain",
    "find",
    "names",
]


@dataclass(frozen=True)
class PartView:
    """A part of a composed indicator. `role`: ``of`` or ``in`` of a coverage, else how it is
    combined (``sum``, ...; of a ratio ``of`` and ``over``, of a difference ``of`` and ``minus``).
    Its value times `factor` is in the whole's unit; `weight` is its share of a weighted mean.
    """

    indicator: IndicatorView
    role: str
    factor: float
    weight: float
    reading: Reading | None

    @property
    def value(self) -> float | None:
        """The part's value in the whole's unit."""
        if self.reading is None or self.reading.value is None:
            return None
        return self.reading.value * self.factor


@dataclass(frozen=True)
class CoverageView:
    """Two sets compared. `of`, `inside`: what people call the two sides.

    `counted`: every key of the side that is counted; `missing`: those that the other side lacks,
    or has where it does not pass, or has too late (each tells who holds it on either side, and
    until when it is pending); `extra`: keys that only the other side has; `twice_of`,
    `twice_inside`: keys that two objects of a side hold.
    """

    of: str
    inside: str
    counted: tuple[Key, ...]
    missing: tuple[Key, ...]
    extra: tuple[Key, ...]
    twice_of: tuple[Key, ...]
    twice_inside: tuple[Key, ...]


@dataclass(frozen=True)
class History:
    """What was rebuilt of an indicator's past. `finished_at` None: it was cut, and goes on when it
    is asked for again. `untold`: sentences on what could not be rebuilt.
    """

    since: datetime
    position: datetime | None
    finished_at: datetime | None
    untold: tuple[str, ...]


@dataclass(frozen=True)
class Explanation:
    """An indicator's number at `at`, and where it comes from.

    `query` is what is asked of the source, in its own words (None: nothing is, it is composed).
    `reading`: the newest complete one for a moment up to `at`, `partial` a newer partial one (only
    where `at` is now). `known`: False where the verdicts say nothing of `at`; then `counts` and
    `lacks` are empty, which is not zero. `known_since`: before this they say nothing (None: they
    can tell of any moment). `counts`: objects by outcome; `lacks`: what failing objects lack, the
    most frequent first. `cost` is that of the last published run. `told_by`: the readings are those
    that were written down by then; what only holds of today is left out.
    """

    indicator: IndicatorView
    at: datetime
    query: Mapping[str, Any] | None
    reading: Reading | None
    partial: Reading | None
    cost: Cost | None
    known: bool
    known_since: datetime | None
    counts: Mapping[Outcome, int]
    lacks: tuple[tuple[str, int], ...]
    parts: tuple[PartView, ...]
    coverage: CoverageView | None
    history: History | None
    told_by: datetime | None = None


def find(connection: sa.Connection, word: str, now: datetime) -> str | None:
    """The fingerprint of the indicator that a word means: the name of one in force, a fingerprint
    (in force or not), or a key result by its id or key, then the one whose readings it tells.
    """
    named = connection.execute(
        sa.select(indicators.c.fingerprint).where(indicators.c.active, indicators.c.name == word)
    ).scalar()
    if named is not None:
        return str(named)
    known = connection.execute(
        sa.select(indicators.c.fingerprint).where(indicators.c.fingerprint == word)
    ).scalar()
    if known is not None:
        return str(known)
    served = connection.execute(
        sa.select(key_results.c.serving).where(
            key_results.c.key == key_meant(connection, word, now)
        )
    ).scalar()
    return None if served is None else str(served)


def names(connection: sa.Connection) -> list[str]:
    """Every word that `find` knows of what is in force, but fingerprints, in order."""
    called = sa.select(indicators.c.name).where(indicators.c.active, indicators.c.name.is_not(None))
    return sorted({*connection.execute(called).scalars(), *words(connection)})


def explain(
    connection: sa.Connection,
    fingerprint: str,
    *,
    now: datetime,
    at: datetime | None = None,
    told_by: datetime | None = None,
) -> Explanation | None:
    """Where the number comes from at `at` (None: as it is told now); None when there is no such
    indicator. `told_by`: by the readings that were written down by that moment (None: by all that
    are known of `at` today); objects are always as they are known today.
    """
    views = indicator_views(connection, {fingerprint})
    if not views:
        return None
    view = views[0] if told_by is None else views[0].without_today()
    row = connection.execute(
        sa.select(
            indicators,
            scopes.c.definition.label("query"),
            scopes.c.last_seconds,
            scopes.c.last_requests,
            scopes.c.last_bytes,
        )
        .join(scopes, scopes.c.id == indicators.c.scope_id, isouter=True)
        .where(indicators.c.fingerprint == fingerprint)
    ).one()
    moment = view.fixed_at or at or moment_of(connection, row, now)
    of_set = None if view.set_id is None else set_row(connection, view.set_id)
    known = of_set is not None and can_tell(of_set, moment)
    plan = None if row.composition is None else from_json(COMPOSITION, row.composition)
    return Explanation(
        indicator=view,
        at=moment,
        query=row.query,
        reading=view.reading
        if at is None
        else reading_at(connection, fingerprint, at, told_by=told_by),
        partial=view.partial if at is None else None,
        cost=None
        if row.last_seconds is None or told_by is not None
        else Cost(row.last_seconds, row.last_requests, row.last_bytes),
        known=known,
        known_since=None if of_set is None else of_set.known_since,
        counts=_counts(connection, view, moment) if known else {},
        lacks=tuple(missing_counts(connection, view, moment)) if known else (),
        parts=_parts(connection, plan, at, told_by),
        coverage=_coverage(connection, plan, now, at) if isinstance(plan, Coverage) else None,
        history=None if told_by is not None else _history(connection, fingerprint),
        told_by=told_by,
    )


def reading_at(
    connection: sa.Connection,
    fingerprint: str,
    at: datetime,
    *,
    told_by: datetime | None = None,
) -> Reading | None:
    """The newest complete reading for a moment up to `at`, wherever it comes from; `told_by`: of
    those that were written down by that moment.
    """
    query = (
        sa.select(readings)
        .where(readings.c.indicator == fingerprint, readings.c.complete, readings.c.at <= at)
        .order_by(readings.c.at.desc(), readings.c.id.desc())
        .limit(1)
    )
    if told_by is not None:
        query = query.where(readings.c.recorded_at <= told_by)
    row = connection.execute(query).first()
    return None if row is None else to_reading(row, None)


# --------------------------------------------------------------------------------------- parts


def _counts(connection: sa.Connection, view: IndicatorView, at: datetime) -> dict[Outcome, int]:
    if view.set_id is None:
        return {}
    found = {
        Outcome(row.outcome): int(row.objects)
        for row in connection.execute(
            sa.select(verdicts.c.outcome, sa.func.count().label("objects"))
            .where(holding(view.set_id, at))
            .group_by(verdicts.c.outcome)
        )
    }
    return {outcome: found.get(outcome, 0) for outcome in Outcome}


def _parts(
    connection: sa.Connection, plan: Any, at: datetime | None, told_by: datetime | None
) -> tuple[PartView, ...]:
    listed: list[tuple[str, str, float, float]] = []
    if isinstance(plan, Coverage):
        listed = [(plan.of, "of", 1.0, 1.0), (plan.inside, "in", 1.0, 1.0)]
    elif isinstance(plan, Combination):
        roles = _ROLES.get(plan.how, (plan.how.value,) * len(plan.parts))
        listed = [
            (part.indicator, role, part.factor, part.weight)
            for part, role in zip(plan.parts, roles, strict=True)
        ]
    views = {v.fingerprint: v for v in indicator_views(connection, {one[0] for one in listed})}
    return tuple(
        PartView(
            indicator=views[fingerprint] if told_by is None else views[fingerprint].without_today(),
            role=role,
            factor=factor,
            weight=weight,
            reading=views[fingerprint].reading
            if at is None
            else reading_at(connection, fingerprint, at, told_by=told_by),
        )
        for fingerprint, role, factor, weight in listed
    )


_ROLES: Mapping[Combining, tuple[str, ...]] = {
    Combining.RATIO: ("of", "over"),
    Combining.DIFFERENCE: ("of", "minus"),
}


def _coverage(
    connection: sa.Connection, plan: Coverage, now: datetime, at: datetime | None
) -> CoverageView:
    rows = {
        row.fingerprint: row
        for row in connection.execute(
            sa.select(indicators).where(indicators.c.fingerprint.in_((plan.of, plan.inside)))
        )
    }
    of, inside = rows[plan.of], rows[plan.inside]
    found = Matching((), (), (), ())
    moments = {one.fingerprint: at or moment_of(connection, one, now) for one in (of, inside)}
    if all(
        can_tell(set_row(connection, one.set_id), moments[one.fingerprint]) for one in (of, inside)
    ):
        found = matched(
            side_members(connection, of, plan, moments[plan.of]),
            side_members(connection, inside, plan, moments[plan.inside]),
            normalise=plan.normalise,
            within_seconds=plan.within_seconds,
            now=at or now,
        )
    return CoverageView(
        of=of.name or of.measure,
        inside=inside.name or inside.measure,
        counted=found.counted,
        missing=found.missing,
        extra=found.extra,
        twice_of=found.twice_of,
        twice_inside=found.twice_inside,
    )


def _history(connection: sa.Connection, fingerprint: str) -> History | None:
    row = connection.execute(
        sa.select(backfills).where(backfills.c.indicator == fingerprint)
    ).first()
    if row is None:
        return None
    return History(row.since, row.position, row.finished_at, tuple(row.untold))
