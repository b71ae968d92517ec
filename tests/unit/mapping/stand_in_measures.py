"""Measures for tests of the language: the shipped ones, and a few that only tests know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import Field

from connectors.base import (
    Aggregate,
    Aggregation,
    Dimension,
    Json,
    Measure,
    NumberPlan,
    Row,
    ScanPlan,
    Scope,
    Timeline,
)
from syncd.mapping import Loaded, load
from syncd.registry import measures

SOURCES = {"jira-cloud": "jira", "jira-dc": "jira", "netbox": "netbox", "mimir": "prometheus"}
DEFAULT_SOURCES = {"jira": "jira-cloud", "netbox": "netbox", "prometheus": "mimir"}


@dataclass(frozen=True)
class NoJudge:
    """A judge that is never asked."""

    definition: Json = "none"

    def judge(self, row: Row, now: datetime) -> Timeline:  # noqa: ARG002 (the protocol's)
        raise AssertionError("the loader judges nothing")


class Duration(Measure):
    """A duration as a percentile, a mean, or a share within a limit."""

    measure: Literal["jira.duration"]
    jql: str
    percentile: float | None = Field(default=None, gt=0, le=100)
    mean: Literal[True] | None = None
    within: str | None = None

    def plan(self, source: str) -> ScanPlan:
        scope = Scope(source, {"jql": self.jql})
        if self.within is not None:
            return ScanPlan(scope, NoJudge(), Aggregate(Aggregation.SHARE), Dimension.RATIO)
        how = Aggregation.MEAN if self.mean else Aggregation.PERCENTILE
        return ScanPlan(scope, NoJudge(), Aggregate(how, self.percentile), Dimension.DURATION)


class Picky(Measure):
    """A number whose plan refuses an odd `size`, as only a plan can."""

    measure: Literal["prometheus.picky"]
    size: int

    def plan(self, source: str) -> NumberPlan:
        if self.size % 2:
            raise ValueError(
                f'got "{self.size}"; expected an even size; fix: size: {self.size + 1}'
            )
        return NumberPlan(source, {"size": self.size}, Dimension.COUNT)


MEASURES: Mapping[str, type[Measure]] = {
    **measures(),
    "jira.duration": Duration,
    "prometheus.picky": Picky,
}

ORGANISATION = """\
organisation: Infrastructure
period: 2026-Q1
timezone: America/Los_Angeles
"""


def load_files(
    folder: Path, variables: Mapping[str, Json] | None = None, /, **files: str
) -> Loaded:
    """What the files (name without .yaml = text) mean; an organisation file is added to them."""
    for name, text in {"organisation": ORGANISATION, **files}.items():
        (folder / f"{name}.yaml").write_text(text)
    return load_folder(folder, variables)


def load_folder(folder: Path, variables: Mapping[str, Json] | None = None) -> Loaded:
    """What the folder means to an installation with every measure and a few sources."""
    return load(
        folder,
        measures=MEASURES,
        sources=SOURCES,
        default_sources=DEFAULT_SOURCES,
        variables=variables,
    )
