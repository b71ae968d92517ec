"""What the curve of a key result shows: rows of moments and heights, each with its words.

Where the data is missing there is no line: the time is shaded, and nothing is drawn through it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from syncd.assess.formula import bounded
from syncd.model import AdjustmentKind, Event, EventKind, Status, TargetType
from syncd.store.read import KeyResultView, Point
from syncd.surfaces.curve.heights import NOT_KNOWN, bounds_of, heights_of
from syncd.surfaces.curve.placing import placed
from syncd.surfaces.curve.promised import promised
from syncd.surfaces.documents import value_words
from syncd.surfaces.plain import plain
from syncd.wording import adjustment_sentence, clock, date, status_words

Row = dict[str, str | float]
Rows = Sequence[Row]
Place = tuple[datetime, float]

COLUMNS = 180
"""Into how many columns the time is cut: each has the words of its last moment, and of the line at
most four points (the first, the lowest, the highest and the last).
"""

LONGEST = 240
"""The longest words of one place, in characters."""

_SHAPES = {
    Status.AT_RISK: "diamond",
    Status.OFF_TRACK: "triangle-up",
    Status.MISSED: "cross",
    Status.STALE: "square",
    Status.NO_DATA: "square",
}
"""Of the marks of events, as near to the shapes of the statuses as marks come; else a circle."""


@dataclass(frozen=True)
class Curve:
    """Rows by the name of what they draw. Moments are where `placed` has them, by the local days
    of the key result. `suffix`: what ticks
    end in, or, where that is long, `unit` over them; `ticks`: how far those of the time are apart;
    `in_values`: heights are values of the indicator;
    else the share that is done, which stays as it is until it changes.
    """

    begins: float
    ends: float
    suffix: str
    unit: str
    ticks: str
    in_values: bool
    rows: Mapping[str, Rows]

    def has(self, name: str) -> bool:
        """Whether any of that is drawn."""
        return bool(self.rows[name])


def curve(
    one: KeyResultView, past: Sequence[Point], events: Sequence[Event], now: datetime
) -> Curve:
    """The curve of a key result at `now`. `past`: what was told of it, oldest first; `events`:
    those that are marked, and stand on the same page.
    """
    return _Course(one, past, events, now).curve()


class _Course:
    def __init__(
        self, one: KeyResultView, past: Sequence[Point], events: Sequence[Event], now: datetime
    ) -> None:
        self._one, self._now = one, now
        self._kr = one.key_result
        self._zone = ZoneInfo(self._kr.timezone)
        self._past = [each for each in past if self._kr.start <= each.at <= self._kr.due]
        self._events = events
        self._heights = heights_of(one, self._past)
        self._until = min(now, self._kr.due)
        self._segments, self._gaps = cut(
            [
                (each.at, None if each.status in NOT_KNOWN else self._heights.of(each))
                for each in self._past
            ],
            self._until,
        )

    def curve(self) -> Curve:
        """All of it."""
        kr, one, heights = self._kr, self._one, self._heights
        checkpoints = promised(one, self._past, heights, self._x, self._now)
        cone, ending = self._cone()
        last, bounds = self._last(), bounds_of(one, heights)
        rows: dict[str, Rows] = {
            "off": [
                self._span(each.start, each.end, f"{each.title}: no progress is expected")
                for each in kr.time_off
                if each.end > kr.start and each.start < kr.due
            ],
            "gaps": [self._span(*gap, self._gap_words(*gap)) for gap in self._gaps],
            "said": list(self._said()),
            "bounds": bounds,
            "expected": [{"x": self._x(at), "y": y} for at, y in heights.line],
            "cone": cone,
            "told": [
                {"x": self._x(at), "y": y, "segment": number}
                for number, segment in enumerate(self._segments)
                for at, y in thinned(segment, kr.start, kr.due)
            ],
            "dots": [*self._single(), *last],
            "checkpoints": checkpoints,
            "columns": list(self._columns()),
            "events": [*self._marked(), *self._notes()],
            "today": [{"x": self._x(self._now), "words": "Today"}]
            if kr.start <= self._now < kr.due
            else [],
            "words": [
                *self._labelled(last),
                *ending,
                *self._named(checkpoints),
                *self._limits(bounds),
            ],
        }
        drawn = [row for name in _HIGH for row in rows[name]]
        heights_drawn = [row[each] for row in drawn for each in ("y", "low", "high") if each in row]
        rows["extent"] = [{"y": y} for y in _extent(heights_drawn)]
        span = kr.due - kr.start
        short = len(heights.suffix) <= _SHORT
        return Curve(
            begins=self._x(kr.start),
            ends=self._x(kr.due),
            suffix=heights.suffix if short else "",
            unit="" if short else heights.suffix.strip(),
            ticks="month" if span > timedelta(45) else "week" if span > timedelta(10) else "day",
            in_values=heights.in_values,
            rows=rows,
        )

    def _x(self, moment: datetime) -> float:
        return placed(min(max(moment, self._kr.start), self._kr.due), self._zone)

    def _span(self, since: datetime, until: datetime, words: str) -> Row:
        return {"x": self._x(since), "until": self._x(until), "words": _short(words)}

    def _clock(self, at: datetime) -> str:
        return clock(at, self._kr.timezone, self._now)

    def _gap_words(self, since: datetime, until: datetime) -> str:
        told = next(
            (
                each.text
                for each in self._events
                if each.kind is EventKind.DATA_STALE and since <= each.at < until
            ),
            "",
        )
        ends = "now" if until >= self._until else self._clock(until)
        return f"No data from {self._clock(since)} to {ends}{'. ' if told else ''}{told}"

    def _said(self) -> Iterator[Row]:
        for each in self._one.adjustments:
            if each.until is not None and each.until > self._kr.start and each.since < self._kr.due:
                words = adjustment_sentence(each, self._kr.timezone, self._now)
                paused = each.kind is AdjustmentKind.PAUSE
                fill = "var(--paper)" if paused else "var(--quiet)"
                yield self._span(each.since, each.until, words) | {"fill": fill}

    def _notes(self) -> Iterator[Row]:
        for each in self._one.adjustments:
            if each.until is None and self._kr.start <= each.since <= self._kr.due:
                yield {
                    "x": self._x(each.since),
                    "shape": "triangle-down",
                    "fill": "var(--quiet)",
                    "href": "#said",
                    "words": _short(adjustment_sentence(each, self._kr.timezone, self._now)),
                }

    def _marked(self) -> Iterator[Row]:
        for event in self._events:
            if event.status is None or not self._kr.start <= event.at <= self._kr.due:
                continue
            status = Status(event.status)
            said = event.title.removeprefix(f"{self._kr.title}: ")
            words = f"{self._clock(event.at)}: {said}. {event.text}"
            yield {
                "x": self._x(event.at),
                "shape": _SHAPES.get(status, "circle"),
                "fill": f"var(--{status.value}, var(--unknown))",
                "href": f"#event-{event.position}",
                "words": _short(words),
            }

    def _cone(self) -> tuple[Rows, Rows]:
        """The forecast from now to the due date, and the label of where it ends."""
        told, kr, heights = self._one.assessment, self._kr, self._heights
        if told is None or told.forecast is None or self._now >= kr.due or not heights.in_values:
            return [], []
        found = told.forecast
        here = heights.value(told.value)
        low, middle, high = (heights.value(each) for each in (found.low, found.middle, found.high))
        if here is None or low is None or middle is None or high is None:
            return [], []
        low_words, high_words = (
            heights.words(each, beside=told.goal) for each in sorted((found.low, found.high))
        )
        label = heights.words(found.middle, beside=told.goal)
        if low_words != high_words:
            # The unit is said once.
            low_words, high_words = (
                each.removesuffix(heights.suffix) for each in (low_words, high_words)
            )
            label += f" ({low_words}–{high_words})"
        due = date(kr.due, kr.timezone, self._now)
        said = f"At this pace {label} on {due}, in eight of ten cases"
        begins: Row = {"x": self._x(self._now), "y": here, "low": here, "high": here}
        ends: Row = {"x": self._x(kr.due), "y": middle, "low": low, "high": high}
        rows: Rows = [
            {**row, "words": said} for row in (begins, *self._landing(begins, ends), ends)
        ]
        # Where something is promised for the last days, its words have the place above.
        below = any(self._part(each.at) >= _LATE for each in kr.checkpoints)
        y, dy = (min(low, high), 18.0) if below else (max(low, high), -8.0)
        at: Row = {"x": self._x(kr.due), "y": y, "dx": 0.0, "dy": dy, "align": "right"}
        return rows, [{**at, "label": label, **_QUIET}]

    def _landing(self, begins: Row, ends: Row) -> Rows:
        """Where the goal is reached before the due date: the middle is there on that day. The edges
        go straight on, but never on the wrong side of it.
        """
        told = self._one.assessment
        lands_at = None if told is None or told.forecast is None else told.forecast.lands_at
        y = None if told is None else self._heights.value(told.goal)
        if y is None or lands_at is None or not self._now < lands_at < self._kr.due:
            return []
        x = self._x(lands_at)
        part = (x - float(begins["x"])) / (float(ends["x"]) - float(begins["x"]))
        low, high = (
            float(begins[edge]) + (float(ends[edge]) - float(begins[edge])) * part
            for edge in ("low", "high")
        )
        return [{"x": x, "y": y, "low": min(low, y), "high": max(high, y)}]

    def _last(self) -> Rows:
        """The point of now; none where nothing is known of now."""
        if not self._segments or (self._gaps and self._gaps[-1][1] >= self._until):
            return []
        at, y = self._segments[-1][-1]
        told = self._one.assessment
        words = value_words(
            self._kr.target, None if told is None else told.value, self._one.indicator
        )
        return [{"x": self._x(at), "y": y, "size": 60.0, "words": words, "label": words}]

    def _labelled(self, last: Rows) -> Rows:
        """The value of now, beside its point."""
        late = self._part(self._until) > _LATE
        beside: Row = {"align": "right" if late else "left", "dx": -8.0 if late else 8.0}
        return [
            {**row, **beside, "dy": -10.0 if self._falls(row) else 18.0, **_LOUD} for row in last
        ]

    def _falls(self, now: Row) -> bool:
        """Whether what comes after now is lower than now, or nothing can be."""
        told, kr = self._one.assessment, self._kr
        down = kr.target is not None and kr.target.type is TargetType.DECREASE
        if told is not None and told.forecast is not None and told.value is not None:
            down = told.forecast.middle < told.value
        return down or not now["y"]

    def _limits(self, bounds: Rows) -> Iterator[Row]:
        """The words of what may not be passed, over its line."""
        for row in bounds:
            beside: Row = {"x": self._x(self._kr.start), "align": "left", "dx": 4.0, "dy": -5.0}
            yield {**row, **beside, "label": row["words"], **_QUIET}

    def _named(self, checkpoints: Rows) -> Iterator[Row]:
        """The words of what was promised: left of what has passed, right of what is ahead."""
        here, wide = self._x(self._now), self._x(self._kr.due) - self._x(self._kr.start)
        for row in checkpoints:
            x = float(row["x"])
            part = (x - self._x(self._kr.start)) / wide if wide else 1.0
            left = part > _LATE or (x <= here and part > 1 - _LATE)
            beside: Row = {"align": "right" if left else "left", "dx": -10.0 if left else 10.0}
            if row["label"]:
                yield {**row, **beside, "dy": -4.0, **_QUIET}

    def _part(self, at: datetime) -> float:
        """How much of the time has passed, 0..1."""
        return (at - self._kr.start) / (self._kr.due - self._kr.start)

    def _single(self) -> Iterator[Row]:
        for segment in self._segments:
            if len(segment) == 1:
                at, y = segment[0]
                yield {"x": self._x(at), "y": y, "size": 14.0, "words": ""}

    def _columns(self) -> Iterator[Row]:
        """What each moment says under the pointer."""
        wide = (self._kr.due - self._kr.start) / COLUMNS
        newest = {int((each.at - self._kr.start) / wide): each for each in self._past}
        found = sorted(newest.items())
        for number, (_, point) in enumerate(found, start=1):
            until = found[number][1].at if number < len(found) else self._until
            yield self._span(point.at, until, self._point_words(point))

    def _point_words(self, point: Point) -> str:
        when, status = self._clock(point.at), status_words(Status(point.status))
        if point.status in NOT_KNOWN or point.value is None:
            return f"{when}: {status}"
        value = value_words(self._kr.target, point.value, self._one.indicator)
        ratio = bounded(point.progress)
        done = "" if ratio is None else f"; {ratio * 100:.0f} % done"
        asked = "" if point.expected is None else f", {point.expected * 100:.0f} % expected"
        rebuilt = "; rebuilt later" if point.rebuilt else ""
        return f"{when}: {value}{done}{asked}; {status}{rebuilt}"


_QUIET: Row = {"weight": "normal", "fill": "var(--quiet)", "points": 12.0}
_LOUD: Row = {"weight": "bold", "fill": "var(--ink)", "points": 15.0}

_LATE = 0.75
"""From this part of the time on words stand left of what they are about: right is no room."""

_SHORT = len(" min")
"""A longer unit than this stands once, over the ticks."""

_HIGH = ("expected", "told", "dots", "checkpoints", "bounds", "cone")
"""What the heights of the drawing have to have room for."""


def _extent(drawn: Sequence[str | float]) -> list[float]:
    """The lowest and the highest, with room between them."""
    heights = [float(each) for each in drawn]
    low, high = min(heights, default=0.0), max(heights, default=0.0)
    return [low, high] if low < high else sorted((0.0, high or 1.0))


def cut(
    known: Sequence[tuple[datetime, float | None]], until: datetime
) -> tuple[list[list[Place]], list[tuple[datetime, datetime]]]:
    """The parts of the line, and the gaps between them, up to `until`: what was told last holds
    until something else is told.
    """
    segments: list[list[Place]] = []
    gaps: list[tuple[datetime, datetime]] = []
    runs = [list(run) for _, run in groupby(known, key=lambda each: each[1] is None)]
    for number, run in enumerate(runs):
        ends = runs[number + 1][0][0] if number + 1 < len(runs) else until
        heights = [(at, y) for at, y in run if y is not None]
        if not heights:
            gaps.append((run[0][0], ends))
            continue
        at, y = heights[-1]
        segments.append([*heights, (ends, y)] if ends > at else heights)
    return segments, gaps


def thinned(segment: Sequence[Place], start: datetime, due: datetime) -> list[Place]:
    """The same line with at most four points a column: the first, the lowest, the highest, the
    last of it.
    """
    wide = (due - start) / COLUMNS
    found: list[Place] = []
    for _, several in groupby(segment, key=lambda each: int((each[0] - start) / wide)):
        column = list(several)
        low, high = min(column, key=lambda each: each[1]), max(column, key=lambda each: each[1])
        found.extend(sorted({column[0], low, high, column[-1]}))
    return found


def _short(words: str) -> str:
    found = plain(words)
    return found if len(found) <= LONGEST else f"{found[: LONGEST - 1]}…"
