"""What the API refuses, and what does no harm, at every address."""

from __future__ import annotations

import json
from collections.abc import Iterator

import httpx
import pytest
import sqlalchemy as sa

from syncd.intake.access import Access, Grant, Scope
from syncd.store.schema import events, key_results
from syncd.surfaces.api.application import openapi
from syncd.surfaces.api.route import SAID_BYTES
from syncd.surfaces.app import InstanceInfo, create_app
from syncd.surfaces.guard import Door
from syncd.surfaces.serve import WebServer
from tests.plain import NO_TLS
from tests.unit.surfaces.api.world import BEARER, got
from tests.unit.surfaces.api_world import KEY, PERIOD
from tests.unit.surfaces.conftest import Site


class TestRefusals:
    @pytest.mark.parametrize(
        ("method", "path", "headers", "content", "status", "says"),
        [
            ("GET", "/krs?status=good", {}, b"", 400, "status: got 'good'; expected achieved, "),
            ("GET", "/krs?limit=0", {}, b"", 400, "limit: got '0'; expected a whole number from 1"),
            ("GET", "/krs?after=x", {}, b"", 400, "after: got 'x'; expected a cursor that"),
            ("GET", "/krs?teem=net", {}, b"", 400, "did you mean team?"),
            ("GET", "/krs?team=nte", {}, b"", 422, "did you mean net?"),
            ("GET", "/krs?objective=net-o2", {}, b"", 422, "did you mean net-o1?"),
            ("GET", "/krs?period=2026-Q2", {}, b"", 422, f"expected one of {PERIOD}"),
            ("GET", "/hygiene?rule=no-ownr", {}, b"", 422, "rule: got 'no-ownr'; expected one of"),
            ("GET", "/krs%00", {}, b"", 404, "there is nothing at"),
            ("GET", "/krs/a%00b", {}, b"", 400, "U+0000"),
            ("GET", "/krs?team=%00", {}, b"", 400, "team: got the character U+0000"),
            ("GET", "/teams/dcmi", {}, b"", 404, "there is no team 'dcmi'; did you mean dcim?"),
            ("GET", "/krs/x/y/z", {}, b"", 404, "there is nothing at"),
            ("PATCH", f"/krs/{KEY}/adjustments", {}, b"", 405, "got PATCH; expected GET or POST"),
            ("GET", f"/krs/{KEY}/adjustments/1", {}, b"", 405, "got GET; expected DELETE"),
            ("GET", "/krs", {"Accept": "text/html"}, b"", 406, "takes application/json"),
            ("GET", "/krs", {"Accept": "*/*;q=0"}, b"", 406, "takes application/json"),
            ("POST", "/externals/recruiting/state", BEARER, b"{", 400, "got no JSON"),
            (
                "POST",
                "/externals/recruiting/state",
                BEARER | {"Content-Type": "text/plain"},
                b"{}",
                415,
                "got Content-Type: text/plain; expected application/json",
            ),
            (
                "POST",
                "/externals/recruiting/state",
                BEARER,
                b" " * 64_001,
                413,
                "more than 64000 bytes",
            ),
            ("POST", "/indicators/completeness/readings", {}, b"{}", 401, "got no token"),
        ],
    )
    def test_are_problem_documents_that_say_what_would_be_right(
        self,
        world: Site,
        method: str,
        path: str,
        headers: dict[str, str],
        content: bytes,
        status: int,
        says: str,
    ) -> None:
        assert SAID_BYTES == 64_000

        answer = world.client.request(
            method, f"/api/v1{path}", headers=headers, content=content or None
        )

        assert answer.status_code == status, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        problem = answer.json()
        assert problem["status"] == status
        assert says in problem["detail"]
        assert problem["type"] == "about:blank"

    def test_name_everything_that_does_not_fit(self, world: Site) -> None:
        found = got(world, "/krs", 400, colour="red", status="good", limit="many")

        assert [one.partition(":")[0] for one in found["errors"]] == ["colour", "limit", "status"]
        said = {"state": "sliped", "when": "now"}
        answer = world.client.post(
            "/api/v1/externals/recruiting/state", headers=BEARER, json=said
        ).json()
        assert [one.partition(":")[0] for one in answer["errors"]] == [
            "when",
            "state",
            "note",
            "by",
        ]

    @pytest.mark.parametrize("method", ["PATCH", "DELETE", "PUT"])
    def test_of_a_method_name_all_that_there_are(self, world: Site, method: str) -> None:
        answer = world.client.request(method, f"/api/v1/krs/{KEY}/adjustments")

        assert answer.headers["allow"] == "GET, POST"

    def test_of_our_own_making_tell_nothing_of_the_inside(self, own: Site) -> None:
        with own.store.write() as connection:
            connection.execute(sa.update(events).values(data=["inside"]))

        answer = own.client.get("/api/v1/events")

        assert answer.status_code == 500
        assert answer.headers["content-type"] == "application/problem+json"
        assert "inside" not in answer.text
        assert "log" in answer.json()["detail"]


