"""How many objects of a set pass, fail and wait, kept as runs and time move them.

To count a million verdicts one by one takes half a second, however little has changed. So what was
counted is kept, with the moment that it is of, and moved by what differs: a run that rewrites an
object takes out what held of it at that moment, and puts in what holds by the new rows; and time
brings what has begun since and takes what has ended, both of which an index knows. These are whole
numbers, so the outcome is that of counting one by one, and a test holds it to that.

A count is believed only under the publication that it was made in (the scope's `last_success_at`).
An older syncd beside this one writes verdicts and counts nothing: then all is counted anew. So it
is by each run that reads everything, which is once a day.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

import sqlalchemy as sa

from connectors.base import Outcome, Verdict
from syncd.store.aggregate import Counts, counts_at
from syncd.store.schema import tallies, verdicts


@dataclass
class Tally:
    """What is kept of a set: how many objects of each outcome there were at `at`, by the rows that
    stand in the store. Whoever writes others tells it with `rewritten`.
    """

    set_id: int
    at: datetime
    under: datetime
    found: Counter[Outcome]
    is_other: bool = False
    """Than what is kept in the store."""

    def rewritten(self, before: Iterable[Verdict], after: Iterable[Verdict]) -> None:
        """An object's rows are others."""
        self.is_other = True
        self.found.subtract(_outcomes(before, self.at))
        self.found.update(_outcomes(after, self.at))

    def write(self, connection: sa.Connection) -> None:
        """Keeps it."""
        values = {"set_id": self.set_id, "at": self.at, "under": self.under, **asdict(self.counts)}
        is_there = tallies.c.set_id == self.set_id
        if not connection.execute(sa.update(tallies).where(is_there).values(**values)).rowcount:
            connection.execute(sa.insert(tallies).values(**values))

    @property
    def counts(self) -> Counts:
        """The numbers."""
        return Counts.of(self.found)


def tally_of(connection: sa.Connection, set_id: int, under: datetime | None) -> Tally | None:
    """What is kept of a set; None where nothing is, or not of the publication `under` (the scope's
    `last_success_at`).
    """
    query = sa.select(tallies).where(tallies.c.set_id == set_id, tallies.c.under == under)
    row = connection.execute(query).first()
    if row is None:
        return None
    counts = Counts(row.passed, row.failed, row.pending)
    return Tally(set_id, row.at, row.under, Counter(counts.by_outcome()))


def forget(connection: sa.Connection, set_id: int) -> None:
    """Keeps nothing of a set: it is counted anew when it is asked for."""
    connection.execute(sa.delete(tallies).where(tallies.c.set_id == set_id))


def counted(
    connection: sa.Connection,
    set_id: int,
    at: datetime,
    *,
    before: datetime | None,
    under: datetime,
) -> Counts:
    """How many objects of a set pass, fail and wait at `at`, and keeps it for the publication
    `under`. `before`: the one under which it was kept so far.

    What it costs follows what is written of other moments since, not the size of the set; all are
    counted where nothing was kept or `at` is earlier.
    """
    now = tally_of(connection, set_id, before)
    if now is None or now.at > at:
        one_by_one = counts_at(connection, set_id, at)
        now = Tally(set_id, at, under, Counter(one_by_one.by_outcome()))
    else:
        if now.at < at:
            now.found.update(_moved(connection, set_id, now.at, at))
        now.at, now.under = at, under
    now.write(connection)
    return now.counts


def _outcomes(rows: Iterable[Verdict], at: datetime) -> Sequence[Outcome]:
    return [
        row.outcome
        for row in rows
        if row.valid_from <= at and (row.valid_to is None or row.valid_to > at)
    ]


def _moved(
    connection: sa.Connection, set_id: int, since: datetime, at: datetime
) -> Mapping[Outcome, int]:
    """By outcome, how many rows hold at `at` and did not at `since`, less those that did and do no
    more.
    """
    begins, ends = verdicts.c.valid_from, verdicts.c.valid_to
    begun = [begins > since, begins <= at, sa.or_(ends.is_(None), ends > at)]
    ended = [ends > since, ends <= at, begins <= since]
    parts = [
        sa.select(verdicts.c.outcome, (sa.func.count() * sign).label("more"))
        .where(verdicts.c.set_id == set_id, *which)
        .group_by(verdicts.c.outcome)
        for sign, which in ((1, begun), (-1, ended))
    ]
    found: Counter[Outcome] = Counter()
    for row in connection.execute(sa.union_all(*parts)):
        found[Outcome(row.outcome)] += int(row.more)
    return found
