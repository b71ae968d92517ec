"""What holds at every address of the API: pages, tags, the past, refusals. Through a real server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

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
from tests.unit.surfaces.api_world import KEY, PERIOD, TOKEN, served
from tests.unit.surfaces.conftest import Site

BEARER = {"Authorization": f"Bearer {TOKEN}"}
NAMES = {"id": KEY, "name": "completeness", "number": "1"}
LISTS = [
    ("/krs", "key_results"),
    (f"/krs/{KEY}/history", "history"),
    (f"/krs/{KEY}/adjustments", "adjustments"),
    (f"/krs/{KEY}/evidence?outcome=all", "objects"),
    ("/krs/dcim-o2-kr1/evidence?outcome=all", "objects"),
    ("/indicators", "indicators"),
    ("/indicators/completeness/objects?outcome=all", "objects"),
    ("/indicators/completeness/readings", "readings"),
    ("/teams", "teams"),
    ("/objectives", "objectives"),
    ("/rollups", "rollups"),
    ("/externals", "externals"),
    ("/sources", "sources"),
    ("/hygiene", "findings"),
]
FULL = ["/krs", f"/krs/{KEY}/history", f"/krs/{KEY}/adjustments", "/indicators", "/rollups"]
"""Those with more than one entry in this world."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Nobody changes it."""
    yield from served(tmp_path_factory.mktemp("world"))


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Site]:
    """One to change."""
    yield from served(tmp_path)


def got(site: Site, path: str, status: int = 200, /, **parameters: Any) -> Any:
    answer = site.client.get(f"/api/v1{path}", params=parameters or None)
    assert answer.status_code == status, answer.text
    return answer.json()


def read_addresses() -> list[str]:
    paths = openapi()["paths"].items()
    found = []
    for path, operations in paths:
        if "get" in operations:
            of = {**NAMES, **({"id": "dcim"} if "/teams" in path else {})}
            of |= {"id": "dcim-o1"} if "/objectives" in path else {}
            found.append(path.format(**of))
    return found


class TestPages:
    @pytest.mark.parametrize(("path", "key"), LISTS)
    def test_lead_through_the_whole_list_with_each_entry_once(
        self, world: Site, path: str, key: str
    ) -> None:
        whole = got(world, path)
        assert whole["next"] is None

        seen, page = [], got(world, path + ("&" if "?" in path else "?") + "limit=1")
        while True:
            assert len(page[key]) == 1
            seen += page[key]
            if page["next"] is None:
                break
            joined = "&" if "?" in path else "?"
            page = got(world, f"{path}{joined}limit=1&after={page['next']}")

        assert seen == whole[key]
        assert len(seen) > 1 or path not in FULL

    def test_go_on_after_what_has_ceased_to_be_wanted(self, own: Site) -> None:
        first = got(own, "/krs", status="stale", limit=1)
        with own.store.write() as connection:
            row = connection.execute(
                sa.select(key_results).where(key_results.c.key == first["key_results"][0]["key"])
            ).one()
            connection.execute(
                sa.update(key_results)
                .where(key_results.c.key == row.key)
                .values(current={**row.current, "status": "on_track"})
            )

        second = got(own, "/krs", status="stale", limit=1, after=first["next"])

        assert second["key_results"][0]["id"] == "dcim-o2-kr1"

    def test_after_something_that_was_taken_out_begin_again(self, own: Site) -> None:
        first = got(own, "/externals", limit=1000)
        cursor = got(own, "/krs", limit=1)["next"]
        with own.store.write() as connection:
            connection.execute(
                sa.update(key_results).where(key_results.c.id == KEY).values(active=False)
            )

        problem = got(own, "/krs", 409, limit=1, after=cursor)

        assert first["next"] is None
        assert "begin again without it" in problem["detail"]

    def test_of_evidence_begin_in_the_key_result_itself(self, world: Site) -> None:
        first = got(world, f"/krs/{KEY}?outcome=all&limit=2")["evidence"]

        rest = got(world, f"/krs/{KEY}/evidence", outcome="all", limit=2, after=first["next"])

        assert [one["id"] for one in (*first["objects"], *rest["objects"])] == ["1", "2", "3", "4"]
        assert rest["next"] is None


@pytest.fixture
def cursor(world: Site) -> str:
    cursor = got(world, "/krs", limit=1)["next"]
    assert isinstance(cursor, str)
    return cursor


