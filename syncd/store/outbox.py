"""The outbox: letters, each an event for one target, written with the event and kept until they are
delivered.

Delivery is at least once: a letter goes when its target has said that it has it, and the event's id
tells the target what it has had before. Letters are claimed under a lease, as scopes are.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from syncd.model import Event
from syncd.store.engine import Store
from syncd.store.events import event_of
from syncd.store.schema import events, outbox, outbox_targets

GONE = "the settings name this target no longer"


@dataclass(frozen=True)
class Letter:
    """An event on its way; `attempts` that failed so far."""

    event: Event
    attempts: int


@dataclass(frozen=True)
class Bag:
    """The letters that somebody has claimed for one target, the oldest first."""

    target: str
    token: str
    letters: Sequence[Letter]

    def only(self, letters: Sequence[Letter]) -> Bag:
        """The same claim, for some of its letters."""
        return Bag(self.target, self.token, letters)


@dataclass(frozen=True)
class DeadLetter:
    """A letter that was given up, when, after how many attempts, and why."""

    target: str
    event: Event
    attempts: int
    at: datetime
    error: str


@dataclass(frozen=True)
class Depth:
    """How many letters wait for a target, how many of these were tried in vain (`failing`), and how
    many were given up. `due_at`: when the first of those that wait may be sent (aware UTC).
    """

    waiting: int
    dead: int
    failing: int
    due_at: datetime | None


def register(store: Store, names: Collection[str], now: datetime) -> None:
    """Makes these the targets for which letters are written from now on. What waits for one that is
    named no longer is given up, and stays listed.
    """
    with store.write() as connection:
        store.upsert(connection, outbox_targets, [{"name": n, "active": True} for n in names])
        connection.execute(
            sa.update(outbox_targets)
            .where(outbox_targets.c.name.not_in(list(names)))
            .values(active=False)
        )
        connection.execute(
            sa.update(outbox)
            .where(outbox.c.target.not_in(list(names)), outbox.c.dead_at.is_(None))
            .values(dead_at=now, error=GONE)
        )


def claim_letters(
    store: Store, target: str, *, now: datetime, most: int, lease_seconds: float, together: bool
) -> Bag | None:
    """The oldest letters of a target that may be sent now; None: there are none, or the target is
    paused. `together`: when one may be sent, all that wait come with it.
    """
    free = sa.or_(outbox.c.lease_token.is_(None), outbox.c.lease_until <= now)
    waiting = [outbox.c.target == target, outbox.c.dead_at.is_(None), free]
    due = [*waiting, outbox.c.next_attempt_at <= now]
    paused = sa.select(outbox_targets.c.name).where(
        outbox_targets.c.name == target, outbox_targets.c.paused_until > now
    )
    with store.read() as connection:
        # Looked at without the writer's lock: most of the time there is nothing.
        if connection.execute(paused).first() is not None:
            return None
        if connection.execute(sa.select(outbox.c.position).where(*due).limit(1)).first() is None:
            return None
    with store.write() as connection:
        rows = connection.execute(
            store.locked(
                sa.select(outbox)
                .where(*(waiting if together else due))
                .order_by(outbox.c.position)
                .limit(most),
                skip=True,
            )
        ).all()
        if not rows:
            return None
        token = secrets.token_hex(16)
        positions = [row.position for row in rows]
        connection.execute(
            sa.update(outbox)
            .where(outbox.c.target == target, outbox.c.position.in_(positions))
            .values(lease_token=token, lease_until=now + timedelta(seconds=lease_seconds))
        )
        told = {
            row.position: event_of(row)
            for row in connection.execute(sa.select(events).where(events.c.position.in_(positions)))
        }
    return Bag(target, token, [Letter(told[row.position], row.attempts) for row in rows])


def settle(store: Store, bag: Bag) -> None:
    """They are delivered, or not wanted: they leave the outbox."""
    if bag.letters:
        with store.write() as connection:
            connection.execute(sa.delete(outbox).where(*_held(bag)))
            connection.execute(
                sa.update(outbox_targets)
                .where(outbox_targets.c.name == bag.target)
                .values(paused_until=None)
            )


def postpone(store: Store, bag: Bag, *, until: datetime) -> None:
    """They are given back unsent, to be sent from `until` on."""
    if bag.letters:
        with store.write() as connection:
            connection.execute(
                sa.update(outbox).where(*_held(bag)).values(next_attempt_at=until, **_FREE)
            )


def failed(store: Store, bag: Bag, error: str, *, until: datetime | None, now: datetime) -> None:
    """An attempt has failed: they are sent again from `until` on; None: they are given up."""
    values: dict[str, Any] = {"attempts": outbox.c.attempts + 1, "error": error, **_FREE}
    values |= {"dead_at": now} if until is None else {"next_attempt_at": until}
    with store.write() as connection:
        connection.execute(sa.update(outbox).where(*_held(bag)).values(**values))


def pause(store: Store, target: str, *, until: datetime) -> None:
    """Nothing is sent to a target before then."""
    with store.write() as connection:
        connection.execute(
            sa.update(outbox_targets)
            .where(outbox_targets.c.name == target)
            .values(paused_until=until)
        )


def dead_letters(connection: sa.Connection, target: str | None = None) -> list[DeadLetter]:
    """Those that were given up, the oldest first; of one target, or of all."""
    query = (
        sa.select(events, outbox.c.target, outbox.c.attempts, outbox.c.dead_at, outbox.c.error)
        .join(outbox, outbox.c.position == events.c.position)
        .where(outbox.c.dead_at.is_not(None))
        .order_by(events.c.position, outbox.c.target)
    )
    if target is not None:
        query = query.where(outbox.c.target == target)
    return [
        DeadLetter(row.target, event_of(row), row.attempts, row.dead_at, row.error or "")
        for row in connection.execute(query)
    ]


def send_again(store: Store, *, target: str | None, position: int | None, now: datetime) -> int:
    """Makes dead letters due at once, as if never tried (of this target and event; None: of all);
    how many. Those of a target that is named no longer stay dead.
    """
    active = sa.select(outbox_targets.c.name).where(outbox_targets.c.active)
    chosen: list[sa.ColumnElement[bool]] = [
        outbox.c.dead_at.is_not(None),
        outbox.c.target.in_(active),
    ]
    if target is not None:
        chosen.append(outbox.c.target == target)
    if position is not None:
        chosen.append(outbox.c.position == position)
    with store.write() as connection:
        done = connection.execute(
            sa.update(outbox)
            .where(*chosen)
            .values(dead_at=None, attempts=0, next_attempt_at=now, error=None, **_FREE)
        )
        return int(done.rowcount)


def depths(connection: sa.Connection) -> Mapping[str, Depth]:
    """What stands in the outbox of each target that is active or still has letters, by name."""
    dead = sa.func.count(outbox.c.dead_at)
    waits = outbox.c.dead_at.is_(None)
    moment = outbox.c.next_attempt_at.type
    counted = connection.execute(
        sa.select(
            outbox_targets.c.name,
            outbox_targets.c.active,
            sa.func.count(outbox.c.position).label("letters"),
            dead.label("dead"),
            sa.func.count(sa.case((waits & (outbox.c.attempts > 0), 1))).label("failing"),
            sa.func.min(sa.case((waits, outbox.c.next_attempt_at)), type_=moment).label("due_at"),
        )
        .join(outbox, outbox.c.target == outbox_targets.c.name, isouter=True)
        .group_by(outbox_targets.c.name, outbox_targets.c.active)
        .order_by(outbox_targets.c.name)
    )
    return {
        row.name: Depth(row.letters - row.dead, row.dead, row.failing, row.due_at)
        for row in counted
        if row.active or row.letters
    }


_FREE = {"lease_token": None, "lease_until": None}


def _held(bag: Bag) -> list[sa.ColumnElement[bool]]:
    return [
        outbox.c.target == bag.target,
        outbox.c.lease_token == bag.token,
        outbox.c.position.in_([letter.event.position for letter in bag.letters]),
    ]
