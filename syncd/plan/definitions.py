"""What is declared: by the mapping files in force, as the store keeps them, or by edited ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from connectors.base import Dimension
from syncd.model import Catalogue, External, KeyResult, Objective
from syncd.store.externals import external_views
from syncd.store.periods import periods_in_force
from syncd.store.read import indicator_views, key_result_views


@dataclass(frozen=True)
class Declared:
    """An indicator as its author wrote it, variables replaced."""

    fingerprint: str
    name: str | None
    measure: str
    source: str | None
    dimension: Dimension
    unit: str | None
    definition: Mapping[str, Any]


@dataclass(frozen=True)
class Definitions:
    """Everything that one set of mapping files declares. `organisation`: what concerns them all, by
    the word for it; `teams` by id with their titles; `indicators` by fingerprint.
    """

    organisation: Mapping[str, str] = field(default_factory=dict)
    teams: Mapping[str, str] = field(default_factory=dict)
    objectives: Mapping[str, Objective] = field(default_factory=dict)
    externals: Mapping[str, External] = field(default_factory=dict)
    indicators: Mapping[str, Declared] = field(default_factory=dict)
    key_results: Mapping[str, KeyResult] = field(default_factory=dict)


def of_store(connection: sa.Connection) -> Definitions:
    """What is in force; nothing before mapping files have been."""
    periods = periods_in_force(connection)
    return Definitions(
        organisation={} if not periods else _organisation(periods[-1]),
        teams={key: title for period in periods for key, title in period.teams.items()},
        objectives={one.id: one for period in periods for one in period.objectives},
        externals={view.external.name: view.external for view in external_views(connection)},
        indicators={
            view.fingerprint: Declared(
                view.fingerprint,
                view.name,
                view.measure,
                view.source,
                view.dimension,
                view.unit,
                view.definition,
            )
            for view in indicator_views(connection)
        },
        key_results={view.key_result.id: view.key_result for view in key_result_views(connection)},
    )


def of_catalogue(catalogue: Catalogue) -> Definitions:
    """What mapping files declare that have been read."""
    return Definitions(
        organisation={
            "organisation": catalogue.organisation,
            "period": catalogue.period_title,
            "timezone": catalogue.timezone,
        },
        teams=catalogue.teams,
        objectives=catalogue.objectives,
        externals=catalogue.externals,
        indicators={
            fingerprint: Declared(
                fingerprint,
                one.name,
                one.measure,
                one.source,
                one.dimension,
                one.unit,
                one.definition,
            )
            for fingerprint, one in catalogue.indicators.items()
        },
        key_results=catalogue.key_results,
    )


def _organisation(period: Any) -> dict[str, str]:
    return {
        "organisation": period.organisation,
        "period": period.title,
        "timezone": period.timezone,
    }
