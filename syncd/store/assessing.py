"""The second of the two transactions: what the readings mean, and what is told of it.

Dirty key results are locked together with all that depend on them, and what another worker has
locked is left to it: nobody waits, no key result is judged by two at once, and no change is told
twice. What it missed of a reading that came meanwhile is dirty when it lets go.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from connectors.base import Dimension
from syncd.model import (
    Assessment,
    Event,
    Evidence,
    KeyResult,
    Memory,
    Needed,
    Reading,
    Status,
    Telling,
)
from syncd.store.adjusting import adjustments_of, tell_ends
from syncd.store.codec import ASSESSMENT, FORMER, KEY_RESULT, MEMORY, TELLING, from_json, to_json
from syncd.store.columns import Moment
from syncd.store.daily import Asked, Days, Known
from syncd.store.engine import Store
from syncd.store.events import append_events
from syncd.store.externals import external_statuses
from syncd.store.leaves import leaves_of
from syncd.store.quarantines import doubts_of
from syncd.store.readings import to_reading
from syncd.store.schema import assessments, indicators, key_results, readings
from syncd.store.together import followers_of, taken_together

# Made once: to make a statement anew costs more than to run it, and these are run each time.
_KEY = key_results.c.key
_DUE = (
    sa.select(_KEY)
    .where(
        sa.or_(
            key_results.c.dirty,
            key_results.c.next_transition_at.is_(None),
            key_results.c.next_transition_at <= sa.bindparam("now", type_=Moment()),
        ),
        key_results.c.active,
    )
    .order_by(_KEY)
    .limit(sa.bindparam("most", type_=sa.Integer()))
)
_AMONG = (
    sa.select(_KEY)
    .where(_KEY.in_(sa.bindparam("keys", expanding=True)), key_results.c.active)
    .order_by(_KEY)
)
# of thousands of key results few need others, and all are asked for in each transaction
_NEEDS = sa.select(_KEY, key_results.c.needs).where(
    key_results.c.active, sa.cast(key_results.c.needs, sa.Text) != "[]"
)
_ROWS = sa.select(key_results).where(_KEY.in_(sa.bindparam("keys", expanding=True))).order_by(_KEY)
_TOLD = sa.select(key_results).where(
    key_results.c.active,
    _KEY.in_(sa.bindparam("keys", expanding=True)),
    key_results.c.told.is_not(None),
)
_INDICATORS = sa.select(indicators).where(
    indicators.c.fingerprint.in_(sa.bindparam("fingerprints", expanding=True))
)
_READINGS = sa.select(readings).where(readings.c.id.in_(sa.bindparam("ids", expanding=True)))
_JUDGED = (
    sa.update(key_results)
    .where(sa.bindparam("of") == _KEY)
    .values(dirty=False, revision=key_results.c.revision + 1)
)
_KEEP = sa.insert(assessments)
_WORDED = sa.update(key_results).where(sa.bindparam("of") == _KEY)

REFRESH = timedelta(minutes=1)
REFRESHED = 10_000
"""Expected progress and pace are judged anew when so small a part of the time of a key result has
gone by, but not within `REFRESH`: in a quarter after 13 minutes, when its line has moved by a
hundredth of a percent. What changes a status is known before, and is judged at its moment.
"""

MOST = 50
"""So many of those that are due are assessed in one transaction, for which others wait."""

REWORDED = timedelta(hours=1)
"""A sentence that differs while status, value and progress do not is kept this often at the most:
it may have the expected line in it, which moves all the time.
"""


@dataclass(frozen=True)
class Candidate:
    """One key result to assess, and all that judgement may look at."""

    key_result: KeyResult
    evidence: Evidence
    memory: Memory
    current: Assessment | None
    telling: Telling | None = None
    worded: str | None = None
    worded_at: datetime | None = None

    def repeats(self, after: Assessment) -> bool | None:
        """Whether `after` is kept as one that only says the same in other words; None: it is not
        kept, because nothing is said that was not kept already.
        """
        before = self.current
        if before is None or _worth_a_row(before) != _worth_a_row(after):
            return False
        if _said_beside(before) != _said_beside(after):
            return True
        if after.reason == self.worded:
            return None
        if self.worded_at is not None and after.at - self.worded_at < REWORDED:
            return None
        return True


class Assessing:
    """An open assessing transaction over some key results."""

    def __init__(
        self,
        connection: sa.Connection,
        candidates: Mapping[str, Candidate],
        told: Mapping[str, Needed],
        events: Sequence[Event] = (),
    ) -> None:
        self.candidates = candidates
        self._connection = connection
        self._told = dict(told)
        self._events = list(events)
        self._updates: list[dict[str, Any]] = []
        self._rows: list[dict[str, Any]] = []
        self._worded: list[dict[str, Any]] = []

    def told(self, key: str) -> Needed:
        """What is told of something that a key result needs, by its key, by this transaction if it
        has saved that, or what a person says of a dependency outside; without a status: nothing
        yet, or there is no such thing.
        """
        return self._told.get(key, Needed(None))

    def needs(self, key_result: KeyResult) -> dict[str, Needed]:
        """The same of all that a key result needs, by the words of its author."""
        return {need: self.told(key_result.key_of(need)) for need in key_result.needs}

    def save(
        self,
        assessment: Assessment,
        memory: Memory,
        events: Sequence[Event] = (),
        telling: Telling | None = None,
    ) -> None:
        """Keeps for `finish` an assessment, what to remember, what to tell, and what to remember of
        that (None: as before).
        """
        key = assessment.key_result
        candidate = self.candidates[key]
        repeats = candidate.repeats(assessment)
        packed = to_json(ASSESSMENT, assessment)
        remembered = candidate.telling if telling is None else telling
        time = candidate.key_result.due - candidate.key_result.start
        refresh = assessment.at + max(REFRESH, time / REFRESHED)
        due = assessment.due_to_change_at
        self._updates.append(
            {
                "of": key,
                "memory": to_json(MEMORY, memory),
                "current": packed,
                "told": assessment.status.value,
                "telling": None if remembered is None else to_json(TELLING, remembered),
                "next_transition_at": refresh if due is None else min(due, refresh),
            }
        )
        if repeats is not None:
            reading = candidate.evidence.reading
            self._rows.append(
                {
                    "key_result": key,
                    "at": assessment.at,
                    "status": assessment.status.value,
                    "value": assessment.value,
                    "progress": assessment.progress,
                    "expected": assessment.expected,
                    "reading_id": None if reading is None else reading.id,
                    "indicator": candidate.key_result.indicator,
                    "assessment": packed,
                    "repeated": repeats,
                }
            )
            self._worded.append(
                {"of": key, "worded": assessment.reason, "worded_at": assessment.at}
            )
        self._told[key] = Needed(assessment.status, assessment.chain)
        self._events.extend(events)

    def finish(self) -> None:
        """Writes all that was saved, a statement for each table; the events last, because others
        wait for the feed's counter. Called once.
        """
        if self._updates:
            self._connection.execute(_JUDGED, self._updates)
        if self._rows:
            self._connection.execute(_KEEP, self._rows)
            self._connection.execute(_WORDED, self._worded)
        append_events(self._connection, self._events)


def _worth_a_row(told: Assessment) -> tuple[Any, ...]:
    people = (None if said is None else said.id for said in (told.paused, told.overridden))
    return (told.status, told.value, told.progress, told.complete, told.error_type, *people)


def _said_beside(told: Assessment) -> tuple[Any, ...]:
    """What else is told and changes seldom, so that it is kept at once."""
    return (
        told.raw_status,
        told.since,
        told.start,
        told.goal,
        told.because,
        told.chain,
        told.no_forecast,
        told.doubt,
    )


@contextmanager
def assessing(store: Store, *, now: datetime, days: Days | None = None) -> Iterator[Assessing]:
    """Key results that must be assessed at `now`, with their dependants; none: nothing is due that
    nobody else has.

    At most MOST of those that are due are taken at once. All is written when the block ends,
    nothing when it raises. Who assesses again and again hands over the same `days`, so that only
    what is new of them is read.
    """
    with store.write() as connection:
        wanted = _due_with_dependants(store, connection, now)
        rows = connection.execute(_ROWS, {"keys": list(wanted)}).all()
        work = Assessing(
            connection,
            _candidates(connection, rows, days or Days(), now),
            _told(connection, rows),
            tell_ends(connection, [row.key for row in rows], now),
        )
        yield work
        work.finish()


def _due_with_dependants(store: Store, connection: sa.Connection, now: datetime) -> set[str]:
    def take(query: sa.Select[tuple[str]], **asked: Any) -> Sequence[str]:
        return connection.execute(store.locked(query, skip=True), asked).scalars().all()

    due = take(_DUE, now=now, most=MOST)
    if not due:
        return set()
    return taken_together(
        due,
        followers_of({row.key: row.needs for row in connection.execute(_NEEDS)}),
        lambda wanted: take(_AMONG, keys=list(wanted)),
    )


def _told(connection: sa.Connection, rows: Sequence[Any]) -> dict[str, Needed]:
    """What is told of all that these key results need, what people say of what is outside too."""
    needed = {need for row in rows for need in row.needs}
    if not needed:
        return {}
    told = {
        row.key: Needed(Status(row.told), tuple(row.current.get("chain", ())))
        for row in connection.execute(_TOLD, {"keys": list(needed)})
    }
    for name, status in external_statuses(connection).items():
        told[name] = Needed(status)
    return told


def _candidates(
    connection: sa.Connection, rows: Sequence[Any], days: Days, now: datetime
) -> dict[str, Candidate]:
    fingerprints = {
        fingerprint
        for row in rows
        for fingerprint in (row.serving, row.indicator, row.baseline)
        if fingerprint is not None
    }
    known = {
        row.fingerprint: row
        for row in connection.execute(_INDICATORS, {"fingerprints": list(fingerprints)})
    }
    below = leaves_of(connection, fingerprints)
    ids = {
        reading_id
        for row in known.values()
        for reading_id in (row.reading_id, row.partial_reading_id, row.first_reading_id)
        if reading_id is not None
    }
    found = {row.id: row for row in connection.execute(_READINGS, {"ids": list(ids)})}

    def reading_of(reading_id: int | None, confirmed_at: datetime | None) -> Reading | None:
        if reading_id is None:
            return None
        return to_reading(found[reading_id], confirmed_at)

    defined = {row.key: from_json(KEY_RESULT, row.definition) for row in rows}
    asked = {
        row.key: Asked(
            row.serving,
            defined[row.key].timezone,
            defined[row.key].judgement.history_seconds,
        )
        for row in rows
    }
    behind = days.values(
        connection,
        {
            one: Known(
                reading_of(known[one.indicator].reading_id, known[one.indicator].observed_at),
                known[one.indicator].rewritten,
                below[one.indicator].fresh_seconds,
            )
            for one in asked.values()
        },
        now=now,
    )
    said = adjustments_of(connection, [row.key for row in rows])
    doubts = doubts_of(connection, {one: leaves.within for one, leaves in below.items()})
    candidates = {}
    for row in rows:
        serving, wanted = known[row.serving], below[row.indicator]
        baseline = None if row.baseline is None else known[row.baseline]
        reading = reading_of(serving.reading_id, serving.observed_at)
        candidates[row.key] = Candidate(
            key_result=defined[row.key],
            evidence=Evidence(
                interval_seconds=wanted.interval_seconds,
                reading=reading,
                partial=reading_of(serving.partial_reading_id, None),
                first=reading_of(serving.first_reading_id, None),
                failure=wanted.failure(row.indicator),
                previous_definition=row.serving != row.indicator,
                dimension=Dimension(serving.dimension),
                unit=defined[row.key].shown_in or serving.unit,
                source=serving.source or wanted.source,
                baseline=None
                if baseline is None
                else reading_of(baseline.reading_id, baseline.observed_at),
                stale_after_seconds=below[row.serving].stale_after_seconds(
                    None if reading is None else reading.observed_at
                ),
                history=behind[asked[row.key]],
                former=from_json(FORMER, row.former),
                adjustments=said.get(row.key, ()),
                doubted=doubts.get(row.serving),
            ),
            memory=from_json(MEMORY, row.memory),
            current=None if row.current is None else from_json(ASSESSMENT, row.current),
            telling=None if row.telling is None else from_json(TELLING, row.telling),
            worded=row.worded,
            worded_at=row.worded_at,
        )
    return candidates
