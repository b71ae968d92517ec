"""How long issues take: read from planted change logs, on Cloud and on Data Center."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from openapi_core import OpenAPI
from openapi_core.testing import MockRequest

from connectors.base import (
    BadAnswer,
    BusinessHours,
    Exchange,
    NotFound,
    PlanContext,
    QueryRefused,
    ScanPlan,
    ServerFailed,
)
from connectors.jira import connector
from connectors.jira.related import HISTORIES_A_PAGE
from tests.unit.connectors.jira.sandboxes import Served, serving
from tests.unit.connectors.jira.stand_in import job

DESCRIPTION = Path(__file__).parents[3] / "specs" / "jira-cloud.openapi.json"
NOW = datetime(2026, 1, 20, 12, 0, tzinfo=UTC)
ROUTER = "svc-oncall-router"
HOURS = BusinessHours(
    frozenset(range(5)), time(9), time(17), "UTC", closed=frozenset({date(2026, 1, 19)})
)


def issue(number: int, *changes: tuple[str, str, Any], **more: Any) -> dict[str, Any]:
    """An issue of 2026-01-12, 09:00 (a Monday); changes are (when, field, value) by Bob."""
    fields = {"issuetype": "Repair", "summary": f"Fan {number}", "status": "Open"}
    author = more.pop("author", "u-bob")
    key = more.pop("key", f"ONCALL-{number}")
    beside = {name: more.pop(name) for name in ("comments", "agreements") if name in more}
    return {
        "key": key,
        "created": more.pop("created", "2026-01-12T09:00:00Z"),
        "reporter": more.pop("reporter", "u-alice"),
        "fields": fields | {name.replace("_", " "): value for name, value in more.items()},
        "changes": [
            {"at": f"2026-01-{when}:00Z", "author": author, "field": field, "to": to}
            for when, field, to in changes
        ],
    } | beside


def seed(*issues: dict[str, Any]) -> dict[str, Any]:
    return {
        "projects": [
            {"key": "ONCALL", "name": "On call", "components": ["net", "power"]},
            {"key": "DESK", "name": "Desk", "type": "service_desk"},
        ],
        "issue_types": [{"name": "Repair"}],
        "statuses": [
            {"name": "Open", "category": "new"},
            {"name": "Routed", "category": "indeterminate"},
            {"name": "Fixed", "category": "done"},
            {"name": "Closed", "category": "done"},
        ],
        "priorities": [{"name": "P0"}],
        "users": [
            {"accountId": "u-alice", "displayName": "Alice Ames", "name": "alice"},
            {"accountId": "u-bob", "displayName": "Bob Burr", "name": "bob",
             "emailAddress": "bob@example.org"},
            {"accountId": "u-router", "displayName": "On-call router", "name": ROUTER},
        ],
        "custom_fields": [
            {"id": "customfield_10010", "name": "PO number", "type": "string"},
            {"id": "customfield_10011", "name": "Twin", "type": "string"},
            {"id": "customfield_10012", "name": "Twin", "type": "string"},
        ],
        "issues": list(issues),
    }  # fmt: skip


def plan(
    start: Any = "created", end: Any = None, jql: str = "project = ONCALL", **more: Any
) -> ScanPlan:
    query = {"measure": "jira.duration", "jql": jql, "from": start, "to": end} | more
    if start is None:
        del query["from"]
    if not {"within", "percentile", "mean"} & set(more):
        query["mean"] = True
    context = PlanContext(business_hours=HOURS)
    made = connector.measures["jira.duration"].model_validate(query).plan("jira", context)
    assert isinstance(made, ScanPlan)
    return made


Line = tuple[str, str | None, str, float | None]


def short(moment: datetime | None) -> str | None:
    """The day of January and the minute, in UTC."""
    return None if moment is None else f"{moment:%d %H:%M}"


def lines(served: Served, made: ScanPlan) -> dict[str, list[Line]]:
    """Each issue's verdicts: from, to, outcome, number."""
    return {
        each.label: [
            (short(v.valid_from) or "", short(v.valid_to), v.outcome.value, v.number)
            for v in each.verdicts
        ]
        for each in served.read(made).timelines.values()
    }


