"""The shape of an expected line, corner by corner."""

from __future__ import annotations

import pytest

from syncd.assess.course import Corner, aimed, expected_on, from_on, up_to
from tests.unit.assess.cases import DAY, INSTANT, START

END = START + 90 * DAY
FIRST = (START, 0.0)
WHOLE = (END, 1.0)
STEP = [FIRST, (START + 30 * DAY, 0.0), (START + 30 * DAY, 0.5), (END, 0.5), WHOLE]


def at(days: float, height: float) -> Corner:
    return START + days * DAY, height


def test_between_two_corners_it_is_straight_and_a_step_holds_from_its_moment_on() -> None:
    line = [FIRST, at(10, 0.2), at(10, 0.4), at(20, 0.6)]
    moments = [START - DAY, START, START + 5 * DAY, START + 10 * DAY - INSTANT, START + 10 * DAY]

    heights = [expected_on(line, moment) for moment in [*moments, START + 15 * DAY, END]]

    assert heights == pytest.approx([0.0, 0.0, 0.1, 0.2, 0.4, 0.5, 0.6])
    assert expected_on([], START) is None


@pytest.mark.parametrize(
    ("moment", "before", "after"),
    [
        (START - DAY, [(START - DAY, 0.0)], [(START - DAY, 0.0), *STEP]),
        (START, [FIRST], STEP),
        (START + 10 * DAY, [FIRST, at(10, 0.0)], [at(10, 0.0), *STEP[1:]]),
        (START + 30 * DAY, STEP[:3], STEP[2:]),
        (END, STEP, [WHOLE]),
        (END + DAY, [*STEP, at(91, 1.0)], [at(91, 1.0)]),
    ],
    ids=["before it", "its start", "on the way", "a step", "its end", "after it"],
)
def test_a_line_that_is_cut_keeps_its_corners_and_its_height_on_both_sides(
    moment: object, before: list[Corner], after: list[Corner]
) -> None:
    assert up_to(STEP, moment) == before  # type: ignore[arg-type]
    assert from_on(STEP, moment) == after  # type: ignore[arg-type]


def test_of_no_line_nothing_is_left_on_either_side() -> None:
    assert (up_to([], START), from_on([], START)) == ([], [])


@pytest.mark.parametrize(
    ("anchors", "off", "pauses", "line"),
    [
        ([WHOLE], [], [], [FIRST, WHOLE]),
        ([at(30, 0.5), WHOLE], [], [], [FIRST, at(30, 0.5), WHOLE]),
        # time off counts on neither side of it
        ([WHOLE], [(0, 10)], [], [FIRST, at(10, 0.0), WHOLE]),
        ([WHOLE], [(40, 50)], [], [FIRST, at(40, 0.5), at(50, 0.5), WHOLE]),
        ([WHOLE], [(80, 90)], [], [FIRST, at(80, 1.0), WHOLE]),
        ([at(30, 0.5), WHOLE], [(0, 40)], [], [FIRST, at(30, 0.0), at(30, 0.5), at(40, 0.5), WHOLE]),
        (
            [at(10, 0.41), at(30, 0.91), WHOLE],
            [(25, 30)],
            [],
            [FIRST, at(10, 0.41), at(25, 0.91), at(30, 0.91), WHOLE],
        ),
        # a pause bends the line from its own beginning on, and never before
        ([WHOLE], [], [(45, 60)], [FIRST, at(45, 0.5), at(60, 0.5), WHOLE]),
        ([WHOLE], [], [(0, 10)], [FIRST, at(10, 0.0), WHOLE]),
        ([WHOLE], [], [(90, 95)], [FIRST, WHOLE]),
        ([WHOLE], [], [(-10, 10)], [FIRST, at(10, 0.0), WHOLE]),
        # what was promised for a day within it is asked for no more
        ([at(5, 0.3), WHOLE], [], [(0, 10)], [FIRST, at(10, 0.0), WHOLE]),
        ([at(10, 0.3), WHOLE], [], [(0, 10)], [FIRST, at(10, 0.0), WHOLE]),
        (
            [at(20, 0.4), at(50, 0.8), WHOLE],
            [],
            [(45, 60)],
            [FIRST, at(20, 0.4), at(45, 0.4 + 0.4 * 25 / 30), at(60, 0.4 + 0.4 * 25 / 30), WHOLE],
        ),
        (
            [at(20, 0.4), WHOLE],
            [],
            [(27, 34), (62, 90)],
            [FIRST, at(20, 0.4), at(27, 0.46), at(34, 0.46), at(62, 0.73), at(90, 0.73), WHOLE],
        ),
    ],
)  # fmt: skip
def test_it_leads_through_what_is_ahead_in_the_time_that_counts(
    anchors: list[Corner],
    off: list[tuple[int, int]],
    pauses: list[tuple[int, int]],
    line: list[Corner],
) -> None:
    def spans(days: list[tuple[int, int]]) -> list[tuple[object, object]]:
        return [(START + one * DAY, START + other * DAY) for one, other in days]

    found = aimed(FIRST, anchors, spans(off), spans(pauses))  # type: ignore[arg-type]

    assert [moment for moment, _ in found] == [moment for moment, _ in line]
    assert [height for _, height in found] == pytest.approx([height for _, height in line])
