"""What is told, as JSON documents: the API serves them, the command line prints them.

Ratios are 0..1, durations seconds, moments ISO 8601 in UTC. What is not known is null, never
zero. Each document has its numbers and the words for them, made from the same values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

import sqlalchemy as sa

from connectors.base import Dimension
from connectors.units import base_unit
from syncd.assess import is_met
from syncd.model import Adjustment, Forecast, Reading, Target, TargetType
from syncd.store.objects import ObjectView
from syncd.store.periods import Closed
from syncd.store.read import (
    IndicatorView,
    KeyResultView,
    Point,
    SourceView,
    sources,
)
from syncd.surfaces.asked import NOW, Asked, views_asked
from syncd.surfaces.forecasting import forecast_words
from syncd.surfaces.links import web_link
from syncd.wording import adjustment_sentence, date, quantity

Document = Mapping[str, Any]

OBJECTS = 50
"""How many objects a document lists unless asked otherwise."""


def moment(at: datetime | None) -> str | None:
    """ISO 8601 in UTC with a Z, to the second, or null."""
    return None if at is None else at.strftime("%Y-%m-%dT%H:%M:%SZ")


def key_result_list(
    connection: sa.Connection, periods: Sequence[str] | None = None, asked: Asked = NOW
) -> list[Document]:
    """The key results of these periods (None: of all in force) as told, in the order of the mapping
    files.
    """
    return [key_result_document(view) for view in views_asked(connection, asked, periods=periods)]


def key_result_document(view: KeyResultView) -> Document:
    """One key result as told."""
    kr, told, indicator = view.key_result, view.assessment, view.indicator
    value = None if told is None else told.value
    return {
        "id": kr.id,
        "key": kr.key,
        "period": kr.period,
        "title": kr.title,
        "team": kr.team,
        "objective": kr.objective,
        "objective_title": kr.objective_title,
        "owner": list(kr.owner),
        "status": "no_data" if told is None else told.status.value,
        "since": None if told is None else moment(told.since),
        "reason": "Not measured yet." if told is None else told.reason,
        "raw_status": "no_data" if told is None else told.raw_status.value,
        "overridden": None
        if told is None
        else said_document(told.overridden, kr.timezone, told.at),
        "paused": None if told is None else said_document(told.paused, kr.timezone, told.at),
        "because": [] if told is None else list(told.because),
        "chain": [] if told is None else list(told.chain),
        "value": value,
        "value_text": value_words(kr.target, value, indicator),
        "unit": base_unit(indicator.dimension, indicator.unit),
        "dimension": indicator.dimension.value,
        "start_value": None if told is None else told.start,
        "start_is_first_reading": told is not None and told.start_is_first_reading,
        "goal": None if told is None else told.goal,
        "target": target_document(kr.target),
        "target_text": target_words(kr.target, told.goal if told else None, indicator),
        "progress": None if told is None else told.progress,
        "progress_unbounded": None if told is None else told.progress_unbounded,
        "expected": None if told is None else told.expected,
        "pace": None if told is None else told.pace,
        "forecast": None if told is None else forecast_document(told.forecast),
        "forecast_text": forecast_words(
            kr, told, indicator.dimension, indicator.unit, kr.start if told is None else told.at
        ),
        "starts_at": moment(kr.start),
        "due_at": moment(kr.due),
        "due_text": date(kr.due, kr.timezone),
        "checkpoints": [{"at": moment(c.at), "value": c.value} for c in kr.checkpoints],
        "needs": list(kr.needs),
        "duplicate_of": kr.duplicate_of,
        "observed_at": None if told is None else moment(told.observed_at),
        "assessed_at": None if told is None else moment(told.at),
        "complete": told is None or told.complete,
        "doubt": None if told is None else told.doubt,
        "error_type": indicator.error_type,
        "error": indicator.error_message,
        "failing_since": moment(indicator.failing_since),
        "indicator": indicator.name or indicator.fingerprint,
        "previous_definition": view.previous_definition,
        "note": kr.note,
        "closed": closed_document(view.closed),
    }


def said_document(said: Adjustment | None, timezone: str, now: datetime) -> Document | None:
    """What a person says of a key result, in words for a reader at `now`."""
    if said is None:
        return None
    return {
        "id": said.id,
        "kind": said.kind.value,
        "status": None if said.status is None else said.status.value,
        "by": said.by,
        "reason": said.reason,
        "since": moment(said.since),
        "until": moment(said.until),
        "text": adjustment_sentence(said, timezone, now),
    }


def forecast_document(forecast: Forecast | None) -> Document | None:
    """Where the value lands if it goes on as it did; values in base units."""
    if forecast is None:
        return None
    return {
        "low": forecast.low,
        "middle": forecast.middle,
        "high": forecast.high,
        "lands_at": moment(forecast.lands_at),
        "chance": forecast.chance,
        "readings": forecast.readings,
        "since": moment(forecast.since),
    }


def closed_document(closed: Closed | None) -> Document | None:
    """That its period is closed: when, by whom, and what they said; and whence it was imported."""
    if closed is None:
        return None
    found = closed.imported
    return {
        "at": moment(closed.at),
        "by": closed.by,
        "note": closed.note,
        "imported": None
        if found is None
        else {
            "at": moment(found.at),
            "by": found.by,
            "store": found.store,
            "exported_at": moment(found.exported_at),
            "exported_by": found.exported_by,
        },
    }


def called(indicator: IndicatorView) -> str:
    """What an indicator is called in addresses: its name, or its fingerprint."""
    return indicator.name or indicator.fingerprint


def indicator_document(indicator: IndicatorView) -> Document:
    """How an indicator is measured, what it read last, and what failed since."""
    return {
        "indicator": indicator.name or indicator.fingerprint,
        "fingerprint": indicator.fingerprint,
        "measure": indicator.measure,
        "source": indicator.source,
        "definition": dict(indicator.definition),
        "link": web_link(indicator.link),
        "interval_seconds": indicator.interval_seconds,
        "next_due_at": moment(indicator.next_due_at),
        "last_attempt_at": moment(indicator.last_attempt_at),
        "last_success_at": moment(indicator.last_success_at),
        "error_type": indicator.error_type,
        "error": indicator.error_message,
        "failing_since": moment(indicator.failing_since),
        "reading": reading_document(indicator.reading),
        "partial_reading": reading_document(indicator.partial),
    }


def reading_document(reading: Reading | None) -> Document | None:
    """A reading's raw numbers."""
    if reading is None:
        return None
    return {
        "value": reading.value,
        "numerator": reading.numerator,
        "denominator": reading.denominator,
        "pending": reading.pending,
        "objects": reading.objects,
        "complete": reading.complete,
        "approximate": reading.approximate,
        "lower_bound": reading.lower_bound,
        "observed_at": moment(reading.observed_at),
        "at": moment(reading.at),
        "recorded_at": moment(reading.recorded_at),
        "origin": reading.origin.value,
        "raw": reading.details,
    }


