"""The feed's rows: numbered so that they become visible in the order of their numbers."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa

from syncd.model import Event, EventKind
from syncd.store.schema import counters, events, outbox, outbox_targets

FEED = "feed"

Tell = Callable[[Sequence[Event]], None]
"""Hears what was told, once it is written for good."""


def nobody(told: Sequence[Event]) -> None:
    """Hears it, and does nothing."""


def append_events(connection: sa.Connection, new: Sequence[Event]) -> None:
    """Adds events to the feed, and a letter for each target to the outbox, within the caller's
    writing transaction.

    The counter's row stays locked until the transaction ends, so a reader that resumes after
    position N has missed nothing before N. Call it late: others wait for the lock.
    """
    if not new:
        return
    last = connection.execute(
        sa.update(counters)
        .where(counters.c.name == FEED)
        .values(value=counters.c.value + len(new))
        .returning(counters.c.value)
    ).scalar_one()
    first = last - len(new) + 1
    connection.execute(
        sa.insert(events),
        [
            {
                "position": first + offset,
                "id": str(uuid.uuid4()),
                "at": event.at,
                "kind": event.kind.value,
                "subject": event.subject,
                "title": event.title,
                "text": event.text,
                "reason": event.reason,
                "key_result": event.key_result,
                "team": event.team,
                "status": event.status,
                "before": None if event.before is None else dict(event.before),
                "after": None if event.after is None else dict(event.after),
                "data": dict(event.data),
            }
            for offset, event in enumerate(new)
        ],
    )
    for_each_target = (
        sa.select(outbox_targets.c.name, events.c.position, events.c.at)
        .select_from(sa.join(events, outbox_targets, outbox_targets.c.active))
        .where(events.c.position >= first)
    )
    connection.execute(
        sa.insert(outbox).from_select(["target", "position", "next_attempt_at"], for_each_target)
    )


def event_of(row: Any) -> Event:
    """The event in a row of the feed."""
    return Event(
        position=row.position,
        id=row.id,
        at=row.at,
        kind=EventKind(row.kind),
        subject=row.subject,
        title=row.title,
        text=row.text,
        reason=row.reason,
        key_result=row.key_result,
        team=row.team,
        before=row.before,
        after=row.after,
        data=row.data,
    )
