"""jira.milestones: issues that the author names, each done or not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import pytest
from pydantic import ValidationError

from connectors.base import (
    Aggregation,
    BadAnswer,
    Dimension,
    NotFound,
    Outcome,
    QueryRefused,
    ScanPlan,
    Timeline,
    Unauthorised,
    Verdict,
)
from connectors.jira import connector
from connectors.jira.milestones import Reached
from syncd.store.timelines import merged
from tests.unit.connectors.jira.sandboxes import START, Served, serving
from tests.unit.connectors.jira.stand_in import job, planned

NOW = datetime(2026, 2, 1, 12, tzinfo=UTC)
THEN = "2026-01-20T10:00:00.000+0100"
WHEN = datetime(2026, 1, 20, 9, tzinfo=UTC)


def milestones(**issues: str) -> ScanPlan:
    return planned("jira.milestones", issues=issues)


def row(category: str = "done", **fields: Any) -> dict[str, Any]:
    status = {"name": "Any", "statusCategory": {"key": category, "name": "Whatever"}}
    return {
        "id": "1",
        "key": "PROC-1",
        "url": None,
        "fields": {"status": status} | fields,
        "passing": {},
        "milestone": "site",
    }


@pytest.fixture(params=["cloud", "datacenter"])
def flavour(request: pytest.FixtureRequest) -> Literal["cloud", "datacenter"]:
    found: Literal["cloud", "datacenter"] = request.param
    return found


@pytest.fixture
def served(flavour: Literal["cloud", "datacenter"]) -> Iterator[Served]:
    with serving(flavour) as one:
        yield one


def outcomes(served: Served, plan: ScanPlan) -> dict[tuple[str, ...], Outcome]:
    return {verdict.keys: verdict.outcome for verdict in served.told(plan).values()}


# ------------------------------------------------------------------------------------ what is asked


def test_milestones_are_told_by_name() -> None:
    plan = milestones(site="proc-101", racked="PROC-103")

    assert plan.scope.definition == {
        "kind": "jira",
        "issues": {"site": "PROC-101", "racked": "PROC-103"},
    }
    assert plan.aggregate.how is Aggregation.MILESTONES
    assert plan.dimension is Dimension.RATIO


TWICE = (
    'Value error, got PROC-1 as "site" and as "racked"; expected an issue of its own for each '
    "milestone; fix: leave one out"
)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "Field required"),
        ({"issues": {}}, "at least 1 item"),
        ({"issues": {" ": "PROC-1"}}, "at least 1 character"),
        ({"issues": {"site": "PROC"}}, "expected the key of an issue"),
        ({"issues": {"site": "PROC-1) OR (1 = 1"}}, "expected the key of an issue"),
        ({"issues": {"site": "PROC-1", "racked": "proc-1"}}, TWICE),
        ({"issues": {"site": "PROC-1"}, "jql": "project = PROC"}, "Extra inputs"),
    ],
)
def test_milestones_that_cannot_be_right_are_refused(given: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        connector.measures["jira.milestones"].model_validate({"measure": "jira.milestones"} | given)


# --------------------------------------------------------------------------------------- judgement


@pytest.mark.parametrize("field", ["statuscategorychangedate", "resolutiondate"])
def test_a_milestone_is_reached_since_its_issue_became_done_however_late_it_is_read(
    field: str,
) -> None:
    timeline = Reached().judge(row(**{field: THEN}), NOW)

    assert timeline == Timeline(
        "1", WHEN, (Verdict(WHEN, None, Outcome.PASS, keys=("site",)),), "site: PROC-1", None
    )


def test_the_change_of_category_is_surer_than_the_resolution() -> None:
    later = "2026-01-22T10:00:00.000+0100"

    timeline = Reached().judge(row(statuscategorychangedate=THEN, resolutiondate=later), NOW)

    assert timeline.since == WHEN


def test_a_milestone_of_a_workflow_without_dates_is_reached_since_it_was_seen() -> None:
    assert Reached().judge(row(resolutiondate=None), NOW).verdicts[0].valid_from == NOW


def test_a_moment_ahead_of_our_clock_is_now() -> None:
    ahead = (NOW + timedelta(hours=1)).isoformat()

    assert Reached().judge(row(resolutiondate=ahead), NOW).verdicts[0].valid_from == NOW


@pytest.mark.parametrize("category", ["new", "indeterminate"])
def test_a_milestone_that_is_not_done_fails_whatever_dates_it_has(category: str) -> None:
    timeline = Reached().judge(row(category, statuscategorychangedate=THEN), NOW)

    assert timeline.since == NOW
    assert timeline.verdicts == (Verdict(NOW, None, Outcome.FAIL, keys=("site",)),)


def test_a_date_that_is_none_is_a_bad_answer() -> None:
    with pytest.raises(BadAnswer) as caught:
        Reached().judge(row(resolutiondate="yesterday"), NOW)

    assert str(caught.value) == (
        "issue PROC-1: resolutiondate: expected a time with its offset or milliseconds, got "
        "'yesterday'"
    )


def test_a_title_is_neither_asked_for_nor_told_unless_it_is_wanted() -> None:
    titled = row(summary="Find a site")

    assert "summary" not in Reached().fields
    assert Reached().judge(titled, NOW).label == "site: PROC-1"
    assert Reached(titles=True).judge(titled, NOW).label == "site: PROC-1 Find a site"


# ----------------------------------------------------------------------------------------- reading


def test_named_issues_are_read_and_no_others(served: Served) -> None:
    served.put(summary="Find a site", status="Done")
    served.put(summary="Rack it")
    served.put(summary="Something else", status="Done")

    told = served.told(milestones(site="PROC-1", racked="PROC-2"))

    assert {label: (v.outcome, v.keys) for label, v in told.items()} == {
        "site: PROC-1": (Outcome.PASS, ("site",)),
        "racked: PROC-2": (Outcome.FAIL, ("racked",)),
    }
    assert told["site: PROC-1"].valid_from == START


def test_titles_are_kept_only_when_asked_for(served: Served) -> None:
    served.put(summary="Find a site")
    plan = planned("jira.milestones", issues={"site": "PROC-1"}, evidence="titles")

    assert set(served.told(plan)) == {"site: PROC-1 Find a site"}


def test_a_moved_issue_is_found_by_the_key_it_had(served: Served) -> None:
    served.put(status="Done")
    served.put()
    moved = [served.jira.move_issue(key, "CE") for key in ("PROC-1", "PROC-2")]

    told = served.told(milestones(site="PROC-1", racked="PROC-2"))

    assert {label: v.outcome for label, v in told.items()} == {
        f"site: {moved[0]}": Outcome.PASS,
        f"racked: {moved[1]}": Outcome.FAIL,
    }


def test_two_keys_of_one_issue_are_refused(served: Served) -> None:
    served.put()
    moved = served.jira.move_issue("PROC-1", "CE")

    with pytest.raises(QueryRefused, match=rf'"site" \(PROC-1\) and "racked" \({moved}\) are one'):
        served.told(milestones(site="PROC-1", racked=moved))


@pytest.mark.parametrize("fate", ["never there", "deleted", "hidden"])
def test_a_milestone_that_cannot_be_seen_is_told_by_name_and_not_left_out(
    served: Served, fate: str
) -> None:
    served.put(status="Done")
    if fate != "never there":
        served.put()
        getattr(served.jira, {"deleted": "delete_issue", "hidden": "hide_issue"}[fate])("PROC-2")

    with pytest.raises(NotFound, match='the milestone "racked" is the issue PROC-2'):
        served.told(milestones(site="PROC-1", racked="PROC-2"))


def test_a_dead_token_is_no_missing_milestone(served: Served) -> None:
    served.put()
    plan = milestones(site="PROC-1")
    read = served.read(plan)
    served.jira.revoke()

    with pytest.raises(Unauthorised):
        served.read(plan)
    with pytest.raises(Unauthorised):
        served.read(plan, cursor=read.cursor, known=read.outcomes)


def test_a_token_that_dies_in_the_middle_is_no_missing_milestone(served: Served) -> None:
    served.put()
    served.watcher.then.append(lambda _: served.jira.revoke())

    with pytest.raises(Unauthorised):
        served.told(milestones(site="PROC-1"))


def test_more_milestones_than_a_page_holds_are_all_read(served: Served) -> None:
    issues = {f"m{number}": served.put() for number in range(1, 12)}

    assert len(served.told(milestones(**issues))) == 11


def test_a_turn_reads_them_all_again_and_history_stays(served: Served) -> None:
    plan = milestones(site=served.put())
    held = merged((), next(iter(served.read(plan).timelines.values())))
    moments = [START]
    for status in ("Done", "To Do", "Done"):
        moments.append(served.later(hours=5))
        served.jira.edit_issue("PROC-1", {"status": status})
        served.later(hours=1)
        for _ in range(2):  # the second time says nothing new
            turn = served.read(plan, cursor={"read": "before"}, known=["10001"])
            held = merged(held, next(iter(turn.timelines.values())))

    told = [(verdict.outcome, verdict.valid_from) for verdict in held]

    # What became done is known to the second; what was reopened, since it was seen.
    assert told == [
        (Outcome.FAIL, moments[0]),
        (Outcome.PASS, moments[1]),
        (Outcome.FAIL, moments[2] + timedelta(hours=1)),
        (Outcome.PASS, moments[3]),
    ]


def test_an_issue_that_is_no_milestone_any_more_leaves(served: Served) -> None:
    served.put()

    turn = served.read(milestones(site="PROC-1"), cursor={"read": "before"}, known=["10001", "7"])

    assert turn.outcomes == {"10001": "fail", "7": "gone"}


def test_a_link_leads_to_all_of_them(served: Served) -> None:
    assert served.session.link(milestones(site="PROC-1", racked="PROC-2")) == (
        f"{served.jira.url}/issues/?jql=key%20in%20%28PROC-1%2C%20PROC-2%29"
    )


def test_only_what_is_judged_is_asked_for(served: Served) -> None:
    served.put()

    served.told(milestones(site="PROC-1"))

    cloud = "issue/bulkfetch" in {seen.path.rpartition("/3/")[2] for seen in served.jira.requests}
    [body] = served.asked("issue/bulkfetch" if cloud else "/search")[:1]
    assert body["fields"] == ["resolutiondate", "status", "statuscategorychangedate", "updated"]


def test_the_past_of_a_milestone_is_rebuilt_from_its_change_log(served: Served) -> None:
    plan = milestones(site=served.put())
    moments = [START]
    for status in ("Done", "To Do", "Done"):
        moments.append(served.later(hours=5))
        served.jira.edit_issue("PROC-1", {"status": status})
    now = served.later(hours=5)
    asked = replace(job(plan.scope, plan.judge, now=now), history_since=START - timedelta(days=9))

    [batch] = served.session.scan(asked)

    [[line]] = batch.timelines
    assert [(v.outcome, v.valid_from, v.valid_to) for v in line.verdicts] == [
        (Outcome.FAIL, moments[0], moments[1]),
        (Outcome.PASS, moments[1], moments[2]),
        (Outcome.FAIL, moments[2], moments[3]),
        (Outcome.PASS, moments[3], None),
    ]
