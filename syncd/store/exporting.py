"""Writing one closed period to a file of its own, with nothing of other periods and no secret.

What is still measured, due or to be sent is not the past's and stays behind: see
`docs/decisions/0040-a-closed-period-travels-as-a-small-store.md`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from syncd.store import files
from syncd.store.backup import CannotBackUp, require_place, require_this_version
from syncd.store.bulk import add, partitions
from syncd.store.columns import EPOCH
from syncd.store.engine import Store, StoreUnusable
from syncd.store.exported import FORMAT, TABLES, Mark, digest_of, mentioned, put_mark
from syncd.store.files import Moved, Unfit
from syncd.store.periods import NoSuchPeriod, period_views
from syncd.store.schema import (
    adjustments,
    assessments,
    closings,
    composition_parts,
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

_REST: Mapping[str, Mapping[str, Any]] = {
    # Nothing of it is due, claimed, cursored or failing.
    scopes.name: {
        "active": False,
        "again": False,
        "next_due_at": EPOCH,
        "failures": 0,
        **dict.fromkeys(
            (
                *("next_transition_at", "lease_token", "lease_until", "cursor", "staged_full"),
                *("staged_resume", "last_attempt_at", "last_success_at", "last_full_at"),
                *("error_type", "error_message", "failing_since", "last_seconds"),
                *("last_requests", "last_bytes"),
            )
        ),
    },
    # Its verdicts stay behind, so it can tell of no moment.
    verdict_sets.name: {
        "active": False,
        "filled": False,
        "failures": 0,
        **dict.fromkeys(
            ("known_since", "error_type", "error_message", "failing_since", "next_try_at")
        ),
    },
    indicators.name: {
        "active": False,
        "dirty": False,
        "next_transition_at": None,
        "memory": None,
        "rewritten": 0,
    },
    periods.name: {"active": False},
    key_results.name: {
        "active": False,
        "dirty": False,
        "next_transition_at": None,
        "revision": 0,
    },
}
"""How the rows of a table rest in a file: as what is past, and nobody's."""


class CannotExport(Exception):
    """There is no file, or what was there is as it was; the message says why, and what to do."""


@dataclass(frozen=True)
class Exported:
    """A file that was written and checked: where, its size, and how many rows each table has."""

    file: Path
    size_bytes: int
    mark: Mark
    rows: Mapping[str, int]


def export_period(
    store: Store,
    period: str,
    file: Path,
    *,
    by: str,
    now: datetime,
    version: str,
    replace_file: bool = False,
    moved: Moved | None = None,
) -> Exported:
    """Writes a closed period to a file, and checks it, while workers go on. It is complete or not
    there at all, and only its owner may read it. `replace_file`: also over one that is there.

    Raises CannotExport, and NoSuchPeriod.
    """
    try:
        require_place(store, file, replace=replace_file)
        with files.unfinished(file) as unfinished:
            with store.read() as connection:
                require_this_version(connection, store.name)
                of = _closed(connection, period)
                rows = _write(connection, of, unfinished, moved)
            files.settle(unfinished)
            digest = digest_of(unfinished)
            mark = Mark(FORMAT, period, called(store), now, by, version, digest)
            put_mark(unfinished, mark)
            files.require_sound(unfinished)
            size = unfinished.stat().st_size
            files.put(unfinished, file)
            return Exported(file, size, mark, rows)
    except CannotBackUp as error:
        raise CannotExport(str(error)) from error
    except Unfit as error:
        raise CannotExport(f"the store {error}") from error
    except StoreUnusable as error:
        raise CannotExport(str(error)) from error
    except (OSError, sa.exc.DBAPIError) as error:
        raise CannotExport(f"{file} cannot be written: {error}") from error


def called(store: Store) -> str:
    """What a store is called elsewhere: the name of its file, or host and database. Its URL may
    have more than is to be told.
    """
    if store.file is not None:
        return store.file.name
    url = sa.make_url(store.name)
    return f"{url.host or 'localhost'}/{url.database or ''}"


@dataclass(frozen=True)
class _Closed:
    """A period, when it began (None: nobody says), and when it was closed."""

    id: str
    starts: datetime | None
    at: datetime


def _closed(connection: sa.Connection, period: str) -> _Closed:
    known = period_views(connection)
    found = next((one for one in known if one.period.id == period), None)
    if found is None:
        raise NoSuchPeriod(period, [one.period.id for one in known if one.closed is not None])
    if found.closed is None:
        raise CannotExport(
            f"{period} is not closed, so what it came to may still change; "
            f"`syncd period close {period}` first"
        )
    return _Closed(period, found.period.starts, found.closed.at)


def _write(
    connection: sa.Connection, of: _Closed, file: Path, moved: Moved | None
) -> Mapping[str, int]:
    which = _which(connection, of)
    count = sa.func.count()
    counts = {
        table.name: int(
            connection.execute(
                sa.select(count).select_from(table).where(which[table.name])
            ).scalar_one()
        )
        for table in TABLES
    }
    total, done = sum(counts.values()), 0
    copy = Store(f"sqlite:///{file}")
    try:
        copy.migrate()
        with copy.write() as written:
            for table in TABLES:
                query = sa.select(table).where(which[table.name]).order_by(*table.primary_key)
                rest = _REST.get(table.name, {})
                for some in partitions(connection, query):
                    add(written, table, [{**row, **rest} for row in some])
                    done += len(some)
                    if moved is not None:
                        moved(done, total)
            _point_at_what_is_there(written, of.at)
    finally:
        copy.close()
    return counts


