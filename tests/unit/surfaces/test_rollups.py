"""What teams and the organisation come to, wherever it is shown."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from syncd.model import Objective, Target, TargetType
from syncd.store.manual import record_manual
from syncd.store.periods import period_views
from syncd.store.rolling import rollups
from syncd.surfaces.groups import Group, groups, rollup_words
from tests.store.catalogues import by_hand, catalogue, key_result
from tests.store.state import assess_all
from tests.unit.surfaces.conftest import Site, put
from tests.unit.surfaces.test_metrics import samples

YEAR = timedelta(days=365)
RACKS, DOCS, HIRED, LOST = (by_hand(name, stale_after=YEAR) for name in ("r", "d", "h", "l"))
TEN = Target(TargetType.AT_LEAST, goal=10.0)
HALF = 0.5
"""Of the quarter has passed."""


@pytest.fixture
def quarter(site: Site) -> Site:
    """Half a quarter in: dcim has one at 0.8 and one of which nothing is known; cops has a joint
    objective with ce, at 0.4; net has a duplicate of dcim's; the organisation hires.
    """
    wanted = catalogue(
        [RACKS, DOCS, HIRED, LOST],
        [
            key_result("dcim-o1-kr1", RACKS, target=TEN),
            key_result("dcim-o1-kr2", LOST, target=TEN),
            key_result("cops-o4-kr1", DOCS, target=TEN),
            key_result("net-o1-kr1", RACKS, target=TEN, duplicate_of="dcim-o1-kr1"),
            key_result("hiring", HIRED, target=TEN, team="", objective="", objective_title=""),
        ],
    )
    objectives = [
        Objective("dcim-o1", "Racks", "dcim"),
        Objective("cops-o4", "Supplier quality", "cops", joint_team="ce", joint_id="ce-o5"),
        Objective("net-o1", "Racks too", "net"),
    ]
    teams = {"dcim": "DCIM", "cops": "Cluster ops", "ce": "Customers", "net": "Network"}
    put(site, replace(wanted, teams=teams, objectives={one.id: one for one in objectives}))
    site.clock.advance(days=45)
    now = site.clock.now()
    for name, value in (("r", 8.0), ("d", 4.0), ("h", 6.0)):
        record_manual(site.store, name, value, note=None, by="Ada", at=now, now=now)
    assess_all(site.store, site.clock)
    return site


def rolled(site: Site) -> dict[tuple[str, str], Any]:
    found = site.client.get("/api/v1/rollups").json()["rollups"]
    return {(one["level"], one["id"]): one for one in found}


def grouped(site: Site) -> list[Group]:
    with site.store.read() as connection:
        return groups(rollups(connection, period_views(connection)))


class TestTheApi:
    def test_tells_every_objective_and_team_and_the_organisation(self, quarter: Site) -> None:
        assert list(rolled(quarter)) == [
            ("objective", "dcim-o1"),
            ("objective", "cops-o4"),
            ("objective", "net-o1"),
            ("team", "dcim"),
            ("team", "cops"),
            ("team", "ce"),
            ("team", "net"),
            ("organisation", ""),
        ]

    def test_tells_what_is_known_and_how_much_is_not(self, quarter: Site) -> None:
        dcim = rolled(quarter)["team", "dcim"]

        assert dcim["progress"] == pytest.approx(0.8)
        assert dcim["expected"] == pytest.approx(HALF, abs=0.001)
        assert dcim["pace"] == pytest.approx(0.3, abs=0.001)
        assert (dcim["unknown_share"], dcim["counted"]) == (0.5, 0.5)
        assert dcim["counts"] == {"on_track": 1, "no_data": 1}
        assert dcim["text"] == "80 % done, 50 % expected; 50 % of it cannot be told"

    def test_counts_the_joint_and_the_duplicate_once_in_the_organisation(
        self, quarter: Site
    ) -> None:
        found = rolled(quarter)

        assert found["team", "ce"]["progress"] == found["team", "cops"]["progress"] == 0.4
        assert found["team", "net"]["progress"] == 0.8
        assert found["organisation", ""]["progress"] == pytest.approx((0.5 * 0.8 + 0.4) / 1.5)
        assert found["organisation", ""]["unknown_share"] == pytest.approx(0.25)

    def test_says_whose_a_joint_objective_is(self, quarter: Site) -> None:
        objective = rolled(quarter)["objective", "cops-o4"]

        assert (objective["title"], objective["team"]) == ("Supplier quality", "cops")
        assert (objective["joint_team"], objective["joint_id"]) == ("ce", "ce-o5")

    def test_says_of_which_a_key_result_is_the_duplicate(self, quarter: Site) -> None:
        found = quarter.client.get("/api/v1/krs?team=net").json()["key_results"]

        assert [kr["duplicate_of"] for kr in found] == ["dcim-o1-kr1"]

    def test_takes_no_parameter(self, quarter: Site) -> None:
        assert quarter.client.get("/api/v1/rollups?team=dcim").status_code == 400


def test_groups_show_the_joint_with_both_teams_the_duplicate_as_one_and_the_organisation_last(
    quarter: Site,
) -> None:
    found = grouped(quarter)

    assert [
        (group.title, [(one.view.key_result.id, one.whose) for one in group.shown])
        for group in found
    ] == [
        ("DCIM", [("dcim-o1-kr1", ""), ("dcim-o1-kr2", "")]),
        ("Cluster ops", [("cops-o4-kr1", "joint with Customers, where it is ce-o5")]),
        ("Customers", [("cops-o4-kr1", "joint with Cluster ops, where it is cops-o4")]),
        ("Network", [("net-o1-kr1", "the same as dcim-o1-kr1 of DCIM")]),
        ("Test", [("hiring", "")]),
    ]


def test_the_company_page_has_a_line_for_each_team_and_one_for_all(quarter: Site) -> None:
    page = " ".join(quarter.client.get("/").text.split())

    heads = re.findall(r'<tr class="team">(.*?)</tr>', page)
    texts = [" ".join(re.sub(r"<[^>]+>", " ", head).split()) for head in heads]
    assert texts == [
        "DCIM 80 % done, 50 % expected; 50 % of it cannot be told",
        "Cluster ops 40 % done, 50 % expected",
        "Customers 40 % done, 50 % expected",
        "Network 80 % done, 50 % expected",
        "Test",
    ]
    assert "Together: 53.3 % done, 50 % expected; 25 % of it cannot be told." in page
    assert page.partition("<table")[2].count(">Title of cops-o4-kr1</a>") == 2
    assert "the same as dcim-o1-kr1 of DCIM" in page
    done = re.findall(r'<rect class="done" x="0" y="8" width="([\d.]+)"', heads[0])
    assert [float(width) for width in done] == [pytest.approx(0.8 * 136, abs=0.1)]


def test_metrics_have_a_family_for_each_level(quarter: Site) -> None:
    body = quarter.metrics().text

    assert samples(body, "syncd_team_progress_ratio") == {
        ("", "dcim"): 0.8,
        ("", "cops"): 0.4,
        ("", "ce"): 0.4,
        ("", "net"): 0.8,
    }
    assert samples(body, "syncd_objective_unknown_ratio") == {
        ("dcim-o1", "", "dcim"): 0.5,
        ("cops-o4", "", "cops"): 0.0,
        ("net-o1", "", "net"): 0.0,
    }
    assert samples(body, "syncd_organisation_progress_ratio") == {
        ("",): pytest.approx((0.5 * 0.8 + 0.4) / 1.5)
    }
    assert samples(body, "syncd_organisation_expected_ratio") == {
        ("",): pytest.approx(HALF, abs=0.001)
    }


def test_what_is_not_known_at_all_has_no_progress_anywhere(site: Site) -> None:
    put(site, catalogue([LOST], [key_result("dcim-o1-kr1", LOST, target=TEN)]))
    assess_all(site.store, site.clock)

    found = rolled(site)["team", "dcim"]
    assert (found["progress"], found["unknown_share"]) == (None, 1.0)
    assert found["text"] == "nothing is known yet"
    body = site.metrics().text
    assert samples(body, "syncd_team_progress_ratio") == {}
    assert samples(body, "syncd_team_unknown_ratio") == {("", "dcim"): 1.0}
    assert "nothing is known yet" in site.client.get("/").text


def test_nearly_all_is_never_rounded_to_all(quarter: Site) -> None:
    with quarter.store.read() as connection:
        (one,) = rollups(connection, period_views(connection))
    nearly = replace(one.rollups.organisation, progress=0.99996, unknown_share=0.0)

    assert rollup_words(nearly).startswith("99.996 % done")
    assert rollup_words(replace(nearly, progress=None, counted=0.0)) == "nothing counts"
    assert rollup_words(None) == "nothing counts"
