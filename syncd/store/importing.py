"""Taking in a period that was exported from another store: as a past that is closed, or not at all.

All that it read comes under names of its own, so that what this store measures itself, be it the
same thing, neither gains nor loses a reading. Nothing of it is due, judged or sent.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import sqlalchemy as sa
from pydantic import TypeAdapter, ValidationError

from connectors.base import fingerprint
from syncd.model import Event, EventKind
from syncd.store import files
from syncd.store.backup import require_this_version
from syncd.store.bulk import partitions
from syncd.store.codec import ASSESSMENT, FORMER, KEY_RESULT, ROLLUPS, from_json, to_json
from syncd.store.engine import Store, StoreUnusable
from syncd.store.events import append_events
from syncd.store.exported import TABLES, Mark, mark_of
from syncd.store.files import Moved, Unfit
from syncd.store.periods import IMPORTED, PERIOD, Imported, Period, lock_periods
from syncd.store.schema import (
    assessments,
    closings,
    final_scores,
    indicators,
    key_result_versions,
    key_results,
    period_versions,
    periods,
    readings,
    scopes,
    verdict_sets,
)
from syncd.wording import date

_NUMBERS: Mapping[str, Mapping[str, sa.Table]] = {
    verdict_sets.name: {"scope_id": scopes},
    indicators.name: {"scope_id": scopes, "set_id": verdict_sets},
    assessments.name: {"reading_id": readings},
}
"""The columns that hold the number of a row of another table."""
_READABLE: tuple[tuple[sa.Column[Any], TypeAdapter[Any]], ...] = (
    (periods.c.definition, PERIOD),
    (period_versions.c.definition, PERIOD),
    (closings.c.rollups, ROLLUPS),
    (key_results.c.definition, KEY_RESULT),
    (key_result_versions.c.definition, KEY_RESULT),
    (final_scores.c.definition, KEY_RESULT),
    (final_scores.c.former, FORMER),
    (final_scores.c.assessment, ASSESSMENT),
)
_NEWEST = ("first_reading_id", "reading_id", "partial_reading_id")


class CannotImport(Exception):
    """The store is as it was; the message says why, and what to do."""


@dataclass(frozen=True)
class Taken:
    """A period that is there now, and how many rows each table got; `new` False: the same was
    imported before, at the moment that `imported` says, and nothing was changed.
    """

    period: str
    imported: Imported
    new: bool
    rows: Mapping[str, int]


def import_period(
    store: Store, file: Path, *, by: str, now: datetime, moved: Moved | None = None
) -> Taken:
    """Takes a file of `export_period` in, of whichever engine that was: all of it, or nothing. It
    is checked before anything is written; workers go on meanwhile. One event tells it; those of the
    period itself are not told again.

    Raises CannotImport: the file is damaged, newer or of another kind, or the store has a period of
    that id which is not this one.
    """
    if not file.is_file():
        raise CannotImport(f"there is no file {file}")
    try:
        with TemporaryDirectory(prefix="syncd-import-") as folder:
            ready = Path(folder) / "ready.db"
            ready.touch(mode=0o600)
            files.snapshot(file, ready)
            files.require_sound(ready)
            mark = mark_of(ready)
            source = Store(f"sqlite:///{ready}")
            try:
                return _take(store, source, mark, by, now, moved)
            finally:
                source.close()
    except Unfit as error:
        raise CannotImport(f"{file} {error}") from error
    except StoreUnusable as error:
        raise CannotImport(str(error)) from error
    except sa.exc.IntegrityError as error:
        raise CannotImport(
            f"{file} cannot be imported: somebody else wrote the same at this moment; try again"
        ) from error
    except (OSError, sa.exc.DBAPIError) as error:
        said = error.orig if isinstance(error, sa.exc.DBAPIError) else error
        raise CannotImport(f"{file} cannot be imported: {said}") from error


def _take(
    store: Store, source: Store, mark: Mark, by: str, now: datetime, moved: Moved | None
) -> Taken:
    try:
        source.migrate()
        with source.read() as read:
            require_this_version(read, source.name)
    except StoreUnusable as error:
        raise Unfit(str(error).removeprefix(f"{source.name} ")) from error
    imported = Imported(now, by, mark.store, mark.at, mark.by, mark.version, mark.digest)
    with source.read() as read:
        _require_one_closed_period(read, mark.period)
        with store.write() as written:
            require_this_version(written, store.name)
            lock_periods(store, written)
            before = _there(written, mark)
            if before is not None:
                return Taken(mark.period, before, new=False, rows={})
            rows = _Copy(read, written, mark.period, imported, moved).all()
            append_events(written, [_told(read, mark.period, imported)])
    return Taken(mark.period, imported, new=True, rows=rows)


def _require_one_closed_period(read: sa.Connection, period: str) -> None:
    """Returns where the file has one period, closed, and nothing of another. Raises Unfit."""
    strangers = read.execute(
        sa.select(sa.func.count()).where(key_results.c.period != period)
    ).scalar_one()
    found = list(read.execute(sa.select(periods.c.id)).scalars())
    closed = list(read.execute(sa.select(closings.c.period)).scalars())
    if strangers or found != [period] or closed != [period]:
        raise Unfit(f"is damaged: it is not of the closed period {period} alone")
    try:
        for column, adapter in _READABLE:
            for value in read.execute(sa.select(column)).scalars():
                from_json(adapter, value)
    except ValidationError as error:
        raise Unfit(f"has what this version cannot read: {error.errors()[0]['msg']}") from error


def _there(written: sa.Connection, mark: Mark) -> Imported | None:
    """How the same export was imported before; None: the store has no period of that id. Raises
    CannotImport where it has another one.
    """
    row = written.execute(
        sa.select(periods.c.definition, periods.c.active, closings.c.at, closings.c.by)
        .join(closings, closings.c.period == periods.c.id, isouter=True)
        .where(periods.c.id == mark.period)
    ).first()
    if row is None:
        return None
    period = from_json(PERIOD, row.definition)
    if period.imported is not None and period.imported.digest == mark.digest:
        return period.imported
    raise CannotImport(
        f"the store has a period {mark.period} already, {_stands(period, row)}; "
        "what is there is never replaced: import into another store"
    )


def _stands(period: Period, row: Any) -> str:
    if period.imported is not None:
        day = date(period.imported.at, period.timezone)
        return (
            f"another export of it, imported on {day} by {period.imported.by} "
            f"from {period.imported.store}"
        )
    if row.at is not None:
        return f"its own, closed on {date(row.at, period.timezone)} by {row.by}"
    return (
        "whose mapping files are in force" if row.active else "whose mapping files were taken out"
    )


class _Copy:
    """One import under way: the numbers and the names that rows get here."""

    def __init__(
        self,
        read: sa.Connection,
        written: sa.Connection,
        period: str,
        imported: Imported,
        moved: Moved | None,
    ) -> None:
        self._read = read
        self._written = written
        self._imported = to_json(IMPORTED, imported)
        self._moved = moved
        self._numbers: dict[str, dict[int, int]] = defaultdict(dict)
        self._names = {
            name: fingerprint({"imported": period, "of": name})
            for table in (scopes, indicators)
            for name in read.execute(sa.select(table.c.fingerprint)).scalars()
        }

    def all(self) -> Mapping[str, int]:
        """Copies every row; how many of each table."""
        count = sa.func.count()
        counts = {
            table.name: int(self._read.execute(sa.select(count).select_from(table)).scalar_one())
            for table in TABLES
        }
        total, done = sum(counts.values()), 0
        for table in TABLES:
            query = sa.select(table).order_by(*table.primary_key)
            for some in partitions(self._read, query):
                self._put(table, some)
                done += len(some)
                if self._moved is not None:
                    self._moved(done, total)
        self._point_at_readings()
        return counts

    def _put(self, table: sa.Table, rows: Sequence[sa.RowMapping]) -> None:
        values = [self._row(table, row) for row in rows]
        if table.autoincrement_column is None:
            self._written.execute(sa.insert(table), values)
            return
        for value in values:
            del value["id"]
        new = self._written.execute(
            sa.insert(table).returning(table.c.id, sort_by_parameter_order=True), values
        ).scalars()
        self._numbers[table.name].update(zip((row["id"] for row in rows), new, strict=True))

    def _row(self, table: sa.Table, row: sa.RowMapping) -> dict[str, Any]:
        values = {name: renamed(value, self._names) for name, value in row.items()}
        for name, of in _NUMBERS.get(table.name, {}).items():
            values[name] = self._numbers[of.name].get(row[name])
        if table in (indicators, scopes):
            # What was not believed stays behind, and here its number is that of another one.
            values["quarantine"] = None
        if table is indicators:
            # They follow once the readings are there.
            values |= dict.fromkeys(_NEWEST)
        if table in (periods, period_versions):
            values["definition"] = {**values["definition"], "imported": self._imported}
        return values

    def _point_at_readings(self) -> None:
        columns = [indicators.c[name] for name in _NEWEST]
        new = self._numbers[readings.name]
        found = [
            {"of": self._names[row.fingerprint]}
            | {f"new_{name}": new.get(row._mapping[name]) for name in _NEWEST}
            for row in self._read.execute(sa.select(indicators.c.fingerprint, *columns))
        ]
        if found:
            self._written.execute(
                sa.update(indicators)
                .where(indicators.c.fingerprint == sa.bindparam("of"))
                .values({name: sa.bindparam(f"new_{name}") for name in _NEWEST}),
                found,
            )


def renamed(value: Any, names: Mapping[str, str]) -> Any:
    """A JSON value with every whole string that is a name replaced by the new one.

    >>> renamed({"of": "a", "parts": ["a", "ab"]}, {"a": "x"})
    {'of': 'x', 'parts': ['x', 'ab']}
    """
    if isinstance(value, str):
        return names.get(value, value)
    if isinstance(value, dict):
        return {names.get(key, key): renamed(one, names) for key, one in value.items()}
    if isinstance(value, list):
        return [renamed(one, names) for one in value]
    return value


def _told(read: sa.Connection, period: str, imported: Imported) -> Event:
    of = from_json(PERIOD, read.execute(sa.select(periods.c.definition)).scalar_one())
    closed = read.execute(sa.select(closings)).one()
    day = date(closed.at, of.timezone, imported.at)
    return Event(
        at=imported.at,
        kind=EventKind.PERIOD_IMPORTED,
        subject=period,
        title=f"{of.title or 'The period'} was imported from {imported.store}",
        text=f"By {imported.by}. It was closed there on {day} by {closed.by}, and exported by "
        f"{imported.exported_by}.",
        reason="person",
        after={"closed": True},
        data={
            "by": imported.by,
            "store": imported.store,
            "exported_at": imported.exported_at.isoformat(),
            "exported_by": imported.exported_by,
            "version": imported.version,
            "digest": imported.digest,
        },
    )
