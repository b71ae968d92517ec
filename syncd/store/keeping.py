"""What of a past that is over is kept: of each day what was told last. Pure.

A day is one of UTC's, and one of each timezone that a period has, as pictures have it and people
ask about it. So of a day some rows more than one may be kept.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Kept:
    """A row of the past: its number, the moment that it is of, and what it is the last of: of one
    day it may be the last of several kinds.
    """

    id: int
    at: datetime
    kinds: tuple[Hashable, ...]


def surplus(rows: Iterable[Kept], zones: Collection[ZoneInfo]) -> set[int]:
    """The numbers of the rows after which another of the same kinds was written of the same day, in
    every one of these timezones.

    >>> from datetime import UTC
    >>> day = [Kept(n, datetime(2026, 1, 1, n, tzinfo=UTC), ("told",)) for n in (8, 12, 20)]
    >>> sorted(surplus(day, [ZoneInfo("UTC")]))
    [8, 12]
    """
    last: dict[Hashable, int] = {}
    seen: set[int] = set()
    for row in rows:
        seen.add(row.id)
        for zone in zones:
            day = row.at.astimezone(zone).date()
            for kind in row.kinds:
                key = zone.key, day, kind
                last[key] = max(last.get(key, row.id), row.id)
    return seen - set(last.values())