class TestCursors:
    def test_that_were_changed_by_a_character_are_refused(self, world: Site, cursor: str) -> None:
        for place, letter in enumerate(cursor):
            other = "A" if letter != "A" else "B"
            changed = cursor[:place] + other + cursor[place + 1 :]

            problem = got(world, "/krs", 422, limit=1, after=changed)

            assert problem["detail"].startswith(f"after: got {changed!r}; expected a cursor that")

    @pytest.mark.parametrize(
        ("path", "filters"),
        [("/teams", {}), ("/krs", {"team": "dcim"}), ("/krs", {"at": "2026-01-01T12:00Z"})],
    )
    def test_of_another_list_or_of_other_filters_are_refused(
        self, world: Site, cursor: str, path: str, filters: dict[str, str]
    ) -> None:
        got(world, path, 422, after=cursor, **filters)

    def test_of_another_store_are_refused(self, own: Site, cursor: str) -> None:
        got(own, "/krs", 422, after=cursor)

    @pytest.mark.parametrize("limit", [1, 1000])
    def test_go_with_pages_of_any_length(self, world: Site, cursor: str, limit: int) -> None:
        assert got(world, "/krs", after=cursor, limit=limit)["key_results"][0]["id"] != KEY


class TestTags:
    @pytest.mark.parametrize("path", read_addresses())
    def test_what_a_reader_has_is_not_sent_again(self, world: Site, path: str) -> None:
        first = world.client.get(f"/api/v1{path}")
        assert first.status_code == 200

        again = world.client.get(f"/api/v1{path}", headers={"If-None-Match": first.headers["etag"]})

        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]

    @pytest.mark.parametrize("known", ["*", "W/{0}", '"other", {0}'])
    def test_are_known_in_every_way_to_say_so(self, world: Site, known: str) -> None:
        tag = world.client.get("/api/v1/teams").headers["etag"]

        again = world.client.get("/api/v1/teams", headers={"If-None-Match": known.format(tag)})

        assert again.status_code == 304

    def test_differ_when_something_has_changed(self, own: Site) -> None:
        tag = own.client.get("/api/v1/externals").headers["etag"]
        said = {"state": "done", "note": "all seats are filled", "by": "Ada"}
        own.client.post("/api/v1/externals/recruiting/state", headers=BEARER, json=said)

        again = own.client.get("/api/v1/externals", headers={"If-None-Match": tag})

        assert again.status_code == 200


def test_head_is_answered_as_get_without_the_body(world: Site) -> None:
    head, whole = (world.client.request(how, "/api/v1/krs") for how in ("HEAD", "GET"))

    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["etag"] == whole.headers["etag"]


class TestThePast:
    @pytest.mark.parametrize(
        "path",
        [
            path
            for path, operations in openapi()["paths"].items()
            if any(one["name"] == "at" for one in operations.get("get", {}).get("parameters", ()))
        ],
    )
    def test_that_has_not_come_is_refused_with_what_would_be_right(
        self, world: Site, path: str
    ) -> None:
        address = next(one for one in read_addresses() if one == path.format(**_named(path)))

        problem = got(world, address, 422, at="2026-01-10")

        assert problem["detail"].startswith("at: got '2026-01-10'; expected a day")
        assert problem["detail"].endswith("of the past")

    def test_is_asked_for_of_all_that_keeps_one(self) -> None:
        without = {
            path
            for path, operations in openapi()["paths"].items()
            if "get" in operations
            and not any(one["name"] == "at" for one in operations["get"]["parameters"])
        }

        # how sources stood is not kept, nor which indicators were in force; the version is today's
        assert without == {"/sources", "/indicators", "/version"}

    def test_has_only_what_had_been_told_by_then(self, world: Site) -> None:
        then = "2026-01-01T08:00Z"

        points = got(world, f"/krs/{KEY}/history", at=then)
        told = got(world, "/events", at=then)["events"]
        readings = got(world, "/indicators/support_coverage/readings", at=then)

        assert points["as_of"] == "2026-01-01T08:00:00Z"
        assert [one["at"] for one in points["history"]] == ["2026-01-01T08:00:00Z"]
        assert {one["at"] for one in told} == {"2026-01-01T08:00:00Z"}
        assert readings["readings"] == []
        assert len(got(world, "/indicators/support_coverage/readings")["readings"]) == 1


def _named(path: str) -> dict[str, str]:
    of = {**NAMES}
    if "/teams" in path:
        of["id"] = "dcim"
    if "/objectives" in path:
        of["id"] = "dcim-o1"
    return of


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
