"""Days as they are where people are, for a database that knows moments only.

The offset of a timezone is the same for months, so a moment's day is one of few branches.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from syncd.store.columns import MICROSECOND, to_microseconds

_DAY = timedelta(days=1) // MICROSECOND
_STEP = timedelta(days=7)
"""No offset lasts for a shorter time."""
_FIRST = datetime(2010, 1, 1, tzinfo=UTC)
"""No store has anything older that days are asked of; it has the offset that held then."""


def day_number(moment: datetime, timezone: str) -> int:
    """How many local days a moment is after the first of 1970.

    >>> day_number(datetime(1970, 1, 2, 23, 30, tzinfo=UTC), "Europe/Berlin")
    2
    """
    return (moment.astimezone(ZoneInfo(timezone)).date() - date(1970, 1, 1)).days


def day_of(
    moments: sa.ColumnElement[datetime], timezone: str, until: datetime
) -> sa.ColumnElement[int]:
    """The same of each moment of a column, none of them later than `until`."""
    at = sa.type_coerce(moments, sa.BigInteger)
    return (at + _offset_at(at, _offsets(timezone, until.year))) // _number(_DAY)


def _offset_at(
    at: sa.ColumnElement[int], offsets: tuple[tuple[int, int], ...]
) -> sa.ColumnElement[int]:
    # The newest first: most rows are of the last months.
    held = [(at >= _number(since), _number(by)) for since, by in offsets]
    return sa.case(*held, else_=_number(offsets[-1][1]))


def _number(value: int) -> sa.ColumnElement[int]:
    return sa.literal_column(str(value), sa.BigInteger)


@lru_cache(maxsize=64)
def _offsets(timezone: str, year: int) -> tuple[tuple[int, int], ...]:
    """From when on which offset from UTC held, both in microseconds, up to the end of a year; the
    last first.
    """
    zone = ZoneInfo(timezone)

    def offset(at: datetime) -> timedelta:
        return at.astimezone(zone).utcoffset() or timedelta()

    at, last = _FIRST, datetime(year + 1, 1, 3, tzinfo=UTC)
    found = [(at, offset(at))]
    while at < last:
        after = at + _STEP
        if offset(after) != offset(at):
            found.append((_changed(offset, at, after), offset(after)))
        at = after
    return tuple((to_microseconds(since), by // MICROSECOND) for since, by in reversed(found))


def _changed(
    offset: Callable[[datetime], timedelta], before: datetime, after: datetime
) -> datetime:
    """The first second of the offset that holds at `after`, and not at `before`."""
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after - before) // timedelta(seconds=2))
        if offset(middle) == offset(after):
            after = middle
        else:
            before = middle
    return after
