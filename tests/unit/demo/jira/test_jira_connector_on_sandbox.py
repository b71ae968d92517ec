"""The connector against the sandbox: what it reads is what the sandbox holds, as time goes on."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.base import Cursor, Outcome, ScanJob, ScanPlan, SilentObserver, SourceConfig
from connectors.jira import connector
from connectors.jira.session import JiraSession
from syncd.demo.jira import JiraSandbox
from syncd.demo.jira.quarter import quarter_seed
from tests.unit.demo.jira.worlds import TOKEN, Moment

SEED = quarter_seed()


@pytest.fixture(params=["cloud", "datacenter"])
def world(request: pytest.FixtureRequest) -> Iterator[tuple[JiraSandbox, JiraSession, Moment]]:
    clock = Moment(datetime(2026, 1, 20, 12, tzinfo=UTC))
    cloud = request.param == "cloud"
    user = "reader@example.org" if cloud else None
    with JiraSandbox(SEED, clock, flavour=request.param, token=TOKEN, user=user) as sandbox:
        config = SourceConfig(
            name="jira",
            kind="jira",
            url=sandbox.url,
            secrets={"token": TOKEN} | ({"user": user} if user else {}),
            options={"flavour": "auto"},
        )
        session = connector.open(config, SilentObserver())
        yield sandbox, session, clock
        session.close()


class Kept:
    """What a store would keep of one scope: the outcome of every object, and a cursor."""

    def __init__(self, measure: str, **options: Any) -> None:
        plan = (
            connector.measures[measure].model_validate({"measure": measure} | options).plan("jira")
        )
        assert isinstance(plan, ScanPlan)
        self.plan = plan
        self.outcomes: dict[str, Outcome] = {}
        self.cursor: Cursor | None = None

    def count(self) -> int:
        return len(self.outcomes)

    def ids(self) -> Iterator[str]:
        return iter(tuple(self.outcomes))

    def turn(self, session: JiraSession, now: datetime) -> None:
        scan = ScanJob(
            scope=self.plan.scope,
            judges=[self.plan.judge],
            now=now,
            deadline=time.monotonic() + 60,
            known=self,
            cursor=self.cursor,
        )
        for batch in session.scan(scan):
            for timeline in batch.timelines[0]:
                if timeline.verdicts:
                    self.outcomes[timeline.object_id] = timeline.verdicts[-1].outcome
                else:
                    self.outcomes.pop(timeline.object_id, None)
            self.cursor = batch.cursor or self.cursor

    def passed(self) -> int:
        return sum(outcome is Outcome.PASS for outcome in self.outcomes.values())


def test_turn_by_turn_the_connector_knows_what_the_sandbox_holds(
    world: tuple[JiraSandbox, JiraSession, Moment],
) -> None:
    _, session, clock = world
    scope = 'project = ONCALL AND issuetype = Page AND created >= "2026-01-01"'
    kept = Kept("jira.ratio", jql=scope, passing="priority = P0")
    seen = []
    for _ in range(10):
        kept.turn(session, clock.now)
        anew = Kept("jira.ratio", jql=scope, passing="priority = P0")
        anew.turn(session, clock.now)
        assert kept.outcomes == anew.outcomes
        seen.append(kept.passed() / kept.count())
        clock.advance(days=3)
        if clock.now.month == 2 and 16 <= clock.now.day <= 19:
            clock.advance(days=4)  # past the outage
    assert seen[-1] > seen[0] + 0.1


def test_required_fields_are_judged_by_what_the_sandbox_writes(
    world: tuple[JiraSandbox, JiraSession, Moment],
) -> None:
    _, session, clock = world
    clock.now = datetime(2026, 4, 1, 7, tzinfo=UTC)
    kept = Kept(
        "jira.completeness",
        jql='project = PROC AND issuetype = Purchase AND created >= "2026-01-01"',
        required=[{"fields": ["PO number", "Invoice number"]}],
    )
    kept.turn(session, clock.now)
    assert (kept.passed(), kept.count()) == (114, 120)
