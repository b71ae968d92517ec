"""Evidence shows keys and links; titles only where the mapping file asks for them, because issues of
hiring name candidates.
"""

from __future__ import annotations

import pytest

from connectors.base import Batch, ScanPlan, judge_fingerprint
from connectors.jira.measures import Count, Ratio
from syncd.model import Indicator
from syncd.store.claims import claim_due
from syncd.store.publish import begin, publish_scan
from tests.store.catalogues import catalogue, key_result
from tests.store.state import assess_all
from tests.unit.surfaces.conftest import Site, put

TITLE = "Offer for Grace Hopper"
ISSUE = {
    "id": "10001",
    "key": "HIRE-7",
    "url": "https://jira.example.org/browse/HIRE-7",
    "fields": {"summary": TITLE},
    "passing": {"statusCategory = Done": False},
}


def hires(name: str, measure: type[Count | Ratio], **options: str) -> Indicator:
    """A number of the same issues, as the measure of Jira plans it."""
    kind = "jira.count" if measure is Count else "jira.ratio"
    written = {"measure": kind, "jql": "project = HIRE", **options}
    plan = measure.model_validate(written).plan("jira")
    evidence = options.get("evidence", "keys")
    return Indicator(name, kind, "jira", plan, plan.dimension, None, written, evidence=evidence)


@pytest.fixture
def hiring(site: Site) -> Site:
    """One key result that asks for keys, and one that asks for titles of the very same issues."""
    keys = hires("keys", Ratio, passing="statusCategory = Done")
    titles = hires("titles", Count, evidence="titles")
    put(
        site,
        catalogue(
            [keys, titles], [key_result("inf-o1-kr1", keys), key_result("inf-o1-kr2", titles)]
        ),
    )
    now = site.clock.now()
    for claim in claim_due(
        site.store, now=now, room={"jira": 9}, lease_seconds=60, full_every_seconds=86_400
    ):
        begin(site.store, claim)
        plans = [one.plan for one in (keys, titles) if isinstance(one.plan, ScanPlan)]
        mine = [plan for plan in plans if plan.scope.fingerprint == claim.fingerprint]
        publish_scan(
            site.store,
            claim,
            tuple(judge_fingerprint(plan.judge) for plan in mine),
            Batch(tuple((plan.judge.judge(ISSUE, now),) for plan in mine), cursor={"at": "end"}),
            observed_at=now,
            now=now,
        )
    assess_all(site.store, site.clock)
    return site


@pytest.mark.parametrize(
    "path",
    ["krs/{0}?outcome=all", "krs/{0}/evidence?outcome=all", "indicators/{0}/objects?outcome=all"],
)
def test_titles_stand_only_where_they_are_asked_for(hiring: Site, path: str) -> None:
    keys = hiring.client.get("/api/v1/" + path.format("inf-o1-kr1")).text
    titles = hiring.client.get("/api/v1/" + path.format("inf-o1-kr2")).text

    assert "HIRE-7" in keys
    assert TITLE not in keys
    assert f"HIRE-7 {TITLE}" in titles


@pytest.mark.parametrize("path", ["krs", "indicators", "events", "krs/inf-o1-kr2/path", "sources"])
def test_no_list_has_a_title(hiring: Site, path: str) -> None:
    answer = hiring.client.get(f"/api/v1/{path}")

    assert answer.status_code == 200
    assert TITLE not in answer.text


def test_keys_lead_to_the_issue(hiring: Site) -> None:
    (issue,) = hiring.client.get("/api/v1/krs/inf-o1-kr1/evidence").json()["objects"]

    assert (issue["label"], issue["url"]) == ("HIRE-7", ISSUE["url"])


def test_no_page_shows_a_title_that_only_another_asks_for(hiring: Site) -> None:
    assert TITLE not in hiring.client.get("/kr/inf-o1-kr1").text
