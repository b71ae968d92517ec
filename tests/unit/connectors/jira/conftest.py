from __future__ import annotations

from collections.abc import Iterator

import pytest

from connectors.jira.session import JiraSession
from tests.unit.connectors.jira.stand_in import StandIn, opened


def _served(flavour: str) -> Iterator[StandIn]:
    with StandIn(flavour) as stand_in:
        yield stand_in
        assert stand_in.nonconforming == []


@pytest.fixture
def cloud() -> Iterator[StandIn]:
    yield from _served("cloud")


@pytest.fixture
def datacenter() -> Iterator[StandIn]:
    yield from _served("datacenter")


@pytest.fixture(params=["cloud", "datacenter"])
def jira(request: pytest.FixtureRequest) -> Iterator[StandIn]:
    yield from _served(request.param)


@pytest.fixture
def session(jira: StandIn) -> Iterator[JiraSession]:
    opened_session = opened(jira)
    yield opened_session
    opened_session.close()


@pytest.fixture
def cloud_session(cloud: StandIn) -> Iterator[JiraSession]:
    opened_session = opened(cloud)
    yield opened_session
    opened_session.close()


@pytest.fixture
def datacenter_session(datacenter: StandIn) -> Iterator[JiraSession]:
    opened_session = opened(datacenter)
    yield opened_session
    opened_session.close()
