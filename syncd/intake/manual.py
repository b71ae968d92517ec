"""Numbers that people give: read as mapping files are, and written down with who said so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from connectors.base import Dimension
from syncd.intake.moments import past_moment
from syncd.intake.texts import LONGEST_NAME, LONGEST_NOTE, Conflict, Refused, Unknown
from syncd.intake.texts import text as checked
from syncd.mapping.quantity import KINDS, UNITS, base, corrected, parse
from syncd.store.engine import Store
from syncd.store.manual import NotManual, record_manual
from syncd.store.naming import key_meant
from syncd.store.read import IndicatorView, indicator_views, key_result_views, mapping
from syncd.wording import did_you_mean, quantity

MEASURE = "manual"


@dataclass(frozen=True)
class Given:
    """What a person says: the value with its unit, who says it, and as of when (None: now)."""

    value: str
    by: str
    note: str | None = None
    at: str | None = None


@dataclass(frozen=True)
class Written:
    """A number as it was written down; `value` in base units."""

    indicator: str
    value: float
    text: str
    by: str
    note: str | None
    at: datetime

    def document(self) -> Mapping[str, Any]:
        """JSON-able form."""
        return {
            "indicator": self.indicator,
            "value": self.value,
            "value_text": self.text,
            "by": self.by,
            "note": self.note,
            "at": self.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        }


def set_number(store: Store, name: str, given: Given, *, now: datetime) -> Written:
    """Writes down what a person says of a manual indicator, named by its name, its fingerprint or
    the key result that reads it. Raises Unknown and Refused.
    """
    with store.read() as connection:
        indicator = _manual(connection, name, now)
        load = mapping(connection)
    timezone = load.in_force["timezone"] if load is not None and load.in_force else "UTC"
    value = parsed(given.value, indicator.dimension, indicator.unit)
    try:
        at = now if given.at is None else past_moment(given.at, timezone, now)
    except ValueError as error:
        raise Refused(f"at: {error}") from error
    by = checked("by", given.by, LONGEST_NAME)
    note = None if given.note is None else checked("note", given.note, LONGEST_NOTE)
    try:
        record_manual(store, indicator.fingerprint, value, note=note, by=by, at=at, now=now)
    except NotManual as error:  # the mapping files changed this moment
        raise Conflict(str(error)) from error
    return Written(
        indicator=indicator.name or indicator.fingerprint,
        value=value,
        text=quantity(value, indicator.dimension, indicator.unit),
        by=by,
        note=note,
        at=at,
    )


def parsed(text: str, dimension: Dimension, unit: str | None) -> float:
    """The value in base units, written as a mapping file would have it. Raises Refused, which
    says how to write it.

    >>> parsed("62 %", Dimension.RATIO, "percent")
    0.62
    """
    written = parse(text.strip())
    value = None if written is None else base(written, dimension, unit)
    if value is None:
        with_unit = f", in {unit} if you like" if dimension is Dimension.OTHER and unit else ""
        raise Refused(
            f"value: got {text[:40]!r}; expected {KINDS[dimension]}{with_unit}; "
            f"fix: {corrected(text, dimension, unit)}{UNITS[dimension]}"
        )
    return value


def _manual(connection: sa.Connection, name: str, now: datetime) -> IndicatorView:
    every = {view.fingerprint: view for view in indicator_views(connection)}
    told = {view.key_result.key: view.key_result for view in key_result_views(connection)}
    wanted = {kr.id: kr.indicator for kr in told.values()}
    meant = key_meant(connection, name, now)
    if meant is not None:
        wanted[name] = told[meant].indicator
    called = {view.name: view for view in every.values() if view.name is not None}
    found = called.get(name) or every.get(name) or every.get(wanted.get(name, ""))
    by_hand = [view.name for view in every.values() if view.measure == MEASURE and view.name]
    by_hand += [key for key, its in wanted.items() if its in every and _by_hand(every[its])]
    if found is None:
        hint = did_you_mean(name, by_hand, _choice(by_hand))
        raise Unknown(f"there is no indicator {name[:80]!r}{hint}")
    if not _by_hand(found):
        raise Conflict(
            f"{name} is measured ({found.measure}), so nobody can set it; {_choice(by_hand)}"
        )
    return found


def _by_hand(indicator: IndicatorView) -> bool:
    return indicator.measure == MEASURE


def _choice(by_hand: list[str]) -> str:
    if not by_hand:
        return "no mapping file has an indicator with measure: manual"
    return f"those that people set are {', '.join(sorted(by_hand)[:20])}"
