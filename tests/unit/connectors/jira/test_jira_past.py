"""The past of issues that are judged as they are: what a full scan with a history says of a moment
is what a full scan said at that moment, or it is said that it is not known.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any, Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.base import BusinessHours, PlanContext, ScanPlan, ServerFailed, Timeline
from connectors.jira import connector
from connectors.jira.related import ISSUES_A_LOG
from tests.examples import examples
from tests.unit.connectors.jira.sandboxes import Served, serving
from tests.unit.connectors.jira.stand_in import job

SINCE = datetime(2026, 1, 10, tzinfo=UTC)
NOW = datetime(2026, 1, 20, 12, 0, tzinfo=UTC)
Flavour = Literal["cloud", "datacenter"]

SETUP: dict[str, Any] = {
    "projects": [
        {"key": "PROC", "name": "Procurement", "components": ["lab", "dc"]},
        {"key": "CE", "name": "Customers"},
    ],
    "issue_types": [{"name": "Task"}, {"name": "Purchase"}],
    "statuses": [
        {"name": "To Do", "category": "new"},
        {"name": "Ordered", "category": "indeterminate"},
        {"name": "Done", "category": "done"},
    ],
    "priorities": [{"name": "P0"}, {"name": "P1"}],
    "users": [
        {"accountId": "u-a", "displayName": "Alice", "emailAddress": "a@example.org"},
        {"accountId": "u-b", "displayName": "Bob"},
    ],
    "custom_fields": [
        {"id": "customfield_10010", "name": "PO number", "type": "string"},
        {"id": "customfield_10011", "name": "Region", "type": "option", "options": ["EU", "US"]},
        {"id": "customfield_10012", "name": "Racks", "type": "number"},
        {"id": "customfield_10013", "name": "Skills", "type": "options",
         "options": ["power", "net, wide", "net"]},
        {"id": "customfield_10014", "name": "Notes", "type": "text"},
        {"id": "customfield_10015", "name": "Approver", "type": "user"},
        {"id": "customfield_10016", "name": "Go live", "type": "date"},
    ],
    "filters": [{"id": 20001, "name": "P", "jql": "project = PROC AND status = Done"}],
    "boards": [{"id": 7, "name": "B", "filter": 20001}],
}  # fmt: skip

VALUES: dict[str, list[Any]] = {
    "status": ["To Do", "Ordered", "Done"],
    "labels": [[], ["x"], ["x", "Y"], ["y"]],
    "components": [[], ["lab"], ["dc", "lab"]],
    "assignee": [None, "u-a", "u-b"],
    "priority": [None, "P0", "P1"],
    "issuetype": ["Task", "Purchase"],
    "PO number": [None, "PO-1", "PO-2"],
    "Region": [None, "EU", "US"],
    "Racks": [None, 0, 2.5, 12],
    "Skills": [[], ["power"], ["net, wide"], ["power", "net"]],
    "Notes": [None, "Some\nlines"],
    "Approver": [None, "u-b"],
    "Go live": [None, "2026-03-01"],
}

QUERIES = [
    "project = PROC",
    "project = Procurement AND status = Done",
    'project in (PROC, CE) AND status in ("To Do", ordered)',
    "project = PROC AND statusCategory != Done",
    'project = PROC AND NOT (statusCategory = "In Progress" OR labels = x)',
    "project = PROC AND labels not in (X)",
    "project = PROC AND labels IS EMPTY",
    "project = PROC AND component in (lab, EMPTY)",
    "project = PROC AND component != dc",
    "project = PROC AND assignee IS NOT EMPTY",
    "project = PROC AND (priority = P0 OR priority = EMPTY)",
    "project = PROC AND resolution = Unresolved",
    "project = PROC AND resolution IN (Done, Declined)",
    "project = PROC AND type = Purchase",
    "project = PROC AND Region = eu",
    "project = PROC AND cf[10011] != EU",
    'project = PROC AND "PO number" IS NOT EMPTY',
    'project = PROC AND Skills = "net, wide"',
    'project = PROC AND created >= "2026-01-11 06:00" AND status = Done',
    "(project = PROC AND status = Done) OR (project = CE AND labels = x)",
    "project = PROC AND reporter is not EMPTY",
]


def issue(number: int, *changes: tuple[str, str, Any], **more: Any) -> dict[str, Any]:
    """An issue of 2026-01-05; changes are (day and time of January, field, value)."""
    key = more.pop("key", f"PROC-{number}")
    created = more.pop("created", "2026-01-05T09:00:00Z")
    fields = {"issuetype": "Task", "summary": f"Buy {number}", "status": "To Do"}
    return {
        "key": key,
        "created": created,
        "reporter": "u-b",
        "fields": fields | {name.replace("_", " "): value for name, value in more.items()},
        "changes": [
            {"at": f"2026-01-{at}:00Z", "author": "u-b", "field": field, "to": to}
            for at, field, to in changes
        ],
    }


WEEKDAYS = BusinessHours(frozenset(range(5)), time(9), time(17), "Europe/London")
CONTEXT = PlanContext(business_hours=WEEKDAYS)


def planned(name: str = "jira.count", jql: str = "project = PROC", **query: Any) -> ScanPlan:
    scope = {} if "board" in query or "issues" in query else {"jql": jql}
    whole = {"measure": name} | scope | query
    made = connector.measures[name].model_validate(whole).plan("jira", CONTEXT)
    assert isinstance(made, ScanPlan)
    return made


def seeded(*issues: dict[str, Any]) -> dict[str, Any]:
    return SETUP | {"issues": list(issues)}


class Told:
    """What a scan with a history gave."""

    def __init__(self, served: Served, plan: ScanPlan, since: datetime = SINCE) -> None:
        made = job(plan.scope, plan.judge, now=served.clock.now)
        self.batches = list(served.session.scan(_since(made, since)))

    @property
    def timelines(self) -> dict[str, Timeline]:
        return {each.object_id: each for batch in self.batches for each in batch.timelines[0]}

    @property
    def untold(self) -> str:
        assert all(batch.untold == () for batch in self.batches[:-1])
        return "\n".join(self.batches[-1].untold_for(0))

    def lines(self) -> dict[str, list[tuple[str, str | None, str]]]:
        """Each issue's verdicts: from, to, outcome."""
        return {
            each.label: [
                (
                    f"{v.valid_from:%d %H:%M}",
                    None if v.valid_to is None else f"{v.valid_to:%d %H:%M}",
                    v.outcome.value,
                )
                for v in each.verdicts
            ]
            for each in self.timelines.values()
        }


