"""Change logs that nobody is shown: of an issue that went since it was listed, and to a token that is
nobody's for a moment. To take them for issues that never changed would be a false past.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from connectors.base import Exchange, Outcome, ScanPlan, UpstreamError
from tests.unit.connectors.jira.durations.test_jira_durations_hours_and_agreements import (
    DESK,
    SLA,
    agreed,
    cycle,
    desk,
)
from tests.unit.connectors.jira.durations.world import Opener, issue, plan
from tests.unit.connectors.jira.sandboxes import Served
from tests.unit.connectors.jira.stand_in import TOKEN

FIXED = plan("created", {"status_category": "done"}, within="48 h")
FIRST = ("12T09:00", "status", "Fixed")
LATE = ("15T09:00", "status", "Fixed")


def once(served: Served, ending: str, act: Callable[[], object]) -> None:
    """Does something when the first answer of an address that ends so has come."""

    def then(exchange: Exchange) -> None:
        if exchange.path.endswith(ending) and then in served.watcher.then:
            served.watcher.then.remove(then)
            act()

    served.watcher.then.append(then)


def test_an_issue_that_goes_before_its_log_is_read_is_gone_and_no_issue_that_never_changed(
    cloud: Opener,
) -> None:
    served = cloud(issue(1, LATE), issue(2, FIRST))
    once(served, "/search/jql", lambda: served.jira.hide_issue("ONCALL-1"))

    first = served.read(FIXED)
    there = [one.object_id for one in first.timelines.values() if not one.left]
    served.jira.show_issue("ONCALL-1")
    then = served.read(FIXED, cursor=first.cursor, known=there)

    assert [one.label for one in first.timelines.values() if not one.left] == ["ONCALL-2"]
    late = next(one for one in then.timelines.values() if one.label == "ONCALL-1")
    assert [one.outcome for one in late.verdicts] == [Outcome.PENDING, Outcome.FAIL, Outcome.FAIL]


def test_an_issue_that_a_late_index_still_lists_is_told_as_gone(cloud: Opener) -> None:
    served = cloud(issue(1, LATE), issue(2, FIRST))
    first = served.read(FIXED)
    served.later(hours=1)
    served.jira.edit_issue("ONCALL-1", {"priority": "P0"})
    served.later(minutes=10)
    once(served, "/search/jql", lambda: served.jira.hide_issue("ONCALL-1"))

    turn = served.read(FIXED, cursor=first.cursor, known=first.outcomes)

    assert list(turn.outcomes.values()) == ["gone"]


def test_an_issue_that_never_changed_costs_no_further_look(cloud: Opener) -> None:
    served = cloud(issue(1), issue(2, FIRST))
    served.jira.forget_requests()

    served.read(FIXED)

    assert served.asked("/issue/bulkfetch") == []


@pytest.mark.parametrize(
    ("made", "issues"),
    [
        pytest.param(FIXED, [issue(1, LATE), issue(2, FIRST), issue(3)], id="change-logs"),
        pytest.param(
            plan(None, SLA, DESK, within="goal"),
            [
                desk(1, agreed(cycle("12T09:00", "12T12:00"))),
                desk(2, agreed(cycle("12T09:00", "12T15:00"))),
            ],
            id="agreements",
        ),
    ],
)
def test_a_token_that_is_nobodys_for_one_request_makes_no_past_of_its_own(
    jira: Opener, made: ScanPlan, issues: list[Any]
) -> None:
    served = jira(*issues)
    truth = served.read(made).outcomes
    asked: list[str] = []
    nobodys = {-1}

    def die(exchange: Exchange) -> None:
        asked.append(exchange.path)
        served.jira.revoke(token=None if len(asked) in nobodys else TOKEN)

    served.watcher.then.append(die)
    served.read(made)
    requests, went_on = len(asked), 0
    for number in range(1, requests):
        nobodys = {number}
        asked.clear()
        try:
            told = served.read(made).outcomes
        except UpstreamError:
            served.jira.revoke(token=TOKEN)
            continue
        went_on += 1
        assert told == truth
    assert went_on > 0