class Opener:
    """Opens Jiras of one flavour for a test."""

    def __init__(self, flavour: Any, stack: ExitStack) -> None:
        self.flavour = flavour
        self._stack = stack

    def __call__(self, *issues: dict[str, Any], **options: Any) -> Served:
        served = self._stack.enter_context(
            serving(self.flavour, seed(*issues), page_size=100, **options)
        )
        served.clock.now = NOW
        return served


@pytest.fixture(params=["cloud", "datacenter"])
def jira(request: pytest.FixtureRequest) -> Iterator[Opener]:
    with ExitStack() as stack:
        yield Opener(request.param, stack)


@pytest.fixture
def cloud() -> Iterator[Opener]:
    with ExitStack() as stack:
        yield Opener("cloud", stack)


@pytest.fixture
def datacenter() -> Iterator[Opener]:
    with ExitStack() as stack:
        yield Opener("datacenter", stack)


# ---------------------------------------------------------------------------------------- points


@pytest.mark.parametrize(
    ("point", "at"),
    [
        ("created", "12 09:00"),
        ("assigned", "13 09:00"),
        ("resolved", "14 09:00"),
        ({"status": "Routed"}, "12 10:00"),
        ({"status": "routed"}, "12 10:00"),
        ({"status": "Open"}, "12 09:00"),
        ({"status_category": "done"}, "14 09:00"),
        ({"status_category": "In Progress"}, "12 10:00"),
        ({"status_category": "new"}, "12 09:00"),
        ({"transition": {"from": "Fixed", "to": "Routed"}}, "15 09:00"),
        ({"field": "PO number"}, "16 09:00"),
        ({"field": "customfield_10010"}, "16 09:00"),
        ({"field": "Components"}, "17 09:00"),
        ({"comment": "first"}, "18 09:00"),
    ],
)
def test_every_point_is_its_first_time(jira: Opener, point: Any, at: str) -> None:
    served = jira(
        issue(
            1,
            ("12T10:00", "status", "Routed"),
            ("13T09:00", "assignee", "u-bob"),
            ("13T10:00", "assignee", None),
            ("14T09:00", "status", "Fixed"),
            ("15T09:00", "status", "Routed"),
            ("15T10:00", "assignee", "u-alice"),
            ("16T09:00", "PO number", "PO-1"),
            ("16T10:00", "PO number", None),
            ("17T09:00", "components", ["net"]),
            ("17T10:00", "components", ["net", "power"]),
            ("19T09:00", "status", "Closed"),
            comments=[
                {"at": "2026-01-18T09:00:00Z", "author": "u-bob", "body": "Looking"},
                {"at": "2026-01-18T10:00:00Z", "author": "u-alice", "body": "Thanks"},
            ],
        )
    )
    end = {"status": "Closed"}

    found = lines(served, plan(point, end))["ONCALL-1"]

    assert found[0][:3] == (at, "19 09:00", "pending")
    assert found[1][:3] == ("19 09:00", None, "pass")


@pytest.mark.parametrize(
    "point",
    [
        "assigned",
        "resolved",
        {"status": "Fixed"},
        {"status_category": "done"},
        {"field": "PO number"},
        {"field": "components"},
    ],
)
def test_what_an_issue_was_created_with_counts_from_its_creation(jira: Opener, point: Any) -> None:
    served = jira(
        issue(
            1, ("13T10:00", "components", ["net", "power"]), ("13T11:00", "components", ["power"]),
            ("14T10:00", "PO number", "PO-2"), ("15T10:00", "status", "Closed"),
            assignee="u-bob", status="Fixed", PO_number="PO-1", components=["net"],
        )
    )  # fmt: skip

    found = lines(served, plan("created", point))["ONCALL-1"]

    assert found == [("12 09:00", None, "pass", 0.0)]


@pytest.mark.parametrize(
    "point",
    [
        "assigned",
        "resolved",
        {"status": "Closed"},
        {"status_category": "done"},
        {"transition": {"from": "Open", "to": "Closed"}},
        {"field": "PO number"},
        {"comment": "first"},
    ],
)
def test_from_a_point_that_never_came_nothing_is_judged(jira: Opener, point: Any) -> None:
    served = jira(issue(1, ("12T10:00", "status", "Routed")))

    assert lines(served, plan(point, {"status": "Routed"})) == {"ONCALL-1": []}
    assert served.read(plan(point, {"status": "Routed"})).timelines["10001"].since is None