def _which(connection: sa.Connection, of: _Closed) -> Mapping[str, sa.ColumnElement[bool]]:
    """Which rows of each table are the period's."""
    period = of.id
    keys = sa.select(key_results.c.key).where(key_results.c.period == period)
    read = sorted(_read_by(connection, period))
    of_it = indicators.c.fingerprint.in_(read)
    return {
        scopes.name: scopes.c.id.in_(sa.select(indicators.c.scope_id).where(of_it)),
        verdict_sets.name: verdict_sets.c.id.in_(sa.select(indicators.c.set_id).where(of_it)),
        indicators.name: of_it,
        composition_parts.name: composition_parts.c.indicator.in_(read),
        readings.name: _readings(of, read, keys),
        periods.name: periods.c.id == period,
        period_versions.name: period_versions.c.period == period,
        closings.name: closings.c.period == period,
        key_results.name: key_results.c.period == period,
        key_result_versions.name: key_result_versions.c.key_result.in_(keys),
        final_scores.name: final_scores.c.period == period,
        assessments.name: assessments.c.key_result.in_(keys),
        adjustments.name: adjustments.c.key_result.in_(keys),
    }


def _readings(of: _Closed, read: list[str], keys: sa.Select[tuple[str]]) -> sa.ColumnElement[bool]:
    """Of what the period read: what was written down before it was closed, and is of its time, or
    was told of it, or is a baseline, or was the newest when it began.
    """
    known = sa.and_(readings.c.indicator.in_(read), readings.c.recorded_at <= of.at)
    if of.starts is None:
        return known
    told = sa.select(assessments.c.reading_id).where(assessments.c.key_result.in_(keys))
    fixed = sa.select(indicators.c.fingerprint).where(indicators.c.fixed_at.is_not(None))
    firsts = sa.select(indicators.c.first_reading_id).where(indicators.c.fingerprint.in_(read))
    before = (
        sa.select(readings.c.indicator, sa.func.max(readings.c.at))
        .where(known, readings.c.complete, readings.c.at < of.starts)
        .group_by(readings.c.indicator)
    )
    return sa.and_(
        known,
        sa.or_(
            readings.c.at >= of.starts,
            readings.c.indicator.in_(fixed),
            *(
                readings.c.id.in_(one.where(column.is_not(None)))
                for one, column in (
                    (told, assessments.c.reading_id),
                    (firsts, indicators.c.first_reading_id),
                )
            ),
            sa.tuple_(readings.c.indicator, readings.c.at).in_(before),
        ),
    )


def _read_by(connection: sa.Connection, period: str) -> set[str]:
    """The fingerprints of all that the period's key results were ever told by, or stand on."""
    known = set(connection.execute(sa.select(indicators.c.fingerprint)).scalars())
    versions = sa.join(key_result_versions, key_results)
    found: set[str] = set()
    for query in (
        sa.select(periods.c.indicators).where(periods.c.id == period),
        sa.select(
            key_results.c.definition,
            key_results.c.former,
            key_results.c.indicator,
            key_results.c.serving,
            key_results.c.baseline,
        ).where(key_results.c.period == period),
        sa.select(key_result_versions.c.definition)
        .select_from(versions)
        .where(key_results.c.period == period),
        sa.select(final_scores.c.definition, final_scores.c.former, final_scores.c.indicator).where(
            final_scores.c.period == period
        ),
        sa.select(assessments.c.indicator)
        .join(key_results, key_results.c.key == assessments.c.key_result)
        .where(key_results.c.period == period)
        .distinct(),
    ):
        for row in connection.execute(query):
            found |= mentioned(list(row), known)
    parts: dict[str, set[str]] = {}
    for row in connection.execute(sa.select(composition_parts)):
        parts.setdefault(row.indicator, set()).add(row.part)
    wanted = list(found)
    while wanted:
        new = parts.get(wanted.pop(), set()) - found
        found |= new
        wanted.extend(new)
    return found


def _point_at_what_is_there(written: sa.Connection, closed_at: datetime) -> None:
    """The newest reading of an indicator that is measured on is not the period's."""
    there = sa.select(readings.c.id)
    for column in (indicators.c.first_reading_id, indicators.c.partial_reading_id):
        written.execute(
            sa.update(indicators).where(column.not_in(there)).values({column.name: None})
        )
    of_it = sa.and_(readings.c.indicator == indicators.c.fingerprint, readings.c.complete)
    order = (readings.c.at.desc(), readings.c.id.desc())
    newest = sa.select(readings.c.id).where(of_it).order_by(*order).limit(1)
    observed = sa.select(readings.c.observed_at).where(of_it).order_by(*order).limit(1)
    moved_on = sa.or_(indicators.c.reading_id.not_in(there), indicators.c.observed_at > closed_at)
    written.execute(
        sa.update(indicators)
        .where(moved_on)
        .values(reading_id=newest.scalar_subquery(), observed_at=observed.scalar_subquery())
    )
