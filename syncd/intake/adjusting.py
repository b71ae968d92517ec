"""Notes, pauses and overrides, as people give them: what is missing or does not fit is refused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from syncd.intake.moments import coming_moment, past_moment
from syncd.intake.texts import (
    LONGEST_NAME,
    LONGEST_NOTE,
    LONGEST_REASON,
    Conflict,
    Refused,
    Unknown,
    known,
    text,
)
from syncd.model import AdjustmentKind, KeyResult, Status
from syncd.store import adjusting
from syncd.store.adjusting import AdjustmentView, HasEnded, NoAdjustment, NoKeyResult
from syncd.store.engine import Store
from syncd.store.naming import key_meant, words
from syncd.store.read import key_result_views
from syncd.wording import date, did_you_mean, status_words

LONGEST_AFTER_DUE = timedelta(days=31)
"""How long after its due date a key result may be paused or overridden."""

_WEEK = timedelta(days=7)

SETTABLE = (
    Status.ON_TRACK,
    Status.AT_RISK,
    Status.OFF_TRACK,
    Status.ACHIEVED,
    Status.MISSED,
)
"""What a person may set: nobody can set that something is unknown."""


@dataclass(frozen=True)
class GivenAdjustment:
    """What a person says of a key result, in words. `until`: the last day, or a moment, of a pause
    or an override; `at`: of what moment a note is (None: now).
    """

    kind: str
    reason: str
    by: str
    until: str | None = None
    status: str | None = None
    at: str | None = None


def adjust(store: Store, name: str, given: GivenAdjustment, *, now: datetime) -> AdjustmentView:
    """Writes down what a person says of a key result. Raises Unknown and Refused."""
    with store.read() as connection:
        kr = known_key_result(connection, name, now)
        _refuse_closed(connection, kr)
    kind = AdjustmentKind(known("kind", given.kind, list(AdjustmentKind)))
    longest = LONGEST_NOTE if kind is AdjustmentKind.NOTE else LONGEST_REASON
    reason = text("reason", given.reason, longest)
    by = text("by", given.by, LONGEST_NAME)
    if kind is not AdjustmentKind.NOTE:
        _refuse_ended(kr, now)
    try:
        return adjusting.say(
            store,
            kr.key,
            kind,
            by=by,
            reason=reason,
            since=_since(kind, given.at, kr, now),
            now=now,
            until=_until(kind, given.until, kr, now),
            status=_status(kind, given.status),
        )
    except NoKeyResult as error:  # the mapping files changed this moment
        raise Unknown(str(error)) from error


def withdraw(
    store: Store, number: str, *, by: str, reason: str, now: datetime, of: str | None = None
) -> AdjustmentView:
    """Takes back what was said, by its number; `of`: of this key result only. Raises Unknown and
    Refused.
    """
    who, why = text("by", by, LONGEST_NAME), text("reason", reason, LONGEST_REASON)
    if of is not None:
        with store.read() as connection:
            of = known_key_result(connection, of, now).key
    try:
        return adjusting.withdraw(store, _number(number), of=of, by=who, reason=why, now=now)
    except (NoKeyResult, NoAdjustment) as error:
        raise Unknown(f"{error}; `syncd adjustments` lists them") from error
    except HasEnded as error:
        raise Conflict(str(error)) from error


def known_key_result(connection: sa.Connection, name: str, now: datetime) -> KeyResult:
    """The key result of this id or key. Raises Unknown with the nearest."""
    key = key_meant(connection, name, now)
    if key is None:
        hint = did_you_mean(name, words(connection), "`syncd status` lists them")
        raise Unknown(f"there is no key result {name[:80]!r}{hint}")
    (view,) = key_result_views(connection, [key])
    return view.key_result


def _refuse_closed(connection: sa.Connection, kr: KeyResult) -> None:
    (view,) = key_result_views(connection, [kr.key])
    if view.closed is not None:
        day = date(view.closed.at, kr.timezone)
        raise Conflict(
            f"{kr.id} is of {kr.period}, which was closed on {day} by {view.closed.by}; "
            "nothing of it changes any more"
        )


def _refuse_ended(kr: KeyResult, now: datetime) -> None:
    if kr.ending is None or now < kr.ending.at:
        return
    ended = Status.ABANDONED if kr.ending.into is None else Status.CARRIED
    raise Conflict(
        f"{kr.id} is {status_words(ended)} and judged no more; only a note can be written to it"
    )


def _since(kind: AdjustmentKind, at: str | None, kr: KeyResult, now: datetime) -> datetime:
    if at is None:
        return now
    if kind is not AdjustmentKind.NOTE:
        raise Refused(f"at: got {at[:40]!r}; expected none, because a {kind.value} begins now")
    try:
        return past_moment(at, kr.timezone, now)
    except ValueError as error:
        raise Refused(f"at: {error}") from error


def _until(
    kind: AdjustmentKind, until: str | None, kr: KeyResult, now: datetime
) -> datetime | None:
    if kind is AdjustmentKind.NOTE:
        if until is not None:
            raise Refused(f"until: got {until[:40]!r}; expected none, because a note has no end")
        return None
    if until is None:
        raise Refused(
            f"until: got none; expected the last day of the {kind.value}, "
            f"such as {(now + _WEEK).astimezone(ZoneInfo(kr.timezone)):%Y-%m-%d}"
        )
    try:
        found = coming_moment(until, kr.timezone, now)
    except ValueError as error:
        raise Refused(f"until: {error}") from error
    last = kr.due.astimezone(ZoneInfo(kr.timezone)).date() + LONGEST_AFTER_DUE
    if found > coming_moment(last.isoformat(), kr.timezone, kr.due):
        raise Refused(
            f"until: got {until}; expected {last} at the latest, "
            f"{LONGEST_AFTER_DUE.days} days after {kr.id} is due"
        )
    return found


def _status(kind: AdjustmentKind, status: str | None) -> Status | None:
    if kind is not AdjustmentKind.OVERRIDE:
        if status is not None:
            raise Refused(
                f"status: got {status[:40]!r}; expected none, because only an override sets one"
            )
        return None
    return Status(known("status", status or "", SETTABLE))


def _number(number: str) -> int:
    if number.isascii() and number.isdigit() and len(number) < 19:
        return int(number)
    raise Refused(f"got {number[:40]!r}; expected the number of a note, a pause or an override")