def test_an_end_before_the_start_passes_at_once_with_no_time(jira: Opener) -> None:
    served = jira(issue(1, ("12T10:00", "status", "Routed"), ("13T10:00", "assignee", "u-bob")))

    found = lines(served, plan("assigned", {"status": "Routed"}, within="1 h"))

    assert found == {"ONCALL-1": [("13 10:00", None, "pass", 0.0)]}


def test_an_issue_that_moved_keeps_its_past(jira: Opener) -> None:
    served = jira(issue(1, ("12T10:00", "status", "Routed"), ("12T11:00", "key", "DESK-9")))

    found = lines(served, plan("created", {"status": "Routed"}, "project = DESK"))

    assert found["DESK-9"][-1] == ("12 10:00", None, "pass", 3600.0)


# ------------------------------------------------------------------------------------- deadlines


def test_in_time_late_and_open_issues_against_a_limit(jira: Opener) -> None:
    served = jira(
        issue(1, ("12T13:00", "status", "Routed")),
        issue(2, ("12T13:01", "status", "Routed")),
        issue(3),
        issue(4, created="2026-01-20T11:00:00Z"),
    )

    found = lines(served, plan("created", {"status": "Routed"}, within="4 h"))

    assert found == {
        "ONCALL-1": [("12 09:00", "12 13:00", "pending", None), ("12 13:00", None, "pass", 14400)],
        "ONCALL-2": [
            ("12 09:00", "12 13:00", "pending", None),
            ("12 13:00", "12 13:01", "fail", None),
            ("12 13:01", None, "fail", 14460),
        ],
        "ONCALL-3": [("12 09:00", "12 13:00", "pending", None), ("12 13:00", None, "fail", None)],
        # The deadline is still to come, and is written down: nobody has to read when it passes.
        "ONCALL-4": [("20 11:00", "20 15:00", "pending", None), ("20 15:00", None, "fail", None)],
    }


def test_an_open_issue_that_fails_says_what_it_lacks(jira: Opener) -> None:
    served = jira(issue(1))

    [_, late] = (
        served.read(plan("created", {"status": "Routed"}, within="4 h")).timelines["10001"].verdicts
    )

    assert late.missing == ("no Routed yet",)


def test_a_turn_reads_again_only_what_was_edited(jira: Opener) -> None:
    served = jira(issue(1), issue(2, created="2026-01-20T11:00:00Z"), overlap=0)
    made = plan("created", {"status": "Routed"}, within="4 h")
    first = served.read(made)
    served.later(hours=1)
    served.jira.edit_issue("ONCALL-2", {"status": "Routed"})
    served.later(minutes=1)
    served.jira.forget_requests()

    turn = served.read(made, cursor=first.cursor, known=first.timelines)

    assert [each.label for each in turn.timelines.values()] == ["ONCALL-2"]
    assert turn.timelines["10002"].verdicts[-1].number == 7200
    if jira.flavour == "cloud":
        assert served.asked("/changelog/bulkfetch") == [
            {"issueIdsOrKeys": ["10002"], "fieldIds": ["status"], "maxResults": HISTORIES_A_PAGE}
        ]


def test_numbers_of_a_mean_are_of_finished_issues(jira: Opener) -> None:
    served = jira(issue(1, ("12T13:00", "status", "Routed")), issue(2))

    found = lines(served, plan("created", {"status": "Routed"}))

    assert found == {
        "ONCALL-1": [("12 09:00", "12 13:00", "pending", None), ("12 13:00", None, "pass", 14400)],
        "ONCALL-2": [("12 09:00", None, "pending", None)],
    }


# -------------------------------------------------------------------------------------- accounts


@pytest.mark.parametrize(
    ("flavour", "account"),
    [
        ("cloud", "u-bob"), ("cloud", "bob@example.org"), ("cloud", "Bob Burr"),
        ("datacenter", "bob"), ("datacenter", "BOB@example.org"), ("datacenter", "bob burr"),
    ],
)  # fmt: skip
def test_an_account_may_be_written_as_people_know_it(flavour: Any, account: str) -> None:
    with serving(flavour, seed(issue(1, ("12T10:00", "status", "Routed")))) as served:
        served.clock.now = NOW
        made = plan("created", {"status": "Routed"}, within="4 h", to_by=[ROUTER, account])

        assert lines(served, made)["ONCALL-1"][-1][2] == "pass"


