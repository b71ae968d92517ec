"""The demo's sandbox with a clock that tests move, and a session that asks it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from connectors.base import Exchange, Limits, ScanPlan, SourceConfig, Verdict
from connectors.jira import connector
from connectors.jira.session import JiraSession
from syncd.demo.jira import JiraSandbox, Seed
from tests.unit.connectors.jira.stand_in import TOKEN, Run, run

START = datetime(2026, 2, 2, 9, 0, tzinfo=UTC)

SEED: dict[str, Any] = {
    "projects": [
        {"key": "PROC", "name": "Procurement", "components": ["lab"]},
        {"key": "CE", "name": "Customers"},
    ],
    "issue_types": [{"name": "Task"}, {"name": "Epic"}],
    "statuses": [
        {"name": "To Do", "category": "new"},
        {"name": "Delivered", "category": "indeterminate"},
        {"name": "Done", "category": "done"},
    ],
    "priorities": [{"name": "P0"}, {"name": "P1"}],
    "users": [{"accountId": "u-a", "displayName": "Alice", "emailAddress": "a@example.org"}],
    "custom_fields": [
        {"id": "customfield_10010", "name": "Racks", "type": "number"},
        {"id": "customfield_10011", "name": "Serial numbers", "type": "text"},
        {"id": "customfield_10012", "name": "Cluster", "type": "string"},
        {"id": "customfield_10013", "name": "Region", "type": "option", "options": ["EU", "US"]},
    ],
    "filters": [{"id": 20001, "name": "Purchases", "jql": "project = PROC ORDER BY Rank"}],
    "boards": [{"id": 7, "name": "B", "type": "kanban", "filter": 20001, "project": "PROC"}],
}


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


class Watcher:
    """Told of every exchange: what else it does is a test's."""

    def __init__(self) -> None:
        self.then: list[Callable[[Exchange], object]] = []

    def exchanged(self, exchange: Exchange) -> None:
        for act in self.then:
            act(exchange)


@dataclass
class Served:
    """One Jira. Times pass when a test says so; `watcher` acts between two requests."""

    jira: JiraSandbox
    session: JiraSession
    clock: Clock
    watcher: Watcher

    def later(self, **time: float) -> datetime:
        self.clock.now += timedelta(**time)
        return self.clock.now

    def put(self, project: str = "PROC", **fields: Any) -> str:
        """The key of a new issue; its fields by name, with _ for a space."""
        named = {name.replace("_", " "): value for name, value in fields.items()}
        usual = {"issuetype": "Task", "summary": "Buy", "status": "To Do"}
        return self.jira.create_issue(project, usual | named)

    def read(self, plan: ScanPlan, **more: Any) -> Run:
        return run(self.session, plan, now=self.clock.now, **more)

    def told(self, plan: ScanPlan) -> dict[str, Verdict]:
        """The one verdict of each issue that has one, by its label."""
        timelines = self.read(plan).timelines.values()
        return {each.label: each.verdicts[0] for each in timelines if each.verdicts}

    def asked(self, ending: str) -> list[Any]:
        """The JSON bodies of the requests to addresses that end so."""
        seen = [each for each in self.jira.requests if each.path.endswith(ending)]
        return [json.loads(each.body) for each in seen if each.body]


@contextmanager
def serving(
    flavour: Literal["cloud", "datacenter"], seed: Any = None, **options: Any
) -> Iterator[Served]:
    clock = Clock()
    timezone = options.pop("timezone", "America/New_York")
    page_size = options.pop("page_size", 3)
    with JiraSandbox(
        Seed.model_validate(seed or SEED),
        clock,
        flavour=flavour,
        token=TOKEN,
        timezone=timezone,
        page_size=page_size,
    ) as jira:
        secrets = {"token": TOKEN} | ({"user": "a@example.org"} if flavour == "cloud" else {})
        config = SourceConfig(
            name="jira",
            kind="jira",
            url=jira.url,
            secrets=secrets,
            limits=Limits(attempts=1),
            options={"flavour": flavour} | options,
        )
        watcher = Watcher()
        session = connector.open(config, watcher)
        yield Served(jira, session, clock, watcher)
        session.close()
