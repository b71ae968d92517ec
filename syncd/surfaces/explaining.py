"""Where a number comes from, as JSON documents: the query and the cost, the parts, the objects.

The API serves them, `syncd explain` prints them. Moments are ISO 8601 in UTC; what is not known is
null, never zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from connectors.base import Aggregation, Outcome
from syncd.model import Origin, Reading
from syncd.store.explaining import (
    Explanation,
    History,
    PartView,
    explain,
    find,
)
from syncd.store.objects import objects_page
from syncd.store.publish import Cost
from syncd.store.read import (
    IndicatorView,
    indicator_views,
)
from syncd.store.schema import indicators, key_results
from syncd.store.told import readers_known, served_at
from syncd.surfaces.asked import NOW, Asked
from syncd.surfaces.comparing import (
    ALL,
    EXTRA,
    compared,
    coverage_document,
    key_document,
    listed_keys,
)
from syncd.surfaces.documents import (
    OBJECTS,
    Document,
    called,
    indicator_document,
    moment,
    object_document,
    reading_document,
)
from syncd.surfaces.doubt import quarantine_document
from syncd.wording import duration, listed, quantity, size

OUTCOMES = (*(outcome.value for outcome in Outcome), ALL)
"""Which objects can be asked for."""

LISTS = (*OUTCOMES, EXTRA)
"""`extra`: of a coverage, the keys that only the searched side has."""

OBJECTS_TODAY = "the objects are as they are known today of that moment"
"""Of objects it is kept what was so, and corrected; what was told is the number."""

_FORMULAS = {
    "sum": "the sum of {0}",
    "minimum": "the smallest of {0}",
    "weighted_mean": "the weighted mean of {0}",
    "over": "{1} over {2}",
    "minus": "{1} less {2}",
}
"""By the role of the last part."""

_AGGREGATES = {
    Aggregation.SHARE: "the share of objects that pass, of those that pass or fail",
    Aggregation.COUNT: "how many objects pass",
    Aggregation.MEAN: "the mean over the objects that are finished",
    Aggregation.SUM: "the sum over the objects that pass",
    Aggregation.WEIGHTED_SHARE: "the share that passes, each object by its own number",
    Aggregation.ONLY: "the number of the one object that passes",
    Aggregation.KEYS: "how many different keys the objects that pass hold",
    Aggregation.MILESTONES: "the share of milestones that are reached",
}


def indicator_list(connection: sa.Connection) -> list[Document]:
    """Every indicator in force, and what it read last."""
    views = sorted(indicator_views(connection), key=lambda view: (view.name is None, called(view)))
    return [_short(view) for view in views]


def explanation(
    connection: sa.Connection, name: str, *, now: datetime, asked: Asked = NOW
) -> Document | None:
    """All about one indicator (its name, fingerprint, or a key result that reads it) but its
    objects; None: there is none.
    """
    found = explained(connection, name, now, asked)
    return None if found is None else detail(connection, found)


def explained(
    connection: sa.Connection, name: str, now: datetime, asked: Asked
) -> Explanation | None:
    """The explanation of what a word means: the name or the fingerprint of an indicator, or a key
    result; None: there is none.
    """
    fingerprint = None
    if asked.told_by is not None:
        fingerprint = served_at(connection, name, asked.told_by)
    fingerprint = fingerprint or find(connection, name, now)
    if fingerprint is None:
        return None
    return explain(connection, fingerprint, now=asked.now(now), at=asked.at, told_by=asked.told_by)


def objects_document(
    connection: sa.Connection,
    name: str,
    which: str,
    *,
    now: datetime,
    asked: Asked = NOW,
    limit: int = OBJECTS,
    offset: int = 0,
) -> Document | None:
    """One page of an indicator's objects (of a coverage: keys), `which` is one of `LISTS`; None:
    there is no such indicator.
    """
    found = explained(connection, name, now, asked)
    if found is None:
        return None
    return page_of(
        connection,
        found,
        which,
        now=asked.now(now),
        at=asked.at,
        limit=limit,
        offset=offset,
    )


def detail(connection: sa.Connection, found: Explanation) -> Document:
    """An indicator's evidence without its objects."""
    indicator, reading = found.indicator, found.reading
    value = None if reading is None else reading.value
    return {
        **indicator_document(indicator),
        **_short(indicator),
        "what": what_is_measured(connection, found),
        "query": None if found.query is None else dict(found.query),
        "at": moment(found.at),
        "untold": untold(found),
        "value": value,
        "value_text": quantity(value, indicator.dimension, indicator.unit),
        "reading": reading_document(reading),
        "partial_reading": reading_document(found.partial),
        "quarantine": quarantine_document(indicator),
        "partial_text": quantity(
            None if found.partial is None else found.partial.value,
            indicator.dimension,
            indicator.unit,
        ),
        "counts": _counts(found),
        "missing": [{"field": field, "objects": count} for field, count in found.lacks],
        "cost": None
        if found.cost is None
        else {**asdict(found.cost), "text": cost_words(found.cost)},
        "parts": [part_document(part) for part in found.parts],
        "coverage": coverage_document(found),
        "manual": manual_document(reading),
        "history": history_document(found.history),
        "key_results": _readers(connection, indicator.fingerprint)
        if found.told_by is None
        else readers_known(connection, indicator.fingerprint, found.told_by),
        "objects_text": None
        if found.told_by is None or indicator.set_id is None
        else OBJECTS_TODAY,
    }


