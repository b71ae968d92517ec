"""The same on a disk that is full indeed, or read-only: a real one, of a few MB."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crashes.installation import Installation, told
from tests.crashes.small_disk import SmallDisk, small_disk
from tests.crashes.test_store_that_takes_nothing import (
    at_work,
    goes_on,
    looked_at,
    says_so,
    tried_in_vain,
)
from tests.peers.postgres import Postgres

# what `test_store_that_takes_nothing` meets by a limit on files, dearer
pytestmark = [pytest.mark.xdist_group("crashes"), pytest.mark.long, pytest.mark.timeout(600)]

FULL = "the disk is full; make room on it"


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    with small_disk(tmp_path / "disk", 12) as found:
        yield found


def test_a_disk_without_room_stops_no_reader_and_costs_nothing_but_the_time(
    tmp_path: Path, disk: SmallDisk
) -> None:
    url = f"sqlite:///{disk.folder / 'syncd.db'}"
    with Installation(tmp_path, url, more={"SYNCD_LOG_LEVEL": "debug"}) as installation:
        running = at_work(installation)

        disk.fill()
        running.until(lambda: running.lines("store.failing"), "it is met")
        tried_in_vain(running)
        known, before = told(running), looked_at(installation)
        tried_in_vain(running)

        says_so(running, FULL)
        assert told(running) == known
        assert looked_at(installation).told == before.told
        disk.free()
        goes_on(installation, running, before)


def test_a_disk_that_is_read_only_at_a_start_is_told_with_what_to_do(
    tmp_path: Path, disk: SmallDisk
) -> None:
    url = f"sqlite:///{disk.folder / 'syncd.db'}"
    with Installation(tmp_path, url) as installation:
        running = at_work(installation)
        assert running.end() == 0

        disk.turn("ro")
        running = installation.begin()
        running.until(lambda: running.lines("store.failing"), "it is met")
        says_so(running, "it is read-only")
        assert len(told(running)) == len(installation.truth())
        assert running.end() == 0

        disk.turn("rw")
        running = installation.begin()
        installation.come_to_rest(running)
        assert running.end() == 0


def test_a_disk_of_postgresql_without_room_costs_nothing_but_the_time(tmp_path: Path) -> None:
    """Small writes still fit where tables have room in themselves, and are whole."""
    with (
        Postgres() as server,
        small_disk(server.folder / "disk", 48, for_others=True) as disk,
    ):
        server.create_tablespace("small", disk.folder)
        url = server.create_database("full", tablespace="small")
        with Installation(tmp_path, url, more={"SYNCD_LOG_LEVEL": "debug"}) as installation:
            running = at_work(installation)
            before = looked_at(installation)

            disk.fill()
            running.until(lambda: running.lines("store.failing"), "it is met")
            tried_in_vain(running)
            says_so(running, FULL)
            during = looked_at(installation)
            assert before.told.items() <= during.told.items()

            disk.free()
            goes_on(installation, running, during)
        server.drop_database("full")
        server.execute("DROP TABLESPACE small")
