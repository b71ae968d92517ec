"""Milestones: how many are done, which are not, and how many should be by now."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from syncd.assess.formula import EQUAL_WITHIN, is_number
from syncd.model import KeyResult, Milestone, Reading, Target


@dataclass(frozen=True)
class Tally:
    """What a reading says of the milestones: `done` of `total`, and which are not, in the order
    of their dates.

    `named` False: the reading tells only how many are done. The milestones are then taken as done
    in the order of their dates, so that only the number of `undone` ones past a date means
    anything, and not their names.
    """

    done: int
    total: int
    undone: tuple[Milestone, ...]
    named: bool

    def overdue(self, now: datetime) -> tuple[Milestone, ...]:
        """Those whose date has passed, and that are not done."""
        return tuple(one for one in self.undone if one.at <= now)

    def coming(self, now: datetime) -> tuple[Milestone, ...]:
        """Those to be done on the next date."""
        later = [one for one in self.undone if one.at > now]
        return tuple(one for one in later if one.at == later[0].at)


def tally_of(target: Target, reading: Reading, value: float) -> Tally:
    """What a reading of this value (the share done) says of the target's milestones.

    A milestone that the reading does not know (it was made before the milestone was written down)
    is neither done nor undone.
    """
    ordered = target.milestones
    total = len(ordered)
    if is_number(reading.denominator) and reading.denominator > 0:
        total = int(reading.denominator)
    share = min(1.0, max(0.0, value))
    done = math.floor(share * total + EQUAL_WITHIN)
    told = _told(reading)
    if told is not None:
        undone = tuple(one for one in ordered if told.get(one.name) is False)
        return Tally(done, total, undone, named=True)
    undone = ordered[done:] if total == len(ordered) else ()
    return Tally(done, total, undone, named=False)


def corners_by_dates(kr: KeyResult, target: Target) -> list[tuple[datetime, float]]:
    """The expected line of milestones: steps, each of which is taken on a date. The share expected
    at a moment is that of the milestones whose date has come. A date outside of the key result's
    time counts as its start or its due date.
    """
    dates = [min(max(one.at, kr.start), kr.due) for one in target.milestones]
    line = [(kr.start, 0.0)]
    for at in sorted({*dates, kr.due}):
        height = sum(date <= at for date in dates) / len(dates) if dates else 1.0
        line += [(at, line[-1][1]), (at, height)]
    return list(dict.fromkeys(line))


def _told(reading: Reading) -> Mapping[str, bool] | None:
    """By name whether each is done; None: the reading does not say."""
    details = reading.details
    told = details.get("milestones") if isinstance(details, Mapping) else None
    if not isinstance(told, Mapping):
        return None
    return {
        name: one["done"]
        for name, one in told.items()
        if isinstance(one, Mapping) and isinstance(one.get("done"), bool)
    }
