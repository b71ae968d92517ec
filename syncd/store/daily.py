"""The values of the days behind: what a forecast is made from.

A day's value is that of its last complete reading. A day of which nothing was written has none,
because an outage is not a value that stayed; only on the day of an indicator's last confirmation
the value that was confirmed counts without a row of its own
(`docs/decisions/0003-readings-are-written-when-they-differ.md`).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from syncd.model import Reading
from syncd.store.schema import MICROSECOND, indicators, readings, to_microseconds

Values = tuple[tuple[datetime, float], ...]
"""A moment and a value for each day that has one, oldest first."""


@dataclass(frozen=True)
class Asked:
    """An indicator (by fingerprint), the timezone of the days, and how far back they go."""

    indicator: str
    timezone: str
    seconds: float


def daily_values(
    connection: sa.Connection,
    asked: Collection[Asked],
    newest: Mapping[str, Reading | None],
    freshness: Mapping[str, float],
    *,
    now: datetime,
) -> dict[Asked, Values]:
    """The last complete value of each local day, from `seconds` ago up to `now`.

    `newest`: each indicator's newest complete reading, `observed_at` as last confirmed.
    `freshness`: after how many seconds a reading of the indicator is too old. One that was so at
    the moment it was written down for, because a part of what it is made of did not answer, is no
    value of that day. One query for each timezone and length, however many indicators.
    """
    found: dict[Asked, Values] = {}
    groups: dict[tuple[str, float], list[Asked]] = defaultdict(list)
    for one in asked:
        groups[one.timezone, one.seconds].append(one)
    for (timezone, seconds), group in groups.items():
        since = now - timedelta(seconds=seconds)
        days = _days(since, now, ZoneInfo(timezone))
        last = _last_of_each(connection, {one.indicator for one in group}, days, freshness)
        for one in group:
            values = last.get(one.indicator, {})
            _confirm(values, newest.get(one.indicator), days, now)
            found[one] = tuple(
                values[day] for day in sorted(values) if since <= values[day][0] <= now
            )
    return found


Day = tuple[datetime, datetime]
"""Its first moment, and that of the next."""


def _days(since: datetime, until: datetime, zone: ZoneInfo) -> list[Day]:
    first, last = since.astimezone(zone).date(), until.astimezone(zone).date()
    midnights = (
        datetime.combine(first + timedelta(days=n), time(), zone).astimezone(UTC)
        for n in range((last - first).days + 2)
    )
    return list(pairwise(midnights))


def _last_of_each(
    connection: sa.Connection,
    fingerprints: Iterable[str],
    days: Collection[Day],
    freshness: Mapping[str, float],
) -> dict[str, dict[int, tuple[datetime, float]]]:
    """By indicator and the number of the day: its last reading that counts. Each is one look into
    the index of readings.
    """
    numbered = sa.union_all(
        *(
            sa.select(
                sa.literal(number, sa.Integer).label("day"),
                sa.literal(to_microseconds(begins), sa.BigInteger).label("begins"),
                sa.literal(to_microseconds(ends), sa.BigInteger).label("ends"),
            )
            for number, (begins, ends) in enumerate(days)
        )
    ).cte("days")
    wanted = sorted(set(fingerprints))
    said = readings.alias("said")
    at, observed_at = (
        sa.type_coerce(column, sa.BigInteger) for column in (said.c.at, said.c.observed_at)
    )
    limits = {one: timedelta(seconds=freshness[one]) // MICROSECOND for one in wanted}
    last = (
        sa.select(said.c.id)
        .where(
            said.c.indicator == indicators.c.fingerprint,
            said.c.complete,
            said.c.value.is_not(None),
            at >= numbered.c.begins,
            at < numbered.c.ends,
            at - observed_at < _by_indicator(limits),
        )
        .order_by(said.c.at.desc(), said.c.id.desc())
        .limit(1)
        .correlate(indicators, numbered)
        .scalar_subquery()
    )
    query = (
        sa.select(indicators.c.fingerprint, numbered.c.day, readings.c.at, readings.c.value)
        .select_from(indicators.join(numbered, sa.true()).join(readings, readings.c.id == last))
        .where(indicators.c.fingerprint.in_(wanted))
    )
    found: dict[str, dict[int, tuple[datetime, float]]] = defaultdict(dict)
    for row in connection.execute(query):
        if math.isfinite(row.value):
            found[row.fingerprint][row.day] = (row.at, row.value)
    return found


def _by_indicator(limits: Mapping[str, int]) -> sa.ColumnElement[int]:
    """The limit of the row's indicator; the usual one is said once and not for each."""
    tally: dict[int, list[str]] = defaultdict(list)
    for fingerprint, limit in limits.items():
        tally[limit].append(fingerprint)
    usual, *others = sorted(tally, key=lambda limit: -len(tally[limit]))
    if not others:
        return sa.literal(usual, sa.BigInteger)
    return sa.case(
        *((indicators.c.fingerprint.in_(tally[limit]), limit) for limit in others), else_=usual
    )


def _confirm(
    values: dict[int, tuple[datetime, float]],
    reading: Reading | None,
    days: Collection[Day],
    now: datetime,
) -> None:
    """Adds the value that the last confirmation carried into a day without a row."""
    if reading is None or reading.value is None or not math.isfinite(reading.value):
        return
    for number, (begins, ends) in enumerate(days):
        if begins <= reading.observed_at < ends and number not in values:
            values[number] = (min(reading.observed_at, now), reading.value)
