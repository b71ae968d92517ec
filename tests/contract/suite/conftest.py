"""What the tests of this folder are given."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from connectors.base import Session
from tests.contract.expectations import SILENT
from tests.contract.faces import HASTY, QUICK, Face, Recorder
from tests.contract.faultserver import FaultServer
from tests.contract.suite.world import PATIENT


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def server(face: Face) -> Iterator[FaultServer]:
    with FaultServer(face.healthy) as running:
        yield running


@pytest.fixture
def session(
    face: Face, server: FaultServer, recorder: Recorder, request: pytest.FixtureRequest
) -> Iterator[Session]:
    silent = request.node.callspec.params.get("fault") == SILENT
    opened = face.open(server.url, recorder, HASTY if silent else QUICK)
    yield opened
    opened.close()


@pytest.fixture
def patient_session(face: Face, server: FaultServer, recorder: Recorder) -> Iterator[Session]:
    opened = face.open(server.url, recorder, PATIENT)
    yield opened
    opened.close()
