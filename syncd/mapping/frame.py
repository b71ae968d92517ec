"""What organisation and team files say for all that is in them: period, zone, thresholds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final
from zoneinfo import ZoneInfo, available_timezones

from connectors.base import PlanContext
from syncd.mapping.calendar import Calendar, read_calendar
from syncd.mapping.checking import check
from syncd.mapping.document import Document
from syncd.mapping.fault import Location
from syncd.mapping.indicators import Around
from syncd.mapping.period import Period, period, zone
from syncd.mapping.plausible import read_default_plausible
from syncd.mapping.shape import DefaultsShape, JudgementShape, PeriodShape
from syncd.mapping.values import read_day, read_duration
from syncd.mapping.variables import Variables
from syncd.model import Judgement, Plausible
from syncd.wording import nearest

_PERIOD_KEYS: Final = ("period", "timezone")
_RATIOS: Final = {
    "on_track": "on_track_ratio",
    "at_risk": "at_risk_ratio",
    "early": "early_ratio",
    "hysteresis": "hysteresis_ratio",
    "pace_step": "pace_step",
    "forecast_step": "forecast_step",
}
_LEAST_HISTORY: Final = 7 * 86_400.0


@dataclass(frozen=True)
class Frame:
    """What holds where nothing nearer is said. `period` and `timezone` are None where they are
    refused or missing: then dates are not compared.
    """

    period: Period | None = None
    timezone: ZoneInfo | None = None
    judgement: Judgement = field(default_factory=Judgement)
    sources: Mapping[str, str] = field(default_factory=dict)
    evidence: str = "keys"
    plausible: Plausible = field(default_factory=Plausible)
    calendar: Calendar = field(default_factory=Calendar)

    @property
    def around(self) -> Around:
        """What plans need of it."""
        return Around(self.sources, self.context(self.period), self.evidence)

    def context(self, period: Period | None) -> PlanContext:
        """What plans need of it, for this period."""
        timezone = "UTC" if self.timezone is None else self.timezone.key
        return PlanContext(
            timezone=timezone,
            first=None if period is None else period.first,
            last=None if period is None else period.last,
            business_hours=self.calendar.business_hours(timezone, period),
        )

    def variables(self, declared: Variables) -> Variables:
        """The declared variables and the built-in dates of the period (some dates where the
        period is refused, so that nothing else looks wrong because of it).
        """
        known = self.period or Period("", date(2000, 1, 1), date(2000, 12, 31))
        return declared.with_period(known.first.isoformat(), known.last.isoformat())


def read_frame(document: Document, above: Frame, declared: Variables) -> Frame:
    """The frame that the file sets within the one above it; its faults are noted. Replaces the
    file's variables, those of the period included.
    """
    for key in _PERIOD_KEYS:
        if document.node((key,)) is not None:
            declared.replace_in(document, (key,))
    frame = above
    if document.node(("period",)) is not None:
        frame = replace(frame, period=_period(document, ("period",)))
    if document.node(("timezone",)) is not None:
        frame = replace(frame, timezone=_timezone(document, ("timezone",)))
    frame.variables(declared).replace_in(document)
    if document.node(("calendar",)) is not None:
        frame = replace(frame, calendar=read_calendar(document, ("calendar",), frame.calendar))
    if document.node(("judgement",)) is not None:
        frame = replace(frame, judgement=read_judgement(document, ("judgement",), frame.judgement))
    if document.node(("defaults",)) is not None:
        good = check(document, ("defaults",), DefaultsShape, noun="defaults").good
        frame = replace(
            frame,
            sources={**frame.sources, **good.get("source", {})},
            evidence=good.get("evidence", frame.evidence),
            plausible=read_default_plausible(document, ("defaults", "plausible"), frame.plausible),
        )
    return frame


def _period(document: Document, where: Location) -> Period | None:
    if isinstance(document.value(where), dict):
        model = check(document, where, PeriodShape, noun="a period").model
        first = read_day(document, (*where, "from"))
        last = read_day(document, (*where, "to"))
        if model is None or first is None or last is None:
            return None
        if first > last:
            document.fault(
                where, "a period that ends before it begins", "from before to", "swap the two"
            )
            return None
        return Period(model.id, first, last)
    text = document.text(where)
    found = period(text) if text is not None else None
    if found is None:
        document.fault(
            where,
            document.got(where),
            "a period: YYYY-Qn, YYYY, DATE/DATE or {id, from, to}",
            "period: 2026-Q1",
        )
    return found


def _timezone(document: Document, where: Location) -> ZoneInfo | None:
    text = document.text(where)
    found = zone(text) if text is not None else None
    if found is None:
        close = nearest(text or "", sorted(available_timezones()))
        document.fault(
            where,
            document.got(where),
            "a timezone by its IANA name, Area/City",
            f"timezone: {close or 'America/Los_Angeles'}",
        )
    return found


def read_judgement(document: Document, where: Location, above: Judgement) -> Judgement:
    """The thresholds at the location over those above, key by key; faults are noted."""
    good: Mapping[str, Any] = check(document, where, JudgementShape, noun="thresholds").good
    ratios = {field: good[key] for key, field in _RATIOS.items() if key in good}
    found = replace(above, **ratios)
    if document.node((*where, "hold")) is not None:
        seconds = read_duration(document, (*where, "hold"))
        found = replace(found, hold_seconds=seconds if seconds is not None else 0.0)
    if document.node((*where, "history")) is not None:
        seconds = read_duration(document, (*where, "history"))
        if seconds is not None and seconds < _LEAST_HISTORY:
            document.fault(
                (*where, "history"),
                document.got((*where, "history")),
                "at least 7 d, because a trend of fewer days is none",
                "history: 28 d",
            )
        found = replace(found, history_seconds=seconds or found.history_seconds)
    if not document.sound(where):
        return above
    if found.at_risk_ratio >= found.on_track_ratio:
        document.fault(
            where,
            f"at_risk {found.at_risk_ratio:g} and on_track {found.on_track_ratio:g}",
            "at_risk below on_track",
            "judgement: {on_track: 0.9, at_risk: 0.7}",
        )
        return above
    return found
