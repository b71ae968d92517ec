"""What is told of a key result as its readings come in and time passes."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.assess import assess
from syncd.model import (
    Adjustment,
    AdjustmentKind,
    Assessment,
    Event,
    EventKind,
    Evidence,
    Failure,
    KeyResult,
    Memory,
    Needed,
    Status,
    Telling,
)
from syncd.telling import told
from tests.unit.assess.cases import (
    DAY,
    START,
    checkpoints,
    daily,
    end_of,
    key_result,
    milestones,
    moment,
    reached,
    seen,
)

HOUR = timedelta(hours=1)


class Follower:
    """Judges a key result again and again, as the worker does, and keeps what was told."""

    def __init__(self, kr: KeyResult) -> None:
        self.kr = kr
        self.memory = Memory()
        self.telling: Telling | None = None
        self.before: Assessment | None = None
        self.events: list[Event] = []

    def at(
        self, now: datetime, evidence: Evidence, needs: dict[str, Needed] | None = None
    ) -> list[Event]:
        needed = needs or {}
        after, self.memory = assess(self.kr, evidence, self.memory, needed, now)
        found = told(self.kr, evidence, needed, self.before, after, self.telling)
        self.telling, self.before = found.telling, after
        self.events += found.events
        return list(found.events)

    def reads(self, value: float | None, now: datetime, **more: Any) -> list[Event]:
        return self.at(now, seen(value, now, **more))


def kinds(events: list[Event]) -> list[str]:
    return [event.kind.value for event in events]


class TestStatuses:
    def test_the_first_status_is_told_without_a_before(self) -> None:
        (event,) = Follower(key_result()).at(START, Evidence(300.0))

        assert (event.kind, event.before, event.status) == ("status_changed", None, "no_data")
        assert (event.subject, event.key_result, event.team) == (
            "dcim-o1-kr1",
            "dcim-o1-kr1",
            "dcim",
        )

    def test_another_status_is_told_once_with_both_sides_and_the_rule(self) -> None:
        follower = Follower(key_result())
        follower.reads(0.5, moment("2026-02-01"))

        (event,) = follower.reads(0.2, moment("2026-02-02"))
        again = follower.reads(0.2, moment("2026-02-02 01:00"))

        assert event.before is not None
        assert event.after is not None
        assert (event.before["status"], event.before["value"]) == ("on_track", 0.5)
        assert (event.after["status"], event.after["value"]) == ("off_track", 0.2)
        assert event.reason == "line"
        assert event.title == "Model completeness: off track (was on track)"
        assert event.text.startswith("20 % on 2 Feb; the line asks for at least")
        assert again == []

    def test_a_goal_that_is_reached_is_achieved_and_one_that_is_withdrawn_is_a_change(self) -> None:
        follower = Follower(key_result())
        follower.reads(0.9, moment("2026-02-20"))

        assert kinds(follower.reads(1.0, moment("2026-02-21"))) == ["achieved"]
        assert kinds(follower.reads(0.9, moment("2026-02-22"))) == ["status_changed"]

    def test_a_goal_that_is_not_reached_by_its_date_is_missed(self) -> None:
        follower = Follower(key_result())
        follower.reads(0.9, moment("2026-03-31 12:00"))

        (event,) = follower.reads(0.9, end_of("2026-03-31") + HOUR)

        assert (event.kind, event.reason) == ("missed", "date_passed")


class TestData:
    def test_lost_data_are_told_with_what_keeps_them_away_and_then_that_they_are_back(self) -> None:
        follower = Follower(key_result())
        follower.reads(0.5, moment("2026-02-01"))
        failure = Failure("unreachable", "no route", moment("2026-02-01 00:05"))

        lost = follower.at(
            moment("2026-02-01 02:00"),
            replace(seen(0.5, moment("2026-02-01")), failure=failure, source="netbox"),
        )
        back = follower.reads(0.5, moment("2026-02-01 03:00"))

        assert [(e.kind, e.reason) for e in lost] == [("data_stale", "unreachable")]
        assert lost[0].data["source"] == "netbox"
        assert [(e.kind, e.status) for e in back] == [("data_recovered", "on_track")]

    def test_the_first_reading_recovers_nothing(self) -> None:
        follower = Follower(key_result())
        follower.at(START, Evidence(300.0))

        assert kinds(follower.reads(0.5, START + HOUR)) == ["status_changed"]

    def test_a_goal_that_stays_reached_through_an_outage_is_told_as_reached_once(self) -> None:
        follower = Follower(key_result())
        follower.reads(0.9, moment("2026-02-20"))
        follower.reads(1.0, moment("2026-02-21"))
        follower.at(moment("2026-02-21 02:00"), seen(1.0, moment("2026-02-21")))

        assert kinds(follower.reads(1.0, moment("2026-02-21 03:00"))) == ["data_recovered"]
        assert kinds(follower.events).count("achieved") == 1

    def test_a_goal_that_is_reached_during_an_outage_is_told_when_the_data_are_back(self) -> None:
        follower = Follower(key_result())
        follower.reads(0.9, moment("2026-02-20"))
        follower.at(moment("2026-02-20 02:00"), seen(0.9, moment("2026-02-20")))

        assert kinds(follower.reads(1.0, moment("2026-02-20 03:00"))) == ["achieved"]

    def test_data_that_are_lost_behind_an_override_are_told_and_the_status_stays(self) -> None:
        follower = Follower(key_result())
        since, until = moment("2026-02-01"), moment("2026-02-10")
        override = Adjustment(
            "1", AdjustmentKind.OVERRIDE, "Ada", "a call", since, until, Status.ON_TRACK
        )
        follower.reads(0.5, since, adjustments=(override,))

        lost = follower.at(since + 2 * HOUR, replace(seen(0.5, since), adjustments=(override,)))

        (event,) = lost
        assert (event.kind, event.status) == ("data_stale", "on_track")
        assert event.title.endswith("on track by hand, its data are lost")
        assert event.reason == "too_old"


class TestDates:
    KR = key_result(checkpoints=checkpoints(feb_15=0.8))
    BEFORE, AFTER = end_of("2026-02-15") - HOUR / 2, end_of("2026-02-15") + timedelta(minutes=1)

    def test_a_date_that_passes_tells_a_missed_checkpoint_although_nothing_is_read(self) -> None:
        follower = Follower(self.KR)
        follower.reads(0.741, self.BEFORE)

        found = follower.at(end_of("2026-02-15"), seen(0.741, self.BEFORE))

        (event,) = [e for e in found if e.kind is EventKind.CHECKPOINT_MISSED]
        assert event.title == "Model completeness: checkpoint of 15 Feb missed"
        assert event.text == ("74.1 %, read 23:29, where 80 % was asked for by the end of 15 Feb.")
        assert (event.reason, event.data["asked"]) == ("date_passed", 0.8)

    def test_a_checkpoint_that_is_reached_is_told_on_its_date_and_not_before(self) -> None:
        follower = Follower(self.KR)
        follower.reads(0.7, self.BEFORE - DAY)
        early = follower.reads(0.85, self.BEFORE)

        assert "checkpoint_met" not in kinds(early)
        assert kinds(follower.reads(0.85, self.AFTER)).count("checkpoint_met") == 1
        assert "checkpoint_met" not in kinds(follower.reads(0.85, self.AFTER + HOUR))

    def test_a_missed_checkpoint_is_told_once_and_again_when_it_is_met_late(self) -> None:
        follower = Follower(self.KR)
        follower.reads(0.7, self.BEFORE)
        values = (0.7, 0.75, 0.81, 0.7, 0.9)

        for hours, value in enumerate(values):
            follower.reads(value, self.AFTER + hours * HOUR)

        dated = [e for e in follower.events if e.kind.value.startswith("checkpoint")]
        assert [(e.kind, e.reason) for e in dated] == [
            ("checkpoint_missed", "date_passed"),
            ("checkpoint_met", "reached_late"),
        ]

    def test_a_date_that_nobody_saw_is_told_when_the_data_are_back(self) -> None:
        follower = Follower(self.KR)
        follower.reads(0.9, self.BEFORE - DAY)

        stale = follower.at(self.AFTER, seen(0.9, self.BEFORE - DAY))
        back = follower.reads(0.75, self.AFTER + DAY)

        assert kinds(stale) == ["data_stale"]
        (event,) = [e for e in back if e.kind is EventKind.CHECKPOINT_MISSED]
        assert event.reason == "known_late"
        assert "nobody knew the value on that day" in event.text

    def test_dates_that_passed_before_anybody_looked_are_not_told(self) -> None:
        follower = Follower(self.KR)

        follower.reads(0.5, self.AFTER + DAY)
        follower.reads(0.9, self.AFTER + 2 * DAY)

        assert not [e for e in follower.events if e.kind.value.startswith("checkpoint")]

    def test_milestones_are_told_by_their_names(self) -> None:
        target = milestones(site="2026-01-31", racks="2026-01-31", live="2026-03-31")
        follower = Follower(key_result(target))
        before = end_of("2026-01-31") - HOUR / 2
        follower.at(before, reached(target, "site", at=before))

        found = follower.at(end_of("2026-01-31"), reached(target, "site", at=before))

        dated = {e.data["milestone"]: e.kind.value for e in found if e.data.get("milestone")}
        assert dated == {"site": "checkpoint_met", "racks": "checkpoint_missed"}


class TestSteps:
    def test_a_pace_that_drifts_is_told_once_a_step_from_where_it_was_told_last(self) -> None:
        follower = Follower(key_result())
        follower.reads(0.6, moment("2026-02-01"))

        for day in range(2, 23):
            follower.reads(0.6 + day * 0.0001, moment(f"2026-02-{day:02}"))

        paces = [e for e in follower.events if e.kind is EventKind.PACE_CHANGED]
        assert len(paces) == 2
        for event in paces:
            assert event.before is not None
            assert event.after is not None
            assert event.before["pace"] - event.after["pace"] == pytest.approx(0.1, abs=0.012)
        assert paces[0].reason == "behind"
        assert "pace " in paces[0].title

    def test_a_step_that_the_author_declares_is_the_one_that_counts(self) -> None:
        kr = key_result()
        wide = replace(kr, judgement=replace(kr.judgement, pace_step=0.5))
        follower = Follower(wide)
        follower.reads(0.6, moment("2026-02-01"))

        follower.reads(0.95, moment("2026-02-02"))

        assert EventKind.PACE_CHANGED not in {e.kind for e in follower.events}

    def test_a_change_of_status_tells_its_pace_itself(self) -> None:
        follower = Follower(key_result())
        follower.reads(0.5, moment("2026-02-01"))

        found = follower.reads(0.2, moment("2026-02-02"))
        after = follower.reads(0.21, moment("2026-02-02 01:00"))

        assert kinds(found) == ["status_changed"]
        assert after == []

    def test_a_forecast_is_told_when_its_chance_has_moved_by_a_step(self) -> None:
        follower = Follower(key_result())
        now, later = moment("2026-02-10"), moment("2026-02-11")
        rising = [0.35 + 0.012 * day for day in range(28)]
        falling = [0.68 - 0.003 * day for day in range(28)]
        follower.reads(rising[-1], now, history=daily(rising, now))

        found = follower.reads(falling[-1], later, history=daily(falling, later))
        again = follower.reads(falling[-1], later + HOUR, history=daily(falling, later))

        (event,) = found
        assert event.before is not None
        assert event.after is not None
        assert (event.kind, event.reason) == ("forecast_changed", "less_likely")
        assert (event.before["chance"], event.after["chance"]) == (0.99, 0.01)
        assert event.title == "Model completeness: 1 % likely by 31 Mar (was 99 %)"
        assert again == []


class TestNeeds:
    KR = key_result(needs=("net-o3-kr4", "external:recruiting"))

    def follow(self, *statuses: Status | None, need: str = "net-o3-kr4") -> Follower:
        follower = Follower(self.KR)
        for hour, status in enumerate(statuses):
            now = moment("2026-02-01") + hour * HOUR
            follower.at(now, seen(0.5, now), {need: Needed(status, ("proc-o1-kr4",))})
        return follower

    def test_a_need_that_begins_to_slip_is_told_once(self) -> None:
        follower = self.follow(Status.ON_TRACK, Status.AT_RISK, Status.OFF_TRACK)

        (event,) = [e for e in follower.events if e.kind is EventKind.DEPENDENCY_SLIPPED]
        assert event.before == {"need": "net-o3-kr4", "need_status": "on_track"}
        assert event.data["chain"] == ["net-o3-kr4", "proc-o1-kr4"]
        assert event.text == (
            "net-o3-kr4 is at risk (was on track), because of proc-o1-kr4; dcim-o1-kr1 needs it."
        )

    def test_one_that_slips_stays_slipped_while_nobody_knows_it(self) -> None:
        follower = self.follow(Status.ON_TRACK, Status.AT_RISK, Status.STALE, Status.AT_RISK)

        assert kinds(follower.events).count("dependency_slipped") == 1

    def test_one_that_comes_good_and_slips_again_is_told_again(self) -> None:
        follower = self.follow(Status.AT_RISK, Status.ON_TRACK, Status.MISSED)

        assert kinds(follower.events).count("dependency_slipped") == 1

    def test_one_outside_that_slips_is_told_too(self) -> None:
        follower = self.follow(None, Status.OFF_TRACK, need="external:recruiting")

        assert kinds(follower.events).count("dependency_slipped") == 1


@given(
    st.lists(
        st.tuples(st.floats(0, 1.2), st.integers(1, 72), st.booleans()), min_size=1, max_size=12
    )
)
def test_judging_again_at_the_same_moment_tells_nothing(
    steps: list[tuple[float, int, bool]],
) -> None:
    follower = Follower(key_result(checkpoints=checkpoints(jan_10=0.2, feb_15=0.8)))
    now = START
    for value, hours, stale in steps:
        now += hours * HOUR
        evidence = seen(value, now - (DAY if stale else timedelta()))
        follower.at(now, evidence)

        assert follower.at(now, evidence) == []
