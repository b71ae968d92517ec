"""How far the report can be trusted: what is old, partial or missing, and since when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from syncd.model import Status
from syncd.store.read import KeyResultView, SourceView
from syncd.surfaces.page import age
from syncd.surfaces.report.document import Data, Doubt, SourceLine
from syncd.surfaces.report.lines import why
from syncd.surfaces.report.material import Material, status_of
from syncd.wording import NOTHING, clock, quantity, source_name

AT_WORK = timedelta(minutes=10)
"""A worker judges every minute; one that has not for so long is not at work."""


def data_of(material: Material, views: Sequence[KeyResultView]) -> Data:
    """The sources, the numbers in doubt, refused mapping files."""
    load = material.mapping
    refused = load is not None and not load.accepted
    return Data(
        sources=[_source(one, material.timezone, material.now) for one in material.sources],
        doubts=_doubts(material, views),
        refused=load.faults if load is not None and refused else (),
        refused_since=""
        if load is None or not refused
        else clock(load.at, material.timezone, material.now),
        judged_last=_judged_last(material, views),
    )


def _judged_last(material: Material, views: Sequence[KeyResultView]) -> str:
    """When anything was judged last, where a worker that is at work would have done so since. Of a
    moment of the past it is only known what was told, not how often it was judged.
    """
    if material.told_by is not None:
        return ""
    moments = [view.assessment.at for view in views if view.assessment is not None]
    if not moments or material.now - max(moments) <= AT_WORK:
        return ""
    return clock(max(moments), material.timezone, material.now)


def _source(one: SourceView, timezone: str, now: datetime) -> SourceLine:
    name = source_name(one.name)
    if one.failing_since is not None:
        scopes = "all" if one.failing == one.scopes else f"{one.failing} of {one.scopes}"
        since = clock(one.failing_since, timezone, now)
        return SourceLine(name, f"{scopes} queries fail", False, since, one.error_message or "")
    if one.last_success_at is None:
        return SourceLine(name, "not read yet", None, NOTHING, "")
    words = f"answers; last read {age(one.last_success_at, now)} ago"
    return SourceLine(name, words, True, clock(one.last_success_at, timezone, now), "")


def _doubts(material: Material, views: Sequence[KeyResultView]) -> list[Doubt]:
    """What is in doubt, those together that are so in the same way, since the same moment."""
    groups: dict[tuple[str, str, str], list[KeyResultView]] = {}
    for view in views:
        doubt = _doubt(material, view)
        if doubt is not None:
            groups.setdefault(doubt, []).append(view)
    return [
        Doubt(
            keys=[view.key_result.id for view in found],
            whose=[f"{view.key_result.title} ({view.key_result.id})" for view in found],
            what=what,
            since=since,
            why=reason,
        )
        for (what, since, reason), found in groups.items()
    ]


def _doubt(material: Material, view: KeyResultView) -> tuple[str, str, str] | None:
    """What is wrong with the number of a key result, since when and why; None: nothing."""
    kr, told, indicator = view.key_result, view.assessment, view.indicator
    status = status_of(told)
    now, zone = material.now, kr.timezone
    what = since = reason = ""
    if status in (Status.STALE, Status.NO_DATA):
        what = "stale" if status is Status.STALE else "no data"
        since = _since(told.observed_at if told else None, zone, now)
        reason = why(told)
    elif indicator.failing_since is not None:
        what = "cannot be read; the last value still counts"
        since = clock(indicator.failing_since, zone, now)
        reason = indicator.error_message or ""
    elif indicator.partial is not None:
        value = quantity(indicator.partial.value, indicator.dimension, indicator.unit)
        what = f"a newer reading ({value}) is partial and not judged"
        since = clock(indicator.partial.observed_at, zone, now)
        reason = indicator.partial.details if isinstance(indicator.partial.details, str) else ""
    elif view.previous_definition:
        what = "read under the indicator's earlier definition"
        since = _since(told.observed_at if told else None, zone, now)
        reason = "The new definition has no reading yet."
    else:
        return None
    return what, since, reason


def _since(observed: datetime | None, timezone: str, now: datetime) -> str:
    return "never read" if observed is None else f"last read {clock(observed, timezone, now)}"
