"""One id through all lines of a piece of work, whoever logs them and in whichever thread."""

from __future__ import annotations

import io
import json
import logging
import socket
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog
from prometheus_client import CollectorRegistry

from connectors.base import Number, NumberPlan, Unreachable, UpstreamError
from syncd import log
from syncd.clock import ManualClock
from syncd.measuring import RunReport
from syncd.store.catalogue import put_in_force
from syncd.store.engine import Store
from syncd.store.feed import Wanted, following
from syncd.surfaces.app import InstanceInfo, create_app
from syncd.surfaces.serve import WebServer
from syncd.tracing import current_id, doing
from syncd.worker import Worker
from tests.plain import NO_TLS
from tests.store.catalogues import START, catalogue, key_result, numbered
from tests.store.made import made
from tests.store.upstream import Upstream

Lines = Callable[[], list[dict[str, Any]]]
ONE, OTHER = numbered("one"), numbered("other", query="other")
BOTH = catalogue([ONE, OTHER], [key_result("a-o1-kr1", ONE), key_result("a-o1-kr2", OTHER)])


class Silent:
    def ran(self, report: RunReport) -> None:
        pass

    def turned(self, seconds: float) -> None:
        pass


class Talking(Upstream):
    """An upstream whose library has something to say of each question."""

    def read(self, plan: NumberPlan, now: datetime, deadline: float) -> Number:
        logging.getLogger("some.library").warning("an old API")
        if self.fails is not None:
            raise self.fails
        return super().read(plan, now, deadline)


@pytest.fixture
def lines() -> Iterator[Lines]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    own = logging.getLogger("syncd").level
    stream = io.StringIO()
    log.set_up(form="json", level="debug", secrets=["s3cr3t-word"], stream=stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.getLogger("syncd").setLevel(own)
    structlog.reset_defaults()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = made(tmp_path / "syncd.db")
    yield opened
    opened.close()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture
def upstream() -> Talking:
    return Talking(number=lambda _: 1.0)


@pytest.fixture
def worker(store: Store, clock: ManualClock, upstream: Talking) -> Iterator[Worker]:
    put_in_force(store, BOTH, interval_of=lambda _: 300.0, link_of=lambda _: None, now=clock.now())
    made_one = Worker(store, clock, {"prometheus": upstream}, observer=Silent())
    made_one.work_on(BOTH)
    yield made_one
    made_one.close()


def told(store: Store, kind: str) -> list[dict[str, Any]]:
    with store.read() as connection:
        found = following(connection, Wanted(), after=0, limit=50)
    return [dict(one.data) for one in found if one.kind.value == kind]


def test_all_lines_of_a_run_say_its_id_those_of_libraries_too(worker: Worker, lines: Lines) -> None:
    worker.cycle()

    of_runs = [one for one in lines() if one.get("doing") == "run"]
    by_id: dict[str, list[str]] = {}
    for one in of_runs:
        by_id.setdefault(one["run_id"], []).append(one["event"])
    assert sorted(by_id.values()) == [["an old API", "run.published"]] * 2
    assert {one["source"] for one in of_runs} == {"prometheus"}
    assert len({one["scope"] for one in of_runs}) == 2
    assert all(len(one) == 32 for one in by_id)


def test_a_source_that_breaks_is_one_line_and_so_is_its_recovery(
    worker: Worker, upstream: Talking, clock: ManualClock, store: Store, lines: Lines
) -> None:
    upstream.fails = Unreachable("prometheus: GET /api/v1/query: connection refused")
    for _ in range(3):
        worker.cycle()
        clock.advance(hours=2)
    upstream.fails = None
    worker.cycle()

    at_work = [one for one in lines() if one["event"].startswith("source.")]
    seen = [(one["event"], one["level"], one["source"]) for one in at_work]
    assert seen == [
        ("source.failing", "warning", "prometheus"),
        ("source.recovered", "info", "prometheus"),
    ]
    failed = [one for one in lines() if one["event"] == "run.failed"]
    assert len(failed) > 3


def test_the_event_of_a_broken_source_names_the_run_that_broke(
    worker: Worker, upstream: Talking, store: Store, lines: Lines
) -> None:
    upstream.fails = Unreachable("prometheus: GET /api/v1/query: connection refused")

    worker.cycle()

    (line,) = [one for one in lines() if one["event"] == "source.failing"]
    assert told(store, "source_failing") == [{"run_id": line["run_id"]}]


def test_a_run_in_the_course_of_other_work_is_under_the_id_of_that(
    worker: Worker, lines: Lines
) -> None:
    with doing("plan") as work:
        worker.cycle()

    of_runs = [one for one in lines() if one["event"] in ("run.published", "an old API", "judged")]
    assert len(of_runs) == 5
    assert {(one["run_id"], one["doing"]) for one in of_runs} == {(work.id, "plan")}
    assert current_id() is None


@pytest.mark.parametrize(
    "planted",
    [
        "s3cr3t-word",
        "https://me:another-w0rd@example.org/path",
        "Authorization: Basic YW5vdGhlcjphbm90aGVy",
        "{'Authorization': 'Bearer abcdefghijkl'}",
        "Token 0123456789abcdef",
    ],
)
def test_a_planted_secret_is_in_no_line_of_a_run_that_breaks_with_it(
    worker: Worker, upstream: Talking, lines: Lines, planted: str
) -> None:
    upstream.number = lambda _: _raise(planted)

    worker.cycle()

    told_of = json.dumps(lines())
    (line, _) = [one for one in lines() if one["event"] == "run.failed_unexpectedly"]
    assert "RuntimeError" in str(line["exception"])
    assert "***" in told_of
    for word in ("s3cr3t-word", "another-w0rd", "YW5vdGhl", "abcdefghijkl", "0123456789abcdef"):
        assert word not in told_of


def _raise(words: str) -> float:
    raise RuntimeError(words)


def test_a_request_is_answered_with_the_id_that_its_lines_say(
    store: Store, clock: ManualClock, lines: Lines
) -> None:
    app = create_app(
        store, clock, own_metrics=CollectorRegistry(), instance=InstanceInfo(version="1")
    )
    web = WebServer(app, "127.0.0.1", 0)
    address = web.start()
    try:
        answer = httpx.get(f"{address}/livez?token=s3cr3t-word", verify=NO_TLS)
        where = httpx.URL(address)
        with socket.create_connection((where.host, where.port)) as raw:
            raw.sendall(b"no request at all\r\n\r\n")
            raw.recv(1000)
    finally:
        web.stop()

    assert "s3cr3t-word" not in str(lines())
    (line,) = [one for one in lines() if one["event"] == "request.answered"]
    assert line["run_id"] == answer.headers["x-request-id"]
    assert (line["doing"], line["method"], line["path"]) == ("request", "GET", "/livez")
    assert (line["status"], answer.status_code) == (200, 200)
    assert "Invalid HTTP request received." in [one["event"] for one in lines()]


def test_work_that_fails_ends_and_what_comes_after_is_other_work() -> None:
    ids: list[str] = []
    for _ in range(2):
        with pytest.raises(UpstreamError), doing("run") as work:
            ids.append(work.id)
            raise Unreachable("gone")

    assert len(set(ids)) == 2
    assert current_id() is None
