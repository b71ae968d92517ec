"""A key result as a line: its bar, its course, and every word that is said of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from syncd.assess import bounded
from syncd.model import UNKNOWN, Assessment, Forecast
from syncd.store.read import IndicatorView, KeyResultView
from syncd.surfaces import documents
from syncd.surfaces.charts import drawing
from syncd.surfaces.documents import target_words
from syncd.surfaces.forecasting import forecast_words
from syncd.surfaces.page import percent
from syncd.surfaces.report.document import Bar, Line
from syncd.surfaces.report.material import Material, status_of
from syncd.surfaces.report.signs import Sign
from syncd.wording import NOTHING, adjustment_sentence, date, quantity

SPARK_WIDTH, SPARK_HEIGHT = 110.0, 26.0
NOBODY = "nobody"
UNMEASURED = "Not measured yet."


def line_of(material: Material, view: KeyResultView) -> Line:
    """Everything that is told of a key result."""
    now, past = material.now, material.past.get(view.key_result.key, ())
    kr, told, indicator = view.key_result, view.assessment, view.indicator
    goal = told.goal if told else None
    line = view.expected_line()
    at = {checkpoint.at for checkpoint in kr.checkpoints}
    value = value_words(view)
    return Line(
        key=kr.id,
        title=kr.title,
        sign=Sign.of(status_of(told)),
        bar=bar_of(told, [ratio for moment, ratio in line if moment in at]),
        spark=drawing(
            kr,
            line,
            past,
            now=now,
            width=SPARK_WIDTH,
            height=SPARK_HEIGHT,
            said=view.adjustments,
        ),
        done=done_words(told),
        expected=percent(told.expected if told else None),
        value=value,
        target=target_words(kr.target, goal, indicator),
        forecast=forecast_of(view, now),
        why=why(told),
        owner=owner_words(view),
        nobody=not kr.owner,
        due=date(kr.due, kr.timezone, now),
        marks=marks(told, kr.timezone, now),
        note=kr.note or "",
        beside=[f"{one.title}: {_beside(material.beside.get(one.indicator))}" for one in kr.beside],
    )


def _beside(indicator: IndicatorView | None) -> str:
    """A number that is shown and never judged."""
    if indicator is None or indicator.reading is None:
        return "not measured yet"
    return quantity(indicator.reading.value, indicator.dimension, indicator.unit)


def done_words(told: Assessment | None) -> str:
    """How far it is; of what cannot be told today, how far it was last known to be."""
    ratio = bounded(told.progress) if told else None
    if told is None or ratio is None or told.status not in UNKNOWN:
        return percent(ratio)
    return f"{percent(ratio)} last known"


def bar_of(told: Assessment | None, checkpoints: Sequence[float] = ()) -> Bar:
    """Done against expected."""
    if told is None:
        return Bar(None, None, checkpoints)
    return Bar(bounded(told.progress), bounded(told.expected), checkpoints)


def value_words(view: KeyResultView) -> str:
    """The value as people write it; a dash where there is none."""
    told = view.assessment
    return documents.value_words(
        view.key_result.target, told.value if told else None, view.indicator
    )


def forecast_of(view: KeyResultView, now: datetime) -> str:
    """The forecast in words."""
    indicator = view.indicator
    return forecast_words(
        view.key_result, view.assessment, indicator.dimension, indicator.unit, now
    )


def forecast_made(view: KeyResultView, now: datetime) -> str:
    """The forecast in words where there is one; a dash instead of why there is none."""
    if view.assessment is None or view.assessment.forecast is None:
        return NOTHING
    return forecast_of(view, now)


def falls_short(view: KeyResultView) -> Forecast | None:
    """The forecast of a key result that will more likely than not be late; None: it will not, or
    nobody can tell.
    """
    found = None if view.assessment is None else view.assessment.forecast
    return found if found is not None and found.chance < 0.5 else None


def why(told: Assessment | None) -> str:
    """The reason for the status, a sentence with its stop."""
    if told is None:
        return UNMEASURED
    return told.reason if told.reason.endswith((".", "!", "?")) else f"{told.reason}."


def owner_words(view: KeyResultView) -> str:
    """Who owns it."""
    return ", ".join(view.key_result.owner) or NOBODY


def marks(told: Assessment | None, timezone: str, now: datetime) -> list[str]:
    """What a person has said that is in force, in a few words each."""
    if told is None:
        return []
    said = (told.overridden, told.paused)
    return [adjustment_sentence(one, timezone, now) for one in said if one is not None]
