"""The organisation's own numbers (hiring), with the parts that they are made of."""

from __future__ import annotations

from collections.abc import Sequence

from syncd.store.explaining import PartView
from syncd.store.read import IndicatorView, KeyResultView
from syncd.surfaces.documents import called, target_words
from syncd.surfaces.report.document import Part, RollUp
from syncd.surfaces.report.groups import bar_words
from syncd.surfaces.report.lines import (
    bar_of,
    done_words,
    forecast_made,
    forecast_of,
    value_words,
    why,
)
from syncd.surfaces.report.material import status_of
from syncd.surfaces.report.risks import Web
from syncd.surfaces.report.signs import Sign
from syncd.wording import NOTHING, quantity


def roll_up_of(web: Web, view: KeyResultView) -> RollUp:
    """A number of the organisation's own, and its parts."""
    kr, told, indicator = view.key_result, view.assessment, view.indicator
    bar = bar_of(told)
    _, expected = bar_words(bar)
    stretch = None if kr.target is None else kr.target.stretch
    return RollUp(
        key=kr.id,
        title=kr.title,
        sign=Sign.of(status_of(told)),
        value=value_words(view),
        target=target_words(kr.target, told.goal if told else None, indicator),
        stretch="" if stretch is None else quantity(stretch, indicator.dimension, indicator.unit),
        why=why(told),
        forecast=forecast_made(view, web.material.now),
        bar=bar,
        done=done_words(told),
        expected=expected,
        parts=[_part(web, part) for part in web.material.parts.get(kr.id, ())],
    )


def _part(web: Web, part: PartView) -> Part:
    """A part, with what the key result that reads it wants (a part that none reads has no goal)."""
    indicator, reading = part.indicator, part.reading
    reader = _reader(web, indicator.fingerprint)
    told = None if reader is None else reader.assessment
    return Part(
        team="" if reader is None else web.team(reader.key_result.id),
        title=_spoken(indicator) if reader is None else reader.key_result.title,
        value=quantity(reading.value if reading else None, indicator.dimension, indicator.unit),
        wanted=NOTHING
        if reader is None
        else target_words(reader.key_result.target, told.goal if told else None, indicator),
        sign=None if reader is None else Sign.of(status_of(told)),
        forecast=NOTHING if reader is None else forecast_of(reader, web.material.now),
        needed_by=[] if reader is None else _needed_by(web, reader.key_result.id),
    )


def _spoken(indicator: IndicatorView) -> str:
    """What an indicator to which nobody has given a title is called in a sentence."""
    words = called(indicator) if indicator.name is None else indicator.name.replace("_", " ")
    return f"{words[:1].upper()}{words[1:]}"


def _reader(web: Web, fingerprint: str) -> KeyResultView | None:
    """The key result of a team that reads the indicator; the first where several do."""
    return next(
        (
            view
            for view in web.views.values()
            if view.key_result.team and view.key_result.indicator == fingerprint
        ),
        None,
    )


def _needed_by(web: Web, key: str) -> Sequence[str]:
    return [web.title(one) for one in web.blocked(key)]
