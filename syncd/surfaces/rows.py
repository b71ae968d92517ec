"""The lines of tables of key results, as pages show them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from syncd.assess import bounded
from syncd.model import BAD, ENDED, Status
from syncd.store.read import KeyResultView, Point
from syncd.surfaces.charts import Drawing, Frame, drawing
from syncd.surfaces.documents import target_words, value_words
from syncd.surfaces.page import age, percent
from syncd.wording import BY_HAND, NOTHING, SHAPES, date, quantity, status_words

BAR = 136.0
"""How long a bar is, in the units of its drawing."""
WIDTH, HEIGHT = 110, 26
"""Of the small drawing of the quarter, in its units."""


@dataclass(frozen=True)
class Still:
    """One key result as far as it is the same until something is told or said of it."""

    id: str
    key: str
    title: str
    objective_title: str
    team: str
    status: str
    shape: str
    words: str
    reason: str
    owner: str
    bar_done: float | None
    bar_expected: float | None
    bar_checkpoints: Sequence[float]
    done: str
    expected: str
    value: str
    target: str
    pace: str
    lands: str
    behind: bool
    observed_at: datetime | None
    observed: str
    pace_points: float | None
    due_at: float
    hands: Sequence[str] = ()
    whose: str = ""


@dataclass(frozen=True, kw_only=True)
class Row(Still):
    """One key result as a line of the table, at a moment."""

    spark: Drawing
    due: str
    age: str


@dataclass(frozen=True)
class Team:
    """A team, or the organisation, as the head of its lines: what they come to."""

    title: str
    words: str
    rows: Sequence[Still]
    id: str = ""
    status: str = ""
    bar_done: float | None = None
    bar_expected: float | None = None
    bar_checkpoints: Sequence[float] = ()
    done: str = ""
    expected: str = ""


def still(one: KeyResultView) -> Still:
    """What of the line of a key result no time moves."""
    kr, told, indicator = one.key_result, one.assessment, one.indicator
    status = Status.NO_DATA if told is None else told.status
    progress = None if told is None else bounded(told.progress)
    expected = None if told is None else told.expected
    checkpoint_times = {checkpoint.at for checkpoint in kr.checkpoints}
    line = one.expected_line() if checkpoint_times else ()
    pace = None if told is None else told.pace
    observed = None if told is None else told.observed_at
    return Still(
        id=kr.id,
        key=kr.key,
        title=kr.title,
        objective_title=kr.objective_title,
        team=kr.team,
        status=status.value,
        shape=SHAPES[status],
        words=status_words(status).capitalize(),
        reason="Not measured yet." if told is None else told.reason,
        owner=", ".join(kr.owner),
        bar_done=None if progress is None else round(progress * BAR, 1),
        bar_expected=None if expected is None else round(min(expected, 1.0) * BAR, 1),
        bar_checkpoints=[round(r * BAR, 1) for at, r in line if at in checkpoint_times],
        done=percent(progress),
        expected=percent(expected),
        value=value_words(kr.target, told.value if told else None, indicator),
        target=target_words(kr.target, told.goal if told else None, indicator),
        pace="" if pace is None else f"{round(pace * 100):+d}".replace("-", "−"),
        lands=_lands(one),
        behind=pace is not None and round(pace * 100) < 0 and status in BAD,
        observed_at=observed,
        observed="" if observed is None else observed.strftime("%Y-%m-%dT%H:%M:%SZ"),
        pace_points=pace,
        due_at=kr.due.timestamp(),
        hands=[words for field, words in BY_HAND.items() if told and getattr(told, field)],
    )


def row(one: KeyResultView, past: Sequence[Point], now: datetime, line: Still | None = None) -> Row:
    """A key result as a line of the table; `past` is what was told of it, oldest first, and `line`
    what of it is known already.
    """
    now = one.as_of(now)
    found = still(one) if line is None else line
    return Row(
        **vars(found),
        spark=spark(one, past, now),
        due=date(one.key_result.due, one.key_result.timezone, now),
        age=data_age(found, now),
    )


def spark(one: KeyResultView, past: Sequence[Point], now: datetime) -> Drawing:
    """The quarter so far, as small as it stands in a line. Of `now` only where it stands in the
    drawing (`spark_at`) makes a difference.
    """
    return drawing(one.key_result, one.expected_line(), past, now=now, width=WIDTH, height=HEIGHT)


def spark_at(one: KeyResultView, now: datetime) -> float:
    """Where a moment stands in that drawing."""
    return Frame(WIDTH, HEIGHT, one.key_result.start, one.key_result.due).x(now)


def data_age(line: Still, now: datetime) -> str:
    """How old the data of a line is."""
    return "never" if line.observed_at is None else age(line.observed_at, now)


def _lands(one: KeyResultView) -> str:
    """Where the value is on the due date if it goes on as it did; a dash where that is not told."""
    told, indicator = one.assessment, one.indicator
    if told is None or told.forecast is None or told.status in (Status.ACHIEVED, *ENDED):
        return NOTHING
    middle = told.forecast.middle
    return quantity(middle, indicator.dimension, indicator.unit, beside=told.goal)
