"""What must hold of a store at any moment: verdicts, readings, assessments, events and letters of a
turn are there together or not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field

import sqlalchemy as sa

from syncd.store import feed
from syncd.store.schema import (
    assessments,
    events,
    indicators,
    key_results,
    objects,
    outbox,
    readings,
    verdicts,
)


@dataclass
class Wholeness:
    """Looks at a store again and again, and remembers all that was told. `delivered`: the ids of the
    events that came to whom they are sent to.
    """

    delivered: Callable[[], Collection[str]]
    told: dict[int, str] = field(default_factory=dict)
    _status: dict[str, str] = field(default_factory=dict)
    looks: int = 0

    def look(self, connection: sa.Connection) -> None:
        """Asserts that what one transaction sees is whole. The store's counters may only grow."""
        self.looks += 1
        fresh = self._feed(connection)
        self._judged(connection)
        _read(connection)
        self._letters(connection, fresh)

    def _feed(self, connection: sa.Connection) -> dict[int, str]:
        """What was told since the last look: on from there without a hole, and each change of a key
        result from where the one before left it.
        """
        last = len(self.told)
        query = sa.select(events).where(events.c.position > last).order_by(events.c.position)
        rows = connection.execute(query).all()
        assert [row.position for row in rows] == list(range(last + 1, last + 1 + len(rows)))
        assert feed.newest(connection) == last + len(rows), "the counter is where the feed ends"
        for row in rows:
            after = None if row.after is None else row.after.get("status")
            if row.key_result is None or after is None:
                continue
            before = None if row.before is None else row.before.get("status")
            assert before == self._status.get(row.key_result), "told from what was told before"
            self._status[row.key_result] = after
        fresh = {row.position: row.id for row in rows}
        assert not set(fresh.values()) & set(self.told.values()), "nothing is told twice"
        self.told |= fresh
        return fresh

    def _judged(self, connection: sa.Connection) -> None:
        """What is told of a key result is what its last assessment and its last event say, and of the
        newest reading, unless it is marked to be judged again.
        """
        newest = (
            sa.select(sa.func.max(assessments.c.id).label("id"))
            .group_by(assessments.c.key_result)
            .subquery()
        )
        query = (
            sa.select(
                key_results.c.key,
                key_results.c.told,
                key_results.c.current,
                key_results.c.dirty,
                assessments.c.status,
                assessments.c.value,
                readings.c.value.label("read"),
            )
            .join(assessments, assessments.c.key_result == key_results.c.key)
            .join(newest, newest.c.id == assessments.c.id)
            .join(indicators, indicators.c.fingerprint == key_results.c.serving)
            .join(readings, readings.c.id == indicators.c.reading_id, isouter=True)
        )
        for row in connection.execute(query):
            assert row.told == row.status == row.current["status"], row
            assert row.value == row.current["value"], row
            assert row.told == self._status.get(row.key), row
            if not row.dirty:
                assert row.value == row.read, row

    def _letters(self, connection: sa.Connection, fresh: dict[int, str]) -> None:
        """Each event has its letter, or was delivered."""
        if not fresh:
            return
        query = sa.select(outbox.c.position).where(outbox.c.position >= min(fresh))
        waiting = set(connection.execute(query).scalars())
        assert waiting <= set(fresh), "a letter of an event that is not there"
        gone = {one for position, one in fresh.items() if position not in waiting}
        assert gone <= set(self.delivered()), "a letter is gone that nobody got"


def _read(connection: sa.Connection) -> None:
    """The newest reading of each scan says what its verdicts say, of all the objects there are."""
    holding = (
        sa.select(
            verdicts.c.set_id,
            sa.func.count().label("all"),
            sa.func.sum(sa.case((verdicts.c.outcome == "pass", 1), else_=0)).label("passing"),
        )
        .where(verdicts.c.valid_to.is_(None))
        .group_by(verdicts.c.set_id)
        .subquery()
    )
    present = (
        sa.select(objects.c.scope_id, sa.func.count().label("all"))
        .where(objects.c.present)
        .group_by(objects.c.scope_id)
        .subquery()
    )
    query = (
        sa.select(
            readings.c.numerator,
            readings.c.denominator,
            holding.c.passing,
            holding.c.all.label("verdicts"),
            present.c.all.label("objects"),
        )
        .select_from(indicators)
        .join(holding, holding.c.set_id == indicators.c.set_id, isouter=True)
        .join(present, present.c.scope_id == indicators.c.scope_id, isouter=True)
        .join(readings, readings.c.id == indicators.c.reading_id, isouter=True)
        .where(indicators.c.set_id.is_not(None))
    )
    for row in connection.execute(query):
        assert row.numerator == row.passing, row
        assert row.denominator == row.verdicts == row.objects, row
