from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest

from syncd.surfaces.report import Report, build, gather
from tests.unit.surfaces.report.world import NOW, Organisation, told_quarter

Make = Callable[..., Report]


@pytest.fixture(scope="session")
def organisation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Organisation]:
    """A quarter told until 20 February; tests of reports only read it."""
    found = told_quarter(tmp_path_factory.mktemp("quarter"))
    yield found
    found.store.close()


@pytest.fixture(scope="session")
def make(organisation: Organisation) -> Make:
    """A report of it: of one team, since another moment, or as it stands later."""

    def made(
        *, team: str | None = None, since: datetime = NOW - timedelta(weeks=1), now: datetime = NOW
    ) -> Report:
        with organisation.store.read() as connection:
            return build(gather(connection, now=now, since=since), team=team)

    return made


@pytest.fixture(scope="session")
def report(make: Make) -> Report:
    """The whole organisation's, since a week ago."""
    return make()
