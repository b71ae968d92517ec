"""The short form of `make soak`: some days of the quarter, with all that the long one has."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.peers.postgres import Postgres
from tests.soak.course import Course, Options, Tally
from tests.soak.stores import no_clock, postgres_with_a_clock


def nothing(_: Tally) -> None:
    pass


@pytest.mark.timeout(240)
def test_replicas_on_postgresql_come_to_the_truth_whatever_breaks(
    postgres: Postgres, tmp_path: Path
) -> None:
    url, show_clock = postgres_with_a_clock(postgres, "soak")
    options = Options(seed=43, days=2, turns=26, replicas=3, looks=1, weighings=9)

    tally = Course(options, tmp_path, url, show_clock, nothing).run()

    assert tally.looks == options.looks
    assert min(tally.killed, tally.left, tally.broken) > 0
    assert tally.runs["published"] > 0


@pytest.mark.timeout(240)
def test_one_process_on_sqlite_does_so_however_often_it_is_killed(tmp_path: Path) -> None:
    options = Options(seed=44, days=1.5, turns=18, replicas=1, looks=1, weighings=6)

    tally = Course(options, tmp_path, f"sqlite:///{tmp_path / 'soak.db'}", no_clock, nothing).run()

    assert tally.looks == options.looks
    assert min(tally.killed, tally.broken) > 0
