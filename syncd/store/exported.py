"""The file of an exported period: an SQLite store with one more table, which says what it is.

Whatever schema the rest of the file is of, that table and the digest of the rows are read as they
are, so that a file is known and checked before it is brought to another schema.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from syncd.store.codec import from_json, to_json
from syncd.store.files import Unfit
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

FORMAT = 1
"""Rises when what a file holds means something else; a file of a higher one is refused."""

TABLES = (
    scopes,
    verdict_sets,
    indicators,
    composition_parts,
    readings,
    periods,
    period_versions,
    closings,
    key_results,
    key_result_versions,
    final_scores,
    assessments,
    adjustments,
)
"""What an export has rows of, each after those that it refers to."""

_TABLE = "syncd_export"


@dataclass(frozen=True)
class Mark:
    """What a file is the export of: the period `period` of `store` (in words), made at `at` (aware
    UTC) by `by` with syncd `version`. `digest`: of all rows, SHA-256 in hexadecimal.
    """

    format: int
    period: str
    store: str
    at: datetime
    by: str
    version: str
    digest: str


MARK = TypeAdapter(Mark)


def put_mark(file: Path, mark: Mark) -> None:
    """Makes of a file an export."""
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute(f"CREATE TABLE {_TABLE} (format INTEGER NOT NULL, about TEXT NOT NULL)")
        connection.execute(
            f"INSERT INTO {_TABLE} VALUES (?, ?)",  # noqa: S608  # nosec B608
            (mark.format, json.dumps(to_json(MARK, mark))),
        )


def is_export(file: Path) -> bool:
    """Whether a file says that it is the export of a period; one that cannot be read does not."""
    try:
        with closing(_opened(file)) as connection:
            query = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
            return connection.execute(query, (_TABLE,)).fetchone() is not None
    except sqlite3.Error:
        return False


def mark_of(file: Path) -> Mark:
    """What a sound file says that it is the export of; its rows are those that were written. Raises
    Unfit.
    """
    if not is_export(file):
        raise Unfit("is no export of a period (`syncd period export` writes them)")
    with closing(_opened(file)) as connection:
        row = connection.execute(f"SELECT format, about FROM {_TABLE}").fetchone()  # noqa: S608  # nosec B608
    if row is None:
        raise Unfit("is damaged: it does not say what it is the export of")
    if row[0] > FORMAT:
        raise Unfit(
            f"was written by a newer syncd (format {row[0]}; this one reads up to {FORMAT}); "
            "import it with that version"
        )
    try:
        mark = from_json(MARK, json.loads(row[1]))
    except (ValidationError, ValueError) as error:
        raise Unfit("is damaged: what it says of itself cannot be read") from error
    if digest_of(file) != mark.digest:
        raise Unfit("is damaged, or was changed: its rows are not those that were exported")
    return mark


def digest_of(file: Path) -> str:
    """SHA-256 of all rows that an export has, in hexadecimal; the same for the same rows."""
    found = hashlib.sha256()
    with closing(_opened(file)) as connection:
        for table in TABLES:
            # names of our own tables; a parameter cannot stand for one
            query = f'SELECT * FROM "{table.name}" ORDER BY 1, 2'  # noqa: S608  # nosec B608
            try:
                rows = connection.execute(query)
            except sqlite3.OperationalError as error:
                raise Unfit(f"is damaged: it has no table {table.name}") from error
            for row in rows:
                found.update(json.dumps([table.name, *row], ensure_ascii=True).encode())
    return found.hexdigest()


def mentioned(value: Any, known: set[str]) -> set[str]:
    """Which of some words stand anywhere in a JSON value, as a whole string."""
    if isinstance(value, str):
        return {value} & known
    if isinstance(value, dict):
        return set().union(*(mentioned(one, known) for pair in value.items() for one in pair))
    if isinstance(value, list):
        return set().union(*(mentioned(one, known) for one in value))
    return set()


def _opened(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)
