"""Key results, indicators, sources and mapping as Prometheus metrics, from the store.

What is not known has no series: a panel shows a gap, never a zero. Only the status has all its
series always, so an alert on it cannot be missed for want of one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from syncd.assess import RollUp
from syncd.model import Status
from syncd.store.naming import short_names
from syncd.store.periods import period_views
from syncd.store.read import (
    IndicatorView,
    KeyResultView,
    MappingView,
    SourceView,
    indicator_views,
    key_result_views,
    mapping,
    sources,
)
from syncd.store.rolling import RolledUp, rolled_up

KR_LABELS = ("kr", "objective", "team")
INDICATOR_LABELS = ("indicator", "source", "measure")


@dataclass(frozen=True)
class State:
    """All that the metrics tell, read at one moment. `names`: what each key result is called."""

    now: datetime
    version: str
    key_results: Sequence[KeyResultView]
    names: Mapping[str, str]
    indicators: Sequence[IndicatorView]
    sources: Sequence[SourceView]
    mapping: MappingView | None
    rollups: Sequence[RolledUp] = ()


def state(connection: sa.Connection, *, now: datetime, version: str) -> State:
    """What the store holds at this moment."""
    views = key_result_views(connection)
    return State(
        now=now,
        version=version,
        key_results=views,
        names=short_names(connection, now),
        indicators=indicator_views(connection),
        sources=sources(connection),
        mapping=mapping(connection),
        rollups=rolled_up([one for one in period_views(connection) if one.closed is None], views),
    )


class StateCollector(Collector):
    """A prometheus-client collector over one state."""

    def __init__(self, told: State) -> None:
        self._told = told

    def collect(self) -> Iterator[Metric]:
        """Every family, in a fixed order."""
        yield from _key_results(self._told.key_results, self._told.names)
        yield from _rollups(self._told.rollups)
        yield from _indicators(self._told.indicators)
        yield from _sources(self._told.sources)
        yield from _mapping(self._told.mapping)
        clock = GaugeMetricFamily(
            "syncd_clock_timestamp_seconds",
            "The moment that syncd takes for now; in a replay it is not the wall clock's.",
        )
        clock.add_metric([], self._told.now.timestamp())
        yield clock
        yield InfoMetricFamily(
            "syncd_build", "The version that serves this.", {"version": self._told.version}
        )


def _key_results(views: Sequence[KeyResultView], names: Mapping[str, str]) -> Iterator[Metric]:
    def labels(view: KeyResultView) -> list[str]:
        kr = view.key_result
        return [names[kr.key], kr.objective, kr.team]

    def family(name: str, words: str, values: Iterable[float | None]) -> Metric:
        made = GaugeMetricFamily(f"syncd_kr_{name}", words, labels=KR_LABELS)
        for view, value in zip(views, values, strict=True):
            if value is not None and math.isfinite(value):
                made.add_metric(labels(view), value)
        return made

    told = [view.assessment for view in views]
    yield family(
        "progress_ratio",
        "Progress towards the target, 0 to 1.",
        (t.progress if t else None for t in told),
    )
    yield family(
        "expected_ratio",
        "Progress expected by now, 0 to 1.",
        (t.expected if t else None for t in told),
    )
    yield family(
        "pace_ratio",
        "Progress less expected progress, -1 to 1.",
        (t.pace if t else None for t in told),
    )
    yield family(
        "value",
        "The value assessed, in base units: shares 0 to 1, durations in seconds.",
        (t.value if t else None for t in told),
    )
    yield family(
        "start_value", "The value progress counts from.", (t.start if t else None for t in told)
    )
    yield family("target_value", "The value that is wanted.", (t.goal if t else None for t in told))
    ahead = [t.forecast if t else None for t in told]
    yield family(
        "forecast_value",
        "The value at the due date if it goes on as it did, in base units.",
        (f.middle if f else None for f in ahead),
    )
    yield family(
        "forecast_low_value",
        "The least it is then in eight of ten cases.",
        (f.low if f else None for f in ahead),
    )
    yield family(
        "forecast_high_value",
        "The most it is then in eight of ten cases.",
        (f.high if f else None for f in ahead),
    )
    yield family(
        "forecast_chance_ratio",
        "The chance of reaching the goal by the due date, 0 to 1.",
        (f.chance if f else None for f in ahead),
    )
    yield family(
        "forecast_landing_timestamp_seconds",
        "When the goal is reached at this pace; none: not in sight.",
        (f.lands_at.timestamp() if f and f.lands_at else None for f in ahead),
    )
    yield family(
        "due_timestamp_seconds",
        "When the key result is due.",
        (view.key_result.due.timestamp() for view in views),
    )
    yield family(
        "last_reading_timestamp_seconds",
        "When the assessed value was last confirmed by its source.",
        (t.observed_at.timestamp() if t and t.observed_at else None for t in told),
    )
    yield family(
        "last_assessment_timestamp_seconds",
        "When the key result was last assessed.",
        (t.at.timestamp() if t else None for t in told),
    )
    yield family(
        "overridden",
        "1 while a person has set the status that is told, else 0.",
        (float(t is not None and t.overridden is not None) for t in told),
    )
    yield family(
        "paused",
        "1 while a person has paused it, else 0.",
        (float(t is not None and t.paused is not None) for t in told),
    )
    status = GaugeMetricFamily(
        "syncd_kr_status",
        "The status that is told: 1 for the one that holds, 0 for the others.",
        labels=(*KR_LABELS, "status"),
    )
    info = InfoMetricFamily("syncd_kr", "Texts of a key result, to join by kr.", labels=KR_LABELS)
    for view, t in zip(views, told, strict=True):
        holds = Status.NO_DATA if t is None else t.status
        for each in Status:
            status.add_metric([*labels(view), each.value], float(each is holds))
        kr = view.key_result
        info.add_metric(
            labels(view),
            {
                "title": kr.title,
                "owner": ", ".join(kr.owner),
                "objective_title": kr.objective_title,
                "unit": view.indicator.unit or view.indicator.dimension.value,
            },
        )
    yield status
    yield info


def _rollups(periods: Sequence[RolledUp]) -> Iterator[Metric]:
    """A family for each level, so that a sum over one of them counts nothing twice."""
    levels: list[tuple[str, tuple[str, ...], list[tuple[list[str], RollUp]]]] = [
        ("objective", ("objective", "team"), []),
        ("team", ("team",), []),
        ("organisation", (), []),
    ]
    for one in periods:
        team_of = {v.key_result.objective: v.key_result.team for v in one.views}
        of_objectives, of_teams, of_all = (found for _, _, found in levels)
        of_objectives += [
            ([key, team_of[key], one.period.id], rollup)
            for key, rollup in one.rollups.objectives.items()
        ]
        of_teams += [([key, one.period.id], each) for key, each in one.rollups.teams.items()]
        of_all.append(([one.period.id], one.rollups.organisation))
    for level, labels, found in levels:
        for name, words, value_of in _ROLLED:
            made = GaugeMetricFamily(f"syncd_{level}_{name}", words, labels=(*labels, "period"))
            for values, rollup in found:
                value = value_of(rollup)
                if value is not None:
                    made.add_metric(values, value)
            yield made


_ROLLED: tuple[tuple[str, str, Callable[[RollUp], float | None]], ...] = (
    ("progress_ratio", "Mean progress of what is known, 0 to 1.", lambda one: one.progress),
    ("expected_ratio", "Mean progress expected of the same by now.", lambda one: one.expected),
    (
        "unknown_ratio",
        "How much of the weight is not known, 0 to 1.",
        lambda one: one.unknown_share,
    ),
)


def _indicators(views: Sequence[IndicatorView]) -> Iterator[Metric]:
    def family(name: str, words: str, values: Iterable[float | None]) -> Metric:
        made = GaugeMetricFamily(f"syncd_indicator_{name}", words, labels=INDICATOR_LABELS)
        for view, value in zip(views, values, strict=True):
            if value is not None and math.isfinite(value):
                made.add_metric(
                    [view.name or view.fingerprint, view.source or "", view.measure], value
                )
        return made

    read = [view.reading for view in views]
    yield family("value", "The newest complete reading.", (r.value if r else None for r in read))
    yield family(
        "numerator",
        "What the value is a part of, above.",
        (r.numerator if r else None for r in read),
    )
    yield family(
        "denominator",
        "What the value is a part of, below.",
        (r.denominator if r else None for r in read),
    )
    yield family(
        "objects", "Objects that hold a verdict.", (r.objects if r else None for r in read)
    )
    yield family(
        "pending_objects",
        "Objects that have neither passed nor failed yet.",
        (r.pending if r else None for r in read),
    )
    yield family(
        "partial",
        "1 when a newer reading is partial: shown, and not assessed.",
        (float(view.partial is not None) for view in views),
    )
    yield family(
        "failing",
        "1 when the last attempt to measure it failed.",
        (float(view.error_type is not None) for view in views),
    )


def _sources(views: Sequence[SourceView]) -> Iterator[Metric]:
    up = GaugeMetricFamily(
        "syncd_source_up",
        "1 when every scope of the source was read at its last turn.",
        labels=("source",),
    )
    failing = GaugeMetricFamily(
        "syncd_source_failing_scopes", "Scopes whose last turn failed.", labels=("source",)
    )
    success = GaugeMetricFamily(
        "syncd_source_last_success_timestamp_seconds",
        "When a scope of the source was last read.",
        labels=("source",),
    )
    for view in views:
        up.add_metric([view.name], float(view.failing_since is None))
        failing.add_metric([view.name], view.failing)
        if view.last_success_at is not None:
            success.add_metric([view.name], view.last_success_at.timestamp())
    yield up
    yield failing
    yield success


def _mapping(view: MappingView | None) -> Iterator[Metric]:
    accepted = GaugeMetricFamily(
        "syncd_mapping_accepted", "1 when the newest mapping files were accepted, else 0."
    )
    faults = GaugeMetricFamily("syncd_mapping_faults", "Faults in the newest mapping files.")
    loaded = GaugeMetricFamily(
        "syncd_mapping_last_load_timestamp_seconds",
        "When mapping files were last taken up or refused.",
    )
    good = GaugeMetricFamily(
        "syncd_mapping_last_accepted_timestamp_seconds",
        "When the mapping files that are in force were taken up.",
    )
    accepted.add_metric([], float(view is not None and view.accepted))
    faults.add_metric([], 0 if view is None else len(view.faults))
    if view is not None:
        loaded.add_metric([], view.at.timestamp())
    if view is not None and view.accepted_at is not None:
        good.add_metric([], view.accepted_at.timestamp())
    yield accepted
    yield faults
    yield loaded
    yield good
