"""How high the curve of a key result stands: in values of its indicator, or in shares of the way.

Values where every share of the way is one value; of what is done or not done, and of milestones,
the share that is done.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from connectors.base import Dimension
from syncd.assess import Line, bounded, definition_at, expected_on, goal_of, is_number, value_at
from syncd.assess.edits import start_before
from syncd.model import Status, TargetType
from syncd.store.read import KeyResultView, Point
from syncd.wording import quantity, scale_of

Corners = Sequence[tuple[datetime, float]]

NOT_KNOWN = frozenset({Status.NO_DATA.value, Status.STALE.value})
"""What has no height, though an older value may be kept: nobody knows the value of that time."""

_IN_VALUES = frozenset(
    {
        *(TargetType.INCREASE, TargetType.DECREASE, TargetType.AT_LEAST, TargetType.AT_MOST),
        TargetType.GUARD,
    }
)
_PER_CENT = 100.0
_ROOM = 1.25
"""How far a line that comes from above is drawn beyond what there is besides."""


@dataclass(frozen=True)
class Heights:
    """The scale of the curve: a value is drawn at `factor` times itself, and its ticks end in
    `suffix`; not `in_values`: the share of the way in per cent. `line`: what is expected.
    """

    in_values: bool
    factor: float
    suffix: str
    line: Corners
    dimension: Dimension
    unit: str | None

    def of(self, point: Point) -> float | None:
        """Where what was told stands; None: it has no height."""
        if self.in_values:
            return self.value(point.value)
        ratio = bounded(point.progress)
        return None if ratio is None else ratio * _PER_CENT

    def value(self, value: float | None) -> float | None:
        """Where a value of the indicator stands; None: it has no height."""
        return value * self.factor if self.in_values and is_number(value) else None

    def expected_at(self, at: datetime) -> float | None:
        """Where the expected line stands; None: it does not reach there."""
        return expected_on(self.line, at) if self.line and at >= self.line[0][0] else None

    def words(self, value: float | None, beside: float | None = None) -> str:
        """The value in words, as the ticks say it."""
        return quantity(value, self.dimension, self.unit, beside=beside)


def heights_of(one: KeyResultView, past: Sequence[Point]) -> Heights:
    """The scale that a key result is drawn by, for what was told of it."""
    kr, indicator = one.key_result, one.indicator
    ratios = one.expected_line()
    known = [abs(point.value) for point in past if is_number(point.value)]
    goal = None if one.assessment is None else one.assessment.goal
    asked = [abs(each) for each in (goal, *_bounds(one).values()) if is_number(each)]
    most = max([*known, *asked], default=1.0)
    if kr.target is None or kr.target.type in _IN_VALUES:
        cap = most * _ROOM
        line = _in_values(one, ratios, cap)
        if line is not None:
            factor, suffix = scale_of(most, indicator.dimension, indicator.unit)
            return Heights(
                in_values=True,
                factor=factor,
                suffix=f" {suffix}" if suffix else "",
                line=[(at, value * factor) for at, value in line],
                dimension=indicator.dimension,
                unit=suffix if indicator.dimension is Dimension.DURATION else indicator.unit,
            )
    return Heights(
        in_values=False,
        factor=_PER_CENT,
        suffix=" %",
        line=[(at, ratio * _PER_CENT) for at, ratio in ratios],
        dimension=indicator.dimension,
        unit=indicator.unit,
    )


def bounds_of(one: KeyResultView, heights: Heights) -> list[dict[str, str | float]]:
    """What a value may not leave (of a guard), and what it has to come below (`at_most`)."""
    return [
        {"y": value * heights.factor, "words": f"{words} {heights.words(value)}"}
        for words, value in _bounds(one).items()
        if heights.in_values
    ]


def _bounds(one: KeyResultView) -> Mapping[str, float]:
    target = one.key_result.target
    if target is None or not target.is_decided:
        return {}
    if target.type is TargetType.GUARD:
        found = {"at least": target.low, "at most": target.high}
    elif target.type is TargetType.AT_MOST:
        found = {"at most": goal_of(target, None)}
    else:
        found = {}
    return {words: value for words, value in found.items() if value is not None}


def _in_values(one: KeyResultView, ratios: Line, cap: float) -> Corners | None:
    """The expected line in values of the indicator; None where one of its points has no value."""
    kr, told = one.key_result, one.assessment
    if not ratios or kr.target is None or kr.target.type is TargetType.GUARD:
        return []
    if kr.target.type is TargetType.AT_MOST:
        return _from_above(one, ratios, cap)
    found: list[tuple[datetime, float]] = []
    for number, (at, ratio) in enumerate(ratios):
        # Two points of one moment: the first ends the line of what was defined before.
        ends = number + 1 < len(ratios) and ratios[number + 1][0] == at
        moment = at - timedelta(microseconds=1) if ends else at
        was = definition_at(kr, one.former, moment)
        start = None if told is None else told.start
        if was is not kr:
            start = start_before(was, kr, start)
        goal = (
            told.goal
            if was is kr and told is not None
            else None
            if was.target is None
            else goal_of(was.target, start)
        )
        value = None if was.target is None else value_at(was.target, ratio, start, goal)
        if value is None:
            return None
        found.append((at, value))
    return found


def _from_above(one: KeyResultView, ratios: Line, cap: float) -> Corners | None:
    """What is at most to be expected, by the day: a line of shares is none of values here."""
    kr = one.key_result
    goal = None if one.assessment is None else one.assessment.goal
    if kr.target is None or goal is None or goal <= 0:
        return [] if goal == 0 else None
    found: list[tuple[datetime, float]] = []
    at = kr.start
    while at < kr.due:
        ratio = expected_on(ratios, at)
        value = None if ratio is None else value_at(kr.target, ratio, None, goal)
        if value is not None and value <= cap:
            found.append((at, value))
        at += timedelta(days=1)
    return [*found, (kr.due, goal)]
