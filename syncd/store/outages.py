"""Which letters tell of an outage that their target has been told of already.

Key results turn stale one after the other, each at its own time, hours after their source went
down. Whoever was told of the outage knows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa

from syncd.model import Event, EventKind
from syncd.store.events import event_of
from syncd.store.schema import events, outbox

Takes = Callable[[Event], bool]


def told_already(
    connection: sa.Connection, target: str, letters: Sequence[Event], takes: Takes
) -> frozenset[int]:
    """The positions of those that say of a key result that a source keeps its data away, where an
    earlier event of the same outage that the target `takes` has left its outbox. What waits there,
    or was given up, was not told.
    """
    return frozenset(
        event.position
        for event in letters
        if event.position is not None
        and event.kind is EventKind.DATA_STALE
        and isinstance(source := event.data.get("source"), str)
        and _told(connection, target, source, event.position, takes)
    )


def _told(connection: sa.Connection, target: str, source: str, position: int, takes: Takes) -> bool:
    begun = _last(connection, EventKind.SOURCE_FAILING, source, position)
    ended = _last(connection, EventKind.SOURCE_RECOVERED, source, position)
    if begun is None or (ended is not None and ended > begun):
        return False
    in_outbox = sa.exists().where(outbox.c.target == target, outbox.c.position == events.c.position)
    earlier = connection.execute(
        sa.select(events)
        .where(
            events.c.position >= begun,
            events.c.position < position,
            events.c.kind.in_([EventKind.SOURCE_FAILING.value, EventKind.DATA_STALE.value]),
            ~in_outbox,
        )
        .order_by(events.c.position)
    )
    return any(_is_of(one, source) and takes(one) for one in map(event_of, earlier))


def _is_of(event: Event, source: str) -> bool:
    if event.kind is EventKind.SOURCE_FAILING:
        return event.subject == source
    return event.data.get("source") == source


def _last(connection: sa.Connection, kind: EventKind, source: str, before: int) -> int | None:
    found: Any = connection.execute(
        sa.select(sa.func.max(events.c.position)).where(
            events.c.kind == kind.value,
            events.c.subject == source,
            events.c.position < before,
        )
    ).scalar_one()
    return None if found is None else int(found)
