"""Back-ups: what one holds, and that a store is wholly restored from it or left as it was."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from connectors.base import ScanPlan
from syncd.clock import ManualClock
from syncd.store import files
from syncd.store.backup import CannotBackUp, back_up
from syncd.store.claims import claim_whole
from syncd.store.engine import Store
from syncd.store.migrating import MIGRATIONS
from syncd.store.restore import CannotRestore, Restored, restore
from syncd.store.schema import metadata, readings, scopes
from tests.store.catalogues import catalogue, judged, key_result, scanned
from tests.store.conftest import Fill
from tests.store.made import made
from tests.store.state import assess_all

DEVICES = scanned("completeness")
CATALOGUE = catalogue([DEVICES], [key_result("dcim-o1-kr1", DEVICES)])


@pytest.fixture
def used(
    store: Store, clock: ManualClock, in_force: Callable[..., None], fill: Fill
) -> Callable[[], None]:
    """Lives another hour in the store: measured and judged."""
    in_force(CATALOGUE)

    def live() -> None:
        clock.advance(hours=1)
        count = clock.now().hour
        passing = [str(n) for n in range(count)]
        fill(DEVICES, judged(clock.now(), passing=passing, failing=["99"]))
        assess_all(store, clock)

    live()
    live()
    return live


@pytest.fixture(params=["sqlite", "postgresql"])
def elsewhere(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """Another store, in which nothing is yet."""
    if request.param == "sqlite":
        found = made(tmp_path / "elsewhere.db")
    else:
        template = request.getfixturevalue("made_once")
        found = Store(request.getfixturevalue("postgres").create_database(template=template))
    yield found
    found.close()


def content(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    with store.read() as connection:
        return {
            table.name: [
                tuple(row)
                for row in connection.execute(sa.select(table).order_by(*table.primary_key))
            ]
            for table in metadata.sorted_tables
        }


def put(store: Store, file: Path) -> Restored:
    return restore(store, file, aside=file.with_name("before.db"))


@pytest.mark.usefixtures("used")
def test_a_back_up_holds_every_row_and_may_be_opened_as_a_store(
    store: Store, tmp_path: Path
) -> None:
    written = back_up(store, tmp_path / "b.db")

    opened = Store(f"sqlite:///{tmp_path / 'b.db'}")
    assert content(opened) == content(store)
    opened.close()
    assert written.rows["readings"] == 2
    assert [one.name for one in tmp_path.glob(".*")] == []


@pytest.mark.usefixtures("used")
def test_a_store_of_either_kind_is_restored_into_either_kind_and_lives_on(
    store: Store,
    elsewhere: Store,
    tmp_path: Path,
) -> None:
    back_up(store, tmp_path / "b.db")
    elsewhere.close()

    done = put(elsewhere, tmp_path / "b.db")

    assert content(elsewhere) == content(store)
    assert done.rows["readings"] == 2
    with elsewhere.write() as connection:
        row = dict(connection.execute(sa.select(readings)).mappings().first() or {})
        del row["id"]
        new = connection.execute(sa.insert(readings).values(**row).returning(readings.c.id))
        assert new.scalar_one() > max(row[0] for row in content(store)["readings"])


def test_what_was_there_is_kept_in_a_file(
    store: Store, used: Callable[[], None], tmp_path: Path
) -> None:
    back_up(store, tmp_path / "b.db")
    was = content(store)
    used()
    now = content(store)
    store.close()

    done = put(store, tmp_path / "b.db")

    assert done.kept == tmp_path / "before.db"
    assert content(store) == was
    kept = Store(f"sqlite:///{done.kept}")
    assert content(kept) == now
    kept.close()


def test_nothing_is_restored_while_somebody_works_with_the_store(
    store: Store, store_url: str, used: Callable[[], None], tmp_path: Path
) -> None:
    back_up(store, tmp_path / "b.db")
    used()
    was = content(store)
    ours = Store(store_url)

    with pytest.raises(CannotRestore, match=r"stop every syncd"):
        put(ours, tmp_path / "b.db")

    ours.close()
    assert content(store) == was
    assert not (tmp_path / "before.db").exists()


@pytest.mark.usefixtures("used")
def test_who_had_claimed_something_when_it_was_backed_up_has_it_no_more(
    store: Store, elsewhere: Store, clock: ManualClock, tmp_path: Path
) -> None:
    assert isinstance(DEVICES.plan, ScanPlan)
    claim_whole(store, DEVICES.plan.scope.fingerprint, now=clock.now(), lease_seconds=3600)
    back_up(store, tmp_path / "b.db")
    elsewhere.close()

    put(elsewhere, tmp_path / "b.db")

    with elsewhere.read() as connection:
        assert connection.execute(sa.select(scopes.c.lease_token)).scalars().all() == [None]


def test_a_back_up_of_an_older_schema_is_brought_up_on_its_way(
    elsewhere: Store, tmp_path: Path
) -> None:
    older = tmp_path / "older.db"
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    store = Store(f"sqlite:///{older}")
    with store.write() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0005")
    written = back_up(store, tmp_path / "b.db")
    store.close()
    elsewhere.close()

    done = put(elsewhere, tmp_path / "b.db")

    assert (written.schema, done.schema) == ("0005", "0005")
    elsewhere.require_current()


def _text(file: Path) -> None:
    file.write_text("a letter to grandmother")


def _of_others(file: Path) -> None:
    connection = sqlite3.connect(file)
    connection.execute("CREATE TABLE letters (id INTEGER PRIMARY KEY)")
    connection.close()


def _newer(file: Path) -> None:
    connection = sqlite3.connect(file)
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.commit()
    connection.close()


def _cut(file: Path) -> None:
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])


def _overwritten(file: Path) -> None:
    whole = bytearray(file.read_bytes())
    whole[20_000:90_000] = b"\xa5" * 70_000
    file.write_bytes(whole)


def _orphaned(file: Path) -> None:
    connection = sqlite3.connect(file)
    connection.execute("UPDATE readings SET indicator = 'nobody knows'")
    connection.commit()
    connection.close()


@pytest.mark.parametrize(
    ("elsewhere", "spoilt", "words"),
    [
        ("sqlite", _text, "no SQLite database"),
        ("sqlite", _of_others, "another's tables"),
        ("sqlite", _newer, "written by a newer syncd"),
        ("postgresql", _newer, "written by a newer syncd"),
        ("sqlite", _cut, "is damaged|cannot be copied"),
        ("sqlite", _overwritten, "is damaged|cannot be copied"),
        ("sqlite", _orphaned, "refer to nothing"),
    ],
    indirect=["elsewhere"],
)
@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_a_file_that_is_no_sound_store_is_refused_and_the_store_stays(
    store: Store,
    used: Callable[[], None],
    elsewhere: Store,
    tmp_path: Path,
    spoilt: Callable[[Path], None],
    words: str,
) -> None:
    back_up(store, tmp_path / "b.db")
    if spoilt is _of_others:
        (tmp_path / "b.db").unlink()
    elsewhere.close()
    was = content(elsewhere)
    elsewhere.close()
    spoilt(tmp_path / "b.db")

    with pytest.raises(CannotRestore, match=words):
        put(elsewhere, tmp_path / "b.db")

    assert content(elsewhere) == was
    assert [one.name for one in tmp_path.glob(".*")] == []


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_a_damaged_store_can_be_restored_and_is_kept(
    store: Store, used: Callable[[], None], tmp_path: Path
) -> None:
    back_up(store, tmp_path / "b.db")
    was = content(store)
    store.close()
    assert store.file is not None
    store.file.write_bytes(b"nothing that anybody can read" * 1000)

    done = put(store, tmp_path / "b.db")

    assert content(store) == was
    assert done.kept is not None
    assert done.kept.read_bytes().startswith(b"nothing that")


def test_a_file_that_is_there_is_not_written_over_unless_told(store: Store, tmp_path: Path) -> None:
    (tmp_path / "b.db").write_text("dear")

    with pytest.raises(CannotBackUp, match="--force"):
        back_up(store, tmp_path / "b.db")

    assert (tmp_path / "b.db").read_text() == "dear"
    back_up(store, tmp_path / "b.db", replace=True)
    assert (tmp_path / "b.db").read_bytes().startswith(b"SQLite format 3")


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_what_is_written_during_a_back_up_is_not_in_it_and_does_not_begin_it_anew(
    store: Store, used: Callable[[], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    was = content(store)
    monkeypatch.setattr(files, "PAGES", 20)
    steps: list[tuple[int, int]] = []

    def moved(done: int, total: int) -> None:
        steps.append((done, total))
        used()

    back_up(store, tmp_path / "b.db", moved=moved)

    opened = Store(f"sqlite:///{tmp_path / 'b.db'}")
    assert content(opened) == was
    opened.close()
    assert content(store) != was
    assert len(steps) > 2
    assert [done for done, _ in steps] == sorted({done for done, _ in steps})


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_a_store_that_is_damaged_is_not_passed_off_as_a_back_up(
    store: Store, used: Callable[[], None], tmp_path: Path
) -> None:
    assert store.file is not None
    store.close()
    _overwritten(store.file)

    with pytest.raises(CannotBackUp, match=r"is damaged|cannot be copied"):
        back_up(store, tmp_path / "b.db")

    assert not (tmp_path / "b.db").exists()


def test_a_restore_that_fails_half_way_changes_nothing(
    store: Store, used: Callable[[], None], tmp_path: Path
) -> None:
    back_up(store, tmp_path / "b.db")
    used()
    was = content(store)
    store.close()

    def moved(done: int, total: int) -> None:
        if done > total / 2:
            raise OSError("the disk is full")

    with pytest.raises(CannotRestore, match="the disk is full"):
        restore(store, tmp_path / "b.db", aside=tmp_path / "before.db", moved=moved)

    assert content(store) == was
