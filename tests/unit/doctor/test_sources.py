"""The look at one source: the sandboxes behind a server that breaks what they say."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from email.utils import format_datetime

import pytest

from connectors.base import (
    Batch,
    Exchange,
    Identity,
    Number,
    NumberPlan,
    Observer,
    Plan,
    ScanJob,
    Session,
    SourceConfig,
)
from connectors.checkup import Finding, Level, Wanted
from syncd.clock import ManualClock
from syncd.doctor.judging import Heard
from syncd.doctor.sources import Ear, SourceLook
from tests.contract import faults
from tests.contract.face_sandboxes import FACES
from tests.contract.faces import HASTY, NOW, QUICK, SOURCE, Face
from tests.contract.faultserver import Fault, FaultServer, Reply, Request, Wire

JIRA, DATACENTER, NETBOX, PROMETHEUS = FACES


def looked_at(
    face: Face,
    url: str,
    *,
    secrets: Mapping[str, str] | None = None,
    hasty: bool = False,
    seconds: float = 30.0,
    wanted: Sequence[Wanted] | None = None,
) -> dict[str, list[Finding]]:
    """What is found, by what it is about."""
    config = SourceConfig(
        name=SOURCE,
        kind=face.connector.kind,
        url=url,
        secrets=face.secrets if secrets is None else secrets,
        limits=replace(HASTY, attempts=1) if hasty else replace(QUICK, attempts=1),
        options=face.options,
    )
    asked = [Wanted("the_measure", face.plan)] if wanted is None else wanted
    look = SourceLook(lambda: config, face.connector.open, asked, ManualClock(NOW), seconds)
    found: dict[str, list[Finding]] = {}
    look.look(lambda one: found.setdefault(one.about, []).append(one))
    told = str(found)
    assert not [
        value for value in (*face.secrets.values(), *config.secrets.values()) if value in told
    ]
    return found


def with_headers(**headers: str) -> Fault:
    """A good answer with these headers, and no others that a server adds by itself."""

    def fault(wire: Wire, request: Request, reply: Reply) -> None:
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        lines = [f"HTTP/1.1 {reply.status} OK", f"Content-Type: {reply.content_type}"]
        lines += [f"{name}: {text}" for name, text in {**reply.headers, **named}.items()]
        lines.append(f"Content-Length: {len(reply.body)}")
        wire.send_bytes("\r\n".join(lines).encode() + b"\r\n\r\n" + reply.body)

    return fault


def levels(found: Mapping[str, Sequence[Finding]]) -> dict[str, list[str]]:
    return {about: [one.level.value for one in each] for about, each in found.items()}


@pytest.mark.parametrize("face", FACES, ids=lambda face: face.name)
def test_a_source_that_is_as_it_should_be_has_no_problem(face: Face) -> None:
    with FaultServer(face.healthy) as server:
        found = looked_at(face, server.url)

    assert levels(found)["reachable"] == ["ok"]
    assert levels(found)["authorised"] == ["ok"]
    assert levels(found)["clock"] == ["ok"]
    assert "problem" not in [level for each in levels(found).values() for level in each]


@pytest.mark.parametrize("face", [JIRA, DATACENTER, NETBOX], ids=lambda face: face.name)
def test_a_wrong_token_is_told_as_that_and_its_clock_is_known_all_the_same(face: Face) -> None:
    with FaultServer(face.healthy) as server:
        found = looked_at(face, server.url, secrets={**face.secrets, "token": "wr0ng-t0ken-42"})

    assert levels(found) == {"authorised": ["problem"], "clock": ["ok"]}
    assert "token" in found["authorised"][0].fix


@pytest.mark.parametrize(
    ("minutes", "level"), [(0, "ok"), (-2, "warning"), (2, "warning"), (10, "problem")]
)
def test_a_server_whose_date_is_off_is_told_by_how_much(minutes: int, level: str) -> None:
    with FaultServer(PROMETHEUS.healthy) as server:
        date = NOW + timedelta(minutes=minutes)
        server.fail(with_headers(Date=format_datetime(date, usegmt=True)))
        found = looked_at(PROMETHEUS, server.url, wanted=[])

    assert levels(found)["clock"] == [level]


def test_a_date_was_written_at_some_moment_of_the_whole_exchange() -> None:
    ear = Ear(ManualClock(NOW))
    moment = NOW.timestamp()

    ear.exchanged(Exchange("s", "GET", "/", 200, None, 45.0, 1, 1, date=moment - 40))

    assert ear.heard == [Heard(asked=moment - 45, answered=moment, told=moment - 40)]


def test_a_server_without_a_date_leaves_its_clock_unknown() -> None:
    with FaultServer(PROMETHEUS.healthy) as server:
        server.fail(with_headers())
        found = looked_at(PROMETHEUS, server.url, wanted=[])

    assert levels(found)["clock"] == ["unknown"]


def test_what_the_server_says_of_its_limit_is_told() -> None:
    with FaultServer(JIRA.healthy) as server:
        server.fail(with_headers(X_RateLimit_Remaining="3", X_RateLimit_Limit="100"))
        found = looked_at(JIRA, server.url)

    assert levels(found)["limit"] == ["warning"]
    assert "3 of 100 requests are left" in found["limit"][0].says


def test_a_server_that_says_nothing_ends_with_the_time_that_it_has() -> None:
    began = time.monotonic()
    with FaultServer(NETBOX.healthy) as server:
        server.fail(faults.never_answers)
        found = looked_at(NETBOX, server.url, hasty=True)

    assert levels(found) == {"reachable": ["problem"]}
    assert "limits.read" in found["reachable"][0].fix
    assert time.monotonic() - began < 20


def test_one_that_breaks_off_keeps_what_was_found_before() -> None:
    with FaultServer(PROMETHEUS.healthy) as server:
        server.fail(faults.reset_at_once, first=4)
        found = looked_at(PROMETHEUS, server.url)

    assert levels(found)["version"] == ["ok"]
    assert levels(found)["cut short"] == ["problem"]


def test_settings_that_cannot_work_are_told_before_anything_is_asked() -> None:
    with FaultServer(JIRA.healthy) as server:
        found = looked_at(JIRA, server.url, secrets={})
        asked = len(server.requests)

    assert levels(found) == {"settings": ["problem"]}
    assert asked == 0


class SomebodyElses:
    """A session as a connector of somebody else may have it: it knows no check-up."""

    def identify(self, deadline: float) -> Identity:
        return Identity(account="reader", version="7")

    def scan(self, job: ScanJob) -> Iterator[Batch]:
        yield from ()

    def read(self, plan: NumberPlan, now: datetime, deadline: float) -> Number:
        return Number(1.0, now)

    def history(
        self, plan: NumberPlan, moments: Sequence[datetime], deadline: float
    ) -> Iterator[Number]:
        yield from ()

    def link(self, plan: Plan) -> str | None:
        return None

    def close(self) -> None:
        """Has nothing open."""


def test_of_a_connector_that_knows_no_check_up_only_who_we_are_is_told() -> None:
    def opened(config: SourceConfig, observer: Observer) -> Session:
        return SomebodyElses()

    config = SourceConfig(name="crm", kind="crm", url="https://crm.example.org")
    found: list[Finding] = []

    SourceLook(lambda: config, opened, [], ManualClock(NOW), 30.0).look(found.append)

    assert [(one.about, one.level) for one in found] == [
        ("reachable", Level.OK),
        ("authorised", Level.OK),
        ("connector", Level.UNKNOWN),
    ]
