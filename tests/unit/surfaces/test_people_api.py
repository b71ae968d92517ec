"""What people say over HTTP, through a real server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from syncd.clock import ManualClock
from syncd.instruments import Instruments
from syncd.intake.access import Access
from syncd.model import External
from syncd.store.catalogue import put_in_force
from syncd.store.engine import Store
from syncd.surfaces.app import InstanceInfo, create_app
from syncd.surfaces.guard import Door
from syncd.surfaces.serve import WebServer
from tests.plain import NO_TLS
from tests.store.catalogues import DUE, START, catalogue, key_result, numbered
from tests.store.made import made

TOKEN = "a token of this installation"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
NUMBER = numbered("hired")


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = made(tmp_path / "syncd.db")
    put_in_force(
        opened,
        catalogue(
            [NUMBER],
            [key_result("inf-o1-kr1", NUMBER, needs=("external:recruiting",))],
            [External("recruiting", "Recruiting keeps pace", "Head of recruiting", DUE)],
        ),
        interval_of=lambda _: 300.0,
        link_of=lambda _: None,
        now=START,
    )
    yield opened
    opened.close()


@pytest.fixture
def client(store: Store, clock: ManualClock) -> Iterator[httpx.Client]:
    app = create_app(
        store,
        clock,
        own_metrics=Instruments(["prometheus"]).registry,
        instance=InstanceInfo(version="9.9.9"),
        door=Door(Access(TOKEN)),
    )
    server = WebServer(app, "127.0.0.1", 0)
    try:
        with httpx.Client(base_url=server.start(), timeout=20, verify=NO_TLS) as found:
            yield found
    finally:
        server.stop()


SLIPPED = {"state": "slipped", "note": "two offers declined", "by": "Ada"}


class TestDependencies:
    PATH = "/api/v1/externals/recruiting/state"

    def listed(self, client: httpx.Client) -> dict[str, object]:
        (found,) = client.get("/api/v1/externals").json()["externals"]
        assert isinstance(found, dict)
        return found

    def test_are_listed_with_null_for_what_nobody_said(self, client: httpx.Client) -> None:
        assert self.listed(client) == {
            "name": "recruiting",
            "period": "",
            "title": "Recruiting keeps pace",
            "owner": "Head of recruiting",
            "due_at": "2026-04-01T06:59:59Z",
            "due_text": "31 Mar 2026",
            "plan": None,
            "needed_by": ["inf-o1-kr1"],
            "state": None,
            "note": None,
            "by": None,
            "since": None,
            "recorded_at": None,
        }

    def test_are_set_by_who_has_the_token(self, client: httpx.Client) -> None:
        answer = client.post(self.PATH, headers=BEARER, json=SLIPPED)

        said = SLIPPED | {"since": "2026-01-01T08:00:00Z", "recorded_at": "2026-01-01T08:00:00Z"}
        assert (answer.status_code, answer.json()) == (201, {"name": "recruiting"} | said)
        found = self.listed(client)
        assert {key: found[key] for key in said} == said

    @pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}])
    def test_are_set_by_nobody_else(self, client: httpx.Client, headers: dict[str, str]) -> None:
        answer = client.post(self.PATH, headers=headers, json=SLIPPED)

        assert answer.status_code == 401
        assert self.listed(client)["state"] is None

    @pytest.mark.parametrize(
        ("sent", "status", "detail"),
        [
            (
                {"state": "sliped"},
                400,
                "state: got 'sliped'; expected on_track, at_risk, slipped or done; fix: slipped",
            ),
            ({"state": None}, 400, "state: got none; expected on_track, at_risk, slipped or done"),
            ({"note": ""}, 400, "note: got none; expected why it is so"),
            ({"by": 7}, 400, "by: got JSON that is no text"),
            ({"at": "2027-01-01"}, 422, "at: got 2027-01-01, which has not come yet"),
            ({"status": "x"}, 400, "status: got an unknown key; expected state, note, by, at"),
        ],
    )
    def test_that_do_not_fit_are_refused_with_what_would(
        self, client: httpx.Client, sent: dict[str, object], status: int, detail: str
    ) -> None:
        answer = client.post(self.PATH, headers=BEARER, json=SLIPPED | sent)

        assert answer.status_code == status
        assert answer.json()["detail"].startswith(detail)
        assert self.listed(client)["state"] is None

    def test_that_are_unknown_are_answered_with_the_nearest(self, client: httpx.Client) -> None:
        answer = client.post("/api/v1/externals/recruting/state", headers=BEARER, json=SLIPPED)

        assert answer.status_code == 404
        assert "did you mean recruiting?" in answer.json()["detail"]


KR = "/api/v1/krs/inf-o1-kr1/adjustments"
PAUSE = {"kind": "pause", "reason": "no power", "by": "Ada", "until": "2026-01-10"}


class TestAdjustments:
    def listed(self, client: httpx.Client) -> list[dict[str, object]]:
        found = client.get(KR).json()["adjustments"]
        assert isinstance(found, list)
        return found

    def test_are_written_down_and_listed(self, client: httpx.Client) -> None:
        answer = client.post(KR, headers=BEARER, json=PAUSE)

        assert answer.status_code == 201
        assert answer.json() == {
            "id": "1",
            "key_result": "inf-o1-kr1",
            "key": "inf-o1-kr1",
            "kind": "pause",
            "status": None,
            "by": "Ada",
            "reason": "no power",
            "since": "2026-01-01T08:00:00Z",
            "until": "2026-01-11T08:00:00Z",
            "in_force": True,
            "text": "Paused until 10 Jan by Ada: no power",
            "withdrawn_at": None,
            "withdrawn_by": None,
            "withdrawn_reason": None,
        }
        assert self.listed(client) == [answer.json()]

    def test_are_over_when_their_time_has_passed(
        self, client: httpx.Client, clock: ManualClock
    ) -> None:
        client.post(KR, headers=BEARER, json=PAUSE)

        clock.advance(days=10)

        assert [one["in_force"] for one in self.listed(client)] == [False]

    def test_are_withdrawn_with_a_reason_and_stay_listed(self, client: httpx.Client) -> None:
        client.post(KR, headers=BEARER, json=PAUSE)

        answer = client.request(
            "DELETE", f"{KR}/1", headers=BEARER, json={"reason": "it is back", "by": "Bob"}
        )

        assert answer.status_code == 200
        assert answer.json()["in_force"] is False
        assert (answer.json()["withdrawn_by"], answer.json()["withdrawn_reason"]) == (
            "Bob",
            "it is back",
        )
        assert self.listed(client) == [answer.json()]

    @pytest.mark.parametrize(("method", "path"), [("POST", KR), ("DELETE", f"{KR}/1")])
    def test_are_written_by_nobody_without_the_token(
        self, client: httpx.Client, method: str, path: str
    ) -> None:
        client.post(KR, headers=BEARER, json=PAUSE)

        answer = client.request(method, path, json={"reason": "x", "by": "Eve"})

        assert answer.status_code == 401
        assert [one["in_force"] for one in self.listed(client)] == [True]

    @pytest.mark.parametrize(
        ("sent", "status", "detail"),
        [
            ({"kind": "override"}, 422, "status: got ''; expected on_track"),
            ({"kind": None}, 400, "kind: got none; expected note, pause or override"),
            ({"reason": ""}, 400, "reason: got none; expected why, or what the note says"),
            ({"until": "2025-01-01"}, 422, "until: got 2025-01-01, which has passed"),
            ({"until": 7}, 400, "until: got JSON that is no text"),
            ({"since": "x"}, 400, "since: got an unknown key"),
        ],
    )
    def test_that_do_not_fit_are_refused_with_what_would(
        self, client: httpx.Client, sent: dict[str, object], status: int, detail: str
    ) -> None:
        answer = client.post(KR, headers=BEARER, json=PAUSE | sent)

        assert answer.status_code == status
        assert answer.json()["detail"].startswith(detail)
        assert self.listed(client) == []

    @pytest.mark.parametrize(
        ("number", "status", "detail"),
        [
            ("7", 404, "there is no note, pause or override 7"),
            ("x", 400, "number: got 'x'; expected the number of a note"),
        ],
    )
    def test_that_are_not_there_cannot_be_withdrawn(
        self, client: httpx.Client, number: str, status: int, detail: str
    ) -> None:
        answer = client.request(
            "DELETE", f"{KR}/{number}", headers=BEARER, json={"reason": "x", "by": "Bob"}
        )

        assert answer.status_code == status
        assert answer.json()["detail"].startswith(detail)

    def test_of_an_unknown_key_result_are_answered_with_the_nearest(
        self, client: httpx.Client
    ) -> None:
        path = "/api/v1/krs/inf-o1-kr2/adjustments"
        for answer in (client.get(path), client.post(path, headers=BEARER, json=PAUSE)):
            assert answer.status_code == 404
            assert "did you mean inf-o1-kr1?" in answer.json()["detail"]
