"""What a store tells of being kept from its work: once as it begins, once as it is over."""

from __future__ import annotations

import resource
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from syncd.store.engine import Store
from syncd.store.standing import SETTLED_SECONDS, Standing, Standstill
from syncd.store.trouble import Trouble

NAMES = sa.Table("names", sa.MetaData(), sa.Column("name", sa.Text))


class Heard:
    """A standing, and what it has told."""

    def __init__(self) -> None:
        self.told: list[Trouble | None] = []
        self.seconds = 0.0
        self.standing = Standing(settled_seconds=SETTLED_SECONDS, monotonic=lambda: self.seconds)
        self.standing.told = self._hear

    def _hear(self, standstill: Standstill | None, seconds: float) -> None:
        assert seconds >= 0
        self.told.append(None if standstill is None else standstill.trouble)

    def fails(self, error: Exception, *, writing: bool) -> None:
        with pytest.raises(sa.exc.DBAPIError), self.standing.noticing(writing=writing):
            raise sa.exc.OperationalError("a statement", {}, error)

    def goes(self, *, writes: bool) -> None:
        with self.standing.noticing(writing=writes) as done:
            done.writing = writes


@pytest.fixture
def heard() -> Heard:
    return Heard()


def full() -> Exception:
    error = sqlite3.OperationalError("database or disk is full")
    error.sqlite_errorcode = sqlite3.SQLITE_FULL
    return error


class Gone(Exception):
    """As a driver says that nobody answers."""

    sqlstate = "08006"


class ReadOnly(Exception):
    """As PostgreSQL refuses to write."""

    sqlstate = "25006"


def test_a_full_disk_is_told_once_however_often_it_is_met(heard: Heard) -> None:
    for _ in range(3):
        heard.fails(full(), writing=True)

    assert heard.told == [Trouble.DISK_FULL]
    assert heard.standing.standstill is not None
    assert "disk is full" in heard.standing.standstill.words


def test_that_it_can_be_read_does_not_end_that_it_cannot_be_written(heard: Heard) -> None:
    heard.fails(full(), writing=True)

    heard.seconds += SETTLED_SECONDS
    heard.goes(writes=False)
    assert heard.told == [Trouble.DISK_FULL]

    heard.goes(writes=True)
    assert heard.told == [Trouble.DISK_FULL, None]


def test_what_was_done_before_it_was_met_does_not_end_it(heard: Heard) -> None:
    with heard.standing.noticing(writing=True) as under_way:
        under_way.writing = True
        heard.seconds += 1
        heard.fails(Gone(), writing=True)
    assert heard.told == [Trouble.AWAY]

    heard.goes(writes=True)
    assert heard.told == [Trouble.AWAY, None]


def test_that_something_small_still_fits_is_no_room(heard: Heard) -> None:
    for _ in range(3):
        heard.fails(full(), writing=True)
        heard.seconds += SETTLED_SECONDS - 1
        heard.goes(writes=True)
    assert heard.told == [Trouble.DISK_FULL]

    heard.seconds += 1
    heard.goes(writes=True)
    assert heard.told == [Trouble.DISK_FULL, None]


def test_what_was_away_and_comes_back_unable_to_be_written_is_told_as_that(heard: Heard) -> None:
    heard.fails(Gone(), writing=False)
    heard.fails(ReadOnly(), writing=True)
    heard.fails(Gone(), writing=False)

    assert heard.told == [Trouble.AWAY, Trouble.READ_ONLY]


def test_who_is_away_is_back_with_the_first_answer(heard: Heard) -> None:
    heard.fails(Gone(), writing=True)

    heard.goes(writes=False)

    assert heard.told == [Trouble.AWAY, None]


@contextmanager
def no_room() -> Iterator[None]:
    """No file of this process takes another byte."""
    least, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, most))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (least, most))


def set_to(store: Store, name: str) -> None:
    with store.write() as connection:
        connection.execute(sa.update(NAMES).values(name=name))


def test_what_sets_a_row_to_what_it_was_is_no_sign_of_room(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'syncd.db'}")
    with store.write() as connection:
        NAMES.create(connection)
        connection.execute(sa.insert(NAMES).values(name="before"))

    with no_room():
        with pytest.raises(sa.exc.OperationalError):
            set_to(store, "after")
        with pytest.raises(sa.exc.OperationalError):
            set_to(store, "before")
        met = store.standing.standstill
    set_to(store, "before")

    assert met is not None
    assert met.trouble is Trouble.DISK
    assert store.standing.standstill is None
    store.close()
