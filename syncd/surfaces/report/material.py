"""All that a report is made from, read from the store at one moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any

import sqlalchemy as sa

from syncd.assess import RollUps, roll_up
from syncd.model import (
    Assessment,
    Event,
    KeyResult,
    Objective,
    Status,
)
from syncd.store.explaining import PartView, explain, reading_at
from syncd.store.externals import PREFIX, ExternalView
from syncd.store.lately import events_between, left_between, told_at
from syncd.store.past import Point, daily
from syncd.store.periods import Period, choose, present
from syncd.store.read import (
    IndicatorView,
    KeyResultView,
    MappingView,
    SourceView,
    findings,
    indicator_views,
    mapping,
    sources,
)
from syncd.store.told import externals_known, key_results_known, periods_known


@dataclass(frozen=True)
class Found:
    """A finding of hygiene, as it was written down with the mapping files."""

    severity: str
    title: str
    says: str
    fix: str
    subjects: tuple[str, ...]


@dataclass(frozen=True)
class Material:
    """What the store says at `now`, and what it said at `since`.

    `then` and `past` by key result; `parts` of the organisation's own roll-ups, by key result;
    `externals` as key results need them (``external:NAME``); `beside`: the indicators that stand
    beside key results, by fingerprint. `told_by`: it is what was known at that moment of the past
    (None: what is known now).
    """

    now: datetime
    since: datetime
    views: Sequence[KeyResultView]
    then: Mapping[str, Assessment]
    past: Mapping[str, Sequence[Point]]
    left: Sequence[KeyResult] = ()
    events: Sequence[Event] = ()
    sources: Sequence[SourceView] = ()
    mapping: MappingView | None = None
    found: Sequence[Mapping[str, Any]] = ()
    parts: Mapping[str, Sequence[PartView]] = field(default_factory=dict)
    externals: Mapping[str, ExternalView] = field(default_factory=dict)
    period: Period | None = None
    beside: Mapping[str, IndicatorView] = field(default_factory=dict)
    told_by: datetime | None = None

    @property
    def findings(self) -> Sequence[Found]:
        """What hygiene found in the mapping files in force."""
        return [
            Found(
                severity=one["severity"],
                title=one["title"],
                says=one["says"],
                fix=one["fix"],
                subjects=(one["subject"], *(other["subject"] for other in one["others"])),
            )
            for one in self.found
            if one["subject"].partition(":")[2].rpartition("/")[0] == self._period
        ]

    @cached_property
    def objectives(self) -> Mapping[str, Objective]:
        """The period's objectives by id."""
        return {} if self.period is None else {one.id: one for one in self.period.objectives}

    @cached_property
    def rolled(self) -> RollUps:
        """The means of objectives, teams and the organisation."""
        return roll_up(
            [view.key_result for view in self.views],
            self.objectives,
            {
                view.key_result.id: view.assessment
                for view in self.views
                if view.assessment is not None
            },
        )

    @property
    def organisation(self) -> str:
        """What the organisation is called."""
        return "syncd" if self.period is None else self.period.organisation

    @property
    def timezone(self) -> str:
        """The organisation's timezone."""
        return "UTC" if self.period is None else self.period.timezone

    @property
    def teams(self) -> Mapping[str, str]:
        """The teams' titles by their ids, in the order of the mapping files."""
        return {} if self.period is None else self.period.teams

    def team_title(self, team: str) -> str:
        """What a team is called."""
        return self.teams.get(team, team)

    @property
    def _period(self) -> str:
        return "" if self.period is None else self.period.id


def gather(
    connection: sa.Connection,
    *,
    now: datetime,
    since: datetime,
    period: str | None = None,
    told_by: datetime | None = None,
) -> Material:
    """Reads it all in one transaction, so that the report does not contradict itself. `period`
    None: of those that are open the newest. `told_by`: what was known at that moment of the past,
    which then is `now` too; how the sources stood is not. Raises NoSuchPeriod.
    """
    chosen = _chosen(connection, period, now, told_by)
    views = [] if chosen is None else key_results_known(connection, told_by, periods=[chosen.id])
    return Material(
        now=now,
        told_by=told_by,
        period=chosen,
        since=since,
        views=views,
        then=told_at(connection, since),
        past=daily(
            connection,
            until=now,
            timezone="UTC" if chosen is None else chosen.timezone,
            told=told_by is not None,
        ),
        left=[
            kr
            for kr in left_between(connection, since, told_by)
            if chosen is None or kr.period == chosen.id
        ],
        events=events_between(connection, since, now),
        sources=sources(connection) if told_by is None else [],
        mapping=mapping(connection, told_by),
        found=findings(connection, told_by),
        externals={
            PREFIX + view.external.name: view
            for view in externals_known(connection, told_by)
            if chosen is None or view.period == chosen.id
        },
        beside={
            view.fingerprint: view if told_by is None else _then(connection, view, told_by)
            for view in indicator_views(
                connection, {one.indicator for view in views for one in view.key_result.beside}
            )
        },
        parts={
            view.key_result.id: found.parts
            for view in views
            if is_roll_up(view.key_result)
            and (
                found := explain(
                    connection,
                    view.indicator.fingerprint,
                    now=now,
                    at=told_by if view.closed is None else view.closed.at,
                    told_by=told_by if view.closed is None else view.closed.at,
                )
            )
            is not None
        },
    )


def _then(connection: sa.Connection, view: IndicatorView, at: datetime) -> IndicatorView:
    """An indicator with what it had read by `at`."""
    reading = reading_at(connection, view.fingerprint, at, told_by=at)
    return replace(view.without_today(), reading=reading)


def _chosen(
    connection: sa.Connection, wanted: str | None, now: datetime, told_by: datetime | None
) -> Period | None:
    views = periods_known(connection, told_by)
    return present(choose(views, wanted, now), now).period if views or wanted else None


def distinct(views: Sequence[KeyResultView]) -> list[KeyResultView]:
    """Those that count: of a result that is declared twice the one that the other is a duplicate
    of, where both are among them.
    """
    ids = {view.key_result.id for view in views}
    return [view for view in views if view.key_result.duplicate_of not in ids]


def is_roll_up(kr: KeyResult) -> bool:
    """Whether it is the organisation's own, of no team and outside every mean."""
    return not kr.team


def status_of(told: Assessment | None) -> Status:
    """What is told; what has not been assessed yet has no data."""
    return Status.NO_DATA if told is None else told.status