def _since(made: Any, since: datetime) -> Any:
    return replace(made, history_since=since)


def holding(
    timelines: dict[str, Timeline], moment: datetime, *, since: bool = False
) -> dict[str, Any]:
    """What holds of each issue at a moment, where anything does; also since when."""
    return {
        identifier: (v.outcome, v.number, v.missing, v.keys, v.since if since else None)
        for identifier, timeline in timelines.items()
        for v in timeline.verdicts
        if v.valid_from <= moment and (v.valid_to is None or moment < v.valid_to)
    }


class Opener:
    def __init__(self, flavour: Flavour, stack: ExitStack) -> None:
        self.flavour = flavour
        self._stack = stack

    def __call__(self, *issues: dict[str, Any], **options: Any) -> Served:
        served = self._stack.enter_context(serving(self.flavour, seeded(*issues), **options))
        served.clock.now = NOW
        return served


@pytest.fixture(params=["cloud", "datacenter"])
def jira(request: pytest.FixtureRequest) -> Iterator[Opener]:
    with ExitStack() as stack:
        yield Opener(request.param, stack)


@pytest.fixture
def datacenter() -> Iterator[Opener]:
    with ExitStack() as stack:
        yield Opener("datacenter", stack)


# ------------------------------------------------------------------------- as it was told then

changes_of_fields = st.sampled_from(sorted(VALUES)).flatmap(
    lambda field: st.tuples(st.just(field), st.sampled_from(VALUES[field]))
)
minutes = st.integers(0, 15 * 24 * 60)
histories = st.lists(
    st.tuples(minutes, st.lists(changes_of_fields, min_size=1, max_size=3)), max_size=6
)
issues = st.lists(
    st.tuples(
        minutes,
        st.dictionaries(st.sampled_from(sorted(VALUES)), st.integers(0, 3), max_size=6),
        histories,
        st.sampled_from(["PROC", "CE"]),
    ),
    min_size=1,
    max_size=4,
)
BEGIN = datetime(2026, 1, 5, tzinfo=UTC)


