"""What a reason says of milestones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from syncd.assess.milestones import Tally
from syncd.model import Milestone
from syncd.wording import listed

MOST_NAMES: Final = 3
"""A sentence names this many; the rest are counted."""

Day = Callable[[datetime], str]
"""How a sentence writes the day that ends at a moment."""


def tally_words(tally: Tally) -> str:
    """How many are done.

    >>> tally_words(Tally(1, 4, (), named=True))
    '1 of 4 done'
    """
    return f"{tally.done} of {tally.total} done"


def overdue_words(tally: Tally, milestones: Sequence[Milestone], now: datetime, day: Day) -> str:
    """What should be done at `now` and is not, `milestones` being all that there are; empty where
    that is nothing.
    """
    overdue = tally.overdue(now)
    if not overdue:
        return ""
    if not tally.named:
        passed = [one.at for one in milestones if one.at <= now]
        were = "was" if len(passed) == 1 else "were"
        asked = f"{len(passed)} of {tally.total} {were} due by {day(max(passed))}"
    elif len(overdue) == 1:
        asked = f"{overdue[0].name} was due on {day(overdue[0].at)} and is not done"
    elif len({one.at for one in overdue}) == 1:
        names = _named([one.name for one in overdue])
        asked = f"{names} were due on {day(overdue[0].at)} and are not done"
    else:
        names = _named([f"{one.name} ({day(one.at)})" for one in overdue])
        asked = f"{names} were due and are not done"
    return f"{asked}; {tally_words(tally)}"


def coming_words(tally: Tally, now: datetime, day: Day) -> str:
    """What is to be done on the next date; empty where that is nothing."""
    coming = tally.coming(now)
    if not coming:
        return ""
    if not tally.named:
        return f"the next is due on {day(coming[0].at)}"
    verb = "is" if len(coming) == 1 else "are"
    return f"{_named([one.name for one in coming])} {verb} due on {day(coming[0].at)}"


def _named(names: Sequence[str]) -> str:
    left = len(names) - MOST_NAMES
    return listed([*names[:MOST_NAMES], *([f"{left} more"] if left > 0 else [])])
