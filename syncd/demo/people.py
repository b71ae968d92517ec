"""What people of the invented organisation tell syncd during the quarter: how dependencies outside
the key results stand, a number that no system knows, and a word beside a late key result.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from syncd.demo.quarter.days import at
from syncd.intake.adjusting import GivenAdjustment, adjust
from syncd.intake.externals import GivenState, set_state
from syncd.intake.manual import Given, set_number
from syncd.store.engine import Store

_STATES = (
    ("2026-01-05", "recruiting", "on_track", "Every role is posted; 31 people in interviews",
     "Head of recruiting"),
    ("2026-01-06", "gnmi-api-access", "on_track", "Asked for; two weeks are usual", "DCIM lead"),
    ("2026-01-08", "ict-cabling", "on_track", "Crews booked until the end of March", "ICT"),
    ("2026-01-08", "hw-operations-room-power-cooling", "on_track", "Rooms 1 and 2 handed over",
     "Hardware operations"),
    ("2026-02-02", "recruiting", "on_track", "Four offers out", "Head of recruiting"),
    ("2026-02-09", "gnmi-api-access", "slipped",
     "The security review is booked for the 24th, not before", "DCIM lead"),
    ("2026-02-27", "hw-operations-room-power-cooling", "done", "Room 4 handed over, the last one",
     "Hardware operations"),
    ("2026-03-02", "gnmi-api-access", "done", "Access is open for all switches at Stream",
     "DCIM lead"),
    ("2026-03-03", "recruiting", "on_track", "Ten have accepted; five offers out",
     "Head of recruiting"),
    ("2026-03-24", "ict-cabling", "done", "Last row cabled and tested", "ICT"),
)  # fmt: skip
"""Day, dependency, state, why, and who says it."""

_NUMBERS = (
    ("2026-01-09", "12 %"), ("2026-01-23", "25 %"), ("2026-02-06", "40 %"), ("2026-02-20", "48 %"),
    ("2026-03-06", "63 %"), ("2026-03-20", "80 %"),
)  # fmt: skip
_NUMBERED, _NUMBERED_BY = "compute-o1-kr4", "Infra compute lead"

_NOTES = (
    ("2026-02-16", "proc-o1-kr4",
     "The migration plan is agreed; the bill of materials waits for two quotes.",
     "Procurement lead"),
)  # fmt: skip

Saying = Callable[[Store, datetime], object]


def said_between(after: datetime, until: datetime) -> list[Saying]:
    """What people say after the first moment and up to the second, in order of time; each is to
    be called with the store and the moment at which it is written down.
    """
    said = sorted(_sayings(), key=lambda each: each[0])
    return [saying for moment, saying in said if after < moment <= until]


def _sayings() -> list[tuple[datetime, Saying]]:
    found: list[tuple[datetime, Saying]] = []
    for day, name, state, note, by in _STATES:
        found.append((_morning(day), _state(name, GivenState(state=state, note=note, by=by))))
    for day, value in _NUMBERS:
        found.append((_morning(day), _number(Given(value=value, by=_NUMBERED_BY))))
    for day, key, reason, by in _NOTES:
        found.append((_morning(day), _note(key, GivenAdjustment("note", reason=reason, by=by))))
    return found


def _morning(day: str) -> datetime:
    return at(date.fromisoformat(day), 10)


def _state(name: str, given: GivenState) -> Saying:
    return lambda store, now: set_state(store, name, given, now=now)


def _number(given: Given) -> Saying:
    return lambda store, now: set_number(store, _NUMBERED, given, now=now)


def _note(key: str, given: GivenAdjustment) -> Saying:
    return lambda store, now: adjust(store, key, given, now=now)
