"""The objects behind a number as lists of the page: what fails, what a side lacks, page by page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa

from connectors.base import Dimension, Outcome
from syncd.compose import Key, Member
from syncd.store.explaining import Explanation
from syncd.store.objects import objects_page
from syncd.store.read import IndicatorView
from syncd.surfaces.comparing import compared
from syncd.surfaces.links import web_link
from syncd.wording import clock, duration

OBJECTS = 50
"""Rows of a list on one page."""

MOST_CHARACTERS = 200
"""The longest name or word to look for."""


@dataclass(frozen=True)
class Sought:
    """Which of the objects: those with `called` in their name, in whatever case, that lack `lacks`
    (empty: whatever they lack); from which on, of what fails (`offset`) and of what only the
    searched side has (`extra`).
    """

    called: str = ""
    lacks: str = ""
    offset: int = 0
    extra: int = 0

    @property
    def asks(self) -> bool:
        """Whether it leaves any out."""
        return bool(self.called or self.lacks)

    def address(self) -> str:
        """The same as a query string, from the first on."""
        said = (("q", self.called), ("lacks", self.lacks))
        return urlencode({name: value for name, value in said if value})

    def finds(self, key: Key) -> bool:
        """Whether it leaves a key in, by itself or by who holds it."""
        names = (key.key, *(holder.label for holder in (*key.of, *key.inside)))
        return any(self.called.casefold() in name.casefold() for name in names)


@dataclass(frozen=True)
class Listed:
    """One page of a list: its rows, how many there are, and the offsets of the pages beside it."""

    rows: Sequence[Mapping[str, Any]]
    total: int
    offset: int
    earlier: int | None
    later: int | None


class Listing:
    """Lists in the key result's timezone, as of a moment."""

    def __init__(self, timezone: str, now: datetime, sought: Sought) -> None:
        self._timezone = timezone
        self._now = now
        self._sought = sought

    def failing(self, connection: sa.Connection, found: Explanation) -> Listed | None:
        """What fails; None: the number keeps no objects, or nothing is known of them."""
        coverage = compared(found)
        if coverage is not None:
            return self.keys(coverage.missing, self._sought.offset)
        if not found.known:
            return None
        page = objects_page(
            connection,
            found.indicator.fingerprint,
            outcome=Outcome.FAIL,
            now=self._now,
            at=found.at,
            limit=OBJECTS,
            offset=self._sought.offset,
            called=self._sought.called,
            lacks=self._sought.lacks,
        )
        rows = [
            {
                "label": each.label,
                "url": web_link(each.url),
                "lacks": ", ".join(each.missing),
                "number": self._number(each.number, found.indicator),
                "since": self._clock(each.since),
            }
            for each in page.objects
        ]
        return _listed(rows, page.total, self._sought.offset)

    def only_there(self, keys: Sequence[Key]) -> Listed:
        """What only the searched side has."""
        return self.keys(keys, self._sought.extra)

    def keys(self, keys: Sequence[Key], offset: int) -> Listed:
        """Keys that one side lacks, and who holds them on the other."""
        wanted = [key for key in keys if self._sought.finds(key)]
        rows = [
            {
                "label": holders[0].label,
                "url": web_link(holders[0].url),
                "key": key.key,
                "state": "" if key.state is not Outcome.PENDING else "pending",
                "since": self._clock(min(holder.since for holder in holders)),
            }
            for key in wanted[offset : offset + OBJECTS]
            for holders in [key.of or key.inside]
        ]
        return _listed(rows, len(wanted), offset)

    def twice(self, found: Explanation) -> list[Mapping[str, Any]]:
        """The keys that two objects of one side hold, at most a page of them."""
        coverage = compared(found)
        if coverage is None:
            return []
        sides = (
            *((each.key, each.of, coverage.of) for each in coverage.twice_of),
            *((each.key, each.inside, coverage.inside) for each in coverage.twice_inside),
        )
        return [_twice(*each) for each in sides[:OBJECTS]]

    def _clock(self, at: datetime) -> str:
        return clock(at, self._timezone, self._now)

    def _number(self, number: float | None, indicator: IndicatorView) -> str:
        if number is None:
            return ""
        if indicator.dimension is Dimension.DURATION:
            return duration(number)
        return f"{number:g}"


def _twice(key: str, holders: Sequence[Member], side: str) -> Mapping[str, Any]:
    return {
        "key": key,
        "side": side,
        "holders": [(holder.label, web_link(holder.url)) for holder in holders],
    }


def _listed(rows: Sequence[Mapping[str, Any]], total: int, offset: int) -> Listed:
    return Listed(
        rows,
        total,
        offset,
        earlier=max(offset - OBJECTS, 0) if offset else None,
        later=offset + OBJECTS if offset + OBJECTS < total else None,
    )
