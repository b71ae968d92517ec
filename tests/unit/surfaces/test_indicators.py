"""Where numbers come from, as programs read it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from connectors.base import (
    Aggregation,
    Batch,
    Dimension,
    Outcome,
    Timeline,
    Verdict,
    judge_fingerprint,
)
from syncd.intake.manual import Given, set_number
from syncd.model import Combination, Combining, Indicator, Part
from syncd.store.claims import claim_due
from syncd.store.publish import begin, publish_scan
from tests.store.catalogues import START, Named, catalogue, key_result, scanned
from tests.unit.surfaces.composed import held, publish_sets, put_composed
from tests.unit.surfaces.conftest import Site, put

API = "/api/v1/indicators"


def got(site: Site, path: str, status: int = 200) -> dict[str, Any]:
    answer = site.client.get(f"{API}{path}")
    assert answer.status_code == status, answer.text
    found: dict[str, Any] = answer.json()
    return found


class TestAMeasuredIndicator:
    def test_is_listed_with_what_it_read_last(self, told: Site) -> None:
        found = {one["name"]: one for one in got(told, "")["indicators"]}

        assert set(found) == {"completeness", "out_of_stock"}
        assert found["completeness"]["value_text"] == "75 %"
        assert found["out_of_stock"]["value"] is None

    @pytest.mark.parametrize("by", ["name", "fingerprint"])
    def test_is_found_by_its_name_and_its_fingerprint(self, told: Site, by: str) -> None:
        listed = next(i for i in got(told, "")["indicators"] if i["name"] == "completeness")

        assert got(told, f"/{listed[by]}")["fingerprint"] == listed["fingerprint"]

    def test_is_found_by_the_key_result_that_reads_it(self, told: Site) -> None:
        found = got(told, "/dcim-o1-kr1")

        assert found["name"] == "completeness"
        assert found["key_results"] == ["dcim-o1-kr1"]

    def test_tells_query_link_numbers_and_counts(self, told: Site) -> None:
        found = got(told, "/completeness")

        assert found["what"].startswith("the share of objects that pass")
        assert found["definition"]["of"] == "devices"
        assert found["link"] == "https://netbox.example.org/?q"
        assert (found["reading"]["numerator"], found["reading"]["denominator"]) == (3.0, 4.0)
        assert found["counts"] == {"pass": 3, "fail": 1, "pending": 0}
        assert found["missing"] == [{"field": "serial", "objects": 1}]

    def test_that_is_one_number_keeps_no_objects(self, told: Site) -> None:
        assert got(told, "/out_of_stock")["counts"] is None
        page = got(told, "/out_of_stock/objects")
        assert (page["total"], page["objects"]) == (None, [])

    def test_of_an_unknown_name_is_answered_with_the_nearest(self, told: Site) -> None:
        for path in ("/completness", "/completness/objects"):
            answer = told.client.get(f"{API}{path}")
            assert answer.status_code == 404
            assert "did you mean completeness?" in answer.json()["detail"]

    @pytest.mark.parametrize(
        ("path", "status", "name"),
        [
            ("?verbose=1", 400, "verbose"),
            ("/completeness?limit=1", 400, "limit"),
            ("/completeness?at=soon", 400, "at"),
            ("/completeness?at=2026-02-01", 422, "at"),
            ("/completeness/objects?outcome=bad", 400, "outcome"),
            ("/completeness/objects?limit=0", 400, "limit"),
            ("/completeness/objects?page=1", 400, "page"),
        ],
    )
    def test_a_bad_parameter_is_named(self, told: Site, path: str, status: int, name: str) -> None:
        assert got(told, path, status)["detail"].startswith(f"{name}: got")


class TestObjects:
    @pytest.mark.parametrize(
        ("outcome", "ids"),
        [
            ("fail", ["4"]),
            ("pass", ["1", "2", "3"]),
            ("pending", []),
            ("all", ["1", "2", "3", "4"]),
        ],
    )
    def test_are_told_by_outcome(self, told: Site, outcome: str, ids: list[str]) -> None:
        page = got(told, f"/completeness/objects?outcome={outcome}")

        assert sorted(found["id"] for found in page["objects"]) == ids
        assert page["total"] == len(ids)

    def test_come_in_pages_that_hold_each_once(self, told: Site) -> None:
        first = got(told, "/completeness/objects?outcome=all&limit=3")
        last = got(told, f"/completeness/objects?outcome=all&limit=3&after={first['next']}")

        assert [found["id"] for found in first["objects"]] == ["1", "2", "3"]
        assert [found["id"] for found in last["objects"]] == ["4"]
        assert (first["total"], last["total"], last["next"]) == (4, 4, None)


class TestThePast:
    @pytest.fixture
    def mended(self, site: Site) -> Site:
        """Device 1 fails on the first day and passes from the second on."""
        scan = scanned("completeness")
        put(site, catalogue([scan], [key_result("dcim-o1-kr1", scan)]))
        for outcome in (Outcome.FAIL, Outcome.PASS):
            now = site.clock.now()
            (claim,) = claim_due(
                site.store,
                now=now,
                room={"netbox": 1},
                lease_seconds=60,
                full_every_seconds=10**9,
            )
            begin(site.store, claim)
            device = Timeline("1", now, (Verdict(now, None, outcome),), label="device 1")
            publish_scan(
                site.store,
                claim,
                (judge_fingerprint(Named("complete")),),
                Batch(((device,),), cursor={"at": "end"}),
                observed_at=now,
                now=now,
            )
            site.clock.move_to(now + timedelta(days=1))
        return site

    def test_a_past_moment_tells_the_number_and_the_objects_of_then(self, mended: Site) -> None:
        then, now = "at=2026-01-01T10:00", "at=2026-01-02T12:00"

        assert got(mended, f"/completeness?{then}")["value"] == 0.0
        assert got(mended, f"/completeness?{now}")["value"] == 1.0
        assert got(mended, f"/completeness/objects?{then}")["total"] == 1
        assert got(mended, f"/completeness/objects?{now}")["total"] == 0

    def test_before_anything_was_read_nothing_is_told_rather_than_none(self, mended: Site) -> None:
        found = got(mended, "/completeness?at=2025-12-30&reconstructed=true")

        assert found["value"] is None
        assert found["reading"] is None
        assert found["counts"] is None
        assert "known" in found["untold"] or "read" in found["untold"]
        asked = "/completeness/objects?at=2025-12-30&reconstructed=true"
        assert got(mended, asked)["total"] is None

    def test_what_was_told_has_a_beginning(self, mended: Site) -> None:
        answer = mended.client.get("/api/v1/indicators/completeness?at=2025-12-30")

        assert answer.status_code == 422
        assert "expected a moment since 1 Jan 2026" in answer.json()["detail"]


class TestACoverage:
    @pytest.fixture
    def compared(self, site: Site) -> Site:
        """Of A, B and C in Jira NetBox has A (twice) and Z."""
        put_composed(site)
        publish_sets(
            site,
            [held("a ", START), held("B", START), held("C", START)],
            [
                held("A", START, by="node 1"),
                held("a", START, by="node 2"),
                held("Z", START),
            ],
        )
        return site

    def test_tells_what_is_missing_on_either_side_and_held_twice(self, compared: Site) -> None:
        found = got(compared, "/delivered_in_netbox")

        assert (
            found["what"]
            == "the share of the keys of delivered_serials that serials_in_netbox has too"
        )
        assert found["counts"] == {"pass": 1, "fail": 2, "pending": 0}
        assert found["coverage"]["missing_there"] == 2
        assert found["coverage"]["missing_here"] == 1
        (twice,) = found["coverage"]["twice_in"]
        assert [holder["label"] for holder in twice["in"]] == ["node 1", "node 2"]
        assert found["coverage"]["twice_of"] == []

    @pytest.mark.parametrize(
        ("which", "keys"),
        [("fail", ["B", "C"]), ("pass", ["A"]), ("all", ["A", "B", "C"]), ("extra", ["Z"])],
    )
    def test_lists_keys_with_who_holds_them(
        self, compared: Site, which: str, keys: list[str]
    ) -> None:
        page = got(compared, f"/delivered_in_netbox/objects?outcome={which}")

        assert [found["id"] for found in page["objects"]] == keys
        assert page["total"] == len(keys)
        assert all(found["of"] or found["in"] for found in page["objects"])
        assert all(found["url"].startswith("https://") for found in page["objects"])

    def test_has_two_parts_each_as_fresh_as_it_is_itself(self, compared: Site) -> None:
        parts = got(compared, "/delivered_in_netbox")["parts"]

        assert [(part["role"], part["name"], part["value"]) for part in parts] == [
            ("of", "delivered_serials", 3.0),
            ("in", "serials_in_netbox", 3.0),
        ]
        assert all(part["observed_at"] == "2026-01-01T08:00:00Z" for part in parts)

    def test_one_side_that_was_never_read_leaves_it_untold(self, site: Site) -> None:
        put_composed(site)

        found = got(site, "/delivered_in_netbox")

        assert found["coverage"] is None
        assert found["counts"] is None
        assert got(site, "/delivered_in_netbox/objects")["total"] is None


class TestACombination:
    def test_tells_its_parts(self, site: Site) -> None:
        put_composed(site)
        set_number(site.store, "support_coverage", Given("62 %", by="Ada"), now=site.clock.now())

        found = got(site, "/dcim-o2-kr2")

        assert found["what"] == "the smallest of delivered_in_netbox and support_coverage"
        assert found["source"] is None
        assert [(part["name"], part["value_text"]) for part in found["parts"]] == [
            ("delivered_in_netbox", "\u2013"),
            ("support_coverage", "62 %"),
        ]


class TestANumberByHand:
    def test_tells_who_gave_it_when_and_why(self, site: Site) -> None:
        put_composed(site)
        given = Given("62 %", by="Ada", note="the contract is signed")
        set_number(site.store, "support_coverage", given, now=site.clock.now())

        found = got(site, "/support_coverage")

        assert found["value"] == 0.62
        assert found["manual"] == {
            "by": "Ada",
            "note": "the contract is signed",
            "at": "2026-01-01T08:00:00Z",
        }

    def test_that_nobody_has_given_is_unknown(self, site: Site) -> None:
        put_composed(site)

        found = got(site, "/support_coverage")

        assert (found["value"], found["manual"]) == (None, None)


class TestTheWords:
    @pytest.mark.parametrize(
        ("how", "words"),
        [
            (Combining.SUM, "the sum of devices and racks"),
            (Combining.MINIMUM, "the smallest of devices and racks"),
            (Combining.RATIO, "devices over racks"),
            (Combining.DIFFERENCE, "devices less racks"),
            (Combining.WEIGHTED_MEAN, "the weighted mean of devices and racks"),
        ],
    )
    def test_say_how_numbers_are_combined(self, site: Site, how: Combining, words: str) -> None:
        devices, racks = scanned("devices"), scanned("racks", scope="racks")
        parts = (Part(devices.fingerprint), Part(racks.fingerprint))
        whole = Indicator(
            "whole",
            "combine",
            None,
            Combination(how, parts),
            Dimension.RATIO,
            None,
            {"measure": "combine", how.value: ["devices", "racks"]},
        )
        put(site, catalogue([devices, racks, whole], []))

        assert got(site, "/whole")["what"] == words

    @pytest.mark.parametrize("how", list(Aggregation))
    def test_say_how_objects_become_a_number(self, site: Site, how: Aggregation) -> None:
        percentile = 90.0 if how is Aggregation.PERCENTILE else None
        found = scanned("devices", how=how, percentile=percentile)
        put(site, catalogue([found], []))

        what = got(site, "/devices")["what"]
        assert "object" in what or "milestones" in what
        assert ("90 %" in what) == (how is Aggregation.PERCENTILE)
