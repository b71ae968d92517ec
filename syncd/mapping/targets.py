"""Targets: one goal and what stands beside it, in base units."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

from connectors.base import Dimension
from syncd.mapping import quantity
from syncd.mapping.checking import check
from syncd.mapping.document import Document
from syncd.mapping.fault import Location
from syncd.mapping.indicators import described
from syncd.mapping.milestones import is_steps, read_milestones
from syncd.mapping.period import period
from syncd.mapping.shape import GuardShape, TargetShape
from syncd.mapping.values import PLACEHOLDER, TBD, read_duration, read_quantity
from syncd.model import Indicator, Target, TargetType

GOALS: Final[Mapping[str, TargetType]] = {
    "at_least": TargetType.AT_LEAST,
    "at_most": TargetType.AT_MOST,
    "increase_to": TargetType.INCREASE,
    "decrease_to": TargetType.DECREASE,
    "increase_by": TargetType.INCREASE,
    "decrease_by": TargetType.DECREASE,
    "guard": TargetType.GUARD,
    "boolean": TargetType.BOOLEAN,
    "milestones": TargetType.MILESTONES,
}
"""The keys of which a target has exactly one."""

_ALL_GOALS = ", ".join(GOALS)
_FROM = frozenset({"increase_to", "decrease_to", "increase_by", "decrease_by"})
_STRETCH = frozenset({"at_least", "at_most", "increase_to", "decrease_to"})
RISING: Final = frozenset({TargetType.AT_LEAST, TargetType.INCREASE})
"""Types whose values go up to the goal."""

_PROSE = re.compile(
    r"(?:(?P<word>increase|decrease|raise|reduce|grow|cut)\s+(?P<how>to|by)"
    r"|(?P<limit>at\s+least|at\s+most|up\s+to|minimum|maximum|>=|<=|>|<|=))?\s*(?P<rest>.+)",
    re.IGNORECASE,
)


def read_target(
    document: Document,
    where: Location,
    indicator: Indicator | None,
    days: tuple[date, date] | None,
    timezone: ZoneInfo | None,
) -> Target | None:
    """The target at the location, or None with its faults noted.

    `indicator` None: it is refused elsewhere, so quantities are looked at no closer.
    """
    if not isinstance(document.value(where), dict):
        _prose(document, where)
        return None
    checked = check(document, where, TargetShape, noun="a target")
    present = [key for key in GOALS if document.node((*where, key)) is not None]
    if not present and not document.sound(where):
        return None
    if len(present) != 1:
        document.fault(
            where,
            f"{' and '.join(present)} in one target" if present else "a target without a goal",
            f"exactly one of {', '.join(GOALS)}",
            f"keep one: target: {{{present[0]}: ...}}" if present else "target: {at_least: 100 %}",
        )
        return None
    key = present[0]
    if not document.sound((*where, key)):
        return None
    _beside(document, where, key)
    if key == "milestones":
        target = read_milestones(document, (*where, key), indicator, days, timezone)
    else:
        _not_steps(document, (*where, key), key, indicator)
        target = _Reader(document, where, indicator, key).target()
    return target if checked.model is not None and document.sound(where) else None


def unit_of_target(document: Document, where: Location, indicator: Indicator) -> str | None:
    """The unit of time that a duration's target is written in, or ``x`` of a share's; None where
    it is another, or there is none. Of a band it is that of the first limit written.
    """
    limits = [("guard", "at_least"), ("guard", "at_most")]
    for place in [(*where, *limit) for limit in limits] + [(*where, key) for key in GOALS]:
        text = document.text(place) if document.node(place) is not None else None
        written = None if text is None else quantity.parse(text)
        if written is None:
            continue
        if indicator.dimension is Dimension.DURATION and written.unit in quantity.SECONDS:
            return written.unit
        if indicator.dimension is Dimension.RATIO and written.unit == "x":
            return written.unit
    return None


def _not_steps(document: Document, place: Location, key: str, indicator: Indicator | None) -> None:
    """Notes a goal beside an indicator whose steps have dates of their own."""
    if indicator is not None and is_steps(indicator) and key not in ("at_least", "boolean"):
        document.fault(
            place,
            f"{key} beside {indicator.measure}",
            "milestones, because the indicator is a list of them",
            "target: {milestones: all}",
        )


def _prose(document: Document, where: Location) -> None:
    """Notes a target that is no mapping, and says how its words are written as one."""
    text = document.text(where)
    fix = "target: {at_least: 100 %}"
    match = _PROSE.fullmatch(text.strip()) if text is not None else None
    if match is not None and PLACEHOLDER.fullmatch(match["rest"]):
        fix = "target: {at_least: tbd}"
    elif match is not None and (meant := quantity.guess(match["rest"])) is not None:
        word, limit = match["word"], (match["limit"] or "at least").lower()
        if word is None:
            most = limit in ("at most", "up to", "maximum", "<=", "<")
            fix = f"target: {{{'at_most' if most else 'at_least'}: {meant}}}"
        else:
            up = word.lower() in ("increase", "raise", "grow")
            key = f"{'increase' if up else 'decrease'}_{match['how'].lower()}"
            fix = f"target: {{{key}: {meant}}}"
            if match["how"].lower() == "to":
                bare = "at_least" if up else "at_most"
                fix += f", or {{{bare}: {meant}}} if it has no start"
    document.fault(where, document.got(where), f"a mapping with one of {_ALL_GOALS}", fix)


def _beside(document: Document, where: Location, key: str) -> None:
    """Notes what may not stand beside this goal."""
    for other, allowed, why in (
        ("from", _FROM, "increase and decrease have a start"),
        ("stretch", _STRETCH, "only a goal that is one value can be stretched"),
        ("held_for", frozenset({"boolean"}), "only a boolean is held"),
    ):
        if document.node((*where, other)) is not None and key not in allowed:
            document.fault(
                (*where, other),
                f"{other} beside {key}",
                f"{other} only beside {' or '.join(sorted(allowed))}, because {why}",
                f"take {other} out",
            )


@dataclass(frozen=True)
class _Reader:
    """Reads the values of one target, whose goal is `key`, in its indicator's dimension."""

    document: Document
    where: Location
    indicator: Indicator | None
    key: str

    def target(self) -> Target | None:
        kind = GOALS[self.key]
        empty = self.document.value((*self.where, "empty")) == "met"
        if kind is TargetType.BOOLEAN:
            return self._boolean(empty)
        if kind is TargetType.GUARD:
            return self._guard(empty)
        if self.key.endswith("_by"):
            return self._relative(kind, empty)
        return self._absolute(kind, empty)

    def _boolean(self, empty: bool) -> Target | None:
        place = (*self.where, self.key)
        if self.document.value(place) is not True:
            self.document.fault(
                place, self.document.got(place), "true", "boolean: true; a limit is a guard"
            )
            return None
        if self.indicator is not None and self.indicator.dimension is Dimension.DURATION:
            self.document.fault(
                place,
                "boolean beside a duration",
                f"a limit, because the indicator is a duration ({described(self.indicator)})",
                "at_most: 7 d",
            )
            return None
        held = self.document.node((*self.where, "held_for"))
        seconds = 0.0 if held is None else read_duration(self.document, (*self.where, "held_for"))
        if seconds is None:
            return None
        return Target(TargetType.BOOLEAN, held_for_seconds=seconds, empty_met=empty)

    def _guard(self, empty: bool) -> Target | None:
        place = (*self.where, "guard")
        check(self.document, place, GuardShape, noun="a guard")
        limits = {
            key: self._goal((*place, key))
            for key in ("at_least", "at_most")
            if self.document.node((*place, key)) is not None
        }
        if not limits and self.document.sound(place):
            self.document.fault(
                place, "a guard without a limit", "at_least, at_most or both", "guard: {at_most: 0}"
            )
        low, high = limits.get("at_least"), limits.get("at_most")
        if low is not None and high is not None and low > high:
            self.document.fault(
                place,
                "at_least above at_most",
                "a band with its lower limit first",
                "swap the two",
            )
        return Target(TargetType.GUARD, low=low, high=high, empty_met=empty)

    def _absolute(self, kind: TargetType, empty: bool) -> Target | None:
        goal = self._goal((*self.where, self.key))
        past = self._past()
        start = self._optional("from") if past is None else None
        stretch = self._optional("stretch")
        up = kind in RISING
        if goal is not None and kind is TargetType.AT_LEAST and goal <= 0:
            self._wrong_goal("more than zero, because progress is value / goal", "boolean or guard")
        if goal is not None and kind is TargetType.AT_MOST and goal < 0:
            self._wrong_goal("zero or more, because progress is goal / value", "a guard")
        if goal is not None and start is not None and (start >= goal if up else start <= goal):
            self._at(
                "from", f"a start {'below' if up else 'above'} the goal", "correct one of them"
            )
        if (
            goal is not None
            and stretch is not None
            and (stretch <= goal if up else stretch >= goal)
        ):
            self._at("stretch", f"{'more' if up else 'less'} than the goal", "correct one of them")
        return Target(
            kind, goal=goal, start=start, stretch=stretch, empty_met=empty, start_period=past
        )

    def _relative(self, kind: TargetType, empty: bool) -> Target | None:
        place = (*self.where, self.key)
        past = self._past()
        start = self._optional("from") if past is None else None
        text = self.document.text(place)
        written = None if text is None else quantity.parse(text)
        if text == TBD:
            return Target(kind, start=start, empty_met=empty, start_period=past)
        relative = written is not None and written.unit == "%"
        points = written is not None and written.unit == quantity.POINTS
        if written is not None and relative:
            by: float | None = float(written.number) / 100
            if start == 0:
                self._at(
                    "from", "a start other than 0, because 40 % of 0 is 0", f"{self.key}: 10 pp"
                )
        elif written is not None and points and self._dimension in (None, Dimension.RATIO):
            by = float(written.number) / 100
        else:
            by = self._change(place)
        if by is not None and by <= 0:
            other = "decrease_by" if kind is TargetType.INCREASE else "increase_by"
            self._at(self.key, "more than zero", f"{other}: ..., if it goes the other way")
        if by is not None and relative and kind is TargetType.DECREASE and by > 1:
            self._at(
                self.key, "at most 100 %, because less than nothing is left", f"{self.key}: 40 %"
            )
        return Target(
            kind,
            by=by,
            by_relative=relative,
            start=start,
            empty_met=empty,
            start_period=past,
        )

    @property
    def _dimension(self) -> Dimension | None:
        return None if self.indicator is None else self.indicator.dimension

    def _goal(self, place: Location) -> float | None:
        if self.document.value(place) == TBD:
            return None
        return read_quantity(self.document, place, self.indicator, goal=True)

    def _change(self, place: Location) -> float | None:
        if self._dimension is Dimension.RATIO:
            text = self.document.text(place) or ""
            meant = quantity.guess(text)
            fixed = "10 pp"
            if meant is not None and meant.unit in (None, "%", quantity.POINTS):
                share = meant.number * 100 if abs(meant.number) < 1 else meant.number
                fixed = f"{share.normalize():f} pp, or {share.normalize():f} % of the start"
            if PLACEHOLDER.fullmatch(text.strip()) or not text:
                fixed = TBD
            self.document.fault(
                place,
                self.document.got(place),
                "points (pp) or a share of the start (%)",
                f"{self.key}: {fixed}",
            )
            return None
        return read_quantity(self.document, place, self.indicator, goal=True)

    def _past(self) -> str | None:
        """The past period that the start is read from, where the author names one."""
        place = (*self.where, "from")
        text = self.document.text(place)
        if text is None or period(text) is None:
            return None
        if self.indicator is None:
            return text if "-" in text else None
        if "-" not in text and self._dimension in (Dimension.COUNT, Dimension.OTHER):
            self.document.fault(
                place,
                f'"{text}", which may be a year or a number',
                "what can be only one of them, because the indicator is a number "
                f"({described(self.indicator)})",
                f"from: {text}-01-01/{text}-12-31 for the year, from: {text}.0 for the number",
            )
            return None
        return text

    def _optional(self, key: str) -> float | None:
        place = (*self.where, key)
        if self.document.node(place) is None:
            return None
        return read_quantity(self.document, place, self.indicator)

    def _at(self, key: str, expected: str, fix: str) -> None:
        place = (*self.where, key)
        self.document.fault(place, self.document.got(place), expected, fix)

    def _wrong_goal(self, expected: str, instead: str) -> None:
        self._at(self.key, expected, f"another goal, or {instead}")


def goal_of(target: Target) -> float | None:
    """The goal in base units, where it can be told without a reading."""
    if target.goal is not None or target.by is None or target.start is None:
        return target.goal
    change = target.start * target.by if target.by_relative else target.by
    return target.start + change if target.type is TargetType.INCREASE else target.start - change