def test_another_account_fails_from_the_moment_it_acts(jira: Opener) -> None:
    served = jira(issue(1, ("12T10:00", "status", "Routed")))
    made = plan("created", {"status": "Routed"}, within="4 h", to_by=ROUTER)

    [open_, done] = served.read(made).timelines["10001"].verdicts

    assert (open_.outcome, short(open_.valid_to)) == ("pending", "12 10:00")
    assert (done.outcome, done.number) == ("fail", 3600)
    assert done.missing == (f"Routed by Bob Burr, not {ROUTER}",)


def test_the_creator_brings_about_what_an_issue_was_created_with(jira: Opener) -> None:
    served = jira(issue(1, status="Routed", reporter="u-router"), issue(2, status="Routed"))

    found = lines(
        served, plan("created", {"status": "Routed"}, within="1 h", to_by="On-call router")
    )

    assert {key: line[-1][2] for key, line in found.items()} == {
        "ONCALL-1": "pass",
        "ONCALL-2": "fail",
    }


def test_the_first_comment_decides_who_answered(jira: Opener) -> None:
    comments = [
        {"at": "2026-01-12T09:05:00Z", "author": "u-alice", "body": "Anyone?"},
        {"at": "2026-01-12T09:10:00Z", "author": "u-bob", "body": "Yes"},
    ]
    served = jira(issue(1, comments=comments), issue(2, comments=comments[1:]))

    found = lines(served, plan("created", {"comment": "first"}, within="1 h", to_by="Bob Burr"))

    assert [line[-1] for line in found.values()] == [
        ("12 09:05", None, "fail", 300),
        ("12 09:10", None, "pass", 600),
    ]


# ------------------------------------------------------------------------------------- long logs


def test_more_than_forty_entries_are_read_to_the_first(jira: Opener) -> None:
    flips = [
        (f"{13 + n // 24:02}T{n % 24:02}:00", "status", "Open" if n % 2 else "Routed")
        for n in range(95)
    ]
    served = jira(issue(1, *flips))

    found = lines(served, plan("created", {"status": "Routed"}))["ONCALL-1"]

    assert found[-1] == ("13 00:00", None, "pass", 15 * 3600)


def test_bulk_change_logs_are_paged_to_the_end(cloud: Opener) -> None:
    served = cloud(
        *(
            issue(n, *(("13T09:00", "status", "Routed"), ("14T09:00", "status", "Fixed")))
            for n in range(1, 31)
        )
    )
    served.jira.shorten_changelog_pages(7)

    found = lines(served, plan({"status": "Routed"}, {"status": "Fixed"}))

    assert {line[-1] for line in found.values()} == {("14 09:00", None, "pass", 86400)}
    assert len(served.asked("/changelog/bulkfetch")) == 9


@pytest.mark.parametrize("numbers", [True, False])
def test_times_of_change_logs_are_numbers_or_text(cloud: Opener, numbers: bool) -> None:
    served = cloud(issue(1, ("12T10:00", "status", "Routed")))
    served.jira.write_changelog_times_as_numbers(numbers=numbers)

    assert lines(served, plan("created", {"status": "Routed"}))["ONCALL-1"][-1][0] == "12 10:00"


def test_more_comments_than_a_search_tells_are_read(jira: Opener) -> None:
    comments = [
        {"at": f"2026-01-13T09:{n:02}:00Z", "author": "u-bob", "body": str(n)} for n in range(45)
    ]
    served = jira(issue(1, comments=comments))

    found = lines(served, plan({"comment": "first"}, {"status": "Routed"}))["ONCALL-1"]

    assert found == [("13 09:00", None, "pending", None)]
    pages = [seen for seen in served.jira.requests if seen.path.endswith("/comment")]
    assert bool(pages) is (jira.flavour == "cloud")


@pytest.mark.parametrize("pages_before", [0, 1])
def test_a_fault_amid_the_change_logs_leaves_nothing_half_done(
    cloud: Opener, pages_before: int
) -> None:
    served = cloud(*(issue(n, ("13T09:00", "status", "Routed")) for n in range(1, 21)))
    served.jira.shorten_changelog_pages(8)
    log = "/changelog/bulkfetch"

    def fail_after(exchange: Exchange) -> None:
        if exchange.path.endswith(log):
            served.jira.fail_with(502, path=log)

    if pages_before:
        served.watcher.then.append(fail_after)
    else:
        served.jira.fail_with(502, path=log)
    made = plan("created", {"status": "Routed"})
    batches = []

    with pytest.raises(ServerFailed):
        for batch in served.session.scan(job(made.scope, made.judge, now=NOW)):
            batches.append(batch)  # noqa: PERF402  what came before the fault

    assert len(served.asked(log)) == pages_before + 1
    assert batches == []