class TestConflicts:
    def test_what_has_ended_does_not_end_again(self, own: Site) -> None:
        path = f"/api/v1/krs/{KEY}/adjustments/2"

        answer = own.client.request(
            "DELETE", path, headers=BEARER, json={"reason": "again", "by": "Ada"}
        )

        assert answer.status_code == 409
        assert "has ended already" in answer.json()["detail"]


class TestScopes:
    @pytest.fixture
    def client(self, world: Site) -> Iterator[httpx.Client]:
        """Of the same store, with a token for each scope."""
        app = create_app(
            world.store,
            world.clock,
            own_metrics=world.instruments.registry,
            instance=InstanceInfo(version="9.9.9"),
            door=Door(Access(grants=[Grant.of(f"a token to {each}", each) for each in Scope])),
        )
        server = WebServer(app, "127.0.0.1", 0)
        try:
            with httpx.Client(base_url=server.start(), timeout=20, verify=NO_TLS) as client:
                yield client
        finally:
            server.stop()

    @pytest.mark.parametrize(
        ("token", "status"), [("read", 403), ("write", 404), ("admin", 404), ("rule", 401)]
    )
    def test_one_that_may_only_read_writes_nothing(
        self, client: httpx.Client, token: str, status: int
    ) -> None:
        answer = client.post(
            "/api/v1/externals/nothing/state",
            headers={"Authorization": f"Bearer a token to {token}"},
            json={"state": "done", "note": "it is", "by": "Ada"},
        )

        assert answer.status_code == status
        if status == 403:
            assert 'scope="write"' in answer.headers["www-authenticate"]
            assert answer.json()["detail"] == "got a token for read; expected one for write"

    def test_are_asked_for_by_everything_that_writes_and_told_in_the_document(self) -> None:
        for path, operations in openapi()["paths"].items():
            for method, operation in operations.items():
                read: list[dict[str, list[str]]] = [{}, {"token": []}]
                assert operation["security"] == (
                    read if method == "get" else [{"token": ["write"]}]
                ), path


HARMFUL = [
    "<script>alert(1)</script>",
    "{0.__class__} %s %(x)s ${jndi:ldap://x} {{7*7}}",
    "\u202egnp.exe \u2066x\u2069 \u200f",
    "\x1b]0;x\x07 \x9b31m line\nline\r\u2028",
    "x" * 30_000,
]


@pytest.mark.parametrize("text", HARMFUL, ids=["script", "formats", "bidi", "controls", "long"])
def test_strings_from_upstream_do_no_harm(own: Site, text: str) -> None:
    with own.store.write() as connection:
        row = connection.execute(sa.select(key_results).where(key_results.c.id == KEY)).one()
        connection.execute(
            sa.update(key_results)
            .where(key_results.c.id == KEY)
            .values(definition={**row.definition, "title": text})
        )

    for path in (f"/krs/{KEY}", "/krs", "/krs/net-o1-kr1/path", "/teams", "/objectives"):
        answer = own.client.get(f"/api/v1{path}")

        assert answer.status_code == 200, (path, answer.text)
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["x-content-type-options"] == "nosniff"
        json.loads(answer.content)
    title = got(own, f"/krs/{KEY}")["title"]
    assert title == text


def test_links_that_no_browser_should_follow_are_left_out(world: Site) -> None:
    (failing,) = got(world, f"/krs/{KEY}/evidence")["objects"]

    assert (failing["label"], failing["url"]) == ("<b>four</b>", None)
