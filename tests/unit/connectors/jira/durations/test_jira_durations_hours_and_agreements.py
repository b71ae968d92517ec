"""Business hours, and agreements of Jira Service Management."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from connectors.base import (
    NotFound,
    QueryRefused,
    ServerFailed,
)
from tests.unit.connectors.jira.durations.world import (
    NOW,
    Opener,
    issue,
    lines,
    plan,
)


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