def object_document(found: ObjectView) -> Document:
    """One upstream object and the verdict that holds of it."""
    return {
        "id": found.object_id,
        "label": found.label,
        "url": web_link(found.url),
        "outcome": found.outcome.value,
        "since": moment(found.since),
        "number": found.number,
        "missing": list(found.missing),
    }


def point_document(point: Point) -> Document:
    """One told assessment of the past."""
    return {
        "at": moment(point.at),
        "status": point.status,
        "value": point.value,
        "progress": point.progress,
        "expected": point.expected,
    }


def source_list(connection: sa.Connection) -> Sequence[Document]:
    """Every source and whether it answers."""
    return [source_document(view) for view in sources(connection)]


def source_document(source: SourceView) -> Document:
    """One source's health over the scopes that are read from it."""
    return {
        "name": source.name,
        "up": source.failing_since is None,
        "scopes": source.scopes,
        "failing_scopes": source.failing,
        "last_success_at": moment(source.last_success_at),
        "failing_since": moment(source.failing_since),
        "error_type": source.error_type,
        "error": source.error_message,
    }


def target_document(target: Target | None) -> Document | None:
    """A target as its author decided it; nulls where it was left open."""
    if target is None:
        return None
    return {
        "type": target.type.value,
        "goal": target.goal,
        "start": target.start,
        "by": target.by,
        "by_relative": target.by_relative,
        "low": target.low,
        "high": target.high,
        "stretch": target.stretch,
        "held_for_seconds": target.held_for_seconds,
        "decided": target.is_decided,
    }


class Measured(Protocol):
    """What a quantity needs to be said: of what kind it is, and its unit."""

    @property
    def dimension(self) -> Dimension:
        """Of what kind."""
        ...

    @property
    def unit(self) -> str | None:
        """Its unit, where it has one."""
        ...


def value_words(target: Target | None, value: float | None, indicator: Measured) -> str:
    """The value as a lead says it: ``74.1 %``; of what is done or not done ``yes`` or ``no``, as
    its target is said; a dash where there is none.
    """
    if target is not None and target.type is TargetType.BOOLEAN and value is not None:
        return "yes" if is_met(target, value, None, 1.0) else "no"
    return quantity(value, indicator.dimension, indicator.unit)


def target_words(target: Target | None, goal: float | None, indicator: Measured) -> str:
    """The target as a lead says it: ``at least 100 %``."""

    def said(value: float | None) -> str:
        return quantity(value, indicator.dimension, indicator.unit)

    if target is None:
        return "no target"
    if not target.is_decided:
        return f"{target.type.value.replace('_', ' ')}: to be decided"
    if target.type is TargetType.BOOLEAN:
        return "yes"
    if target.type is TargetType.MILESTONES:
        steps = len(target.milestones)
        return f"all {steps} milestones" if steps > 1 else "its milestone"
    if target.type is TargetType.GUARD:
        bounds = []
        if target.low is not None:
            bounds.append(f"at least {said(target.low)}")
        if target.high is not None:
            bounds.append(f"at most {said(target.high)}")
        return "always " + " and ".join(bounds)
    wanted = goal if goal is not None else target.goal
    words = {
        TargetType.AT_LEAST: "at least",
        TargetType.AT_MOST: "at most",
        TargetType.INCREASE: "increase to",
        TargetType.DECREASE: "decrease to",
    }[target.type]
    return f"{words} {said(wanted)}"