def page_of(
    connection: sa.Connection,
    found: Explanation,
    which: str,
    *,
    now: datetime,
    at: datetime | None = None,
    limit: int = OBJECTS,
    offset: int = 0,
) -> Document:
    """One page of what an indicator's number is made of, and how many there are in all (null: it
    keeps none, or nothing is known of them).
    """
    outcome = None if which in (ALL, EXTRA) else Outcome(which)
    total: int | None = None
    shown: list[Document] = []
    keys = listed_keys(found, which)
    if keys is not None:
        total = len(keys)
        shown = [key_document(key) for key in keys[offset : offset + limit]]
    elif found.known and which != EXTRA:
        page = objects_page(
            connection,
            found.indicator.fingerprint,
            outcome=outcome,
            now=now,
            at=at,
            offset=offset,
            limit=limit,
        )
        total = page.total
        shown = [object_document(one) for one in page.objects]
    return {
        "indicator": called(found.indicator),
        "at": moment(found.at),
        "outcome": which,
        "offset": offset,
        "limit": limit,
        "total": total,
        "objects": shown,
    }


def untold(found: Explanation) -> str | None:
    """Why something is not known, in words; None: all is known."""
    if found.indicator.set_id is not None and not found.known:
        if found.known_since is None:
            if found.indicator.reading is not None or found.reading is not None:
                return "its objects are kept no longer, or are being read again"
            return "nothing has been read yet"
        return (
            f"nothing is known of the objects before {moment(found.known_since)}; "
            "a backfill may reach further"
        )
    if found.coverage is not None and compared(found) is None:
        return "nothing is known of one of the two sets"
    if found.reading is None:
        return (
            "there is no reading yet"
            if found.told_by is None
            else f"no reading had been told by {moment(found.told_by)}"
        )
    details = found.reading.details
    told = details.get("untold") if isinstance(details, Mapping) else None
    return None if told is None else str(told)


def what_is_measured(connection: sa.Connection, found: Explanation) -> str:
    """What the number is, in words."""
    parts = [called(part.indicator) for part in found.parts]
    if found.indicator.kind == "coverage":
        return f"the share of the keys of {parts[0]} that {parts[1]} has too"
    if found.indicator.kind == "combination":
        formula = _FORMULAS[found.parts[-1].role]
        return formula.format(listed(parts), *parts)
    if found.indicator.kind == "manual":
        return "a number that a person gives"
    aggregate = connection.execute(
        sa.select(indicators.c.aggregate).where(
            indicators.c.fingerprint == found.indicator.fingerprint
        )
    ).scalar_one()
    if aggregate is None:
        return "one number that the source answers with"
    how = Aggregation(aggregate["how"])
    if how is Aggregation.PERCENTILE:
        rank = aggregate["percentile"]
        return f"the value that {rank:g} % of the objects do not exceed (the nearest rank)"
    scale = aggregate.get("scale", 1.0)
    return _AGGREGATES[how] + (f", times {scale:.4g}" if scale != 1.0 else "")


def part_document(part: PartView) -> Document:
    """A part of a composed number, as old as it is itself."""
    view, reading = part.indicator, part.reading
    value = None if reading is None else reading.value
    return {
        **_short(view),
        "role": part.role,
        "factor": part.factor,
        "weight": part.weight,
        "value": value,
        "value_text": quantity(value, view.dimension, view.unit),
        "value_in_whole": part.value,
        "manual": manual_document(reading),
        "observed_at": None if reading is None else moment(reading.observed_at),
        "error": view.error_message,
        "failing_since": moment(view.failing_since),
    }


def manual_document(reading: Reading | None) -> Document | None:
    """Who gave a number; None for what is measured, and while nobody has."""
    if reading is None or reading.origin is not Origin.MANUAL:
        return None
    details = reading.details or {}
    return {"by": details.get("by"), "note": details.get("note"), "at": moment(reading.at)}


def history_document(found: History | None) -> Document | None:
    """How far an indicator's past was rebuilt; None: nobody has asked for it."""
    if found is None:
        return None
    return {
        "since": moment(found.since),
        "rebuilt_until": moment(found.position),
        "finished_at": moment(found.finished_at),
        "untold": list(found.untold),
    }


def cost_words(cost: Cost) -> str:
    """What a run cost, as people say it.

    >>> cost_words(Cost(seconds=2.3, requests=1, bytes_received=48_300))
    '2.3 s, 1 request, 48.3 kB'
    """
    plural = "" if cost.requests == 1 else "s"
    took = duration(round(cost.seconds, 1))
    return f"{took}, {cost.requests} request{plural}, {size(cost.bytes_received)}"


def _short(indicator: IndicatorView) -> dict[str, Any]:
    reading = indicator.reading
    return {
        "indicator": called(indicator),
        "name": indicator.name,
        "fingerprint": indicator.fingerprint,
        "measure": indicator.measure,
        "source": indicator.source,
        "kind": indicator.kind,
        "unit": indicator.unit,
        "dimension": indicator.dimension.value,
        "value": None if reading is None else reading.value,
        "value_text": quantity(
            None if reading is None else reading.value, indicator.dimension, indicator.unit
        ),
        "observed_at": None if reading is None else moment(reading.observed_at),
        "complete": indicator.partial is None,
        "error_type": indicator.error_type,
    }


def _counts(found: Explanation) -> Document | None:
    coverage = compared(found)
    if coverage is not None:
        return {each.value: sum(key.state is each for key in coverage.counted) for each in Outcome}
    if not found.known:
        return None
    return {each.value: number for each, number in found.counts.items()}


def _readers(connection: sa.Connection, fingerprint: str) -> list[str]:
    query = (
        sa.select(key_results.c.id)
        .where(
            key_results.c.active,
            sa.or_(key_results.c.serving == fingerprint, key_results.c.indicator == fingerprint),
        )
        .order_by(key_results.c.rank)
    )
    return list(connection.execute(query).scalars())
