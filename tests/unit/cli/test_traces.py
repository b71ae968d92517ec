"""Traces of a real process, as a collector gets them over its socket."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status
from prometheus_client import CollectorRegistry

from syncd.clock import SystemClock
from syncd.surfaces.app import InstanceInfo, create_app
from syncd.surfaces.serve import WebServer
from syncd.tracing import exporting
from tests.command import syncd
from tests.contract import faults
from tests.contract.faultserver import FaultServer, Reply, Request, json_reply
from tests.plain import NO_TLS
from tests.store.made import made

TOKEN, OF_COLLECTOR, IN_QUERY = "t0ken-of-prometheus", "t0ken-of-the-collector", "w0rd-in-a-query"
ORGANISATION = "organisation: Infra\nperiod: 2026-Q1\ntimezone: UTC\n"
TEAM = f"""\
team: ce
objectives:
  - id: ce-o1
    title: Up
    key_results:
      - id: ce-o1-kr1
        title: Up
        owner: Lead
        indicator:
          measure: prometheus.query
          query: sum(up{{job="{IN_QUERY}"}})
          unit: hosts
        target: {{at_least: 1 hosts}}
"""


def one(request: Request) -> Reply:
    """A Prometheus in which every query is 1."""
    vector = [{"metric": {}, "value": [float(request.form["time"][0]), "1"]}]
    return json_reply({"status": "success", "data": {"resultType": "vector", "result": vector}})


@dataclass
class Site:
    folder: Path
    prometheus: FaultServer
    collector: FaultServer

    def once(self, **environment: str) -> list[dict[str, Any]]:
        """Lets a process of its own measure once; its lines."""
        ended = syncd(
            *("--config", str(self.folder / "settings.yaml")),
            *("--mappings", str(self.folder / "mappings"), "once"),
            environment={
                "PATH": "/usr/bin:/bin",
                "HOME": str(self.folder),
                "SYNCD_DATABASE_URL": f"sqlite:///{self.folder / 'syncd.db'}",
                "SYNCD_TRACES": "runs",
                "SYNCD_LOG_LEVEL": "debug",
                "PROMETHEUS_TOKEN": TOKEN,
                "OTEL_EXPORTER_OTLP_ENDPOINT": self.collector.url,
                "OTEL_EXPORTER_OTLP_HEADERS": f"authorization=Bearer {OF_COLLECTOR}",
                "OTEL_RESOURCE_ATTRIBUTES": "deployment.environment.name=test",
                **environment,
            },
        )
        assert ended.returncode == 0, ended.stderr
        return [json.loads(line) for line in ended.stderr.splitlines() if line.startswith("{")]

    @property
    def exported(self) -> list[ExportTraceServiceRequest]:
        return [ExportTraceServiceRequest.FromString(one.body) for one in self.collector.requests]

    @property
    def spans(self) -> list[Span]:
        return [
            span
            for sent in self.exported
            for resource in sent.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]


def said(found: Any) -> dict[str, Any]:
    return {
        each.key: getattr(each.value, each.value.WhichOneof("value")) for each in found.attributes
    }


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    (tmp_path / "mappings").mkdir()
    (tmp_path / "mappings" / "organisation.yaml").write_text(ORGANISATION)
    (tmp_path / "mappings" / "ce.yaml").write_text(TEAM)
    with FaultServer(one) as prometheus, FaultServer(lambda _: Reply(content_type="")) as collector:
        (tmp_path / "settings.yaml").write_text(
            f"sources: {{prometheus: {{kind: prometheus, url: '{prometheus.url}',"
            " auth: {bearer: {env: PROMETHEUS_TOKEN}}}}\n"
        )
        yield Site(tmp_path, prometheus, collector)


def test_a_run_is_one_trace_with_a_span_for_each_attempt_under_the_id_that_the_log_says(
    site: Site,
) -> None:
    site.prometheus.fail(faults.status(429, Retry_After="0"), first=1, last=1)

    lines = site.once()

    named = {span.name: span for span in site.spans}
    run = named["run"]
    (published,) = [one for one in lines if one["event"] == "run.published"]
    assert run.trace_id.hex() == published["run_id"]
    assert (said(run)["syncd.source"], said(run)["syncd.scope"]) == (
        "prometheus",
        published["scope"],
    )
    attempts = [span for span in site.spans if span.kind == Span.SPAN_KIND_CLIENT]
    assert {(one.name, one.parent_span_id, one.trace_id) for one in attempts} == {
        ("POST prometheus", run.span_id, run.trace_id)
    }
    first, second = (said(one) for one in attempts)
    assert (first["http.response.status_code"], second["http.response.status_code"]) == (429, 200)
    assert (first["http.request.resend_count"], second["http.request.resend_count"]) == (0, 1)
    assert (first["error.type"], second.get("error.type")) == ("rate_limited", None)
    assert attempts[0].status.code == Status.STATUS_CODE_ERROR
    assert first["syncd.waited_seconds"] < 0.4 < second["syncd.waited_seconds"]
    assert (second["server.address"], second["url.path"]) == ("127.0.0.1", "/api/v1/query")
    assert second["http.response.body.size"] > 10
    assert named["publish"].parent_span_id == run.span_id
    assert not run.parent_span_id
    assert all(
        run.start_time_unix_nano <= one.start_time_unix_nano <= one.end_time_unix_nano
        for one in attempts
    )
    # what is judged of it is another trace, which says what it follows
    judged = named["judge"]
    assert judged.trace_id != run.trace_id
    assert [(one.trace_id, one.span_id) for one in judged.links] == [(run.trace_id, run.span_id)]
    assert named["assess"].parent_span_id == judged.span_id
    assert said(named["assess"])["syncd.key_results"] == 1


def test_the_collector_is_told_who_we_are_by_the_standard_variables(site: Site) -> None:
    site.once()

    (sent, *_) = site.collector.requests
    assert (sent.path, sent.headers["authorization"]) == ("/v1/traces", f"Bearer {OF_COLLECTOR}")
    (resource,) = [each.resource for each in site.exported[0].resource_spans]
    told = said(resource)
    assert (told["service.name"], told["deployment.environment.name"]) == ("syncd", "test")


def test_no_secret_and_no_query_is_in_a_span_or_a_line(site: Site) -> None:
    site.prometheus.fail(faults.status(500), first=1, last=2)

    lines = site.once()

    assert TOKEN in str(site.prometheus.requests[0].headers)
    assert IN_QUERY in str(site.prometheus.requests[0])
    assert len(site.spans) > 5
    everything = b"".join(one.body for one in site.collector.requests) + str(lines).encode()
    for word in (TOKEN, OF_COLLECTOR, IN_QUERY):
        assert word.encode() not in everything


@pytest.mark.parametrize("fault", [faults.reset_at_once, faults.status(503)], ids=["resets", "503"])
def test_a_collector_that_fails_is_told_once_and_harms_no_run(site: Site, fault: Any) -> None:
    site.collector.fail(fault)

    lines = site.once(OTEL_BSP_SCHEDULE_DELAY="100", OTEL_EXPORTER_OTLP_TIMEOUT="0.3")

    events = [one["event"] for one in lines]
    assert events.count("run.published") == 1
    assert events.count("traces.not_sent") == 1
    assert not [one for one in lines if "opentelemetry" in str(one)]


def test_without_being_asked_for_nothing_is_sent(site: Site) -> None:
    site.once(SYNCD_TRACES="off")

    assert site.collector.requests == []


def test_requests_are_traced_where_that_is_asked_for_and_probes_never(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", site.collector.url)
    store = made(site.folder / "served.db")
    end = exporting.start(version="1", clean=lambda text: text.replace(TOKEN, "***"))
    app = create_app(
        store,
        SystemClock(),
        own_metrics=CollectorRegistry(),
        instance=InstanceInfo(version="1", traced=True),
    )
    web = WebServer(app, "127.0.0.1", 0)
    address = web.start()
    try:
        httpx.get(f"{address}/livez", verify=NO_TLS)
        answer = httpx.get(f"{address}/api/v1/{TOKEN}?word={IN_QUERY}", verify=NO_TLS)
    finally:
        web.stop()
        end()
        store.close()

    (span,) = [one for one in site.spans if one.name == "request"]
    assert span.trace_id.hex() == answer.headers["x-request-id"]
    told = said(span)
    assert (told["syncd.path"], told["syncd.status"]) == ("/api/v1/***", 404)
    assert IN_QUERY not in str(site.exported)
