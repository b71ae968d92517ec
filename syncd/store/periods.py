"""Periods as their mapping files declare them: their days, their teams and their objectives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from pydantic import TypeAdapter

from syncd.model import Catalogue, Objective
from syncd.store.codec import from_json, to_json
from syncd.store.engine import Store
from syncd.store.schema import period_versions, periods


@dataclass(frozen=True)
class Period:
    """A period. `id` is empty where the files name none; `starts` and `ends` (aware UTC, both in
    it) are None where they say nothing. `teams` by id with their titles, in the order of the files,
    as `objectives` are.
    """

    id: str
    title: str
    organisation: str
    timezone: str
    starts: datetime | None
    ends: datetime | None
    teams: Mapping[str, str]
    objectives: tuple[Objective, ...]

    @classmethod
    def of(cls, catalogue: Catalogue) -> Period:
        """The period of a catalogue."""
        return cls(
            id=catalogue.period,
            title=catalogue.period_title,
            organisation=catalogue.organisation,
            timezone=catalogue.timezone,
            starts=catalogue.starts,
            ends=catalogue.ends,
            teams=catalogue.teams,
            objectives=tuple(catalogue.objectives.values()),
        )


PERIOD = TypeAdapter(Period)


def put_period(store: Store, connection: sa.Connection, period: Period, now: datetime) -> None:
    """Makes `period` the one in force; what is in force no longer keeps its definition, and every
    definition there ever was stays in `period_versions`.
    """
    query = sa.select(periods).order_by(periods.c.id)
    before = {row.id: row for row in connection.execute(store.locked(query)).all()}
    definition = to_json(PERIOD, period)
    versions = [
        {"period": row.id, "recorded_at": now, "active": False, "definition": row.definition}
        for row in before.values()
        if row.active and row.id != period.id
    ]
    old = before.get(period.id)
    if old is None or not old.active or old.definition != definition:
        versions.append(
            {"period": period.id, "recorded_at": now, "active": True, "definition": definition}
        )
    connection.execute(sa.update(periods).values(active=False))
    store.upsert(
        connection,
        periods,
        [
            {
                "id": period.id,
                "active": True,
                "starts": period.starts,
                "definition": definition,
            }
        ],
    )
    if versions:
        connection.execute(sa.insert(period_versions), versions)


def periods_in_force(connection: sa.Connection) -> list[Period]:
    """The periods whose mapping files are in force, the earliest first."""
    query = sa.select(periods).where(periods.c.active).order_by(periods.c.starts, periods.c.id)
    return [from_json(PERIOD, row.definition) for row in connection.execute(query)]


def objectives(connection: sa.Connection) -> Sequence[Objective]:
    """The objectives of the periods in force, in the order of the mapping files."""
    return [one for period in periods_in_force(connection) for one in period.objectives]