def test_only_the_fields_that_are_needed_are_asked_for(cloud: Opener) -> None:
    served = cloud(issue(1))
    served.jira.forget_requests()

    served.read(plan("created", {"status": "Routed"}))

    [search] = [body for body in served.asked("/search/jql") if body["fields"] != ["id"]]
    assert search["fields"] == ["created", "creator", "status", "updated"]
    assert "/rest/api/3/field" not in [seen.path for seen in served.jira.requests]


def test_measures_that_need_no_change_log_ask_for_none(jira: Opener) -> None:
    served = jira(issue(1))
    served.jira.forget_requests()
    counted = connector.measures["jira.count"].model_validate(
        {"measure": "jira.count", "jql": "project = ONCALL"}
    )

    served.read(counted.plan("jira"))  # type: ignore[arg-type]

    assert not [seen for seen in served.jira.requests if b"changelog" in seen.body]
    assert served.asked("/changelog/bulkfetch") == []


def test_requests_conform_to_the_published_description(cloud: Opener) -> None:
    comments = [
        {"at": f"2026-01-13T09:{n:02}:00Z", "author": "u-bob", "body": str(n)} for n in range(45)
    ]
    served = cloud(issue(1, ("13T09:00", "status", "Routed"), comments=comments))
    served.jira.forget_requests()
    served.read(plan({"comment": "first"}, {"status_category": "done"}, within="1 h"))
    served.read(plan({"field": "PO number"}, "assigned", percentile=90))

    description = OpenAPI.from_dict(json.loads(DESCRIPTION.read_text(encoding="utf-8")))
    paths = {seen.path for seen in served.jira.requests}
    errors = [
        f"{seen.method} {seen.path}: {error} {error.__cause__}"
        for seen in served.jira.requests
        for error in description.iter_request_errors(
            MockRequest(
                "http://localhost", seen.method, seen.path, args=dict(seen.query), data=seen.body
            )
        )
    ]

    assert errors == []
    assert {
        "/rest/api/3/changelog/bulkfetch",
        "/rest/api/3/status",
        "/rest/api/3/issue/10001/comment",
    } <= paths


# ------------------------------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("point", "words"),
    [
        ({"status": "Ruoted"}, 'no status "Ruoted"; the nearest is "Routed"'),
        ({"status_category": "finished"}, 'no status category "finished"'),
        ({"transition": {"from": "Open", "to": "Gone"}}, 'no status "Gone"'),
        ({"field": "PO numbr"}, 'no field "PO numbr"'),
    ],
)
def test_a_word_that_jira_does_not_know_is_refused(jira: Opener, point: Any, words: str) -> None:
    served = jira(issue(1))

    with pytest.raises(QueryRefused, match=words):
        served.read(plan("created", point))


def test_namesakes_cannot_be_told_apart_in_the_logs_of_data_center(datacenter: Opener) -> None:
    served = datacenter(issue(1, ("12T10:00", "customfield_10011", "x")))

    with pytest.raises(QueryRefused, match='several fields are called "Twin"'):
        served.read(plan("created", {"field": "customfield_10011"}))


def test_namesakes_are_told_apart_by_their_ids_on_cloud(cloud: Opener) -> None:
    served = cloud(
        issue(1, ("12T10:00", "customfield_10011", "x"), ("12T11:00", "customfield_10012", "y"))
    )

    found = lines(served, plan("created", {"field": "customfield_10012"}))

    assert found["ONCALL-1"][-1][0] == "12 11:00"


def test_a_change_log_that_came_in_part_is_not_believed(datacenter: Opener) -> None:
    served = datacenter(issue(1, ("12T10:00", "status", "Routed")))
    truncated = {
        "startAt": 0, "maxResults": 100, "total": 1,
        "issues": [{
            "id": "10001", "key": "ONCALL-1",
            "fields": {"created": "2026-01-12T09:00:00.000+0000", "status": None},
            "changelog": {"histories": [], "total": 2},
        }],
    }  # fmt: skip
    served.jira.fail_with(
        200, body=json.dumps(truncated), content_type="application/json", path="/search$"
    )

    with pytest.raises(BadAnswer, match="came only in part"):
        served.read(plan("created", {"status": "Routed"}))


