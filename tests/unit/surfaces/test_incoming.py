"""What upstreams and people send, through a real server."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from prometheus_client import generate_latest
from starlette.exceptions import HTTPException
from starlette.requests import Request

from syncd.clock import ManualClock
from syncd.instruments import Instruments
from syncd.intake.access import Access
from syncd.intake.hooks import HookPort, Hooks
from syncd.store.catalogue import put_in_force
from syncd.store.claims import count_due, make_due
from syncd.store.engine import Store
from syncd.store.read import indicator_views
from syncd.store.schema import scopes
from syncd.surfaces.api.route import SAID_BYTES
from syncd.surfaces.app import InstanceInfo, create_app
from syncd.surfaces.guard import Door
from syncd.surfaces.incoming import NOTICE_BYTES
from syncd.surfaces.sent import body
from syncd.surfaces.serve import WebServer
from tests.plain import NO_TLS
from tests.store.catalogues import START, catalogue, key_result, scanned
from tests.store.made import made
from tests.unit.intake.signing import HEADER, SECRET, SigningHook, signature, signed
from tests.unit.intake.test_manual import SHARE

TOKEN = "a token of this installation"
BEARER = {"Authorization": f"Bearer {TOKEN}"}


def never(seconds: float, call: Callable[[], None]) -> None:
    """Pauses that do not end."""


class Gate:
    """A served store with two scopes, all read a minute ago, and a manual indicator."""

    def __init__(self, store: Store, clock: ManualClock, token: str | None) -> None:
        self.store = store
        self.clock = clock
        self.instruments = Instruments(["netbox"])
        port = HookPort("netbox", SigningHook(), SECRET)
        closed = HookPort("jira", SigningHook())
        self.hooks = Hooks(
            {"netbox": port, "jira": closed},
            lambda source, concerned: make_due(store, source, concerned, now=clock.now()),
            clock,
            self.instruments,
            later=never,
        )
        self.app = create_app(
            store,
            clock,
            own_metrics=self.instruments.registry,
            instance=InstanceInfo(version="9.9.9"),
            door=Door(Access(token)),
            hooks=self.hooks,
        )

    def due(self) -> int:
        return count_due(self.store, now=self.clock.now())

    def counted(self, source: str, outcome: str) -> bool:
        line = f'syncd_hooks_total{{outcome="{outcome}",source="{source}"}} 1.0'
        return line in generate_latest(self.instruments.registry).decode()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = made(tmp_path / "syncd.db")
    devices, racks = scanned("devices", scope="devices"), scanned("racks", scope="racks")
    put_in_force(
        opened,
        catalogue(
            [devices, racks, SHARE],
            [key_result("a-o1-kr1", devices), key_result("a-o1-kr2", racks)],
        ),
        interval_of=lambda _: 300.0,
        link_of=lambda _: None,
        now=START,
    )
    yield opened
    opened.close()


@pytest.fixture(params=[TOKEN])
def gate(store: Store, request: pytest.FixtureRequest) -> Gate:
    made = Gate(store, ManualClock(START), request.param)
    with store.write() as connection:
        later = made.clock.now().replace(hour=made.clock.now().hour + 1)
        connection.execute(sa.update(scopes).values(next_due_at=later))
    return made


@pytest.fixture
def client(gate: Gate) -> Iterator[httpx.Client]:
    server = WebServer(gate.app, "127.0.0.1", 0)
    try:
        with httpx.Client(base_url=server.start(), timeout=20, verify=NO_TLS) as found:
            yield found
    finally:
        server.stop()


class TestHooks:
    def test_a_signed_notice_makes_due_what_it_concerns(
        self, gate: Gate, client: httpx.Client
    ) -> None:
        headers, body = signed({"objects": "racks"})
        answer = client.post("/hooks/netbox", headers=headers, content=body)

        assert (answer.status_code, answer.json()) == (202, {"due": 1})
        assert gate.due() == 1
        assert gate.counted("netbox", "due")

    def test_the_next_one_within_the_second_waits(self, gate: Gate, client: httpx.Client) -> None:
        for notice, due in (({"objects": "racks"}, 1), ({"objects": "devices"}, None)):
            headers, body = signed(notice)
            answer = client.post("/hooks/netbox", headers=headers, content=body)
            assert (answer.status_code, answer.json()) == (202, {"due": due})

        assert gate.due() == 1
        gate.hooks.close()
        assert gate.due() == 2

    @pytest.mark.parametrize(
        "headers", [{}, {HEADER: ""}, {HEADER: "0" * 64}, {HEADER: signature("guessed", b"{}")}]
    )
    def test_an_unsigned_one_is_refused_and_nothing_changes(
        self, gate: Gate, client: httpx.Client, headers: dict[str, str]
    ) -> None:
        answer = client.post("/hooks/netbox", headers=headers, content=b"{}")

        assert answer.status_code == 401
        assert answer.headers["content-type"] == "application/problem+json"
        assert gate.due() == 0
        assert gate.counted("netbox", "not_authentic")

    def test_a_source_without_a_secret_is_closed_in_words(
        self, gate: Gate, client: httpx.Client
    ) -> None:
        headers, body = signed({})
        answer = client.post("/hooks/jira", headers=headers, content=body)

        assert answer.status_code == 403
        assert "hook_secret" in answer.json()["detail"]
        assert gate.counted("jira", "closed")

    def test_an_unknown_source_is_not_found(self, gate: Gate, client: httpx.Client) -> None:
        assert client.post("/hooks/nowhere", content=b"{}").status_code == 404
        assert gate.counted("", "unknown")

    def test_one_that_is_too_long_is_refused_before_it_is_looked_at(
        self, gate: Gate, client: httpx.Client
    ) -> None:
        body = b'{"objects": "' + b"x" * NOTICE_BYTES + b'"}'
        answer = client.post(
            "/hooks/netbox", headers={HEADER: signature(SECRET, body)}, content=body
        )

        assert answer.status_code == 413
        assert gate.counted("netbox", "too_large")
        assert gate.due() == 0

    def test_one_of_the_longest_allowed_is_taken(self, gate: Gate, client: httpx.Client) -> None:
        body = b'{"objects": "' + b"x" * (NOTICE_BYTES - 15) + b'"}'
        assert len(body) == NOTICE_BYTES

        answer = client.post(
            "/hooks/netbox", headers={HEADER: signature(SECRET, body)}, content=body
        )

        assert (answer.status_code, answer.json()) == (202, {"due": 0})

    def test_a_signed_one_that_is_no_json_is_told(self, gate: Gate, client: httpx.Client) -> None:
        answer = client.post(
            "/hooks/netbox", headers={HEADER: signature(SECRET, b"{")}, content=b"{"
        )

        assert answer.status_code == 400
        assert gate.counted("netbox", "not_readable")

    def test_nobody_gets_one_by_looking(self, client: httpx.Client) -> None:
        assert client.get("/hooks/netbox").status_code == 405

    def test_a_server_without_hooks_takes_none(self, gate: Gate) -> None:
        bare = create_app(
            gate.store,
            gate.clock,
            own_metrics=gate.instruments.registry,
            instance=InstanceInfo(version="9.9.9"),
        )
        server = WebServer(bare, "127.0.0.1", 0)
        try:
            answer = httpx.post(f"{server.start()}/hooks/netbox", content=b"{}", verify=NO_TLS)
        finally:
            server.stop()

        assert answer.status_code == 404


class TestNumbersByHand:
    PATH = "/api/v1/indicators/support_coverage/readings"

    def test_are_written_down_for_who_has_the_token(self, gate: Gate, client: httpx.Client) -> None:
        answer = client.post(
            self.PATH, headers=BEARER, json={"value": "62 %", "by": "Ada", "note": "signed"}
        )

        assert answer.status_code == 201
        assert answer.json() == {
            "indicator": "support_coverage",
            "value": 0.62,
            "value_text": "62 %",
            "by": "Ada",
            "note": "signed",
            "at": "2026-01-01T08:00:00Z",
        }
        with gate.store.read() as connection:
            (view,) = indicator_views(connection, {SHARE.fingerprint})
        assert view.reading is not None
        assert view.reading.value == 0.62

    @pytest.mark.parametrize(
        "headers", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {TOKEN}"}]
    )
    def test_are_refused_to_anybody_else(
        self, gate: Gate, client: httpx.Client, headers: dict[str, str]
    ) -> None:
        answer = client.post(self.PATH, headers=headers, json={"value": "62 %", "by": "Eve"})

        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
        assert TOKEN not in answer.text
        with gate.store.read() as connection:
            assert indicator_views(connection, {SHARE.fingerprint})[0].reading is None

    @pytest.mark.parametrize("gate", [None], indirect=True)
    def test_are_off_where_the_installation_has_no_token(self, client: httpx.Client) -> None:
        answer = client.post(self.PATH, headers=BEARER, json={"value": "62 %", "by": "Ada"})

        assert answer.status_code == 403
        assert "SYNCD_API_TOKEN_FILE" in answer.json()["detail"]

    @pytest.mark.parametrize(
        ("sent", "status", "detail"),
        [
            ({"value": "62", "by": "Ada"}, 422, "value: got '62'; expected a share"),
            ({"value": 62, "by": "Ada"}, 422, "value: got '62'"),
            ({"value": True, "by": "Ada"}, 400, "value: got"),
            ({"by": "Ada"}, 400, "value: got none"),
            ({"value": "62 %"}, 400, "by: got none"),
            ({"value": "62 %", "by": " "}, 400, "by: got none"),
            ({"value": "62 %", "by": 7}, 400, "by: got JSON that is no text; expected text"),
            ({"value": "62 %", "by": "Ada", "note": ["x"]}, 400, "note: got"),
            ({"value": "62 %", "by": "Ada", "at": "2027-01-01"}, 422, "at: got"),
            ({"value": "62 %", "by": "Ada", "at": "soon"}, 400, "at: got 'soon'; expected a day"),
            ({"value": "62 %", "by": "Ada", "when": "now"}, 400, "when: got an unknown key"),
            (["62 %"], 400, "got JSON that is no object"),
        ],
    )
    def test_that_do_not_fit_are_refused_with_what_would(
        self, client: httpx.Client, sent: object, status: int, detail: str
    ) -> None:
        answer = client.post(self.PATH, headers=BEARER, json=sent)

        assert answer.status_code == status
        assert answer.json()["detail"].startswith(detail)
        assert "expected" in answer.json()["detail"]

    @pytest.mark.parametrize(
        ("body", "status"), [(b"{", 400), (b"\xff", 400), (b" " * (SAID_BYTES + 1), 413)]
    )
    def test_that_cannot_be_read_are_refused(
        self, client: httpx.Client, body: bytes, status: int
    ) -> None:
        assert client.post(self.PATH, headers=BEARER, content=body).status_code == status

    def test_of_an_unknown_indicator_are_answered_with_the_nearest(
        self, client: httpx.Client
    ) -> None:
        answer = client.post(
            "/api/v1/indicators/support_coverge/readings",
            headers=BEARER,
            json={"value": "62 %", "by": "Ada"},
        )

        assert answer.status_code == 404
        assert "did you mean support_coverage?" in answer.json()["detail"]

    def test_of_a_measured_indicator_are_refused(self, client: httpx.Client) -> None:
        answer = client.post(
            "/api/v1/indicators/devices/readings", headers=BEARER, json={"value": "62 %", "by": "A"}
        )

        assert answer.status_code == 409
        assert "is measured" in answer.json()["detail"]


def test_a_body_whose_sender_is_gone_is_no_fault_of_ours() -> None:
    messages: Iterator[Any] = iter(
        [
            {"type": "http.request", "body": b"half", "more_body": True},
            {"type": "http.disconnect"},
        ]
    )

    async def receive() -> Any:
        return next(messages)

    request = Request({"type": "http", "method": "POST", "headers": []}, receive)

    with pytest.raises(HTTPException, match="got 4 bytes of a body") as refused:
        asyncio.run(body(request, 100))

    assert refused.value.status_code == 400
