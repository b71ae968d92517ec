"""The fields of what is declared, in the words that a plan shows them in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from connectors.base import Dimension
from syncd.model import (
    Checkpoint,
    Ending,
    External,
    Judgement,
    KeyResult,
    Objective,
    Target,
    TargetType,
)
from syncd.plan.definitions import Declared
from syncd.surfaces.documents import target_words
from syncd.wording import NOTHING, date, duration, listed, quantity

Fields = dict[str, str]
"""What a field is called, and what stands in it, in words; a dash where nothing does."""


def key_result_fields(kr: KeyResult, indicator: Declared) -> Fields:
    """Every field of a key result that an author may have meant."""
    indicator = replace(indicator, unit=kr.shown_in or indicator.unit)
    fields = {
        "title": kr.title,
        "team": kr.team or NOTHING,
        "objective": kr.objective or NOTHING,
        "owner": ", ".join(kr.owner) or "nobody",
        "target": _target(kr.target, indicator, kr.timezone),
        "checkpoints": _checkpoints(kr.checkpoints, indicator, kr.timezone),
        "start": date(kr.start, kr.timezone),
        "due": date(kr.due, kr.timezone),
        "needs": ", ".join(kr.needs) or NOTHING,
        "weight": f"{kr.weight:g}",
        "stale after": NOTHING
        if kr.stale_after_seconds is None
        else duration(kr.stale_after_seconds),
        "pages": "yes" if kr.page else "no",
        "note": kr.note or NOTHING,
        "beside": ", ".join(one.title for one in kr.beside) or NOTHING,
        "duplicate of": kr.duplicate_of or NOTHING,
        "ended": _ending(kr.ending, kr.timezone),
        "time off": _time_off(kr),
        "timezone": kr.timezone,
    }
    return fields | _judgement(kr.judgement)


def indicator_fields(indicator: Declared) -> Fields:
    """The definition of an indicator, key by key as its author wrote it: ``filter.site``."""
    fields: Fields = {}
    _flatten("", indicator.definition, fields)
    fields["measure"] = indicator.measure
    if indicator.source is not None:
        fields["source"] = indicator.source
    if indicator.unit is not None:
        fields["unit"] = indicator.unit
    return fields


def objective_fields(one: Objective) -> Fields:
    """Every field of an objective."""
    joint = NOTHING
    if one.joint_team is not None:
        joint = one.joint_team + (f", as {one.joint_id}" if one.joint_id else "")
    return {
        "title": one.title,
        "team": one.team,
        "weight": f"{one.weight:g}",
        "joint with": joint,
        "accountable": ", ".join(one.accountable) or NOTHING,
    }


def external_fields(one: External, timezone: str) -> Fields:
    """Every field of a dependency outside the key results."""
    return {
        "title": one.title,
        "owner": one.owner or "nobody",
        "due": NOTHING if one.due is None else date(one.due, timezone),
        "plan": one.plan or NOTHING,
    }


def _target(target: Target | None, indicator: Declared, timezone: str) -> str:
    """The target with all that stands beside its goal."""

    def said(value: float) -> str:
        return quantity(value, indicator.dimension, indicator.unit)

    if target is None:
        return NOTHING
    if target.type is TargetType.MILESTONES and target.milestones:
        return listed([f"{one.name} by {date(one.at, timezone)}" for one in target.milestones])
    parts = [_goal(target, indicator)]
    if target.start is not None:
        parts.append(f"from {said(target.start)}")
    if target.start_period is not None:
        parts.append(f"from {target.start_period}")
    if target.stretch is not None:
        parts.append(f"stretch {said(target.stretch)}")
    if target.held_for_seconds:
        parts.append(f"held for {duration(target.held_for_seconds)}")
    if target.empty_met:
        parts.append("met by an empty set")
    return ", ".join(parts)


def _goal(target: Target, indicator: Declared) -> str:
    if target.by is None:
        return target_words(target, None, indicator)
    if target.by_relative:
        by = quantity(target.by, Dimension.RATIO)
    elif indicator.dimension is Dimension.RATIO:
        by = f"{quantity(target.by * 100)} points"
    else:
        by = quantity(target.by, indicator.dimension, indicator.unit)
    return f"{target.type.value} by {by}"


def _checkpoints(checkpoints: Sequence[Checkpoint], indicator: Declared, timezone: str) -> str:
    values = [quantity(one.value, indicator.dimension, indicator.unit) for one in checkpoints]
    days = [date(one.at, timezone) for one in checkpoints]
    said = [f"{value} by {day}" for value, day in zip(values, days, strict=True)]
    return ", ".join(said) or NOTHING


def _ending(ending: Ending | None, timezone: str) -> str:
    if ending is None:
        return NOTHING
    how = "abandoned" if ending.into is None else f"carried into {ending.into}"
    return f"{how} on {date(ending.at, timezone)}: {ending.reason}"


def _time_off(kr: KeyResult) -> str:
    return (
        ", ".join(f"{one.title} ({date(one.start, kr.timezone)})" for one in kr.time_off) or NOTHING
    )


def usual_fields(timezone: str) -> Fields:
    """The fields of a key result as they are where its author says nothing."""
    return {"weight": "1", "pages": "no", "timezone": timezone, **_judgement(Judgement())}


def _judgement(judgement: Judgement) -> Fields:
    return {
        "on track from": quantity(judgement.on_track_ratio, Dimension.RATIO),
        "at risk from": quantity(judgement.at_risk_ratio, Dimension.RATIO),
        "too early below": quantity(judgement.early_ratio, Dimension.RATIO),
        "hold": duration(judgement.hold_seconds),
        "hysteresis": quantity(judgement.hysteresis_ratio, Dimension.RATIO),
        "history": duration(judgement.history_seconds),
    }


def _flatten(path: str, value: Any, into: Fields) -> None:
    if isinstance(value, Mapping) and value:
        for key, each in value.items():
            _flatten(f"{path}.{key}" if path else str(key), each, into)
    elif path:
        into[path] = _plain(value)


def _plain(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {_plain(each)}" for key, each in value.items()) or "{}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_plain(each) for each in value) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return "null" if value is None else str(value)