def grown(drafts: list[Any]) -> dict[str, Any]:
    """A seed of these issues, each with its fields at the creation and what changed since."""
    found = []
    for number, (age, fields, history, project) in enumerate(drafts, start=1):
        created = BEGIN + timedelta(minutes=age)
        at_first = {
            name: VALUES[name][index % len(VALUES[name])]
            for name, index in fields.items()
            if project == "PROC" or name != "components"
        }
        usual = {"issuetype": "Task", "summary": "Buy", "status": "To Do"}
        found.append(
            {
                "key": f"{project}-{number}",
                "created": created.isoformat(),
                "reporter": "u-b",
                "fields": usual | at_first,
                "changes": [
                    {
                        "at": (created + timedelta(minutes=later + 1)).isoformat(),
                        "author": "u-b",
                        "field": name,
                        "to": to,
                    }
                    for later, steps in history
                    for name, to in dict(steps).items()
                    if project == "PROC" or name != "components"
                ],
            }
        )
    return seeded(*found)


measures = st.sampled_from(
    [
        ("jira.count", {}),
        ("jira.ratio", {"passing": "statusCategory = Done"}),
        ("jira.ratio", {"passing": "labels = x OR assignee IS EMPTY"}),
        (
            "jira.completeness",
            {
                "required": [
                    {"fields": ["PO number", "Components", "Notes"]},
                    {
                        "when": {"statusCategory": "Done", "priority": ["P0", None]},
                        "fields": ["Region", "assignee", "resolution", "Skills"],
                    },
                    {
                        "when": {"Region": "EU", "Skills": ["power"], "Approver": "Bob"},
                        "fields": ["labels", "Racks", "Go live", "resolutiondate"],
                    },
                ]
            },
        ),
        ("jira.sum", {"field": "Racks"}),
        ("jira.done", {}),
        ("jira.done", {"by": {"weight": "Racks"}}),
        ("jira.keys", {"key": "PO number", "required": [{"fields": ["Region"]}]}),
        ("jira.keys", {"key": "PO number", "at": {"status": "Ordered"}}),
        ("jira.keys", {"key": "labels", "at": {"field": "PO number"}, "passing": "Region = EU"}),
        ("jira.keys", {"key": "key", "at": "created", "required": [{"fields": ["Racks"]}]}),
        ("jira.duration", {"from": "created", "to": {"status": "Ordered"}, "within": "2 d"}),
        ("jira.duration", {"from": "assigned", "to": {"field": "Components"}, "percentile": 90}),
        (
            "jira.duration",
            {"from": {"status_category": "indeterminate"}, "to": "resolved", "mean": True},
        ),
        (
            "jira.duration",
            {
                "from": "created",
                "to": {"transition": {"from": "To Do", "to": "Done"}},
                "hours": "business",
                "percentile": 50,
            },
        ),
        ("jira.rate", {"at": {"field": "labels"}, "per": "w", "window": "2 d"}),
    ]
)


@pytest.mark.parametrize("flavour", ["cloud", "datacenter"])
@settings(max_examples=examples(50), deadline=None, suppress_health_check=list(HealthCheck))
@given(
    drafts=issues,
    jql=st.sampled_from(QUERIES),
    measure=measures,
    ages=st.lists(minutes, min_size=1, max_size=4),
)
def test_the_rebuilt_reading_of_a_moment_is_the_one_that_was_told_then(
    flavour: Flavour, drafts: list[Any], jql: str, measure: tuple[str, Any], ages: list[int]
) -> None:
    name, query = measure
    plan = planned(name, jql, **query)
    says_since = plan.retrospective or "at" in query
    moments = [max(SINCE, BEGIN + timedelta(minutes=age)) for age in ages]
    with serving(flavour, grown(drafts)) as served:
        then = {}
        for moment in moments:
            served.clock.now = moment
            then[moment] = holding(served.read(plan).timelines, moment, since=says_since)
        served.clock.now = BEGIN + timedelta(days=31)
        told = Told(served, plan)

    assert "not known" not in told.untold
    assert {moment: holding(told.timelines, moment, since=says_since) for moment in moments} == then


# -------------------------------------------------------------------------------------- timelines


def test_a_timeline_begins_where_the_history_does_and_says_each_thing_once(jira: Opener) -> None:
    served = jira(
        issue(1, ("08T09:00", "status", "Done"), ("12T09:00", "labels", ["x"])),
        issue(2, ("12T09:00", "status", "Done"), ("13T09:00", "status", "To Do")),
        issue(3, created="2026-01-15T09:00:00Z"),
    )

    told = Told(served, planned("jira.ratio", passing="status = Done"))

    assert told.lines() == {
        "PROC-1": [("10 00:00", None, "pass")],
        "PROC-2": [
            ("10 00:00", "12 09:00", "fail"),
            ("12 09:00", "13 09:00", "pass"),
            ("13 09:00", None, "fail"),
        ],
        "PROC-3": [("15 09:00", None, "fail")],
    }
    assert {each.since for each in told.timelines.values()} == {SINCE}


