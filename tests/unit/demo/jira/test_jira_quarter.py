"""The demo's quarter in Jira: what no key result promises, and what the story must never do."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from syncd.demo.jira.meaning import Asking
from syncd.demo.jira.quarter import OUTAGE, quarter_seed
from syncd.demo.jira.quarter.drafts import Book, Draft, numbered, when_up
from syncd.demo.jira.search import Search
from syncd.demo.jira.site import Site
from syncd.demo.jira.world import World
from syncd.demo.quarter.days import END, START, ZONE
from tests.unit.demo.jira.worlds import Moment, asking

SEED = quarter_seed()
PAGES = "project = ONCALL AND issuetype = Page"
CKA = "project = CE AND labels = cka"

_SITE = Site(SEED, "cloud")
_SEARCH = Search(_SITE, World(_SITE, SEED))


def count(jql: str, day: date | datetime) -> int:
    at = day if isinstance(day, datetime) else datetime.combine(day, time(), ZONE)
    return len(_SEARCH.run(jql, Asking(at, ZoneInfo("America/Los_Angeles"), "u-amara")).states)


def test_the_same_seed_tells_the_same_story_and_another_one_another() -> None:
    assert quarter_seed() == SEED
    assert quarter_seed(7) != SEED


def test_nothing_happens_after_the_quarter() -> None:
    last = max([i.created for i in SEED.issues] + [c.at for i in SEED.issues for c in i.changes])

    assert last < END


def test_pages_reach_back_over_the_whole_quarter_before() -> None:
    weekly = [
        count(f'{PAGES} AND created >= "{day}" AND created < "{day + timedelta(days=7)}"', END)
        for day in (date(2025, 10, 1) + timedelta(days=7 * week) for week in range(13))
    ]

    assert all(25 <= pages <= 65 for pages in weekly)


def test_one_certificate_of_twelve_is_lost_and_passed_again() -> None:
    assert count(CKA, END) == 12
    done = [count(f"{CKA} AND statusCategory = Done", date(2026, 2, d)) for d in range(1, 28)]
    assert any(later < earlier for earlier, later in pairwise(done))
    assert count(f"{CKA} AND status changed FROM Done", END) == 1


def test_only_that_certificate_leaves_a_status_that_is_done() -> None:
    done = {status.name for status in SEED.statuses if status.category == "done"}
    left = []
    for issue in SEED.issues:
        told = [c.to for c in issue.changes if c.field == "status"]
        courses = pairwise([issue.fields["status"], *told])
        left += [issue.fields["summary"] for a, b in courses if a in done and b not in done]

    assert left == ["Pass CKA (seat 4)"]


def test_a_capacity_sold_to_a_competitor_is_asked_for_and_declined() -> None:
    assert count("labels = tpu-to-competitor", date(2026, 2, 9)) == 1
    assert count("labels = tpu-to-competitor", END) == 0
    assert count("labels = tpu-to-competitor AND statusCategory = Done", END) == 0


def test_there_is_work_that_no_key_result_looks_at() -> None:
    scopes = " OR ".join((f"({PAGES})", f"({CKA})", "issuetype in (Purchase, Cluster, Delivery)"))

    assert count(f"NOT ({scopes})", END) > 200


def test_issues_move_go_and_are_locked_away() -> None:
    fates = [change.field for issue in SEED.issues for change in issue.changes]
    assert fates.count("deleted") == fates.count("visible") == 1
    assert fates.count("key") >= 3


def test_nobody_works_in_jira_while_it_is_down() -> None:
    moments = [issue.created for issue in SEED.issues]
    moments += [change.at for issue in SEED.issues for change in issue.changes]
    assert not any(OUTAGE[0] <= moment < OUTAGE[1] for moment in moments)


def test_what_was_to_happen_while_jira_is_down_happens_after_in_the_same_order() -> None:
    start, end = OUTAGE
    wanted = [start + timedelta(hours=hours) for hours in range(-2, 60)]

    moved = [when_up(moment) for moment in wanted]

    assert moved == sorted(set(moved))
    assert not any(start <= moment < end for moment in moved)
    assert [m for m, w in zip(moved, wanted, strict=True) if m != w][-1] < end + timedelta(hours=8)


def test_it_is_down_for_two_days_in_the_middle_of_february() -> None:
    clock = Moment(OUTAGE[0])
    with asking(SEED, clock) as jira:
        assert jira.get("/rest/api/3/myself").status_code == 503
        clock.now = OUTAGE[1]
        assert jira.get("/rest/api/3/myself").status_code == 200
    assert (OUTAGE[1] - OUTAGE[0]).days == 2


def test_numbers_of_keys_rise_as_issues_come_into_their_projects() -> None:
    for project in ("ONCALL", "CE", "PROC", "MRKT", "PLAT", "HIRE"):
        numbers = [
            int(issue.key.rpartition("-")[2])
            for issue in sorted(SEED.issues, key=lambda issue: (issue.created, issue.key))
            if issue.key.startswith(f"{project}-")
        ]
        assert numbers == sorted(set(numbers))


# ------------------------------------------------------------------------------- chosen keys


def draft(created: datetime, key: str | None = None) -> Draft:
    return Draft("PROC", created, "u-greta", {"summary": "x"}, key)


def test_a_chosen_key_is_kept_and_what_comes_later_is_numbered_after_it() -> None:
    drafts = [
        draft(START),
        draft(START + timedelta(days=1), "PROC-101"),
        draft(START + timedelta(days=2)),
    ]

    assert [row["key"] for row in numbered(drafts)] == ["PROC-1", "PROC-101", "PROC-102"]


@pytest.mark.parametrize("key", ["PROC-1", "CE-9"])
def test_a_chosen_key_that_is_taken_or_of_another_project_is_refused(key: str) -> None:
    drafts = [draft(START), draft(START + timedelta(days=1), key)]

    with pytest.raises(ValueError, match=f"got the chosen key {key}; expected one of project PROC"):
        numbered(drafts)


def test_a_theme_that_tells_more_changes_no_other_theme() -> None:
    def told(name: str, before: int) -> list[datetime]:
        drafts: list[Draft] = []
        for theme in ("first", "second"):
            book = Book(drafts, 1, theme)
            for _ in range(before if theme == "first" else 3):
                book.issue("CE", book.on(3), "u-amara", "Task", theme)
        return [each.created for each in drafts if each.fields["summary"] == name]

    assert told("second", 2) == told("second", 5)


def test_every_milestone_of_the_mapping_files_is_planned_before_the_quarter() -> None:
    planned = [issue for issue in SEED.issues if issue.fields["issuetype"] == "Milestone"]

    assert len(planned) == 56
    assert all(issue.created < datetime(2026, 1, 1, tzinfo=UTC) for issue in planned)
    assert max(Counter(issue.key for issue in planned).values()) == 1
