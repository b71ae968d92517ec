"""What the tests of this folder are given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from connectors.base import ScanPlan, Session
from connectors.netbox import connector
from tests.peers.netbox.watching import Recorder, Upstream, Watcher, opened


@pytest.fixture
def watch(upstream: Upstream) -> Iterator[Any]:
    sessions: list[Session] = []

    def start(measure: Mapping[str, Any], account: str = "admin") -> Watcher:
        recorder = Recorder()
        session = opened(upstream.url, upstream.token(account), recorder)
        sessions.append(session)
        plan = connector.measures[measure["measure"]].model_validate(measure).plan("netbox")
        assert isinstance(plan, ScanPlan)
        return Watcher(session, plan, recorder)

    yield start
    for session in sessions:
        session.close()


@pytest.fixture
def session(upstream: Upstream) -> Iterator[Session]:
    opened_ = opened(upstream.url, upstream.token(), Recorder())
    yield opened_
    opened_.close()
