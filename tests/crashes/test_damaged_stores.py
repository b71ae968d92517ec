"""A store that is damaged at a start is refused, with what was found and what to do; it is never
written to, a back-up is put in its place by that very command, and the damaged one is kept.
"""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.crashes.installation import Installation, told

pytestmark = pytest.mark.xdist_group("crashes")

PAGE = 4096
"""Bytes of a page of SQLite."""


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """One that has measured, and a back-up of it."""
    folder = tmp_path_factory.mktemp("unsound")
    with Installation(folder, f"sqlite:///{folder / 'syncd.db'}", every="1 h") as found:
        found.rest()
        assert found.begin("once").wait() == 0
        assert found.begin("store", "backup", str(folder / "good.db")).wait() == 0
        shutil.copy(folder / "syncd.db", folder / "sound.db")
        yield found


@pytest.fixture
def store(installation: Installation) -> Path:
    """Its file, sound, with nothing beside it."""
    file = installation.folder / "syncd.db"
    for one in installation.folder.glob("syncd.db*"):
        one.unlink()
    shutil.copy(installation.folder / "sound.db", file)
    return file


def cut_short(file: Path) -> None:
    with file.open("r+b") as opened:
        opened.truncate(file.stat().st_size // 2 // PAGE * PAGE)


def without_its_header(file: Path) -> None:
    with file.open("r+b") as opened:
        opened.write(b"\x00" * 100)


def with_a_page_of_rubbish(file: Path) -> None:
    pages = file.stat().st_size // PAGE
    with file.open("r+b") as opened:
        for page in range(pages // 2, pages // 2 + 3):
            opened.seek(page * PAGE)
            opened.write(b"\xa5" * PAGE)


def with_the_log_of_another(file: Path) -> None:
    other = file.with_name("other.db")
    connection = sqlite3.connect(other, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("CREATE TABLE things (a TEXT)")
    connection.execute("INSERT INTO things VALUES (hex(randomblob(9000)))")
    shutil.copy(f"{other}-wal", f"{file}-wal")
    connection.close()


def that_is_a_text(file: Path) -> None:
    file.write_text("Dear diary, the quarter went well.\n" * 300)


DAMAGES = [
    (cut_short, "damaged"),
    (without_its_header, "no SQLite database"),
    (with_a_page_of_rubbish, "damaged"),
    (with_the_log_of_another, "the log beside it (-wal) is another's"),
    (that_is_a_text, "no SQLite database"),
]


def contents(file: Path) -> dict[str, bytes]:
    """The bytes of a file, and of the log beside it."""
    return {
        one.name: one.read_bytes()
        for one in file.parent.glob(f"{file.name}*")
        if not one.name.endswith("-shm")
    }


@pytest.mark.parametrize(("damage", "found"), DAMAGES)
def test_a_damaged_store_is_refused_kept_and_replaced_by_its_back_up(
    installation: Installation, store: Path, damage: Callable[[Path], None], found: str
) -> None:
    damage(store)
    before = contents(store)

    refused = installation.begin()

    assert refused.wait() == 2
    words = "".join(refused.log)
    assert found in words
    assert str(store) in words
    assert "Traceback" not in words
    command = re.search(r"syncd (store restore) FILE", words)
    assert command is not None
    assert contents(store) == before

    restored = installation.begin(*command[1].split(), str(installation.folder / "good.db"))
    assert restored.wait() == 0, restored.log
    (aside,) = installation.folder.glob("syncd.db.before-????????T??????Z")
    kept = {one.name.replace(aside.name, store.name): data for one, data in _all(aside)}
    assert kept == before
    running = installation.begin()
    running.until(running.ready, "it runs")
    assert told(running) == pytest.approx(installation.truth())
    assert running.end() == 0


def _all(aside: Path) -> list[tuple[Path, bytes]]:
    found = [one for one in aside.parent.glob(f"{aside.name}*") if not one.name.endswith("-shm")]
    return [(one, one.read_bytes()) for one in found]


def test_another_programs_database_is_refused_and_left_alone(
    installation: Installation, store: Path
) -> None:
    store.unlink()
    connection = sqlite3.connect(store)
    connection.execute("CREATE TABLE moz_places (url TEXT)")
    connection.commit()
    connection.close()
    before = contents(store)

    refused = installation.begin()

    assert refused.wait() == 2
    words = "".join(refused.log)
    assert "another program's database" in words
    assert "moz_places" in words
    connection = sqlite3.connect(store)
    assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("moz_places",)]
    connection.close()
    assert before


def test_a_store_that_somebody_has_open_is_not_replaced_though_it_is_damaged(
    installation: Installation, store: Path
) -> None:
    # before it is opened: to close a file gives up all locks that a process has on it
    with_a_page_of_rubbish(store)
    connection = sqlite3.connect(store, isolation_level=None)
    connection.execute("BEGIN")
    connection.execute("SELECT count(*) FROM sqlite_master").fetchone()

    refused = installation.begin("store", "restore", str(installation.folder / "good.db"))

    assert refused.wait() == 2
    assert "stop every syncd that works with" in "".join(refused.log)
    connection.close()
