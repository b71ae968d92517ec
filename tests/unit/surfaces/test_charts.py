"""The course of a key result as lines."""

from __future__ import annotations

from datetime import datetime

import pytest

from connectors.base import Dimension
from syncd.assess import expected_line
from syncd.model import Target, TargetType
from syncd.store.past import Point
from syncd.surfaces.charts import Drawing, drawing
from syncd.surfaces.documents import value_words
from syncd.wording import NOTHING
from tests.unit.assess.cases import DONE, SHARE, key_result, milestones, moment


def told(at: datetime, progress: float) -> Point:
    return Point(at=at, status="on_track", value=progress, progress=progress, expected=0.0)


def drawn(target: Target) -> Drawing:
    kr = key_result(target)
    history = [told(moment("2026-01-01"), 0.0), told(moment("2026-01-31"), 0.5)]
    return drawing(
        kr, expected_line(kr, None, 1.0), history, now=moment("2026-02-10"), width=90, height=26
    )


@pytest.mark.parametrize("target", [milestones(site="2026-01-31", rest="2026-03-31"), DONE])
def test_what_is_done_or_not_done_is_drawn_in_steps(target: Target) -> None:
    assert drawn(target).told == ["0.0,23.0 30.0,23.0 30.0,13.0 40.0,13.0"]


def test_what_moves_is_drawn_as_a_slope() -> None:
    assert drawn(SHARE).told == ["0.0,23.0 30.0,13.0 40.0,13.0"]


class Shares:
    dimension, unit = Dimension.RATIO, None


@pytest.mark.parametrize(
    ("target", "value", "words"),
    [
        (DONE, 1.0, "yes"),
        (DONE, 0.99, "no"),
        (DONE, None, NOTHING),
        (Target(TargetType.AT_LEAST, goal=1.0), 0.99, "99 %"),
        (None, 1.0, "100 %"),
    ],
)
def test_what_is_done_or_not_done_is_yes_or_no(
    target: Target | None, value: float | None, words: str
) -> None:
    assert value_words(target, value, Shares()) == words
