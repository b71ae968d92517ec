"""The connector against the demo's sandbox, which evaluates JQL and knows time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import pytest

from connectors.base import (
    Limits,
    QueryRefused,
    SilentObserver,
    SourceConfig,
    Unauthorised,
)
from connectors.jira import connector
from connectors.jira.session import JiraSession
from syncd.demo.jira import JiraSandbox, Seed
from tests.unit.connectors.jira.stand_in import TOKEN, planned, run

START = datetime(2026, 2, 2, 9, 0, tzinfo=UTC)
SEED = {
    "projects": [{"key": "PROC", "name": "Procurement"}, {"key": "CE", "name": "Customers"}],
    "issue_types": [{"name": "Purchase"}, {"name": "Task"}],
    "statuses": [
        {"name": "To Do", "category": "new"},
        {"name": "Done", "category": "done"},
    ],
    "priorities": [{"name": "P0"}, {"name": "P1"}],
    "users": [{"accountId": "u-a", "displayName": "Alice", "emailAddress": "a@example.org"}],
    "custom_fields": [
        {"id": "customfield_10010", "name": "PO number", "type": "string"},
        {"id": "customfield_10011", "name": "Justification", "type": "text"},
    ],
    "issues": [
        {
            "key": f"PROC-{number}",
            "created": f"2026-01-05T09:{number:02}:00Z",
            "reporter": "u-a",
            "fields": {
                "issuetype": "Purchase",
                "summary": f"Buy {number}",
                "status": "Done" if number % 3 == 0 else "To Do",
                "priority": "P0" if number % 2 else "P1",
                "PO number": f"PO-{number}" if number % 2 else None,
            },
        }
        for number in range(1, 8)
    ],
    "filters": [{"id": 20001, "name": "Purchases", "jql": "project = PROC ORDER BY Rank"}],
    "boards": [{"id": 7, "name": "B", "type": "kanban", "filter": 20001, "project": "PROC"}],
}
COUNT = planned("jira.count", jql="project = PROC")
DONE = planned("jira.ratio", jql="project = PROC", passing="statusCategory = Done")
COMPLETE = planned(
    "jira.completeness",
    jql="project = PROC AND issuetype = Purchase",
    required=[
        {"fields": ["PO number"]},
        {"when": {"statusCategory": "Done"}, "fields": ["Justification"]},
    ],
)


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **time: float) -> datetime:
        self.now += timedelta(**time)
        return self.now


@dataclass
class Served:
    jira: JiraSandbox
    session: JiraSession
    clock: Clock

    def run(self, plan: Any, **more: Any) -> Any:
        return run(self.session, plan, now=self.clock.now, **more)


@pytest.fixture(params=["cloud", "datacenter"])
def served(request: pytest.FixtureRequest) -> Iterator[Served]:
    flavour: Literal["cloud", "datacenter"] = request.param
    clock = Clock()
    seed = Seed.model_validate(SEED)
    with JiraSandbox(
        seed, clock, flavour=flavour, token=TOKEN, timezone="America/New_York", page_size=3
    ) as jira:
        secrets = {"token": TOKEN} | ({"user": "a@example.org"} if flavour == "cloud" else {})
        config = SourceConfig(
            name="jira",
            kind="jira",
            url=jira.url,
            secrets=secrets,
            limits=Limits(attempts=1),
        )
        session = connector.open(config, SilentObserver())
        yield Served(jira, session, clock)
        session.close()


def test_the_three_measures_are_read(served: Served) -> None:
    assert len(served.run(COUNT).outcomes) == 7
    done = served.run(DONE)
    assert sorted(t.label for t in done.timelines.values() if t.verdicts[0].outcome == "pass") == [
        "PROC-3",
        "PROC-6",
    ]
    missing = {t.label: t.verdicts[0].missing for t in served.run(COMPLETE).timelines.values()}
    assert missing == {
        "PROC-1": (),
        "PROC-2": ("PO number",),
        "PROC-3": ("Justification",),
        "PROC-4": ("PO number",),
        "PROC-5": (),
        "PROC-6": ("PO number", "Justification"),
        "PROC-7": (),
    }


def test_a_board_is_read(served: Served) -> None:
    assert len(served.run(planned("jira.count", board=7)).outcomes) == 7


def test_a_quarter_hour_of_edits_is_followed(served: Served) -> None:
    first = served.run(COMPLETE)
    ids = {line.label: identifier for identifier, line in first.timelines.items()}
    served.clock.pass_by(minutes=15)
    served.jira.edit_issue("PROC-2", {"PO number": "PO-2"})
    served.jira.edit_issue("PROC-3", {"Justification": "needed"})
    served.jira.delete_issue("PROC-4")
    served.jira.hide_issue("PROC-5")
    served.jira.move_issue("PROC-7", "CE")
    created = served.jira.create_issue(
        "PROC", {"issuetype": "Purchase", "summary": "New", "status": "To Do"}
    )
    served.clock.pass_by(minutes=1)

    turn = served.run(COMPLETE, cursor=first.cursor, known=first.outcomes)

    [new] = [i for i, line in turn.timelines.items() if line.label == created]
    assert turn.outcomes == {
        ids["PROC-2"]: "pass",
        ids["PROC-3"]: "pass",
        ids["PROC-4"]: "gone",
        ids["PROC-5"]: "gone",
        ids["PROC-7"]: "gone",
        new: "fail",
    }


def test_a_quiet_turn_reads_no_issue(served: Served) -> None:
    first = served.run(DONE)
    served.clock.pass_by(minutes=5)

    turn = served.run(DONE, cursor=first.cursor, known=first.outcomes)

    assert turn.timelines == {}


def test_a_dead_token_is_no_empty_project(served: Served) -> None:
    first = served.run(COUNT)
    served.jira.revoke()

    with pytest.raises(Unauthorised):
        served.run(COUNT)
    with pytest.raises(Unauthorised):
        served.run(COUNT, cursor=first.cursor, known=first.outcomes)


def test_an_edit_that_the_index_shows_late_is_found_within_the_overlap(served: Served) -> None:
    first = served.run(DONE)
    served.jira.lag_index(timedelta(minutes=4))
    served.clock.pass_by(minutes=5)
    served.jira.edit_issue("PROC-1", {"status": "Done"})
    served.clock.pass_by(minutes=1)
    second = served.run(DONE, cursor=first.cursor, known=first.outcomes)
    served.clock.pass_by(minutes=5)

    third = served.run(DONE, cursor=second.cursor, known=first.outcomes)

    assert second.outcomes == {}
    assert list(third.outcomes.values()) == ["pass"]


def test_a_project_that_went_out_of_sight_is_not_vouched_to_be_empty(served: Served) -> None:
    for _ in range(30):
        served.jira.create_issue("PROC", {"issuetype": "Task", "summary": "x", "status": "To Do"})
    first = served.run(COUNT)
    for line in first.timelines.values():
        served.jira.hide_issue(line.label)
    served.clock.pass_by(minutes=5)

    turn = served.run(COUNT, cursor=first.cursor, known=first.outcomes)

    assert set(turn.outcomes.values()) == {"gone"}
    assert not turn.batches[-1].vouched


@pytest.mark.parametrize("jql", ["nonsense = 1", "project = NOWHERE", "project = PROC AND"])
def test_a_query_that_jira_does_not_understand_is_refused(served: Served, jql: str) -> None:
    with pytest.raises(QueryRefused):
        served.run(planned("jira.count", jql=jql))
