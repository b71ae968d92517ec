"""What tests of the transport share: both libraries, a healthy upstream, threads."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from connectors.transport import Transport
from tests.contract.faces import QUICK
from tests.contract.faultserver import FaultServer, Reply, Request, json_reply

LIBRARIES = {"requests": Transport.requests_session, "httpx": Transport.httpx_client}
PATIENT = replace(QUICK, read_seconds=600.0)

under_each = pytest.mark.parametrize("library", LIBRARIES)


def healthy(request: Request) -> Reply:
    return json_reply({"path": request.path, "query": request.query})


Opener = Callable[..., tuple[Transport, Any]]


def until_asked(server: FaultServer) -> None:
    """Returns once the server has had a request."""
    give_up = time.monotonic() + 30
    while not server.requests:
        assert time.monotonic() < give_up, "nothing was asked"
        time.sleep(0.001)


def in_threads(count: int, ask: Callable[[], Any]) -> list[Any]:
    answers: list[Any] = []
    threads = [threading.Thread(target=lambda: answers.append(ask())) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers
