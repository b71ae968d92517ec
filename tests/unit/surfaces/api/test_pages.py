"""Pages of lists, their cursors and tags, and the past, at every address of the API."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from syncd.store.schema import key_results
from syncd.surfaces.api.application import openapi
from tests.unit.surfaces.api.world import BEARER, got
from tests.unit.surfaces.api_world import KEY
from tests.unit.surfaces.conftest import Site

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
