"""The demo's quarter in Jira, asked as the mappings ask."""

from __future__ import annotations

from datetime import date, datetime, time
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from syncd.demo.jira.meaning import Asking
from syncd.demo.jira.quarter import END, OUTAGE, START, ZONE, quarter_seed
from syncd.demo.jira.search import Search
from syncd.demo.jira.site import Site
from syncd.demo.jira.world import World
from tests.unit.demo.jira.worlds import Moment, asking

SEED = quarter_seed()
PAGES = 'project = ONCALL AND issuetype = Page AND created >= "2026-01-01"'
CKA = "project = CE AND labels = cka"
POCS = 'project = CE AND issuetype = PoC AND created >= "2026-01-01"'
PURCHASES = 'project = PROC AND issuetype = Purchase AND created >= "2026-01-01"'
CLUSTERS = "project = MRKT AND status = Active"
BILLED = '"PO number" is not EMPTY AND "Invoice number" is not EMPTY'
KNOWN = "Customer is not EMPTY AND Supplier is not EMPTY AND Contract is not EMPTY"

_SITE = Site(SEED, "cloud")
_SEARCH = Search(_SITE, World(_SITE, SEED))


def count(jql: str, day: date | datetime) -> int:
    at = day if isinstance(day, datetime) else datetime.combine(day, time(), ZONE)
    return len(_SEARCH.run(jql, Asking(at, ZoneInfo("America/Los_Angeles"), "u-amara")).states)


def share(jql: str, passing: str, day: date | datetime) -> float:
    return count(f"({jql}) AND ({passing})", day) / count(jql, day)


def test_the_same_seed_tells_the_same_story_and_another_one_another() -> None:
    assert quarter_seed() == SEED
    assert quarter_seed(7) != SEED


def test_it_begins_and_ends_with_the_quarter() -> None:
    last = max([i.created for i in SEED.issues] + [c.at for i in SEED.issues for c in i.changes])
    assert START.astimezone(ZONE).date() == date(2026, 1, 1)
    assert last < END == datetime(2026, 4, 1, tzinfo=ZONE)


def test_pages_become_urgent_only() -> None:
    made = [i for i in SEED.issues if i.fields["issuetype"] == "Page" and i.created >= START]
    assert 380 <= len(made) <= 420
    assert share(PAGES, "priority = P0", date(2026, 1, 20)) == pytest.approx(0.55, abs=0.08)
    assert share(PAGES, "priority = P0", END) == pytest.approx(0.92, abs=0.015)
    weekly = [
        share(PAGES, "priority = P0", date(2026, m, d)) for m, d in ((2, 1), (2, 20), (3, 10))
    ]
    assert weekly == sorted(weekly)


def test_twelve_seats_of_which_ten_pass_and_one_is_reopened() -> None:
    assert count(CKA, END) == 12
    assert count(f"{CKA} AND statusCategory = Done", END) == 10
    done = [count(f"{CKA} AND statusCategory = Done", date(2026, 2, d)) for d in range(1, 28)]
    assert any(later < earlier for earlier, later in pairwise(done))
    assert count(f"{CKA} AND status changed FROM Done", END) == 1


def test_proofs_of_concept_get_their_agreement_days_later() -> None:
    assert count(POCS, END) == 20
    assert share(POCS, '"Discovery agreement" is not EMPTY', END) == 0.9
    assert share(POCS, '"Discovery agreement" is not EMPTY', date(2026, 1, 12)) == 0


def test_purchasing_falls_behind_in_february_and_recovers() -> None:
    before, behind, after = (
        share(PURCHASES, BILLED, day) for day in (date(2026, 2, 4), date(2026, 3, 4), END)
    )
    assert count(PURCHASES, END) == 120
    assert before > 0.75
    assert behind < 0.6
    assert after > 0.88


def test_the_board_of_clusters_fills_up() -> None:
    assert count("project = MRKT", END) == 80
    assert share(CLUSTERS, KNOWN, date(2026, 1, 2)) < 0.25
    assert share(CLUSTERS, KNOWN, END) > 0.9


def test_there_is_work_that_no_key_result_looks_at() -> None:
    scopes = " OR ".join(f"({each})" for each in (PAGES, CKA, POCS, PURCHASES, CLUSTERS))
    assert count(f"NOT ({scopes})", END) > 200


def test_issues_move_go_and_are_locked_away() -> None:
    fates = [change.field for issue in SEED.issues for change in issue.changes]
    assert fates.count("deleted") == fates.count("visible") == 1
    assert fates.count("key") >= 3


def test_nobody_works_in_jira_while_it_is_down() -> None:
    moments = [issue.created for issue in SEED.issues]
    moments += [change.at for issue in SEED.issues for change in issue.changes]
    assert not any(OUTAGE[0] <= moment < OUTAGE[1] for moment in moments)


def test_it_is_down_for_two_days_in_the_middle_of_february() -> None:
    clock = Moment(OUTAGE[0])
    with asking(SEED, clock) as jira:
        assert jira.get("/rest/api/3/myself").status_code == 503
        clock.now = OUTAGE[1]
        assert jira.get("/rest/api/3/myself").status_code == 200
    assert (OUTAGE[1] - OUTAGE[0]).days == 2


def test_keys_are_numbered_as_issues_came_into_their_projects() -> None:
    for project in ("ONCALL", "CE", "PROC", "MRKT", "PLAT"):
        numbers = [
            int(issue.key.rpartition("-")[2])
            for issue in sorted(SEED.issues, key=lambda issue: issue.created)
            if issue.key.startswith(f"{project}-")
        ]
        assert numbers == list(range(1, len(numbers) + 1))
