"""The Prometheus session against a tiny Prometheus on loopback."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.base import (
    Dimension,
    NotFound,
    Number,
    NumberPlan,
    QueryRefused,
    ServerFailed,
    Session,
    SilentObserver,
    SourceConfig,
    TimedOut,
    fingerprint,
)
from connectors.prometheus import connector
from connectors.prometheus.measures import Query
from connectors.units import in_base_unit
from tests.contract import faults
from tests.contract.faces import QUICK
from tests.contract.faultserver import FaultServer, Reply, Request, json_reply

NOW = datetime(2026, 1, 15, 10, 30, 0, 250_000, tzinfo=UTC)


@dataclass
class TinyPrometheus:
    """Answers `1` with 1 and everything else with `data`."""

    data: Any = None
    more: dict[str, Any] = field(default_factory=dict)
    has_buildinfo: bool = True

    def __call__(self, request: Request) -> Reply:
        if request.path == "/prom/api/v1/status/buildinfo" and self.has_buildinfo:
            return json_reply({"status": "success", "data": {"version": "2.53.1"}})
        if request.path != "/prom/api/v1/query":
            return Reply(404, b"404 page not found\n", "text/plain; charset=utf-8")
        data = self.data
        if request.form["query"] == ["1"]:
            data = {"resultType": "scalar", "result": [1, "1"]}
        return json_reply({"status": "success", "data": data, **self.more})


def vector(*values: str) -> Any:
    result = [{"metric": {"n": str(i)}, "value": [7, v]} for i, v in enumerate(values)]
    return {"resultType": "vector", "result": result}


@pytest.fixture
def upstream() -> TinyPrometheus:
    return TinyPrometheus()


@pytest.fixture
def server(upstream: TinyPrometheus) -> Iterator[FaultServer]:
    with FaultServer(upstream) as running:
        yield running


Opener = Callable[..., Session]


@pytest.fixture
def opened(server: FaultServer) -> Iterator[Opener]:
    sessions: list[Session] = []

    def open_one(**settings: Any) -> Session:
        config = SourceConfig(
            "src", "prometheus", f"{server.url}/prom/", **{"limits": QUICK, **settings}
        )
        sessions.append(connector.open(config, SilentObserver()))
        return sessions[-1]

    yield open_one
    for session in sessions:
        session.close()


def plan(query: str = "sum(up)", unit: str | None = None) -> NumberPlan:
    return Query(measure="prometheus.query", query=query, unit=unit).plan("src")


def read(session: Session, wanted: NumberPlan | None = None) -> Number:
    return session.read(wanted or plan(), NOW, time.monotonic() + 30)


# ------------------------------------------------------------------------------------------ measure


@pytest.mark.parametrize(
    ("unit", "dimension", "base"),
    [
        (None, Dimension.COUNT, 95.0),
        ("ratio", Dimension.RATIO, 95.0),
        ("percent", Dimension.RATIO, 0.95),
        ("s", Dimension.DURATION, 95.0),
        ("min", Dimension.DURATION, 5_700.0),
        ("h", Dimension.DURATION, 342_000.0),
        ("d", Dimension.DURATION, 8_208_000.0),
        ("w", Dimension.DURATION, 57_456_000.0),
        ("USD/host/h", Dimension.OTHER, 95.0),
        ("1/w", Dimension.OTHER, 95.0),
    ],
)
def test_the_unit_decides_dimension_and_base(
    unit: str | None, dimension: Dimension, base: float
) -> None:
    made = plan("up", unit)

    assert made.dimension is dimension
    assert made.request == {"query": "up", "unit": unit}
    assert made.source == "src"
    assert in_base_unit(95.0, unit) == base


@pytest.mark.parametrize("percent", range(101))
def test_a_percentage_is_exactly_the_share_people_write(percent: int) -> None:
    assert in_base_unit(float(percent), "percent") == percent / 100


def test_a_request_can_be_fingerprinted() -> None:
    assert fingerprint(plan().request) == fingerprint(plan(" sum(up)\n").request)


@pytest.mark.parametrize("query", ["", " \n"])
def test_an_empty_query_is_refused(query: str) -> None:
    with pytest.raises(ValidationError, match="an empty query; expected PromQL"):
        Query(measure="prometheus.query", query=query)


def test_an_unknown_option_is_refused() -> None:
    with pytest.raises(ValidationError, match="window"):
        Query.model_validate({"measure": "prometheus.query", "query": "up", "window": "1 h"})


# --------------------------------------------------------------------------------------------- read


def test_a_query_is_posted_as_a_form_with_the_moment_and_how_long_we_wait(
    upstream: TinyPrometheus, server: FaultServer, opened: Opener
) -> None:
    upstream.data = vector("42")

    number = read(opened(), plan('sum(up{job="a b"})'))

    [asked] = server.requests
    assert (asked.method, asked.path, asked.raw_query) == ("POST", "/prom/api/v1/query", "")
    assert asked.form["query"] == ['sum(up{job="a b"})']
    assert asked.form["time"] == ["1768473000.250"]
    assert 0 < float(asked.form["timeout"][0]) <= QUICK.read_seconds
    assert (number.value, number.observed_at, number.partial) == (42.0, NOW, False)


@pytest.mark.parametrize(
    ("unit", "text", "value"),
    [("percent", "97", 0.97), ("ratio", "0.97", 0.97), ("h", "1.5", 5400.0), (None, "0", 0.0)],
)
def test_the_number_is_in_the_base_unit(
    upstream: TinyPrometheus, opened: Opener, unit: str | None, text: str, value: float
) -> None:
    upstream.data = vector(text)

    assert read(opened(), plan("x", unit)).value == value


def test_the_evidence_is_what_the_server_wrote(upstream: TinyPrometheus, opened: Opener) -> None:
    upstream.data = vector("97.0")
    upstream.more = {"infos": ["PromQL info: not a counter"]}

    number = read(opened(), plan("x", "percent"))

    assert number.partial is False
    assert number.raw == {
        "query": "x",
        "value": "97.0",
        "timestamp": 7.0,
        "unit": "percent",
        "infos": ["PromQL info: not a counter"],
    }


@pytest.mark.parametrize(
    ("data", "raw"), [(vector(), None), (vector("NaN"), "NaN"), (vector("+Inf"), "+Inf")]
)
def test_unknown_is_no_number(
    upstream: TinyPrometheus, opened: Opener, data: Any, raw: str | None
) -> None:
    upstream.data = data

    number = read(opened())

    assert number.value is None
    assert number.raw["value"] == raw


def test_a_value_too_large_for_its_unit_is_unknown(
    upstream: TinyPrometheus, opened: Opener
) -> None:
    upstream.data = vector("1e308")

    assert read(opened(), plan("x", "d")).value is None


def test_warnings_make_the_number_partial(upstream: TinyPrometheus, opened: Opener) -> None:
    upstream.data = vector("1")
    upstream.more = {"warnings": ["store 10.0.0.1: s3cr3t-token refused"]}

    number = read(opened(secrets={"token": "s3cr3t-token"}))

    assert number.partial is True
    assert number.raw["warnings"] == ["store 10.0.0.1: *** refused"]


def test_several_series_are_refused(upstream: TinyPrometheus, opened: Opener) -> None:
    upstream.data = vector("1", "2", "3")

    with pytest.raises(QueryRefused, match=r"^src: POST /prom/api/v1/query: .* 3 series"):
        read(opened())


@pytest.mark.parametrize(
    ("status", "body", "error", "words"),
    [
        (400, {"errorType": "bad_data", "error": "parse error: x"}, QueryRefused, "parse error: x"),
        (422, {"errorType": "execution", "error": "duplicate"}, QueryRefused, "duplicate"),
        (422, {"errorType": "422", "error": "cannot parse"}, QueryRefused, "cannot parse"),
        (503, {"errorType": "timeout", "error": "query timed out"}, TimedOut, "query timed out"),
        (500, {"errorType": "internal", "error": "broken"}, ServerFailed, "broken"),
    ],
)
def test_an_error_answer_says_what_the_server_said(
    server: FaultServer, opened: Opener, status: int, body: Any, error: Any, words: str
) -> None:
    server.fail(faults.status(status, {"status": "error", **body}))

    with pytest.raises(error, match=words):
        read(opened())


def test_a_wrong_path_is_said_in_the_servers_words(server: FaultServer) -> None:
    config = SourceConfig("src", "prometheus", server.url, limits=QUICK)
    session = connector.open(config, SilentObserver())

    with pytest.raises(NotFound, match=r"POST /api/v1/query: .*404 page not found"):
        read(session)
    session.close()


# ----------------------------------------------------------------------------------------- identify


def test_identity_is_the_account_and_the_version(server: FaultServer, opened: Opener) -> None:
    identity = opened(secrets={"user": "reader", "password": "s3cr3t"}).identify(
        time.monotonic() + 30
    )

    assert (identity.account, identity.version) == ("reader", "2.53.1")
    expected = "Basic " + base64.b64encode(b"reader:s3cr3t").decode()
    assert {request.headers["authorization"] for request in server.requests} == {expected}


def test_a_server_without_build_information_is_identified_by_a_query(
    upstream: TinyPrometheus, server: FaultServer, opened: Opener
) -> None:
    upstream.has_buildinfo = False

    identity = opened(secrets={"token": "s3cr3t-token"}).identify(time.monotonic() + 30)

    assert (identity.account, identity.version) == ("bearer token", "unknown")
    assert server.requests[0].form["query"] == ["1"]
    assert server.requests[0].headers["authorization"] == "Bearer s3cr3t-token"


def test_a_server_that_says_nothing_of_its_version_is_identified_all_the_same() -> None:
    def silent(request: Request) -> Reply:
        if request.path.endswith("/buildinfo"):  # as VictoriaMetrics answers
            return json_reply({"status": "success", "data": {}})
        return json_reply(
            {"status": "success", "data": {"resultType": "scalar", "result": [1, "1"]}}
        )

    with FaultServer(silent) as server:
        session = connector.open(
            SourceConfig("src", "prometheus", server.url, limits=QUICK), SilentObserver()
        )
        assert session.identify(time.monotonic() + 30).version == "unknown"
        session.close()


def test_credentials_may_come_by_header(server: FaultServer, opened: Opener) -> None:
    session = opened(headers={"Authorization": "Bearer from-header"})

    assert session.identify(time.monotonic() + 30).account == "by header"
    assert server.requests[0].headers["authorization"] == "Bearer from-header"


def test_without_credentials_nobody_is_signed_in(server: FaultServer, opened: Opener) -> None:
    assert opened().identify(time.monotonic() + 30).account == "anonymous"
    assert "authorization" not in server.requests[0].headers


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"secrets": {"user": "me"}}, "got user; expected token, or user and password"),
        ({"secrets": {"token": "a", "user": "me"}}, "got token, user; expected token, or"),
        (
            {"secrets": {"token": "a"}, "headers": {"authorization": "Basic x"}},
            "both in auth and in the header Authorization; fix: keep one",
        ),
        ({"options": {"flavour": "mimir"}}, "flavour"),
        ({"options": {"browse_url": "javascript:alert(1)"}}, "browse_url"),
        ({"options": {"browse_url": "https://me:pw@host/"}}, "browse_url"),
    ],
)
def test_settings_that_cannot_work_are_refused_at_the_door(
    opened: Opener, settings: dict[str, Any], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        opened(**settings)


# --------------------------------------------------------------------------------------------- link


def test_the_link_leads_to_the_expression_browser(server: FaultServer, opened: Opener) -> None:
    link = opened().link(plan('sum(up{a="b&c"})'))

    assert link == (f"{server.url}/prom/graph?g0.expr=sum%28up%7Ba%3D%22b%26c%22%7D%29&g0.tab=1")


def test_the_link_leads_to_where_people_browse(upstream: TinyPrometheus, opened: Opener) -> None:
    upstream.data = vector("1")
    session = opened(options={"browse_url": "https://prometheus.example.org/"})

    assert session.link(plan("up")) == "https://prometheus.example.org/graph?g0.expr=up&g0.tab=1"
    assert read(session, plan("up")).url == session.link(plan("up"))
