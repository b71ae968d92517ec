"""The small drawings of tables as SVG shapes: coordinates only, colours are the page's.

A gap in the data is a gap in the line: nothing is drawn through a time of which nothing is known.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from syncd.assess import Line, bounded
from syncd.model import Adjustment, KeyResult, Status, TargetType
from syncd.store.read import Point
from syncd.wording import adjustment_sentence

_STEPPED = frozenset({TargetType.MILESTONES, TargetType.BOOLEAN, TargetType.GUARD})
"""What is done or not done stays as it is until it changes; a slope would say it was on its way."""

UNTOLD = {Status.NO_DATA.value, Status.STALE.value, Status.NO_TARGET.value}


@dataclass(frozen=True)
class Frame:
    """A drawing area in user units, and the time it spans; ratios 0..1 run from bottom to top."""

    width: float
    height: float
    start: datetime
    end: datetime
    margin: float = 3.0

    def x(self, at: datetime) -> float:
        """Where a moment stands, kept within the frame."""
        span = (self.end - self.start).total_seconds()
        part = (at - self.start).total_seconds() / span if span > 0 else 1.0
        return round(min(max(part, 0.0), 1.0) * self.width, 1)

    def y(self, ratio: float) -> float:
        """Where a ratio stands."""
        inner = self.height - 2 * self.margin
        return round(self.margin + (1 - min(max(ratio, 0.0), 1.0)) * inner, 1)


@dataclass(frozen=True)
class Band:
    """A time of which a person said something: a pause, or another status than the judged one."""

    x: float
    width: float
    kind: str
    words: str


@dataclass(frozen=True)
class Drawing:
    """What to draw: poly-lines as SVG point lists, gaps as (x, width), checkpoints as (x, y); what
    people said as bands, and notes as (x, words).
    """

    frame: Frame
    expected: str
    told: Sequence[str]
    dots: Sequence[tuple[float, float]]
    gaps: Sequence[tuple[float, float]]
    checkpoints: Sequence[tuple[float, float]]
    now: float
    bands: Sequence[Band] = ()
    notes: Sequence[tuple[float, str]] = ()


def drawing(
    kr: KeyResult,
    line: Line,
    history: Sequence[Point],
    *,
    now: datetime,
    width: float,
    height: float,
    said: Sequence[Adjustment] = (),
) -> Drawing:
    """The quarter so far against the expected line, with what people `said` of it."""
    frame = Frame(width, height, kr.start, kr.due)
    segments: list[list[tuple[float, float]]] = []
    gaps: list[tuple[float, float]] = []
    open_segment: list[tuple[float, float]] = []
    stepped = kr.target is not None and kr.target.type in _STEPPED
    gap_from: float | None = None
    for point in history:
        x = frame.x(point.at)
        ratio = bounded(point.progress)
        if point.status in UNTOLD or ratio is None:
            if open_segment:
                segments.append(open_segment)
                open_segment = []
            gap_from = x if gap_from is None else gap_from
            continue
        if gap_from is not None:
            gaps.append((gap_from, round(max(x - gap_from, 1.0), 1)))
            gap_from = None
        if stepped and open_segment:
            open_segment.append((x, open_segment[-1][1]))
        open_segment.append((x, frame.y(ratio)))
    here = frame.x(now)
    if open_segment:
        # what was told last holds until now
        if here > open_segment[-1][0]:
            open_segment.append((here, open_segment[-1][1]))
        segments.append(open_segment)
    elif gap_from is not None:
        gaps.append((gap_from, round(max(here - gap_from, 1.0), 1)))
    return Drawing(
        frame=frame,
        expected=" ".join(f"{frame.x(at)},{frame.y(ratio)}" for at, ratio in line),
        told=[" ".join(f"{x},{y}" for x, y in segment) for segment in segments if len(segment) > 1],
        dots=[segment[0] for segment in segments if len(segment) == 1],
        gaps=gaps,
        checkpoints=[
            (frame.x(at), frame.y(ratio))
            for at, ratio in line
            if at in {checkpoint.at for checkpoint in kr.checkpoints}
        ],
        now=here,
        bands=[
            Band(x, round(max(frame.x(one.until) - x, 1.0), 1), one.kind.value, words)
            for one, words in _worded(kr, said, now)
            if one.until is not None
            for x in [frame.x(one.since)]
        ],
        notes=[
            (frame.x(one.since), words)
            for one, words in _worded(kr, said, now)
            if one.until is None
        ],
    )


def _worded(
    kr: KeyResult, said: Sequence[Adjustment], now: datetime
) -> Iterator[tuple[Adjustment, str]]:
    """What touches the time of the drawing, each with its sentence."""
    for one in said:
        if one.since <= kr.due and (one.until or one.since) >= kr.start:
            yield one, adjustment_sentence(one, kr.timezone, now)
