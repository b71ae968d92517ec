"""Closing a period, as people ask for it."""

from __future__ import annotations

from datetime import datetime

from syncd.intake.texts import LONGEST_NAME, LONGEST_NOTE, Refused, Unknown, text
from syncd.judging import judge_due
from syncd.store import closing
from syncd.store.engine import Store
from syncd.store.periods import Closed, NoSuchPeriod


def close_period(store: Store, period: str, *, by: str, note: str | None, now: datetime) -> Closed:
    """Judges what is due, and closes the period. Raises Unknown and Refused."""
    who = text("by", by, LONGEST_NAME)
    why = None if note is None else text("note", note, LONGEST_NOTE)
    while judge_due(store, now=now):
        pass
    try:
        return closing.close_period(store, period, by=who, note=why, now=now)
    except NoSuchPeriod as error:
        raise Unknown(f"there is no such period to close: {error}") from error
    except closing.CannotClose as error:
        raise Refused(str(error)) from error