def test_an_issue_that_left_the_scope_is_found_and_its_stay_is_told(jira: Opener) -> None:
    served = jira(
        issue(1, ("12T09:00", "status", "Done"), ("14T09:00", "status", "To Do")),
        issue(2, ("06T09:00", "status", "Done"), ("07T09:00", "status", "To Do")),
        issue(3, ("16T09:00", "status", "Done")),
    )

    told = Told(served, planned(jql="project = PROC AND status = Done"))

    # The second left before the history begins.
    assert told.lines() == {
        "PROC-1": [("12 09:00", "14 09:00", "pass")],
        "PROC-3": [("16 09:00", None, "pass")],
    }


def test_a_read_with_a_history_that_was_cut_goes_on(jira: Opener) -> None:
    # Cloud's pages are joined to as many issues as it gives change logs of at once
    numbers = range(1, ISSUES_A_LOG + 8)
    done = (issue(number, ("12T09:00", "status", "Done")) for number in numbers)
    served = jira(*done, page_size=ISSUES_A_LOG // 2)
    plan = planned(jql="project = PROC AND status = Done")
    begun = served.session.scan(_since(job(plan.scope, plan.judge, now=NOW), SINCE))
    first = next(begun)
    begun.close()

    rest = list(
        served.session.scan(
            _since(job(plan.scope, plan.judge, now=NOW, resume=first.resume), SINCE)
        )
    )

    labels = [each.label for batch in (first, *rest) for each in batch.timelines[0]]
    assert labels == [f"PROC-{number}" for number in numbers]
    assert rest[-1].untold


def test_the_turn_after_a_history_reads_only_changes(jira: Opener) -> None:
    served = jira(issue(1, ("12T09:00", "status", "Done")), issue(2), overlap=0)
    plan = planned("jira.ratio", passing="status = Done")
    cursor = Told(served, plan).batches[-1].cursor
    served.later(minutes=5)
    served.jira.edit_issue("PROC-2", {"status": "Done"})
    served.later(minutes=1)
    served.jira.forget_requests()

    turn = served.read(plan, cursor=cursor, known=["10001", "10002"])

    assert {each.label: each.since for each in turn.timelines.values()} == {
        "PROC-2": served.clock.now
    }
    assert turn.batches[-1].untold == ()
    assert served.asked("/changelog/bulkfetch") == []


def test_a_boards_filter_is_told_of_the_past(jira: Opener) -> None:
    served = jira(issue(1, ("12T09:00", "status", "Done")))

    assert Told(served, planned(board=7)).lines() == {"PROC-1": [("12 09:00", None, "pass")]}


def test_milestones_are_told_of_the_past(jira: Opener) -> None:
    served = jira(issue(1, ("12T09:00", "status", "Done")), issue(2))
    plan = planned("jira.milestones", issues={"site": "PROC-1", "plan": "PROC-2"})

    told = Told(served, plan)

    for moment, done in ((SINCE, 0), (SINCE + timedelta(days=2, hours=9), 1), (NOW, 1)):
        outcomes = [outcome for outcome, *_ in holding(told.timelines, moment).values()]
        assert (outcomes.count("pass"), len(outcomes)) == (done, 2)


def test_a_judge_of_whole_timelines_tells_only_of_the_time_in_the_scope(jira: Opener) -> None:
    served = jira(
        issue(1, ("08T09:00", "status", "Ordered")),
        issue(2, ("12T09:00", "status", "Done")),
        issue(3, ("07T09:00", "status", "Done"), ("13T09:00", "status", "To Do")),
    )
    plan = planned(
        "jira.duration", "project = PROC AND status != Done",
        **{"from": "created", "to": {"status": "Ordered"}, "mean": True},
    )  # fmt: skip

    told = Told(served, plan)

    assert told.lines() == {
        "PROC-1": [("05 09:00", "08 09:00", "pending"), ("08 09:00", None, "pass")],
        "PROC-2": [("05 09:00", "12 09:00", "pending")],
        "PROC-3": [("05 09:00", "07 09:00", "pending"), ("13 09:00", None, "pending")],
    }
    assert told.timelines["10003"].verdicts[1].since == told.timelines["10003"].verdicts[0].since
    # What has a `since` and ended is out of the scope; the others' whole history is rewritten.
    assert {i: each.since is None for i, each in told.timelines.items()} == {
        "10001": True,
        "10002": False,
        "10003": True,
    }
    assert "those that left it are missing" not in told.untold


def test_a_judge_of_whole_timelines_says_of_a_query_without_a_past_what_it_cannot_tell(
    jira: Opener,
) -> None:
    served = jira(issue(1, ("08T09:00", "status", "Ordered")), issue(2))
    plan = planned("jira.rate", "project = PROC AND status CHANGED", at="created", per="w",
                   window="4 w")  # fmt: skip

    told = Told(served, plan)

    assert told.lines() == {"PROC-1": [("05 09:00", "02 09:00", "pass")]}
    assert "does not answer status changed" in told.untold
    assert "those that left it are missing" in told.untold


def test_an_issue_created_this_moment_has_no_past(jira: Opener) -> None:
    served = jira(issue(1, created=NOW.isoformat()))

    [timeline] = Told(served, planned()).timelines.values()

    assert [v.valid_from for v in timeline.verdicts] == [NOW]


# ----------------------------------------------------------------------------------------- untold


@pytest.mark.parametrize(
    "condition",
    [
        "summary ~ rack",
        "status WAS Done",
        "status CHANGED",
        "updated >= 2026-01-01",
        "created >= -30d",
        "created >= startOfYear()",
        "assignee = currentUser()",
        'assignee = "a@example.org"',
        "priority >= P1",
        "Racks > 2",
        "due IS EMPTY",
        "resolved >= 2026-01-01",
        "Approver = u-b",
    ],
)
def test_a_condition_that_no_log_answers_is_named_and_nothing_is_guessed(
    jira: Opener, condition: str
) -> None:
    served = jira(issue(1, ("12T09:00", "status", "Done")), issue(2))
    jql = f"project = PROC AND ({condition} OR status = Done)"

    told = Told(served, planned(jql=jql))

    assert f"the past of {jql} is not known: Jira's change log does not answer" in told.untold
    field = condition.split()[0]
    assert field in told.untold.split("does not answer")[1]
    now = served.read(planned(jql=jql)).timelines
    assert {i: each.verdicts for i, each in told.timelines.items()} == {
        i: each.verdicts for i, each in now.items()
    }


def test_only_the_judge_that_needs_it_lacks_its_past(jira: Opener) -> None:
    served = jira(issue(1, ("12T09:00", "status", "Done")))
    counted = planned()
    share = planned("jira.ratio", passing="summary ~ Buy")
    both = job(counted.scope, counted.judge, share.judge, now=NOW)

    batches = list(served.session.scan(_since(both, SINCE)))

    [of_count] = [line for batch in batches for line in batch.timelines[0]]
    [of_share] = [line for batch in batches for line in batch.timelines[1]]
    assert [v.valid_from for v in of_count.verdicts] == [SINCE]
    assert [v.valid_from for v in of_share.verdicts] == [NOW]
    said = [" ".join(batches[-1].untold_for(place)) for place in (0, 1)]
    assert ["summary ~ Buy" in sentences for sentences in said] == [False, True]


def test_a_field_that_no_log_keeps_is_named(jira: Opener) -> None:
    served = jira(issue(1))
    plan = planned("jira.completeness", required=[{"fields": ["comment"]}])

    told = Told(served, plan)

    assert "the past of Comment is not in the change log" in told.untold
    assert told.lines() == {"PROC-1": [("20 12:00", None, "fail")]}


def test_an_account_of_data_center_is_not_guessed(jira: Opener) -> None:
    served = jira(issue(1, ("12T09:00", "assignee", "u-b")))

    told = Told(served, planned(jql="project = PROC AND assignee = u-b"))

    if jira.flavour == "cloud":
        assert told.lines() == {"PROC-1": [("12 09:00", None, "pass")]}
    else:
        assert "does not answer assignee = " in told.untold
        assert told.lines() == {"PROC-1": [("20 12:00", None, "pass")]}


def test_what_cannot_be_listed_any_more_is_said(jira: Opener) -> None:
    served = jira(issue(1), issue(2, ("12T09:00", "deleted", True)))

    told = Told(served, planned())

    assert list(told.lines()) == ["PROC-1"]
    assert "deleted, hidden from this account or moved to another project" in told.untold


def test_a_query_that_nothing_lasting_bounds_is_told_of_what_it_finds_now(jira: Opener) -> None:
    served = jira(
        issue(1, ("12T09:00", "labels", ["x"])),
        issue(2, ("12T09:00", "labels", ["x"]), ("13T09:00", "labels", [])),
    )

    told = Told(served, planned(jql="labels = x"))

    assert told.lines() == {"PROC-1": [("12 09:00", None, "pass")]}
    assert "those that left it are missing" in told.untold


def test_an_issue_of_which_jira_says_otherwise_is_told_from_now_on(jira: Opener) -> None:
    served = jira(issue(1, ("12T09:00", "status", "Done")), issue(2, status="Done"))
    plan = planned("jira.ratio", passing="status = Done")
    # Edited after what passes was listed: the conditions and Jira's answer disagree.
    listed = False

    def edit(_: Any) -> None:
        nonlocal listed
        asked = [body["jql"] for path in ("/search", "/search/jql") for body in served.asked(path)]
        if not listed and any("status = Done" in jql for jql in asked):
            listed = True
            served.jira.edit_issue("PROC-2", {"status": "To Do"})

    served.watcher.then.append(edit)

    told = Told(served, plan)

    assert listed
    assert told.lines()["PROC-2"] == [("20 12:00", None, "pass")]
    assert told.lines()["PROC-1"][0] == ("10 00:00", "12 09:00", "fail")
    assert "the past of 1 issues is not told" in told.untold


def test_a_moved_milestone_that_goes_before_its_log_is_read_is_not_told(
    datacenter: Opener,
) -> None:
    served = datacenter(issue(1, ("12T09:00", "status", "Done")), issue(2))
    served.jira.move_issue("PROC-1", "CE")

    def hide(exchange: Any) -> None:
        if exchange.path.endswith("/issue/PROC-1"):
            served.jira.hide_issue("CE-1")

    served.watcher.then.append(hide)

    told = Told(served, planned("jira.milestones", issues={"site": "PROC-1", "racked": "PROC-2"}))

    assert [label for label, lines in told.lines().items() if lines] == ["racked: PROC-2"]


def test_a_fault_amid_the_change_logs_ends_the_run(jira: Opener) -> None:
    served = jira(issue(1, ("12T09:00", "status", "Done")))
    path = "changelog/bulkfetch" if jira.flavour == "cloud" else "/search$"
    served.jira.fail_with(503, path=path)

    with pytest.raises(ServerFailed):
        Told(served, planned("jira.ratio", passing="status = Done"))


@pytest.mark.parametrize(
    ("field", "condition"),
    [
        ("components", "component = lab"),
        ("components", "component = LAB"),
        ("labels", "labels = lab"),
    ],
)
def test_what_was_taken_away_and_came_back_is_told(
    jira: Opener, field: str, condition: str
) -> None:
    served = jira(
        issue(1, ("12T09:00", field, ["dc"]), ("13T09:00", field, []),
              ("14T09:00", field, ["dc", "lab"]), ("15T09:00", field, ["dc"]), **{field: ["lab"]}),
    )  # fmt: skip

    told = Told(served, planned(jql=f"project = PROC AND {condition}"))

    assert told.lines() == {
        "PROC-1": [("10 00:00", "12 09:00", "pass"), ("14 09:00", "15 09:00", "pass")]
    }


def test_options_that_a_comma_blurs_are_not_guessed(jira: Opener) -> None:
    served = jira(
        issue(1, ("12T09:00", "Skills", ["net"]), ("13T09:00", "Skills", []),
              Skills=["net", "net, wide"]),
    )  # fmt: skip

    told = Told(served, planned(jql="project = PROC AND Skills = net"))

    assert told.lines() == {"PROC-1": [("12 09:00", "13 09:00", "pass")]}
    assert "options with a comma" in told.untold


def test_a_stay_in_a_status_that_jira_no_longer_has_is_not_guessed(jira: Opener) -> None:
    served = jira(
        issue(1, ("12T09:00", "status", "Ordered"), ("13T09:00", "status", "Done")),
    )
    statuses = [
        {"id": "10001", "name": "To Do", "statusCategory": {"key": "new"}},
        {"id": "10003", "name": "Done", "statusCategory": {"key": "done"}},
    ]
    served.jira.fail_with(
        200, body=json.dumps(statuses), content_type="application/json", path="/status$"
    )

    told = Told(served, planned("jira.done"))

    assert told.lines() == {
        "PROC-1": [("10 00:00", "12 09:00", "fail"), ("13 09:00", None, "pass")]
    }
    assert "1 issues were in a status that Jira no longer has" in told.untold
