"""What is declared: by the mapping files in force, as the store keeps them, or by edited ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from connectors.base import Dimension
from syncd.model import Catalogue, External, KeyResult, Objective
from syncd.store.catalogue import measured
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


def of_store(connection: sa.Connection, *, named: bool = False) -> Definitions:
    """What is in force; nothing before mapping files have been. `named`: what several periods may
    have is known by its period too.
    """
    periods = periods_in_force(connection)
    return Definitions(
        organisation={} if not periods else _organisation(periods[-1]),
        teams={key: title for period in periods for key, title in period.teams.items()},
        objectives={
            called(one.id, period.id, named=named): one
            for period in periods
            for one in period.objectives
        },
        externals={
            called(view.external.name, view.period, named=named): view.external
            for view in external_views(connection)
        },
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
        key_results={
            called(view.key_result.id, view.key_result.period, named=named): view.key_result
            for view in key_result_views(connection)
        },
    )


def of_catalogues(catalogues: Sequence[Catalogue], *, named: bool = False) -> Definitions:
    """What mapping files declare that have been read, the earliest period first; `named` as above.
    There must be some.
    """
    newest = catalogues[-1]
    return Definitions(
        organisation={
            "organisation": newest.organisation,
            "period": newest.period_title,
            "timezone": newest.timezone,
        },
        teams={key: title for each in catalogues for key, title in each.teams.items()},
        objectives={
            called(key, each.period, named=named): one
            for each in catalogues
            for key, one in each.objectives.items()
        },
        externals={
            called(key, each.period, named=named): one
            for each in catalogues
            for key, one in each.externals.items()
        },
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
            for fingerprint, one in measured(catalogues).items()
        },
        key_results={
            called(key, each.period, named=named): one
            for each in catalogues
            for key, one in each.key_results.items()
        },
    )


def called(word: str, period: str, *, named: bool) -> str:
    """What something of a period is called: by its period too where there are several."""
    return f"{period}/{word}" if named and period else word


def _organisation(period: Any) -> dict[str, str]:
    return {
        "organisation": period.organisation,
        "period": period.title,
        "timezone": period.timezone,
    }
