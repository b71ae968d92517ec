"""The report's pictures: SVG documents that need nothing around them.

Colours stand on the shapes themselves, light ones for paper; a page may replace them by class.
A status is told by its shape and a number too, never by colour alone. What is unknown is hollow.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import jinja2

from syncd.model import Status
from syncd.surfaces.charts import Drawing
from syncd.surfaces.palette import COLOURS
from syncd.surfaces.report.document import Bar, Course, Group, Report
from syncd.surfaces.report.signs import Sign

HOLLOW = frozenset(
    {Status.NO_TARGET, Status.NO_DATA, Status.STALE, Status.ABANDONED, Status.CARRIED}
)

_environment = jinja2.Environment(
    loader=jinja2.PackageLoader("syncd.surfaces", "templates/report"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_environment.globals.update(COLOURS=COLOURS)

WIDEST_TITLE, COUNTS_WIDTH, BAR_WIDTH, ROW = 260.0, 300.0, 130.0, 26.0
LEAST_SEGMENT = 26.0
"""Wide enough for a shape and a number."""
COURSE_WIDTH, COURSE_HEIGHT = 640.0, 120.0
SMALL_BAR = 110.0
CHARACTER = 6.6
"""About how wide a letter is at 12 pixels."""


@dataclass(frozen=True)
class Segment:
    """A coloured stretch with its number."""

    x: float
    width: float
    sign: Sign
    count: int
    hollow: bool


@dataclass(frozen=True)
class Row:
    """A team in the overview picture."""

    title: str
    y: float
    segments: Sequence[Segment]
    bar: Bar
    words: str


def pictures(report: Report) -> dict[str, str]:
    """All pictures of a report by name: ``overview``, ``course``, and one a key result's id."""
    found = {"overview": overview_picture(report.groups)}
    if report.course is not None:
        found["course"] = course_picture(report.course)
    for team in report.teams:
        for objective in team.objectives:
            for line in objective.lines:
                label = f"{line.done} done, {line.expected} expected"
                found[line.key] = spark_picture(line.spark, line.sign, label)
    return found


def overview_picture(groups: Sequence[Group]) -> str:
    """The teams: how many key results of each status, and their progress against expected."""
    most = max((group.of for group in groups), default=1)
    longest = max((len(group.title) for group in groups), default=0)
    title_width = min(WIDEST_TITLE, longest * CHARACTER + 12)
    rows = [
        Row(
            title=_cut(group.title, title_width - 12),
            y=index * ROW,
            segments=_segments(group, most),
            bar=group.bar,
            words=_done_words(group),
        )
        for index, group in enumerate(groups)
    ]
    return _render(
        "overview.svg",
        rows=rows,
        height=len(rows) * ROW + 4,
        row=ROW,
        width=title_width + COUNTS_WIDTH + BAR_WIDTH + 130,
        counts_x=title_width,
        bar_x=title_width + COUNTS_WIDTH + 16,
        bar_width=BAR_WIDTH,
    )


def course_picture(course: Course) -> str:
    """The period so far: a column a day, the good below, the bad above them, the unknown on top."""
    column = COURSE_WIDTH / course.days
    most = max((sum(day.counts) for day in course.columns if day is not None), default=1) or 1
    unit = COURSE_HEIGHT / most
    boxes = []
    for index, day in enumerate(course.columns):
        if day is None:
            continue
        top = COURSE_HEIGHT
        for sign, count in zip(course.signs, day.counts, strict=True):
            if not count:
                continue
            top -= count * unit
            boxes.append(
                (
                    round(index * column, 2),
                    round(top, 2),
                    round(column, 2),
                    round(count * unit, 2),
                    sign.name,
                    Status(sign.name) in HOLLOW,
                )
            )
    return _render(
        "course.svg",
        boxes=boxes,
        width=COURSE_WIDTH,
        height=COURSE_HEIGHT,
        most=most,
        today=round(len(course.columns) * column, 2),
        legend=_legend(course.signs),
        first=course.first,
        last=course.last,
    )


def bar_picture(bar: Bar, sign: Sign, label: str) -> str:
    """Done against expected, with the checkpoints."""
    return _render(
        "bar.svg",
        width=SMALL_BAR,
        done=_at(bar.done),
        expected=_at(bar.expected),
        checkpoints=[_at(ratio) for ratio in bar.checkpoints],
        sign=sign,
        label=label,
    )


def spark_picture(drawing: Drawing, sign: Sign, label: str) -> str:
    """The course of a key result against the expected line."""
    return _render("spark.svg", drawing=drawing, sign=sign, label=label)


def _render(template: str, **values: object) -> str:
    return _environment.get_template(template).render(**values).strip()


def _at(ratio: float | None) -> float | None:
    return None if ratio is None else round(min(max(ratio, 0.0), 1.0) * SMALL_BAR, 1)


def _segments(group: Group, most: int) -> list[Segment]:
    """Stretches as wide as their counts; a narrow one is as wide as its number needs."""
    unit = COUNTS_WIDTH / most
    widths = [max(share.count * unit, LEAST_SEGMENT) for share in group.shares]
    room = max(COUNTS_WIDTH * group.of / most, LEAST_SEGMENT * len(widths))
    scale = min(1.0, room / sum(widths)) if widths else 1.0
    found, x = [], 0.0
    for share, width in zip(group.shares, widths, strict=True):
        found.append(
            Segment(
                x=round(x, 1),
                width=round(width * scale, 1),
                sign=share.sign,
                count=share.count,
                hollow=Status(share.sign.name) in HOLLOW,
            )
        )
        x += width * scale
    return found


def _done_words(group: Group) -> str:
    if group.bar.done is None:
        return "unknown"
    return f"{group.done} / {group.expected}"


def _legend(signs: Sequence[Sign]) -> list[tuple[float, Sign, bool]]:
    found, x = [], 0.0
    for sign in signs:
        found.append((round(x, 1), sign, Status(sign.name) in HOLLOW))
        x += 30 + len(sign.words) * CHARACTER
    return found


def _cut(text: str, width: float) -> str:
    """The text, ended with … where it would not fit."""
    room = int(width / CHARACTER + 1e-6)
    return text if len(text) <= room else text[: room - 1].rstrip() + "…"
