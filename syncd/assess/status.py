"""The status of a moment, which rule gave it, and when it will change by itself.

Rules, the first that applies wins (`docs/reference/judgement.md` explains each):
given up · no target · the date has passed · no data · stale · too early · breached · reached · not
done in time · the line, the checkpoints and the milestones · what it needs. A status better than
the told one must pass its threshold by a margin (hysteresis), so that a value at the edge does not
flap.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Final

from syncd.assess.adjusting import has_ended
from syncd.assess.line import expected_on
from syncd.assess.standing import Standing
from syncd.model import Checkpoint, Status, TargetType

_BY_DATE: Final = frozenset({TargetType.MILESTONES, TargetType.BOOLEAN})
_INSTANT = timedelta(microseconds=1)
_WORSE_THAN: Final = {
    Status.AT_RISK: frozenset({Status.OFF_TRACK, Status.MISSED}),
    Status.ON_TRACK: frozenset({Status.AT_RISK, Status.OFF_TRACK, Status.MISSED}),
}


class Rule(Enum):
    """What decided the status; the reason is worded from it."""

    ENDED = auto()  # it was given up, or carried into another period
    UNDECIDED = auto()  # its target is not decided yet
    NEVER_READ = auto()  # nothing was ever read
    WITHOUT_VALUE = auto()  # what was read has no value
    WITHOUT_START = auto()  # the past period has no value to start from
    TOO_OLD = auto()  # what was read is too old
    DATE_PASSED = auto()  # its due date has passed, and what it came to holds
    EARLY = auto()  # it is too early to judge
    BREACHED = auto()  # what a guard forbids has happened
    REACHED = auto()  # the goal is reached
    LATE = auto()  # a yes or no that is not done, near its date
    TOO_LATE = auto()  # a yes or no that cannot be held for long enough any more
    CHECKPOINT = auto()  # a checkpoint has passed and is not reached
    MILESTONE = auto()  # the date of a milestone has passed and it is not done
    NEEDS = auto()  # something that it needs slips
    LINE = auto()  # how it stands against the expected line


@dataclass(frozen=True)
class Ruling:
    """The status of a moment (not held), the rule that gave it, the checkpoint it is about.

    `better`: the status it would have if that were told already; it is given from progress
    `better_from` on, because the told one is worse.
    """

    status: Status
    rule: Rule
    checkpoint: Checkpoint | None = None
    better: Status | None = None
    better_from: float | None = None


def status_of(standing: Standing, now: datetime) -> Ruling:
    """The raw status at `now`, before holding."""
    target, reading, score = standing.target, standing.reading, standing.score_at(now)
    ended = now >= standing.kr.due
    if has_ended(standing.kr, now):
        carried = standing.kr.ending is not None and standing.kr.ending.into is not None
        return Ruling(Status.CARRIED if carried else Status.ABANDONED, Rule.ENDED)
    if target is None:
        return Ruling(Status.NO_TARGET, Rule.UNDECIDED)
    if ended and standing.breached_at is not None:
        return Ruling(Status.MISSED, Rule.BREACHED)
    if ended and standing.final is not None:
        return Ruling(standing.final, Rule.DATE_PASSED)
    if reading is None or standing.stale_at is None:
        return Ruling(Status.NO_DATA, Rule.NEVER_READ)
    if score is None:
        lacking = Rule.WITHOUT_START if standing.lacks_start else Rule.WITHOUT_VALUE
        return Ruling(Status.NO_DATA, lacking)
    observed_after = ended and reading.observed_at >= standing.kr.due
    if now >= standing.stale_at and not observed_after:
        return Ruling(Status.STALE, Rule.TOO_OLD)
    if ended:
        outcome = Status.ACHIEVED if standing.met_at(now) else Status.MISSED
        return Ruling(outcome, Rule.DATE_PASSED)
    return _under_way(standing, score, now)


def next_change(standing: Standing, now: datetime) -> datetime | None:
    """The first moment after `now` at which the raw status is another one although nothing new
    is read; None: never.

    Exact to the microsecond, because it asks `status_of` itself. Between two turns time alone
    never leads back to a status that was left (the expected line never falls, checkpoints and
    milestones only pass, data only gets older), and after the due date and the stale moment it
    changes nothing any more. So the first change is found by halving the time up to the first turn
    by which there was one.
    """
    status = status_of(standing, now).status
    same = now
    for edge in _edges(standing, now):
        for changed in (edge - _INSTANT, edge):
            if status_of(standing, changed).status is not status:
                return _first_change(standing, status, same, changed)
            same = changed
    return None


def _edges(standing: Standing, now: datetime) -> list[datetime]:
    """The turns after `now`, an end, the due date and the moment at which data grows stale."""
    edges = {standing.kr.due, *standing.turns}
    if standing.kr.ending is not None:
        edges.add(standing.kr.ending.at)
    if standing.stale_at is not None:
        edges.add(standing.stale_at)
    return sorted(edge for edge in edges if edge > now)


def _first_change(
    standing: Standing, status: Status, same: datetime, changed: datetime
) -> datetime:
    """The first moment after `same` at which the status is another one; it is by `changed`."""
    while changed - same > _INSTANT:
        middle = same + (changed - same) // 2
        if status_of(standing, middle).status is status:
            same = middle
        else:
            changed = middle
    return changed


def _under_way(standing: Standing, score: float, now: datetime) -> Ruling:
    """The status between start and due date, with fresh data."""
    wanted = expected_on(standing.line, now)
    if _is_early(standing, wanted, now):
        return Ruling(Status.ON_TRACK, Rule.EARLY)
    if standing.breached_at is not None:
        return Ruling(Status.OFF_TRACK, Rule.BREACHED)
    is_guard = standing.target is not None and standing.target.type is TargetType.GUARD
    if standing.met_at(now) and not is_guard:
        return Ruling(Status.ACHIEVED, Rule.REACHED)
    if late := _late(standing, now):
        return late
    if slow := _behind(standing, score, wanted or 0.0, Status.AT_RISK, Status.OFF_TRACK):
        return slow
    unmet = [one for one in standing.unmet if one.at <= now]
    if unmet:
        return Ruling(Status.AT_RISK, Rule.CHECKPOINT, unmet[-1])
    if standing.tally is not None and standing.tally.overdue(now):
        return Ruling(Status.AT_RISK, Rule.MILESTONE)
    if slow := _behind(standing, score, wanted or 0.0, Status.ON_TRACK, Status.AT_RISK):
        return slow
    if standing.slipping:
        return Ruling(Status.AT_RISK, Rule.NEEDS)
    return Ruling(Status.ON_TRACK, Rule.LINE)


def _late(standing: Standing, now: datetime) -> Ruling | None:
    """Of a boolean that is not done: off track once it cannot be held for long enough any more, at
    risk once its day is near.
    """
    if standing.late_from is None or standing.last_begin is None:
        return None
    held_too_late = standing.held_at is not None and standing.held_at > standing.kr.due
    if held_too_late or (not standing.met and now > standing.last_begin):
        return Ruling(Status.OFF_TRACK, Rule.TOO_LATE)
    if not standing.met and now >= standing.late_from:
        return Ruling(Status.AT_RISK, Rule.LATE)
    return None


def _behind(
    standing: Standing, score: float, wanted: float, better: Status, worse: Status
) -> Ruling | None:
    """The worse status where progress does not reach the threshold of the better one. What is told
    as worse must pass that by the hysteresis, which never asks for more than what is expected.
    """
    judgement = standing.kr.judgement
    on_track = better is Status.ON_TRACK
    threshold = judgement.on_track_ratio if on_track else judgement.at_risk_ratio
    if score < threshold * wanted:
        return Ruling(worse, Rule.LINE)
    if standing.told not in _WORSE_THAN[better]:
        return None
    passed = max(threshold, min(1.0, threshold + judgement.hysteresis_ratio)) * wanted
    if score < passed:
        return Ruling(worse, Rule.LINE, better=better, better_from=passed)
    return None


def _is_early(standing: Standing, wanted: float | None, now: datetime) -> bool:
    """Whether it is too early for anything but on_track. Milestones and booleans are never early
    once they have begun: what is expected of them was promised for a date.
    """
    if now < standing.kr.start:
        return True
    if standing.target is not None and standing.target.type in _BY_DATE:
        return False
    return wanted is not None and wanted < standing.kr.judgement.early_ratio
