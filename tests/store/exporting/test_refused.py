"""What is neither exported nor taken in, and changes nothing."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from syncd.clock import ManualClock
from syncd.store.engine import Store
from syncd.store.exported import MARK, digest_of, mark_of
from syncd.store.exporting import CannotExport, export_period
from syncd.store.importing import CannotImport, import_period
from syncd.store.periods import NoSuchPeriod
from syncd.store.restore import CannotRestore, restore
from tests.store.exporting.world import FIRST, PERIOD, content, put, take, write
from tests.store.made import made


def test_a_period_that_is_there_is_never_replaced(
    lived: Store, file: Path, elsewhere: Store, clock: ManualClock, tmp_path: Path
) -> None:
    put(elsewhere, clock, FIRST)
    third = made(tmp_path / "third.db")
    take(third, file, clock)
    with third.write() as connection:
        connection.execute(sa.text("UPDATE key_results SET rank = rank + 1"))
    write(third, tmp_path / "other.syncd", clock)
    fourth = made(tmp_path / "fourth.db")
    take(fourth, file, clock)

    for store, from_file, words in (
        (lived, file, "its own, closed on 2 Apr 2026 by Ada"),
        (elsewhere, file, "whose mapping files are in force"),
        (fourth, tmp_path / "other.syncd", r"imported on 5 Apr 2026 by Eve from syncd\.db"),
    ):
        was = content(store)
        with pytest.raises(CannotImport, match=f"has a period 2026-Q1 already, .*{words}"):
            take(store, from_file, clock)
        assert content(store) == was
    third.close()
    fourth.close()


def _told_otherwise(file: Path) -> None:
    _execute(file, "UPDATE final_scores SET assessment = replace(assessment, 'missed', 'achieved')")
    _execute(file, "UPDATE readings SET value = 9999.0")


def _of_a_newer_format(file: Path) -> None:
    _execute(file, "UPDATE syncd_export SET format = format + 1")


def _of_a_newer_schema(file: Path) -> None:
    _execute(file, "UPDATE alembic_version SET version_num = '9999'")


def _without_words(file: Path) -> None:
    _execute(file, "UPDATE syncd_export SET about = 'nothing'")


def _no_export(file: Path) -> None:
    _execute(file, "DROP TABLE syncd_export")


def _cut(file: Path) -> None:
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])


def _a_letter(file: Path) -> None:
    file.write_text("Dear grandmother")


def _of_two_periods(file: Path) -> None:
    _execute(
        file,
        "INSERT INTO periods SELECT '2025-Q4', active, starts, definition, indicators FROM periods",
    )
    _marked_anew(file)


def _with_another_definition(file: Path) -> None:
    _execute(file, "UPDATE key_results SET definition = '{}' WHERE id = 'a-1'")
    _marked_anew(file)


def _marked_anew(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        ((about,),) = connection.execute("SELECT about FROM syncd_export")
        mark = replace(MARK.validate_json(about), digest=digest_of(file))
        words = (MARK.dump_json(mark).decode(),)
        connection.execute("UPDATE syncd_export SET about = ?", words)


def _execute(file: Path, words: str) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute(words)


def test_a_file_that_is_not_as_it_was_exported_is_refused_before_anything_is_written(
    file: Path, elsewhere: Store, clock: ManualClock
) -> None:
    was, whole = content(elsewhere), file.read_bytes()
    for spoil, words in (
        (_told_otherwise, "was changed: its rows are not those"),
        (_of_a_newer_format, "a newer syncd .format 2; this one reads up to 1"),
        (_of_a_newer_schema, "written by a newer syncd"),
        (_without_words, "what it says of itself cannot be read"),
        (_no_export, "no export of a period .`syncd period export`"),
        (_cut, "is damaged|cannot be copied"),
        (_a_letter, "no SQLite database"),
        (_of_two_periods, "not of the closed period 2026-Q1 alone"),
        (_with_another_definition, "has what this version cannot read"),
    ):
        spoil(file)
        with pytest.raises(CannotImport, match=words):
            take(elsewhere, file, clock)
        assert content(elsewhere) == was
        file.write_bytes(whole)


def test_an_import_that_fails_half_way_changes_nothing(
    file: Path, elsewhere: Store, clock: ManualClock
) -> None:
    was = content(elsewhere)

    def moved(done: int, total: int) -> None:
        if done > total / 2:
            raise OSError("the disk is full")

    with pytest.raises(CannotImport, match="the disk is full"):
        import_period(elsewhere, file, by="Eve", now=clock.now(), moved=moved)

    assert content(elsewhere) == was


def test_an_export_is_not_restored_as_if_it_were_a_back_up(
    file: Path, elsewhere: Store, tmp_path: Path
) -> None:
    was = content(elsewhere)
    elsewhere.close()

    with pytest.raises(CannotRestore, match="syncd period import"):
        restore(elsewhere, file, aside=tmp_path / "before.db")

    assert content(elsewhere) == was


def test_only_what_is_closed_is_exported_and_over_nothing_unless_told(
    lived: Store, clock: ManualClock, tmp_path: Path
) -> None:
    def out(period: str, **more: Any) -> None:
        export_period(lived, period, tmp_path / "f", by="Ada", now=clock.now(), version="1", **more)

    with pytest.raises(CannotExport, match="2026-Q2 is not closed, so what it came to may still"):
        out("2026-Q2")
    with pytest.raises(NoSuchPeriod, match="expected one of 2026-Q1"):
        out("2024-Q1")
    assert not (tmp_path / "f").exists()
    (tmp_path / "f").write_text("dear")
    with pytest.raises(CannotExport, match="--force"):
        out(PERIOD)
    assert (tmp_path / "f").read_text() == "dear"
    out(PERIOD, replace_file=True)
    assert mark_of(tmp_path / "f").period == PERIOD
    assert [one.name for one in tmp_path.glob(".*")] == []
