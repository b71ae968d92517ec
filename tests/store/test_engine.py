"""Opening the store: migrations, refusals, one writer at a time."""

from __future__ import annotations

import sqlite3
import threading
import time
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from syncd.store import engine
from syncd.store.engine import Store, StoreUnusable, again_on_deadlock
from syncd.store.migrating import HEAD, schema_of
from syncd.store.pooling import IDLE_SECONDS
from syncd.store.schema import counters, metadata
from tests.peers.postgres import Postgres


def test_migrations_make_exactly_the_schema_that_the_code_reads(store: Store) -> None:
    with store.write() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)

    assert differences == []


def test_migrating_twice_and_from_several_threads_is_harmless(store_url: str) -> None:
    stores = [Store(store_url) for _ in range(4)]
    failures: list[BaseException] = []

    def migrate(store: Store) -> None:
        try:
            store.migrate()
        except BaseException as error:  # noqa: BLE001  told by the assertion below
            failures.append(error)

    threads = [threading.Thread(target=migrate, args=(store,)) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for store in stores:
        store.close()

    assert failures == []


def test_a_new_store_waits_for_whoever_is_making_the_same_file(tmp_path: Path) -> None:
    """SQLite waits for other writers by itself, but not where a file changes to its log of writes."""
    path = tmp_path / "syncd.db"
    maker = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    maker.execute("BEGIN IMMEDIATE")
    done = threading.Timer(0.5, maker.execute, ["COMMIT"])
    done.start()
    store = Store(f"sqlite:///{path}")

    store.migrate()

    done.join()
    maker.close()
    store.require_current()
    store.close()


def test_who_writes_into_sqlite_waits_for_others_of_this_process_without_asking_again_and_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite waits by sleeping ever longer: here it is not to wait at all."""
    with monkeypatch.context() as patched:
        patched.setattr(engine, "BUSY_SECONDS", 0.0)
        store = Store(f"sqlite:///{tmp_path / 'syncd.db'}")
        store.migrate()
    in_turn = []

    def write() -> None:
        with store.write():
            in_turn.append("second")

    second = threading.Thread(target=write)
    with store.write():
        second.start()
        second.join(0.3)  # one who asks SQLite is refused, and ends at once
        in_turn.append("first")

    second.join()
    store.close()
    assert in_turn == ["first", "second"]


class TestASchemaOfANewerVersion:
    """One that was brought up by another replica, while this version still runs."""

    def stands_at(self, store: Store, works_with: int) -> None:
        with store.write() as connection:
            connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
            connection.execute(
                sa.update(counters).where(counters.c.name == "works_with").values(value=works_with)
            )

    def test_that_this_one_can_work_on_is_left_as_it_is(self, store: Store) -> None:
        self.stands_at(store, int(HEAD))

        store.migrate()
        store.require_current()

        with store.read() as connection:
            assert schema_of(connection) == "9999"

    def test_that_has_left_this_one_behind_is_refused(self, store: Store) -> None:
        self.stands_at(store, int(HEAD) + 1)

        with pytest.raises(StoreUnusable, match="newer syncd"):
            store.migrate()
        with pytest.raises(StoreUnusable, match="another version"):
            store.require_current()


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("these are my notes, and not a database at all\n" * 50)
    store = Store(f"sqlite:///{path}")

    with pytest.raises(StoreUnusable, match="not a database"):
        store.migrate()

    store.close()
    assert path.read_text().startswith("these are my notes")


@pytest.mark.parametrize("url", ["mysql://localhost/x", "nonsense", "sqlite://"])
def test_a_url_that_cannot_work_is_refused_with_what_would(url: str) -> None:
    with pytest.raises(StoreUnusable, match=r"sqlite|SQLite"):
        Store(url)


def test_the_stores_name_has_no_password() -> None:
    store = Store("postgresql://u:hunter2@db.example.org/syncd")

    assert "hunter2" not in store.name
    assert "db.example.org" in store.name
    store.close()


def test_a_block_that_raises_writes_nothing(store: Store) -> None:
    with pytest.raises(KeyError), store.write() as connection:
        connection.execute(sa.text("UPDATE counters SET value = 7 WHERE name = 'feed'"))
        raise KeyError

    with store.read() as connection:
        assert (
            connection.execute(
                sa.text("SELECT value FROM counters WHERE name = 'feed'")
            ).scalar_one()
            == 0
        )


def test_a_reader_sees_one_state_while_a_writer_commits(store: Store) -> None:
    count = sa.text("SELECT value FROM counters WHERE name = 'feed'")
    with store.read() as reader:
        before = reader.execute(count).scalar_one()
        with store.write() as writer:
            writer.execute(sa.text("UPDATE counters SET value = 7 WHERE name = 'feed'"))
        assert reader.execute(count).scalar_one() == before

    with store.read() as reader:
        assert reader.execute(count).scalar_one() == 7


@pytest.mark.parametrize("idle_seconds", [0.0, IDLE_SECONDS])
def test_what_the_server_ended_while_it_lay_idle_is_made_anew(
    postgres: Postgres, idle_seconds: float
) -> None:
    store = Store(url := postgres.create_database(), idle_seconds=idle_seconds)
    database = str(sa.make_url(url).database)
    with store.read() as connection:
        connection.execute(sa.select(1))

    postgres.disconnect(database)
    time.sleep(idle_seconds)

    with store.read() as connection:
        found = connection.execute(sa.select(1)).scalar_one()
    assert found == 1
    store.close()


def test_a_renewed_url_is_that_of_the_next_connection(postgres: Postgres) -> None:
    store = Store(postgres.create_database())
    before = _database(store)
    other = postgres.create_database()

    store.renew(other)
    after = _database(store)
    store.close()

    assert after != before
    assert other.endswith(after)
    assert store.name.endswith(after)


def test_a_renewed_url_that_cannot_be_read_changes_nothing(postgres: Postgres) -> None:
    store = Store(postgres.create_database())
    before = _database(store)

    with pytest.raises(StoreUnusable, match="expected sqlite or postgresql"):
        store.renew("mysql://x/y")
    with pytest.raises(StoreUnusable, match="restart to change it"):
        store.renew("sqlite:///elsewhere.db")

    assert _database(store) == before
    store.close()


def _database(store: Store) -> str:
    with store.read() as connection:
        return str(connection.exec_driver_sql("SELECT current_database()").scalar_one())


def test_what_is_cut_because_others_wait_in_a_circle_is_done_again(postgres: Postgres) -> None:
    store = Store(postgres.create_database())
    with store.write() as connection:
        connection.execute(sa.text("CREATE TABLE t (id int PRIMARY KEY, n int)"))
        connection.execute(sa.text("INSERT INTO t VALUES (1, 0), (2, 0)"))
    first = threading.Barrier(2)
    tries: list[int] = []

    @again_on_deadlock
    def add(one: int, another: int) -> None:
        tries.append(one)
        with store.write() as connection:
            for place, number in enumerate((one, another)):
                if place == 1 and len(tries) <= 2:
                    first.wait(30)
                connection.execute(sa.text("UPDATE t SET n = n + 1 WHERE id = :n"), {"n": number})

    threads = [threading.Thread(target=add, args=pair) for pair in ((1, 2), (2, 1))]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    with store.read() as connection:
        assert connection.execute(sa.text("SELECT sum(n) FROM t")).scalar_one() == 4
    assert len(tries) == 3
    store.close()


def test_who_has_read_writes_only_what_the_database_lets_be_written(postgres: Postgres) -> None:
    url = postgres.create_database("asked_for_reading")
    store = Store(url)
    postgres.execute("ALTER DATABASE asked_for_reading SET default_transaction_read_only = on")
    with store.read() as connection:
        connection.execute(sa.text("SELECT 1"))

    with pytest.raises(sa.exc.DBAPIError, match="read-only"), store.write() as connection:
        connection.execute(sa.text("CREATE TABLE written (a int)"))
    store.close()
