"""The curve of a key result: what is drawn, where, and what is said of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base import Dimension
from syncd.model import (
    Event,
    EventKind,
    Former,
    KeyResult,
    Target,
    TargetType,
    TimeOff,
)
from syncd.store.past import Point
from syncd.store.read import IndicatorView, KeyResultView
from syncd.surfaces.curve import Curve, curve, drawn
from syncd.surfaces.curve.course import COLUMNS, cut, thinned
from tests.unit.assess.cases import (
    DAY,
    DONE,
    DUE,
    NO_BREACHES,
    SHARE,
    START,
    checkpoints,
    end_of,
    judged_once,
    key_result,
    milestones,
    moment,
    reached,
    seen,
)

NOW = moment("2026-02-20")
AT_MOST = Target(TargetType.AT_MOST, goal=86_400.0)


def told(at: datetime, value: float | None, status: str = "on_track") -> Point:
    return Point(at=at, status=status, value=value, progress=value, expected=0.5)


def view(
    kr: KeyResult, value: float | None, dimension: Dimension = Dimension.RATIO, **more: Any
) -> KeyResultView:
    evidence = seen(value, NOW, dimension=dimension)
    if kr.target is not None and kr.target.milestones:
        evidence = reached(kr.target, kr.target.milestones[0].name, at=NOW)
    indicator = IndicatorView(
        fingerprint="0123456789abcdef",
        name=None,
        measure="made.up",
        source="netbox",
        unit=None,
        dimension=dimension,
        definition={},
        link=None,
        scope_id=None,
        set_id=None,
        interval_seconds=300.0,
        next_due_at=None,
        last_attempt_at=None,
        last_success_at=None,
        error_type=None,
        error_message=None,
        failing_since=None,
        reading=evidence.reading,
        partial=None,
    )
    return KeyResultView(kr, judged_once(kr, evidence, NOW), indicator, False, **more)


def of(kr: KeyResult, past: Sequence[Point], events: Sequence[Event] = (), **more: Any) -> Curve:
    return curve(view(kr, past[-1].value if past else None, **more), past, events, NOW)


def day(at: datetime) -> float:
    return at.timestamp() * 1000


class TestAGap:
    PAST = (
        told(moment("2026-01-01"), 0.1),
        told(moment("2026-01-10"), 0.2),
        told(moment("2026-01-15"), 0.2, "stale"),
        told(moment("2026-01-20"), 0.4),
        told(moment("2026-02-20"), 0.7),
    )

    def test_is_shaded_and_nothing_is_drawn_through_it(self) -> None:
        found = of(key_result(), self.PAST)

        (gap,) = found.rows["gaps"]
        assert (gap["x"], gap["until"]) == (day(moment("2026-01-15")), day(moment("2026-01-20")))
        segments = {row["x"]: row["segment"] for row in found.rows["told"]}
        assert segments[day(moment("2026-01-15"))] == 0, "what was told held until then"
        assert segments[day(moment("2026-01-20"))] == 1
        lines = re.findall(r'drawn-told"><path d="(.*?)"', drawn(found))
        assert [line.count("M") for line in lines] == [1, 1]

    def test_says_why_where_that_was_told(self) -> None:
        why = Event(
            at=moment("2026-01-15"),
            kind=EventKind.DATA_STALE,
            subject="dcim-o1-kr1",
            title="stale",
            text="NetBox failed to answer.",
            reason="stale",
        )

        (gap,) = of(key_result(), self.PAST, [why]).rows["gaps"]

        assert gap["words"] == (
            "No data from 15 Jan, 00:00 to 20 Jan, 00:00. NetBox failed to answer."
        )

    def test_that_lasts_has_no_point_of_now(self) -> None:
        found = of(key_result(), self.PAST[:3])

        assert found.rows["dots"] == []
        assert found.rows["gaps"][0]["until"] == day(NOW)

    @given(st.lists(st.one_of(st.none(), st.floats(0, 1)), max_size=30))
    def test_and_line_share_the_time_between_them(self, heights: list[float | None]) -> None:
        known = [(START + DAY * number, y) for number, y in enumerate(heights)]
        until = START + DAY * len(heights)

        segments, gaps = cut(known, until)

        spans = sorted(
            [*((one[0][0], one[-1][0]) for one in segments), *gaps], key=lambda span: span[0]
        )
        assert [begins for begins, _ in spans[1:]] == [ends for _, ends in spans[:-1]]
        if known:
            assert (spans[0][0], spans[-1][1]) == (START, until)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=2000))
def test_of_many_points_the_extremes_and_the_ends_are_drawn(heights: list[float]) -> None:
    step = (DUE - START) / len(heights)
    segment = [(START + step * number, y) for number, y in enumerate(heights)]

    found = thinned(segment, START, DUE)

    assert len(found) <= 4 * (COLUMNS + 1)
    assert found == sorted(found)
    assert {found[0], found[-1]} == {segment[0], segment[-1]}
    assert min(y for _, y in found) == min(heights)
    assert max(y for _, y in found) == max(heights)


class TestHeights:
    def test_are_values_in_the_unit_that_fits(self) -> None:
        kr = key_result(AT_MOST)
        past = [told(moment("2026-01-02"), 200_000.0), told(NOW, 100_000.0)]

        found = of(kr, past, dimension=Dimension.DURATION)

        assert found.in_values
        assert found.suffix == " d"
        assert found.rows["told"][0]["y"] == pytest.approx(200_000 / 86_400)
        assert found.rows["bounds"] == [{"y": 1.0, "words": "at most 1 d"}]

    def test_of_at_most_the_line_is_what_may_be_left_by_then(self) -> None:
        found = of(key_result(AT_MOST), [told(NOW, 100_000.0)], dimension=Dimension.DURATION)

        line = [row["y"] for row in found.rows["expected"]]
        assert line == sorted(line, reverse=True)
        assert line[-1] == pytest.approx(24.0)

    @pytest.mark.parametrize("target", [DONE, milestones(site="2026-01-31", rest="2026-03-31")])
    def test_of_what_has_no_values_between_are_the_share_done(self, target: Target) -> None:
        found = of(key_result(target), [told(NOW, 0.5)])

        assert not found.in_values
        assert found.suffix == " %"

    def test_of_a_guard_are_its_values_against_its_bounds(self) -> None:
        found = of(key_result(NO_BREACHES), [told(NOW, 3.0)], dimension=Dimension.COUNT)

        assert found.rows["bounds"] == [{"y": 0.0, "words": "at most 0"}]
        assert found.rows["expected"] == []

    def test_the_line_of_an_older_goal_stands_at_that_goals_values(self) -> None:
        doubled = key_result(Target(TargetType.AT_LEAST, goal=20))
        former = key_result(Target(TargetType.AT_LEAST, goal=10))
        edited = moment("2026-02-15")
        one = replace(view(doubled, 5.0, Dimension.COUNT), former=(Former(edited, former),))

        rows = curve(one, [told(NOW, 5.0)], [], NOW).rows["expected"]

        there = [row["y"] for row in rows if row["x"] == day(edited)]
        assert there == pytest.approx([5.0] * len(there)), "half of ten, not half of twenty"
        assert rows[-1]["y"] == 20


class TestACheckpoint:
    @pytest.mark.parametrize(
        ("on_the_day", "now", "words"),
        [
            (0.85, 0.85, "80 % by 15 Feb, met"),
            (0.7, 0.75, "80 % by 15 Feb, missed"),
            (0.7, 0.85, "80 % by 15 Feb, missed, reached since"),
            (None, 0.85, "80 % by 15 Feb, not known"),
        ],
    )
    def test_says_whether_it_was_met_on_its_day(
        self, on_the_day: float | None, now: float, words: str
    ) -> None:
        kr = key_result(checkpoints=checkpoints(feb_15=0.8))
        status = "no_data" if on_the_day is None else "on_track"
        past = [told(moment("2026-02-14"), on_the_day, status), told(NOW, now)]

        (mark,) = of(kr, past).rows["checkpoints"]

        assert mark["words"] == words
        assert mark["y"] == pytest.approx(80)

    def test_that_is_ahead_says_only_what_is_asked(self) -> None:
        kr = key_result(checkpoints=checkpoints(feb_28=1.0))

        assert of(kr, [told(NOW, 0.5)]).rows["checkpoints"][0]["words"] == "100 % by 28 Feb"

    def test_or_a_milestone_is_met_when_it_is_done(self) -> None:
        kr = key_result(milestones(site="2026-01-31", power="2026-02-15", rest="2026-03-31"))

        marks = of(kr, [told(NOW, 1 / 3)]).rows["checkpoints"]

        assert [mark["words"] for mark in marks] == [
            "site by 31 Jan, met",
            "power by 15 Feb, missed",
            "rest by 31 Mar",
        ]


class TestTheDrawing:
    HOSTILE = '</title><script>alert(1)</script>\u202e" onload="x'

    def event(self, **more: Any) -> Event:
        known: dict[str, Any] = {
            "at": moment("2026-01-20"),
            "kind": EventKind.STATUS_CHANGED,
            "subject": "dcim-o1-kr1",
            "title": "at risk",
            "text": self.HOSTILE,
            "reason": "line",
            "after": {"status": "at_risk"},
            "position": 7,
        }
        return Event(**(known | more))

    def test_needs_no_style_and_no_script_and_takes_its_colours_from_the_page(self) -> None:
        kr = key_result(
            checkpoints=checkpoints(feb_15=0.8),
            time_off=(TimeOff("Freeze", moment("2026-01-05"), moment("2026-01-08")),),
        )

        svg = drawn(of(kr, [told(START, 0.1), told(NOW, 0.7)], [self.event()]))

        assert "style" not in svg
        assert "<script" not in svg
        assert set(re.findall(r'(?:fill|stroke)="(.*?)"', svg)) <= {
            *("none", "transparent", "currentColor", "var(--line)", "var(--quiet)", "var(--ink)"),
            *("var(--track)", "var(--gap)", "var(--paper)", "var(--on_track)", "var(--off_track)"),
            *("var(--unknown)", "var(--at_risk, var(--unknown))"),
        }
        assert "<title>Freeze: no progress is expected</title>" in svg

    def test_does_no_harm_with_the_words_of_strangers(self) -> None:
        svg = drawn(of(key_result(title="x" * 30_000), [told(NOW, 0.7)], [self.event()]))

        assert "<script" not in svg
        assert "\u202e" not in svg
        assert "&lt;script&gt;" in svg

    def test_leads_from_a_mark_to_its_event(self) -> None:
        svg = drawn(of(key_result(), [told(NOW, 0.7)], [self.event(text="late")]))

        assert re.search(r'<a href="#event-7"><path .*?<title>20 Jan, 00:00: at risk. late', svg)

    def test_says_every_value_under_the_pointer(self) -> None:
        svg = drawn(of(key_result(), [told(START, 0.1), told(moment("2026-02-01"), 0.42)]))

        assert "<title>1 Feb, 00:00: 42 %; 42 % done, 50 % expected; on track</title>" in svg

    def test_has_its_axes_in_days_and_units(self) -> None:
        svg = drawn(of(key_result(), [told(START, 0.1), told(NOW, 0.7)]))

        words = re.findall(r"<text [^>]*[^/]>(.*?)</text>", svg)
        assert {"1 Jan", "1 Feb", "1 Mar", "31 Mar", "0 %", "100 %", "70 %"} <= set(words)

    def test_of_nothing_known_is_drawn_too(self) -> None:
        svg = drawn(of(key_result(None), []))

        assert "drawn-told" not in svg

    @pytest.mark.parametrize("target", [SHARE, AT_MOST, DONE, NO_BREACHES, None])
    def test_is_well_formed_for_every_kind_of_target(self, target: Target | None) -> None:
        svg = drawn(of(key_result(target), [told(START, 0.1), told(NOW, 0.7)]))

        assert svg.count("<svg") == svg.count("</svg>") == 1
        assert "NaN" not in svg
        assert "undefined" not in svg

    def test_of_a_year_has_months_and_of_a_week_days(self) -> None:
        year = key_result(due=START + timedelta(days=365))
        week = key_result(due=START + timedelta(days=7))

        assert (of(year, []).ticks, of(week, []).ticks) == ("month", "day")

    def test_ends_on_the_due_day(self) -> None:
        assert of(key_result(), []).ends == day(end_of("2026-03-31").replace(microsecond=0))
