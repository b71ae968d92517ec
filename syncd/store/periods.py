"""Periods as their mapping files declare them: their days, their teams and their objectives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from pydantic import TypeAdapter

from syncd.model import Catalogue, External, Objective
from syncd.store.codec import from_json, to_json
from syncd.store.columns import EPOCH
from syncd.store.engine import Store
from syncd.store.schema import closings, period_versions, periods


@dataclass(frozen=True)
class Imported:
    """That a period was lived in another store: when it came from there and by whom it was taken
    in; which store that is, when, by whom and with which syncd it was exported, and the digest of
    what was.
    """

    at: datetime
    by: str
    store: str
    exported_at: datetime
    exported_by: str
    version: str
    digest: str


@dataclass(frozen=True)
class Period:
    """A period. `id` is empty where the files name none; `starts` and `ends` (aware UTC, both in
    it) are None where they say nothing. `teams` by id with their titles, in the order of the files,
    as `objectives` and `externals` are; these are None where an older version wrote the period down
    without them. `imported`: from another store (None: it is this one's own).
    """

    id: str
    title: str
    organisation: str
    timezone: str
    starts: datetime | None
    ends: datetime | None
    teams: Mapping[str, str]
    objectives: tuple[Objective, ...]
    externals: tuple[External, ...] | None = None
    imported: Imported | None = None

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
            externals=tuple(catalogue.externals.values()),
        )

    @property
    def begins(self) -> tuple[datetime, str]:
        """Periods in order of this are in the order of time; one without days is the earliest."""
        return self.starts or EPOCH, self.id

    def seniority(self, now: datetime) -> tuple[bool, datetime, str]:
        """Of several periods the one with the most is meant where none is named: the newest that
        has begun, or else the newest.
        """
        begins, word = self.begins
        return begins <= now, begins, word


PERIOD = TypeAdapter(Period)
IMPORTED = TypeAdapter(Imported)


class NoSuchPeriod(Exception):
    """A period was asked for that is neither in force nor closed; `known`: those it could be."""

    def __init__(self, period: str, known: Sequence[str]) -> None:
        expected = f"one of {', '.join(known)}" if known else "none, because there is no period yet"
        super().__init__(f"got {period[:80]!r}; expected {expected}")
        self.known = known


@dataclass(frozen=True)
class Closed:
    """That a period was closed: when, by whom, and what they said; `imported`: in another store."""

    at: datetime
    by: str
    note: str | None
    imported: Imported | None = None


@dataclass(frozen=True)
class PeriodView:
    """A period that readers may ask for: its mapping files are in force, or it is closed."""

    period: Period
    closed: Closed | None

    def open_at(self, now: datetime) -> bool:
        """Whether it has begun and is not closed. One whose last day has passed stays open."""
        return self.closed is None and self.period.begins[0] <= now


def lock_periods(store: Store, connection: sa.Connection) -> set[str]:
    """The periods that are closed. Who changes what is in force begins with this, so that nobody
    closes a period, and nobody opens it again, meanwhile.
    """
    connection.execute(store.locked(sa.select(periods.c.id).order_by(periods.c.id))).all()
    return set(connection.execute(sa.select(closings.c.period)).scalars())


def put_periods(
    store: Store, connection: sa.Connection, catalogues: Sequence[Catalogue], now: datetime
) -> None:
    """Makes the periods of these catalogues the ones in force; the others keep their definition.
    Every definition there ever was stays in `period_versions`.
    """
    query = sa.select(periods).order_by(periods.c.id)
    before = {row.id: row for row in connection.execute(store.locked(query)).all()}
    rows = [_row(catalogue) for catalogue in catalogues]
    connection.execute(sa.update(periods).values(active=False))
    store.upsert(connection, periods, rows)
    versions = [
        _version(row["id"], now, row["definition"], active=True)
        for row in rows
        if (old := before.get(row["id"])) is None
        or not old.active
        or old.definition != row["definition"]
    ]
    in_force = {row["id"] for row in rows}
    versions += [
        _version(old.id, now, old.definition, active=False)
        for old in before.values()
        if old.active and old.id not in in_force
    ]
    if versions:
        connection.execute(sa.insert(period_versions), versions)


def periods_in_force(connection: sa.Connection) -> list[Period]:
    """The periods whose mapping files are in force, the earliest first."""
    query = sa.select(periods.c.definition).where(periods.c.active)
    found = (from_json(PERIOD, each) for each in connection.execute(query).scalars())
    return sorted(found, key=lambda one: one.begins)


def period_views(connection: sa.Connection) -> list[PeriodView]:
    """The periods that readers may ask for, the earliest first."""
    query = (
        sa.select(periods.c.definition, closings.c.at, closings.c.by, closings.c.note)
        .join(closings, closings.c.period == periods.c.id, isouter=True)
        .where(sa.or_(periods.c.active, closings.c.at.is_not(None)))
    )
    found = []
    for row in connection.execute(query):
        period = from_json(PERIOD, row.definition)
        closed = None if row.at is None else Closed(row.at, row.by, row.note, period.imported)
        found.append(PeriodView(period, closed))
    return sorted(found, key=lambda one: one.period.begins)


def choose(views: Sequence[PeriodView], asked: str | None, now: datetime) -> list[PeriodView]:
    """The period that is asked for; without one those that are open at `now`, or else the newest
    that has begun, or else the newest. Raises NoSuchPeriod.
    """
    if asked is not None:
        found = [one for one in views if one.period.id == asked]
        if not found:
            raise NoSuchPeriod(asked, [one.period.id for one in views])
        return found
    open_ones = [one for one in views if one.open_at(now)]
    return open_ones or [present(views, now)] if views else []


def present(views: Sequence[PeriodView], now: datetime) -> PeriodView:
    """The newest of some periods that has begun, or else the newest."""
    return max(views, key=lambda one: one.period.seniority(now))


def objectives(connection: sa.Connection) -> Sequence[Objective]:
    """The objectives of the periods in force, in the order of the mapping files."""
    return [one for period in periods_in_force(connection) for one in period.objectives]


def _row(catalogue: Catalogue) -> dict[str, Any]:
    definition = to_json(PERIOD, Period.of(catalogue))
    # Mapping files never say it, and older versions wrote the rest: the same stays the same.
    del definition["imported"]
    return {
        "id": catalogue.period,
        "active": True,
        "starts": catalogue.starts,
        "definition": definition,
        "indicators": sorted(catalogue.indicators),
    }


def _version(period: str, now: datetime, definition: Any, *, active: bool) -> dict[str, Any]:
    return {"period": period, "recorded_at": now, "active": active, "definition": definition}