# ------------------------------------------------------------------------------- business hours


def test_nights_weekends_and_holidays_do_not_count(jira: Opener) -> None:
    served = jira(
        issue(1, ("13T10:00", "status", "Routed"), created="2026-01-12T15:00:00Z"),
        issue(2, ("20T09:30", "status", "Routed"), created="2026-01-16T16:00:00Z"),
        issue(3, created="2026-01-16T16:00:00Z"),
    )

    found = lines(served, plan("created", {"status": "Routed"}, within="2 h", hours="business"))

    assert found == {
        # Two hours end with Monday's work, so they are over when Tuesday's begins.
        "ONCALL-1": [
            ("12 15:00", "13 09:00", "pending", None),
            ("13 09:00", "13 10:00", "fail", None),
            ("13 10:00", None, "fail", 3 * 3600),
        ],
        # Monday the 19th is a holiday.
        "ONCALL-2": [("16 16:00", "20 09:30", "pending", None), ("20 09:30", None, "pass", 5400)],
        "ONCALL-3": [("16 16:00", "20 10:00", "pending", None), ("20 10:00", None, "fail", None)],
    }


def test_what_arrives_at_night_took_until_the_evening(jira: Opener) -> None:
    served = jira(issue(1, ("12T23:00", "status", "Routed"), created="2026-01-12T15:00:00Z"))

    found = lines(served, plan("created", {"status": "Routed"}, within="2 h", hours="business"))

    assert found["ONCALL-1"][-1] == ("12 23:00", None, "pass", 7200)


def test_the_age_of_an_open_issue_is_written_down_at_each_closing(jira: Opener) -> None:
    served = jira(issue(1, created="2026-01-15T15:00:00Z"))
    made = plan("created", {"status": "Routed"}, percentile=90, hours="business")

    found = lines(served, made)["ONCALL-1"]

    assert found[:3] == [
        ("15 15:00", "15 17:00", "pending", None),  # both clocks agree until the first closing
        ("15 17:00", "16 17:00", "pending", 2 * 3600),
        ("16 17:00", "20 17:00", "pending", 10 * 3600),
    ]
    assert found[-1][1] is None
    assert found[-1][3] == 18 * 3600 + 9 * 8 * 3600  # to the last closing of the next fourteen days


def test_an_issue_opened_at_night_ages_from_the_morning(jira: Opener) -> None:
    served = jira(issue(1, created="2026-01-19T20:00:00Z"))
    made = plan("created", {"status": "Routed"}, percentile=90, hours="business")

    assert lines(served, made)["ONCALL-1"][0] == ("19 20:00", "20 17:00", "pending", 0.0)


# -------------------------------------------------------------------------------------- agreements


def agreed(*cycles: dict[str, Any], goal: float = 4 * 3600, name: str = "Time to fix") -> Any:
    return [{"name": name, "goal": goal, "cycles": list(cycles)}]


def cycle(start: str, stop: str | None = None, *pauses: tuple[str, str | None]) -> dict[str, Any]:
    def moment(text: str | None) -> str | None:
        return None if text is None else f"2026-01-{text}:00Z"

    return {
        "start": moment(start),
        "stop": moment(stop),
        "pauses": [{"from": moment(one), "to": moment(two)} for one, two in pauses],
    }


SLA = {"sla": "Time to fix"}
DESK = "project = DESK"


def desk(number: int, agreements: Any) -> dict[str, Any]:
    return issue(number, key=f"DESK-{number}", agreements=agreements)


