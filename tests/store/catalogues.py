"""Small catalogues made by hand, and what a connector would bring for them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.base import (
    Aggregate,
    Aggregation,
    Batch,
    Dimension,
    NumberPlan,
    Outcome,
    Row,
    ScanPlan,
    Scope,
    Timeline,
    Verdict,
)
from syncd.model import (
    Catalogue,
    Combination,
    Combining,
    Coverage,
    External,
    Indicator,
    KeyResult,
    Manual,
    Objective,
    Part,
    Target,
    TargetType,
)

START = datetime(2026, 1, 1, 8, tzinfo=UTC)
DUE = datetime(2026, 4, 1, 7, tzinfo=UTC) - timedelta(microseconds=1)


@dataclass(frozen=True)
class Named:
    """A judge that is only a name: tests hand its verdicts to the store themselves."""

    name: str

    @property
    def definition(self) -> Any:
        return {"judge": self.name}

    def judge(self, row: Row, now: datetime) -> Timeline:
        raise AssertionError("the store judges nothing")


def scanned(
    name: str,
    *,
    scope: str = "devices",
    judge: str = "complete",
    source: str = "netbox",
    how: Aggregation = Aggregation.SHARE,
    percentile: float | None = None,
    scale: float = 1.0,
    keyed: bool = False,
    retrospective: bool = False,
    at: datetime | None = None,
) -> Indicator:
    dimension = {
        Aggregation.SHARE: Dimension.RATIO,
        Aggregation.COUNT: Dimension.COUNT,
    }.get(how, Dimension.DURATION)
    plan = ScanPlan(
        Scope(source, {"objects": scope}),
        Named(judge),
        Aggregate(how, percentile, scale),
        dimension,
        keyed=keyed,
        retrospective=retrospective,
    )
    definition = {"measure": "test.scan", "of": scope, "by": judge, "how": how.value}
    if percentile is not None:
        definition["percentile"] = str(percentile)
    if scale != 1.0:
        definition["scale"] = str(scale)
    return Indicator(name, "test.scan", source, plan, dimension, None, definition, at=at)


def keyed(name: str, *, scope: str, source: str = "netbox", **more: Any) -> Indicator:
    """A set of keys, judged by the judge named `complete`."""
    return scanned(name, scope=scope, source=source, how=Aggregation.KEYS, keyed=True, **more)


def covering(name: str, of: Indicator, inside: Indicator, **more: Any) -> Indicator:
    plan = Coverage(of.fingerprint, inside.fingerprint, **more)
    definition = {"measure": "coverage", "of": of.name, "in": inside.name}
    return Indicator(name, "coverage", None, plan, Dimension.RATIO, None, definition)


def combined(name: str, how: Combining, *parts: Indicator) -> Indicator:
    plan = Combination(how, tuple(Part(part.fingerprint) for part in parts))
    definition = {"measure": "combine", how.value: [part.name for part in parts]}
    return Indicator(name, "combine", None, plan, parts[0].dimension, None, definition)


def by_hand(name: str, *, stale_after: timedelta = timedelta(days=14)) -> Indicator:
    plan = Manual(stale_after.total_seconds())
    definition = {"measure": "manual", "stale_after": str(stale_after)}
    return Indicator(name, "manual", None, plan, Dimension.COUNT, None, definition | {"of": name})


def numbered(name: str, *, query: str = "up", source: str = "prometheus") -> Indicator:
    plan = NumberPlan(source, {"query": query}, Dimension.COUNT)
    definition = {"measure": "test.number", "query": query}
    return Indicator(name, "test.number", source, plan, Dimension.COUNT, None, definition)


def key_result(key: str, indicator: Indicator, **more: Any) -> KeyResult:
    return KeyResult(
        **{
            "id": key,
            "title": f"Title of {key}",
            "team": key.split("-", maxsplit=1)[0],
            "objective": key.rsplit("-", 1)[0],
            "objective_title": "Objective",
            "owner": ("Lead",),
            "indicator": indicator.fingerprint,
            "target": Target(TargetType.AT_LEAST, goal=1.0),
            "start": START,
            "due": DUE,
            "timezone": "America/Los_Angeles",
            **more,
        }
    )


def catalogue(
    indicators: Iterable[Indicator],
    key_results: Iterable[KeyResult],
    externals: Iterable[External] = (),
    *,
    period: str = "",
    starts: datetime | None = None,
    ends: datetime | None = None,
    objectives: Iterable[Objective] = (),
) -> Catalogue:
    found = [replace(kr, period=period) for kr in key_results]
    return Catalogue(
        organisation="Test",
        period_title=period or "2026-Q1",
        timezone="America/Los_Angeles",
        teams={kr.team: kr.team.upper() for kr in found},
        indicators={indicator.fingerprint: indicator for indicator in indicators},
        key_results={kr.id: kr for kr in found},
        externals={external.name: external for external in externals},
        objectives={objective.id: objective for objective in objectives},
        digest=f"d{period}",
        period=period,
        starts=starts,
        ends=ends,
    )


def judged(
    at: datetime,
    *,
    passing: Sequence[str] = (),
    failing: Sequence[str] = (),
    missing: Sequence[str] = ("serial",),
) -> list[Timeline]:
    """Timelines that begin at `at`, as a completeness judge makes them."""
    return [
        Timeline(i, at, (Verdict(at, None, Outcome.PASS),), label=f"device {i}") for i in passing
    ] + [
        Timeline(
            i,
            at,
            (Verdict(at, None, Outcome.FAIL, missing=tuple(missing)),),
            label=f"device {i}",
            url=f"https://netbox.example.org/{i}",
        )
        for i in failing
    ]


def gone(at: datetime, *ids: str) -> list[Timeline]:
    return [Timeline(i, at, ()) for i in ids]


@dataclass(frozen=True)
class Answer:
    """What a scan brings for one judge: its batches, and the cursor of the last."""

    timelines: list[Timeline] = field(default_factory=list)
    partial: bool = False

    def last(self) -> Batch:
        return Batch((tuple(self.timelines),), cursor={"at": "end"}, partial=self.partial)


def holds(
    object_id: str,
    *keys: str,
    since: datetime = START,
    outcome: Outcome = Outcome.PASS,
    until: datetime | None = None,
    began: datetime | None = None,
) -> Timeline:
    """An object of a keyed set, its whole history."""
    verdict = Verdict(since, until, outcome, keys=keys, began=began)
    return Timeline(object_id, None, (verdict,), label=f"object {object_id}")
