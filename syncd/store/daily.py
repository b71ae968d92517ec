"""The values of the days behind: what a forecast is made from.

A day's value is that of its last complete reading. A day of which nothing was written has none,
because an outage is not a value that stayed; only on the day of an indicator's last confirmation
the value that was confirmed counts without a row of its own
(`docs/decisions/0003-readings-are-written-when-they-differ.md`).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from syncd.model import Reading
from syncd.store.columns import MICROSECOND, to_microseconds
from syncd.store.schema import indicators, readings

Values = tuple[tuple[datetime, float], ...]
"""A moment and a value for each day that has one, oldest first."""

MOST_KEPT = 50_000
"""Of how many indicators the days are kept at the most."""


@dataclass(frozen=True)
class Asked:
    """An indicator (by fingerprint), the timezone of the days, and how far back they go."""

    indicator: str
    timezone: str
    seconds: float


@dataclass(frozen=True)
class Known:
    """What the store holds of an indicator now: its newest complete reading, `observed_at` as last
    confirmed; how often its past was written anew (`indicators.rewritten`); and after how many
    seconds a reading of it is too old.
    """

    reading: Reading | None
    rewritten: int
    fresh_seconds: float

    @property
    def mark(self) -> tuple[int | None, int, float]:
        """Changes when a reading was written that may be the last of a day."""
        newest = None if self.reading is None else self.reading.id
        return newest, self.rewritten, self.fresh_seconds


@dataclass(frozen=True)
class _Kept:
    """The values that were read when the store held what is `known`."""

    known: Known
    values: Values

    def may_differ_from(self, now: Known) -> datetime | None:
        """The moment from which on there may be others where the store holds `now`; None: all may
        be. What was written in between is of the time of the newest reading or later, unless the
        past was written anew; a day early, because the clocks of workers differ.
        """
        before = self.known
        same = (before.rewritten, before.fresh_seconds) == (now.rewritten, now.fresh_seconds)
        return before.reading.at - timedelta(days=1) if same and before.reading else None


class Days:
    """The values of the days behind. What was read is kept, and read again when something new was
    written of the indicator. Not shared between threads.
    """

    def __init__(self) -> None:
        self._kept: dict[Asked, _Kept] = {}

    def values(
        self,
        connection: sa.Connection,
        asked: Mapping[Asked, Known],
        *,
        now: datetime,
    ) -> dict[Asked, Values]:
        """The last complete value of each local day, from `seconds` ago up to `now`.

        A reading that was too old already at the moment it was written down for, because a part of
        what it is made of did not answer, is no value of that day. At most two queries for each
        timezone, length and limit, however many indicators: of those that were never read all days
        are, of the others those from the day before their last reading on.
        """
        if len(self._kept) > MOST_KEPT:
            self._kept.clear()
        groups: dict[tuple[str, float, bool], dict[Asked, datetime]] = defaultdict(dict)
        for one, known in asked.items():
            kept = self._kept.get(one)
            if kept is None or kept.known.mark != known.mark:
                since = None if kept is None else kept.may_differ_from(known)
                first = now - timedelta(seconds=one.seconds)
                goes_on = since is not None and since > first
                groups[one.timezone, one.seconds, goes_on][one] = max(since or first, first)
        for (timezone, _, goes_on), of in groups.items():
            days = _days(min(of.values()), now, ZoneInfo(timezone))
            last = _last_of_each(
                connection, days, {one.indicator: asked[one].fresh_seconds for one in of}
            )
            for one in of:
                before = self._kept[one].values if goes_on else ()
                earlier = (value for value in before if value[0] < days[0][0])
                self._kept[one] = _Kept(asked[one], (*earlier, *last.get(one.indicator, ())))
        return {
            one: tuple(
                value
                for value in _confirmed(
                    self._kept[one].values, known.reading, ZoneInfo(one.timezone)
                )
                if now - timedelta(seconds=one.seconds) <= value[0] <= now
            )
            for one, known in asked.items()
        }


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
    connection: sa.Connection, days: Collection[Day], fresh_seconds: Mapping[str, float]
) -> dict[str, list[tuple[datetime, float]]]:
    """The last reading of each day that counts, by indicator. Each is one look into the index of
    readings.
    """
    bounds = {
        f"{word}_{number}": to_microseconds(moment)
        for number, day in enumerate(days)
        for word, moment in zip(("begins", "ends"), day, strict=True)
    }
    alike: dict[float, list[str]] = defaultdict(list)
    for fingerprint, seconds in fresh_seconds.items():
        alike[seconds].append(fingerprint)
    found: dict[str, list[tuple[datetime, float]]] = defaultdict(list)
    for seconds, fingerprints in alike.items():
        limit = timedelta(seconds=seconds) // MICROSECOND
        asked = {**bounds, "fresh": limit, "fingerprints": fingerprints}
        for row in connection.execute(_look(len(days)), asked):
            if math.isfinite(row.value):
                found[row.fingerprint].append((row.at, row.value))
    return found


# To make the statement takes longer than to run it; most are of the last two days.
@lru_cache(maxsize=16)
def _look(days: int) -> sa.Select[tuple[str, datetime, float]]:
    numbered = sa.union_all(
        *(
            sa.select(
                sa.literal(number, sa.Integer).label("day"),
                sa.bindparam(f"begins_{number}", type_=sa.BigInteger()).label("begins"),
                sa.bindparam(f"ends_{number}", type_=sa.BigInteger()).label("ends"),
            )
            for number in range(days)
        )
    ).cte("days")
    said = readings.alias("said")
    at, observed_at = (
        sa.type_coerce(column, sa.BigInteger) for column in (said.c.at, said.c.observed_at)
    )
    last = (
        sa.select(said.c.id)
        .where(
            said.c.indicator == indicators.c.fingerprint,
            said.c.complete,
            said.c.value.is_not(None),
            at >= numbered.c.begins,
            at < numbered.c.ends,
            at - observed_at < sa.bindparam("fresh", type_=sa.BigInteger()),
        )
        .order_by(said.c.at.desc(), said.c.id.desc())
        .limit(1)
        .correlate(indicators, numbered)
        .scalar_subquery()
    )
    return (
        sa.select(indicators.c.fingerprint, readings.c.at, readings.c.value)
        .select_from(indicators.join(numbered, sa.true()).join(readings, readings.c.id == last))
        .where(indicators.c.fingerprint.in_(sa.bindparam("fingerprints", expanding=True)))
        .order_by(numbered.c.day)
    )


def _confirmed(values: Values, reading: Reading | None, zone: ZoneInfo) -> Values:
    """With the value that the last confirmation carried into a day without a row."""
    if reading is None or reading.value is None or not math.isfinite(reading.value):
        return values
    day = reading.observed_at.astimezone(zone).date()
    if any(at.astimezone(zone).date() == day for at, _ in reversed(values)):
        return values
    return tuple(sorted([*values, (reading.observed_at, reading.value)]))
