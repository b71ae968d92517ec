"""Measures for tests of the language: the shipped ones, and a few that only tests know."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from connectors.base import (
    NO_CONTEXT,
    Dimension,
    Json,
    Measure,
    NumberPlan,
    PlanContext,
)
from syncd.mapping import Loaded, load
from syncd.registry import measures

SOURCES = {"jira-cloud": "jira", "jira-dc": "jira", "netbox": "netbox", "mimir": "prometheus"}
DEFAULT_SOURCES = {"jira": "jira-cloud", "netbox": "netbox", "prometheus": "mimir"}


class Picky(Measure):
    """A number whose plan refuses an odd `size`, as only a plan can."""

    measure: Literal["prometheus.picky"]
    size: int

    def plan(self, source: str, context: PlanContext = NO_CONTEXT) -> NumberPlan:
        if self.size % 2:
            raise ValueError(
                f'got "{self.size}"; expected an even size; fix: size: {self.size + 1}'
            )
        return NumberPlan(source, {"size": self.size}, Dimension.COUNT)


MEASURES: Mapping[str, type[Measure]] = {
    **measures(),
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
