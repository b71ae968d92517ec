"""The start of a target as what the same indicator said of a past period."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from connectors.base import Measure, NumberPlan
from syncd.mapping.document import Document
from syncd.mapping.fault import Location
from syncd.mapping.frame import Frame
from syncd.mapping.indicators import Installation, said_around
from syncd.mapping.period import Period, begins
from syncd.model import Indicator

Json = Any


@dataclass(frozen=True)
class Start:
    """What a target starts from: a past period, and the indicator's definition in its dates (what
    `${period_start}` stands for there). `around` is the frame of the file in which the indicator
    is written, `frame` that of the key result.
    """

    past: Period
    definition: Mapping[str, Json]
    around: Frame
    frame: Frame


def baseline(
    document: Document,
    place: Location,
    indicator: Indicator,
    start: Start,
    installation: Installation,
) -> Indicator | None:
    """The same indicator over the past period, read as of the moment it was over; None with a
    fault noted. A window, where the measure has one, becomes as long as the period.
    """
    if indicator.source is not None:
        options = installation.measures[indicator.measure].model_validate_json(
            json.dumps(start.definition), strict=True
        )
        return _read_as_of(document, place, indicator, options, start)
    document.fault(
        place,
        f"{start.past.title}, and {indicator.name or 'the indicator'} is {indicator.measure}",
        "the value that it had then, because only what is measured can be read over a past period",
        f"{place[-1]}: the value",
    )
    return None


def _read_as_of(
    document: Document, place: Location, indicator: Indicator, options: Measure, start: Start
) -> Indicator | None:
    past, period, timezone = start.past, start.frame.period, start.frame.timezone
    assert indicator.source is not None  # noqa: S101 - what is measured has one
    assert timezone is not None  # noqa: S101 - the caller has looked
    if period is not None and past.last >= period.first:
        document.fault(
            place,
            f"{past.title}, which is not over when {period.title} begins",
            "a period before this one",
            f"{place[-1]}: an earlier period, or the value to start from",
        )
        return None
    end = begins(past.last + timedelta(days=1), timezone)
    seconds = (end - begins(past.first, timezone)).total_seconds()
    # the period is the key result's; the hours are those of the indicator
    hours = start.around.context(past).business_hours
    context = replace(start.frame.context(past), business_hours=hours)
    over = options.over(seconds)
    try:
        plan = over.plan(indicator.source, context)
    except ValueError as error:
        document.fault(
            place, past.title, f"a period that {indicator.measure} can be read over", str(error)
        )
        return None
    around = said_around(over, plan, indicator.source, context)
    if isinstance(plan, NumberPlan):
        plan = replace(plan, at=end)
    return replace(
        indicator,
        name=f"{indicator.name}, {past.title}" if indicator.name else None,
        plan=plan,
        at=end,
        definition={**start.definition, **around, "period": past.title},
    )
