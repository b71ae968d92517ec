"""The look at a store in SQLite, each fault made in a real file."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from syncd.clock import SystemClock
from syncd.doctor.store import look_at_store
from syncd.store.migrating import HEAD
from tests.store.made import made

NOBODY = 65534


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The file of a store as this version makes it."""
    made(tmp_path / "syncd.db").close()
    return tmp_path / "syncd.db"


def found(path: Path) -> dict[str, tuple[str, str]]:
    """Level and words of each finding, by what it is about."""
    findings = look_at_store(f"sqlite:///{path}", SystemClock(), 5.0)
    return {one.about: (one.level.value, one.says) for one in findings}


def levels(path: Path) -> dict[str, str]:
    return {about: level for about, (level, _) in found(path).items()}


@contextmanager
def as_nobody() -> Iterator[None]:
    """Without the rights of root, to whom no file is closed."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that everybody may enter; pytest's own are closed to nobody."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def test_a_store_that_is_as_it_should_be(path: Path) -> None:
    assert levels(path) == {
        "reachable": "ok",
        "schema": "ok",
        "journal": "ok",
        "integrity": "ok",
        "writable": "ok",
        "room": "ok",
    }


def test_one_that_is_not_there_is_made_at_the_first_start_and_not_by_the_look(
    tmp_path: Path,
) -> None:
    path = tmp_path / "new" / "syncd.db"

    assert levels(path) == {"reachable": "ok"}
    assert not path.parent.exists()


def test_one_that_may_not_be_made_is_a_problem(open_folder: Path) -> None:
    with as_nobody():
        assert levels(open_folder / "syncd.db") == {"writable": "problem"}


def test_a_file_that_may_only_be_read_is_a_problem(open_folder: Path) -> None:
    path = open_folder / "syncd.db"
    made(path).close()
    path.chmod(0o444)
    open_folder.chmod(0o777)

    with as_nobody():
        told = levels(path)

    assert (told["reachable"], told["writable"]) == ("ok", "problem")


def test_a_file_that_may_not_be_read_is_a_problem(open_folder: Path) -> None:
    path = open_folder / "syncd.db"
    made(path).close()
    path.chmod(0o000)

    with as_nobody():
        assert levels(path) == {"reachable": "problem"}


def test_a_damaged_file_is_told_as_damaged(path: Path) -> None:
    page, tables = 4096, 3
    with path.open("r+b") as file:
        file.seek(page * tables)
        file.write(b"\xff" * page * 20)

    told = found(path)

    assert told["integrity"][0] == "problem"


def test_a_file_too_large_to_be_read_in_time_is_neither_whole_nor_damaged(path: Path) -> None:
    found = {one.about: one for one in look_at_store(f"sqlite:///{path}", SystemClock(), -1.0)}

    assert found["integrity"].level.value == "unknown"
    assert found["room"].level.value == "ok"


def test_a_file_that_is_no_store_at_all_is_told(tmp_path: Path) -> None:
    path = tmp_path / "syncd.db"
    path.write_bytes(b"this is no database" * 100)

    assert levels(path) == {"reachable": "problem"}


def test_a_schema_of_an_older_version_is_told(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '0001'")

    told = found(path)["schema"]

    assert told[0] == "warning"
    assert "0001" in told[1]
    assert HEAD in told[1]


def test_a_newer_schema_that_lets_this_version_go_on_is_well(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.execute(
            "INSERT OR REPLACE INTO counters (name, value) VALUES ('works_with', ?)", (int(HEAD),)
        )

    level, says = found(path)["schema"]

    assert level == "ok"
    assert "9999, of a newer version" in says


def test_a_newer_schema_that_does_not_is_a_problem(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.execute(
            "INSERT OR REPLACE INTO counters (name, value) VALUES ('works_with', 9999)"
        )

    assert found(path)["schema"][0] == "problem"


def test_who_writes_for_long_leaves_it_unknown_whether_it_can_be_written(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("syncd.doctor.store.BUSY_SECONDS", 0.05)
    with closing(sqlite3.connect(path, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")

        assert levels(path)["writable"] == "unknown"


@pytest.mark.parametrize("url", ["sqlite://", "mysql://db/syncd", "no url"])
def test_a_url_of_no_use_is_a_problem(url: str) -> None:
    told = list(look_at_store(url, SystemClock(), 5.0))

    assert [one.level.value for one in told] == ["problem"]
