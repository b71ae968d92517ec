"""Reading the feed: a part of it, from a place in it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from syncd.model import Event
from syncd.store.events import FEED, event_of
from syncd.store.schema import compactions, counters, events

_CURSOR = re.compile(r"(\d{1,18})(?:-([0-9a-f]{8}))?", re.ASCII)
_ID_LENGTH = 8


class NotOfThisFeed(Exception):
    """The cursor was never given out by this feed; the message says what would be right."""


@dataclass(frozen=True)
class Wanted:
    """Which events: all that pass each of these; None or empty: whatever they are."""

    teams: tuple[str, ...] = ()
    key_results: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None

    def conditions(self) -> list[sa.ColumnElement[bool]]:
        """The same for the database."""
        found: list[sa.ColumnElement[bool]] = [
            column.in_(list(values))
            for column, values in (
                (events.c.team, self.teams),
                (events.c.key_result, self.key_results),
                (events.c.kind, self.kinds),
                (events.c.status, self.statuses),
            )
            if values
        ]
        if self.since is not None:
            found.append(events.c.at >= self.since)
        if self.until is not None:
            found.append(events.c.at <= self.until)
        return found


class Gone(NotOfThisFeed):
    """The cursor was given out by this feed, and what followed it is not kept any more; the message
    says from where on to read.
    """


def newest(connection: sa.Connection) -> int:
    """The position of the newest event; 0: there is none."""
    query = sa.select(counters.c.value).where(counters.c.name == FEED)
    return int(connection.execute(query).scalar_one())


def oldest_kept(connection: sa.Connection) -> int:
    """From this position on every event is kept; 0: all are."""
    query = sa.select(compactions.c.position).where(compactions.c.kind == "events")
    return int(connection.execute(query).scalar() or 0)


def store_mark(connection: sa.Connection) -> str:
    """What tells this store from every other: the id of its first event. Empty before that."""
    query = sa.select(events.c.id).order_by(events.c.position).limit(1)
    return connection.execute(query).scalar() or ""


def following(connection: sa.Connection, wanted: Wanted, *, after: int, limit: int) -> list[Event]:
    """The first events after a position, the oldest first."""
    query = sa.select(events).where(events.c.position > after, *wanted.conditions())
    found = connection.execute(query.order_by(events.c.position).limit(limit))
    return [event_of(row) for row in found]


def preceding(
    connection: sa.Connection, wanted: Wanted, *, before: int | None, limit: int
) -> list[Event]:
    """The last events before a position (None: of all), the newest first."""
    query = sa.select(events).where(*wanted.conditions())
    if before is not None:
        query = query.where(events.c.position < before)
    found = connection.execute(query.order_by(events.c.position.desc()).limit(limit))
    return [event_of(row) for row in found]


def cursor_of(event: Event) -> str:
    """What a reader hands back to go on from here: its position, and enough of its id to know the
    feed that it is of.

    >>> from datetime import UTC
    >>> from syncd.model import EventKind
    >>> told = datetime(2026, 1, 1, tzinfo=UTC)
    >>> event = Event(told, EventKind.MISSED, "a", "b", "c", "d", position=7, id="3f9ac2d1-55")
    >>> cursor_of(event)
    '7-3f9ac2d1'
    """
    return f"{event.position}-{(event.id or '')[:_ID_LENGTH]}"


def position_of(connection: sa.Connection, cursor: str) -> int:
    """The position that a cursor means; a bare position will do. Raises NotOfThisFeed,
    and Gone for one that events were removed after.
    """
    match = _CURSOR.fullmatch(cursor)
    if match is None:
        raise NotOfThisFeed("a cursor that this feed gave out, such as 120-3f9ac2d1")
    position, start = int(match[1]), match[2]
    last = newest(connection)
    if position > last:
        raise NotOfThisFeed(f"a cursor of this feed, whose newest position is {last}")
    oldest = oldest_kept(connection)
    if position < oldest:
        raise Gone(
            f"{oldest} or later: of what was told before, not everything is kept; "
            f"begin with {oldest}, or without a cursor"
        )
    if start is not None:
        query = sa.select(events.c.id).where(events.c.position == position)
        found = connection.execute(query).scalar_one_or_none()
        if found is None or found[:_ID_LENGTH] != start:
            raise NotOfThisFeed("a cursor of this feed; this one is of another store")
    return position


def told_of(connection: sa.Connection, word: str) -> list[str]:
    """The keys of the key results with this key or id of which something was told, also those that
    no mapping file names any more; the newest first.
    """
    named = sa.or_(
        events.c.key_result == word, events.c.key_result.endswith(f"/{word}", autoescape=True)
    )
    query = sa.select(events.c.key_result).where(named).group_by(events.c.key_result)
    query = query.order_by(sa.func.max(events.c.position).desc())
    return list(connection.execute(query).scalars())


def teams(connection: sa.Connection) -> list[str]:
    """The teams of which something was told, in order."""
    query = sa.select(events.c.team).where(events.c.team.is_not(None)).distinct()
    return sorted(connection.execute(query).scalars())
