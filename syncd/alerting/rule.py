"""Rules as values, before they are written down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum


class Severity(StrEnum):
    """Who is told: somebody at once, or a team in its own time."""

    PAGE = "page"
    TICKET = "ticket"


@dataclass(frozen=True)
class Links:
    """Where annotations lead: addresses without a slash at their end. `page`: syncd's own page;
    `runbooks`: under it one page for each alert; `dashboards`: Grafana.
    """

    page: str = "https://syncd.example.org"
    runbooks: str = "https://syncd.example.org/runbooks"
    dashboards: str = "https://grafana.example.org"


@dataclass(frozen=True)
class Recording:
    """A query that is kept under a name of its own: level:metric:operation."""

    record: str
    expr: str


@dataclass(frozen=True)
class Alert:
    """An alert that fires when `expr` has held for `wait`.

    `runbook`: the page that says what to do, by its name. `page` and `dashboard`: what stands
    behind the addresses of `Links`. Texts are templates of Prometheus.
    """

    name: str
    expr: str
    severity: Severity
    summary: str
    description: str
    runbook: str
    page: str = "/"
    dashboard: str = "/d/syncd-itself"
    wait: timedelta = timedelta(0)
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Group:
    """Rules that are evaluated one after the other, so that alerts see what was recorded."""

    name: str
    rules: tuple[Recording | Alert, ...]