def test_an_agreement_is_held_to_its_own_goal(jira: Opener) -> None:
    served = jira(
        desk(1, agreed(cycle("12T09:00", "12T12:00"))),
        desk(2, agreed(cycle("12T09:00", "12T15:00"))),
        desk(3, agreed(cycle("20T10:00"))),
        desk(4, agreed(cycle("20T10:00", None, ("20T11:00", None)))),
        desk(5, agreed(cycle("12T09:00", "12T15:00", ("12T10:00", "12T13:00")))),
        desk(6, agreed(cycle("12T09:00"))),
    )

    found = lines(served, plan(None, SLA, DESK, within="goal"))

    assert found == {
        "DESK-1": [("12 09:00", "12 12:00", "pending", None), ("12 12:00", None, "pass", 10800)],
        "DESK-2": [
            ("12 09:00", "12 13:00", "pending", None),
            ("12 13:00", "12 15:00", "fail", None),
            ("12 15:00", None, "fail", 21600),
        ],
        "DESK-3": [("20 10:00", "20 14:00", "pending", None), ("20 14:00", None, "fail", None)],
        "DESK-4": [("20 10:00", None, "pending", None)],  # paused: nobody knows the breach
        "DESK-5": [("12 09:00", "12 15:00", "pending", None), ("12 15:00", None, "pass", 10800)],
        "DESK-6": [("12 09:00", "12 13:00", "pending", None), ("12 13:00", None, "fail", None)],
    }


def test_the_first_cycle_that_is_complete_counts(jira: Opener) -> None:
    served = jira(desk(1, agreed(cycle("12T09:00", "12T12:00"), cycle("13T09:00", "15T09:00"))))

    found = lines(served, plan(None, SLA, DESK))

    assert found["DESK-1"][-1] == ("12 12:00", None, "pass", 10800)


def test_an_open_cycle_has_the_age_it_was_read_with(jira: Opener) -> None:
    served = jira(desk(1, agreed(cycle("20T10:00", None, ("20T10:30", "20T11:00")))))

    found = lines(served, plan(None, SLA, DESK, percentile=90))

    assert found["DESK-1"] == [
        ("20 10:00", "20 12:00", "pending", 0.0),
        ("20 12:00", None, "pending", 5400),
    ]


def test_an_agreement_ends_a_duration_by_the_clock(jira: Opener) -> None:
    served = jira(desk(1, agreed(cycle("12T10:00", "12T12:00"))))

    assert lines(served, plan("created", SLA, DESK))["DESK-1"][-1] == (
        "12 12:00", None, "pass", 3 * 3600
    )  # fmt: skip
    assert lines(served, plan(SLA, {"status": "Routed"}, DESK))["DESK-1"] == [
        ("12 10:00", None, "pending", None)
    ]


def test_an_issue_the_service_desk_does_not_know_is_not_judged(jira: Opener) -> None:
    served = jira(issue(1), desk(1, agreed(cycle("12T09:00", "12T12:00"))))

    found = lines(served, plan(None, SLA, "project in (ONCALL, DESK)", within="goal"))

    assert found["ONCALL-1"] == []
    assert found["DESK-1"][-1][2] == "pass"


def test_a_scope_that_no_service_desk_knows_is_refused(jira: Opener) -> None:
    served = jira(issue(1))

    with pytest.raises(QueryRefused, match="knows none of the 1 issues"):
        served.read(plan(None, SLA, within="goal"))


def test_a_jira_without_a_service_desk_is_told_so(jira: Opener) -> None:
    served = jira(issue(1))
    served.jira.fail_with(404, path="servicedeskapi")

    with pytest.raises(NotFound, match="this Jira has no service desk"):
        served.read(plan(None, SLA, within="goal"))


def test_an_agreement_of_another_name_is_refused_with_those_there_are(jira: Opener) -> None:
    served = jira(desk(1, agreed(cycle("12T09:00"), name="Time to answer")))

    with pytest.raises(QueryRefused, match=r'no.* "Time to fix".*time to answer'):
        served.read(plan(None, SLA, DESK, within="goal"))


def test_a_service_desk_that_fails_cuts_the_scan(jira: Opener) -> None:
    served = jira(desk(1, agreed(cycle("12T09:00"))))
    served.jira.fail_with(500, path="servicedeskapi")

    with pytest.raises(ServerFailed):
        served.read(plan(None, SLA, DESK, within="goal"))


def test_a_breach_needs_no_reading(jira: Opener) -> None:
    served = jira(desk(1, agreed(cycle("20T10:00"))))
    made = plan(None, SLA, DESK, within="goal")
    before = served.read(made).timelines["10001"].verdicts

    served.later(hours=10)

    assert served.read(made).timelines["10001"].verdicts == before
    assert before[-1].valid_from == NOW + timedelta(hours=2)
