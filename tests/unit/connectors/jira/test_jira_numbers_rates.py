"""jira.rate: how often something happens to issues."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from connectors.base import Aggregation, Dimension, Outcome, Timeline, Verdict
from connectors.jira import connector
from connectors.jira.points import Created, InStatus, Resolved
from connectors.jira.rates import Happened
from tests.unit.connectors.jira.sandboxes import START, Served, serving
from tests.unit.connectors.jira.stand_in import planned

NOW = datetime(2026, 2, 1, 12, tzinfo=UTC)
WEEK = 604_800.0
PAGES: dict[str, Any] = {"jql": "project = PROC", "at": "created", "per": "w", "window": "4 w"}


def measure(**given: Any) -> Any:
    return connector.measures["jira.rate"].model_validate({"measure": "jira.rate"} | PAGES | given)


def born(at: datetime) -> dict[str, Any]:
    fields = {"created": at.isoformat()}
    return {"id": "1", "key": "PROC-1", "url": None, "fields": fields, "passing": {}}


@pytest.fixture(params=["cloud", "datacenter"])
def served(request: pytest.FixtureRequest) -> Iterator[Served]:
    with serving(request.param) as one:
        yield one


def test_a_rate_is_a_count_over_its_window_told_per_week() -> None:
    plan = planned("jira.rate", **PAGES)

    assert plan.aggregate.how is Aggregation.COUNT
    assert plan.aggregate.scale == 1 / 4
    assert (plan.dimension, plan.retrospective) == (Dimension.OTHER, True)
    assert plan.judge == Happened(Created(), 4 * WEEK)


@pytest.mark.parametrize(
    ("per", "unit", "scale"),
    [
        ("w", "1/w", 1 / 4),
        ("1 w", "1/w", 1 / 4),
        ("d", "1/d", 1 / 28),
        ("2 w", "1/(2 w)", 1 / 2),
    ],
)
def test_its_unit_follows_from_the_time_it_is_told_for(per: str, unit: str, scale: float) -> None:
    made = measure(per=per)

    assert made.unit == unit
    assert made.plan("jira").aggregate.scale == pytest.approx(scale)


def test_a_unit_of_its_own_stays() -> None:
    assert measure(unit="pages/w").unit == "pages/w"


def test_editors_are_told_that_the_unit_may_be_left_out() -> None:
    assert "unit" not in connector.measures["jira.rate"].model_json_schema()["required"]


@pytest.mark.parametrize(
    ("at", "point"),
    [
        ("created", Created()),
        ("resolved", Resolved()),
        ({"status": "Delivered"}, InStatus("Delivered")),
    ],
)
def test_any_point_of_an_issue_can_be_counted(at: Any, point: Any) -> None:
    judge = planned("jira.rate", **(PAGES | {"at": at})).judge

    assert judge == Happened(point, 4 * WEEK)
    assert judge.definition["at"] == at


NO_PERIOD = (
    "Value error, got window: period; expected a duration, because a rate looks back over a window "
    "of one length; fix: window: 4 w"
)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"at": "sometimes"}, "expected created"),
        ({"per": "month"}, "a number, one space and a unit"),
        ({"window": "4"}, "a number, one space and a unit"),
        ({"window": "period"}, NO_PERIOD),
        ({"window": None}, "window"),
        ({"per": 7}, "per"),
        ({"field": "x"}, "Extra inputs"),
    ],
)
def test_a_rate_that_cannot_be_right_is_refused(given: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        measure(**given)


def test_over_another_time_it_is_the_same_rate_with_that_window() -> None:
    quarter = 92 * 86_400.0

    plan = measure().over(quarter).plan("jira")

    assert plan.judge == Happened(Created(), quarter)
    assert plan.aggregate.scale == WEEK / quarter


@given(st.integers(0, 10**10), st.floats(1, 1e8))
def test_an_issue_counts_from_its_moment_for_the_window_and_no_longer(
    milliseconds: int, window: float
) -> None:
    moment = NOW - timedelta(milliseconds=milliseconds)

    timeline = Happened(Created(), window).judge(born(moment), NOW)

    assert timeline.since is None
    assert timeline.verdicts == (Verdict(moment, moment + timedelta(seconds=window), Outcome.PASS),)


def test_an_issue_that_has_not_reached_the_point_is_not_counted() -> None:
    waiting = born(NOW) | {"changes": {"resolution": ()}}

    timeline = Happened(Resolved(), WEEK).judge(waiting, NOW)

    assert timeline == Timeline("1", None, (), "PROC-1", None)


def test_a_window_without_end_has_none() -> None:
    [verdict] = Happened(Created(), 1e13).judge(born(NOW), NOW).verdicts

    assert verdict.valid_to is None


def test_time_takes_an_issue_out_of_the_window_without_a_reading(served: Served) -> None:
    served.put()
    served.later(weeks=2)
    served.put()

    told = served.told(planned("jira.rate", **PAGES)).values()

    def rate(at: datetime) -> float:
        return sum(v.valid_from <= at < (v.valid_to or at) for v in told) / 4

    assert [rate(START + timedelta(weeks=week)) for week in range(7)] == [
        0.25, 0.25, 0.5, 0.5, 0.25, 0.25, 0,
    ]  # fmt: skip


def test_the_issues_of_a_board_are_counted(served: Served) -> None:
    served.put()
    served.put("CE")

    assert set(served.told(planned("jira.rate", **(PAGES | {"jql": None, "board": 7})))) == {
        "PROC-1"
    }


def test_an_issue_that_left_stops_counting_when_that_is_seen(served: Served) -> None:
    served.put()
    plan = planned("jira.rate", **PAGES)
    first = served.read(plan)
    served.jira.delete_issue("PROC-1")
    now = served.later(days=1)

    turn = served.read(plan, cursor=first.cursor, known=first.outcomes)

    [line] = turn.timelines.values()
    assert (line.left, line.since) == (True, now)
