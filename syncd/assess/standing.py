"""Where a key result stands: all that its status depends on besides the moment.

`remember` brings the memory up to date with what was read; `standing_of` gathers the rest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from connectors.base import fingerprint
from syncd.assess.adjusting import pauses_of
from syncd.assess.counting import after, counted, merged
from syncd.assess.edits import asked_on_its_day
from syncd.assess.formula import (
    bounded,
    goal_of,
    is_met,
    is_number,
    needs_start,
    progress_to,
    reaches,
)
from syncd.assess.line import Line, expected_line
from syncd.assess.milestones import Tally, tally_of
from syncd.model import (
    BAD,
    ENDED,
    UNKNOWN,
    Checkpoint,
    Evidence,
    Former,
    KeyResult,
    Memory,
    Needed,
    Reading,
    Status,
    Target,
    TargetType,
)

LEAST_STALE_SECONDS = 3600.0
STALE_INTERVALS = 3
_SLIPPING: Final = BAD | ENDED
_UNTOLD: Final = UNKNOWN | {None}

UNHURRIED = 0.9
"""The share of its time in which what is done or not done need not be done yet."""


@dataclass(frozen=True)
class Standing:
    """What holds of a key result, whatever the moment.

    `target` None: there is none, or it is not decided. `reading` is the complete one, `value`
    its value (None: it has none). `met`: the value satisfies the target; `unbounded`: its
    progress, before `held_at` and `breached_at` are looked at. `held_at`: when a boolean that
    stays met counts. `stale_at`: from when on the reading is too old. `unmet`: checkpoints that
    the value does not reach, passed or not, in order of time, if their day asked for them.
    `turns`: moments at which the definition changes, so that time alone may lead back to a status
    that was left. `tally`: of a target's milestones, where there is a value. `told`: the status
    that is told, or was before it became unknown, which a better one must pass by a margin.
    `late_from`: when a boolean that is not done begins to be late; `last_begin`: when it must be
    met at the latest, to have been held by the due date. `needs`: what is told of each needed id;
    `slipping` and `unknown`: the ids whose told status is bad or an end, or cannot be told.
    """

    kr: KeyResult
    target: Target | None
    reading: Reading | None = None
    value: float | None = None
    start: float | None = None
    start_is_first_reading: bool = False
    goal: float | None = None
    met: bool = False
    unbounded: float | None = None
    line: Line = ()
    turns: tuple[datetime, ...] = ()
    stale_at: datetime | None = None
    held_at: datetime | None = None
    breached_at: datetime | None = None
    final: Status | None = None
    unmet: tuple[Checkpoint, ...] = ()
    tally: Tally | None = None
    told: Status | None = None
    late_from: datetime | None = None
    last_begin: datetime | None = None
    needs: Mapping[str, Needed] = field(default_factory=dict)
    slipping: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()

    @property
    def lacks_start(self) -> bool:
        """Whether there is a value, but nothing was read of the period that it starts from."""
        return (
            self.target is not None
            and self.target.start_from is not None
            and self.value is not None
            and self.start is None
        )

    def met_at(self, now: datetime) -> bool:
        """Whether the target is met at `now`: never breached, and held for long enough while the
        reading was fresh and the due date had not passed. A final outcome settles it.
        """
        if self.final is not None:
            return self.final is Status.ACHIEVED
        if self.breached_at is not None:
            return False
        if self.held_at is None or self.stale_at is None:
            return self.met
        return self.met and min(now, self.kr.due, self.stale_at) >= self.held_at

    def progress_at(self, now: datetime) -> float | None:
        """Unbounded progress at `now`; None where it cannot be told."""
        if self.unbounded is None:
            return None
        if self.target is not None and self.target.type in (TargetType.GUARD, TargetType.BOOLEAN):
            return float(self.met_at(now))
        return self.unbounded

    def score_at(self, now: datetime) -> float | None:
        """Progress at `now`, 0..1; None where it cannot be told."""
        return bounded(self.progress_at(now))


def assessable(evidence: Evidence) -> Reading | None:
    """The reading that may be assessed: a partial one never is."""
    reading = evidence.reading
    return reading if reading is not None and reading.complete else None


def stale_at(kr: KeyResult, evidence: Evidence, reading: Reading) -> datetime:
    """From when on the reading is too old: three intervals and at least an hour after it was
    observed, unless the key result, or else the indicator, says otherwise.
    """
    limit = kr.stale_after_seconds
    if limit is None:
        limit = evidence.stale_after_seconds
    if limit is None:
        limit = max(STALE_INTERVALS * evidence.interval_seconds, LEAST_STALE_SECONDS)
    return reading.observed_at + timedelta(seconds=limit)


def remember(kr: KeyResult, evidence: Evidence, memory: Memory, now: datetime) -> Memory:
    """The memory with the facts of the newest reading: breaches, and since when a boolean is met.

    An edited target forgets the candidate and the final outcome. A breach survives, unless the
    bounds of the guard themselves were edited.
    """
    edited_to = kr.target_fingerprint
    if memory.target != edited_to:
        memory = replace(memory, candidate=None, candidate_since=None, final=None, target=edited_to)
    target, reading = kr.target, assessable(evidence)
    kind = target.type if target is not None and target.is_decided else None
    if target is not None and kind is TargetType.GUARD:
        memory = _with_breach(kr, target, reading, memory)
    elif memory.breached_at is not None or memory.guard is not None:
        memory = replace(memory, breached_at=None, guard=None)
    if target is not None and kind is TargetType.BOOLEAN:
        return _with_met_since(kr, target, evidence, memory, now)
    if memory.met_since is None and memory.met_until is None:
        return memory
    return replace(memory, met_since=None, met_until=None)


def standing_of(
    kr: KeyResult, evidence: Evidence, memory: Memory, needs: Mapping[str, Needed]
) -> Standing:
    """Where the key result stands; `memory` is already brought up to date with `remember`."""
    reading = assessable(evidence)
    target = kr.target if kr.target is not None and kr.target.is_decided else None
    value = reading.value if reading is not None and is_number(reading.value) else None
    if target is not None and reading is not None and _may_still_fail(target, reading):
        value = None
    stale = None if reading is None else stale_at(kr, evidence, reading)
    needed = {need: needs.get(need, Needed(None)) for need in kr.needs}
    slipping = tuple([need for need, one in needed.items() if one.status in _SLIPPING])
    unknown = tuple([need for need, one in needed.items() if one.status in _UNTOLD])
    if target is None:
        return Standing(
            kr,
            target,
            reading,
            value,
            stale_at=stale,
            told=memory.last_known,
            needs=needed,
            slipping=slipping,
            unknown=unknown,
        )
    start = _start(target, evidence, value)
    goal = goal_of(target, start)
    empty = _is_empty_and_met(target, reading)
    met = empty or (value is not None and is_met(target, value, start, goal))
    held_at = late_from = last_begin = None
    if target.type is TargetType.BOOLEAN:
        held_for = timedelta(seconds=target.held_for_seconds)
        held_at = None if memory.met_since is None else memory.met_since + held_for
        late_from, last_begin = _late_from(kr, evidence), kr.due - held_for
    return Standing(
        kr,
        target,
        reading,
        value,
        start=start,
        start_is_first_reading=_starts_at_first_reading(target) and start is not None,
        goal=goal,
        met=met,
        unbounded=1.0 if empty else progress_to(target, value, start, goal),
        line=expected_line(kr, start, goal, evidence.adjustments, evidence.former),
        turns=tuple([one.until for one in evidence.former]),
        stale_at=stale,
        held_at=held_at,
        breached_at=memory.breached_at,
        final=memory.final,
        unmet=_unmet(kr, evidence.former, target, value, start),
        tally=_tally(target, reading, value),
        told=memory.last_known,
        late_from=late_from,
        last_begin=last_begin,
        needs=needed,
        slipping=slipping,
        unknown=unknown,
    )


def _start(target: Target, evidence: Evidence, value: float | None) -> float | None:
    """The declared start: a number, or what was read of a past period and nothing else. Without
    one the first reading, of which the present one is the last resort.
    """
    if not needs_start(target):
        return None
    if target.start is not None:
        return target.start if is_number(target.start) else None
    if target.start_from is not None:
        baseline = evidence.baseline
        known = baseline is not None and baseline.complete and is_number(baseline.value)
        return baseline.value if baseline is not None and known else None
    first = evidence.first
    if first is not None and first.complete and is_number(first.value):
        return first.value
    return value


def _starts_at_first_reading(target: Target) -> bool:
    return needs_start(target) and target.start is None and target.start_from is None


def _may_still_fail(target: Target, reading: Reading) -> bool:
    """A lower bound below an upper limit: the true value may be above it, and nobody knows."""
    if not reading.lower_bound or reading.value is None:
        return False
    if target.type is TargetType.AT_MOST:
        return target.goal is not None and reading.value <= target.goal
    if target.type is TargetType.GUARD:
        return target.high is not None and reading.value <= target.high
    return target.type is TargetType.DECREASE


def _is_empty_and_met(target: Target, reading: Reading | None) -> bool:
    """An empty set of objects where the author said that this is as good as met."""
    if not target.empty_met or reading is None or is_number(reading.value):
        return False
    size = reading.objects if reading.objects is not None else reading.denominator
    return size == 0


def _unmet(
    kr: KeyResult,
    former: Sequence[Former],
    target: Target,
    value: float | None,
    start: float | None,
) -> tuple[Checkpoint, ...]:
    if value is None:
        return ()
    asked = [one for one in kr.checkpoints if asked_on_its_day(one, former)]
    ordered = sorted(asked, key=lambda one: one.at)
    return tuple(one for one in ordered if not reaches(target, value, one.value, start))


def _late_from(kr: KeyResult, evidence: Evidence) -> datetime:
    """When the last tenth of the time that counts begins."""
    time_off = [(one.start, one.end) for one in kr.time_off]
    off = merged([*time_off, *pauses_of(evidence.adjustments)])
    return after(kr.start, UNHURRIED * counted(kr.start, kr.due, off), off)


def _tally(target: Target, reading: Reading | None, value: float | None) -> Tally | None:
    if target.type is not TargetType.MILESTONES or reading is None or value is None:
        return None
    return tally_of(target, reading, value)


def _with_breach(kr: KeyResult, target: Target, reading: Reading | None, memory: Memory) -> Memory:
    bounds = fingerprint([target.low, target.high])
    if memory.guard != bounds:
        memory = replace(memory, breached_at=None, guard=bounds)
    if (
        memory.breached_at is None
        and memory.final is None
        and reading is not None
        and is_number(reading.value)
        and reading.at >= kr.start
        and not is_met(target, reading.value, None, None)
    ):
        return replace(memory, breached_at=reading.at)
    return memory


def _with_met_since(
    kr: KeyResult, target: Target, evidence: Evidence, memory: Memory, now: datetime
) -> Memory:
    """Time without data counts neither for nor against: `met_since` moves by it.

    What a reading says is known until it grows stale, or until the next one says nothing.
    """
    reading = assessable(evidence)
    if reading is None:
        return memory
    if not is_number(reading.value) and not _is_empty_and_met(target, reading):
        if memory.met_until is None:
            return memory
        return replace(memory, met_until=min(memory.met_until, reading.observed_at))
    if is_number(reading.value) and not is_met(target, reading.value, None, 1.0):
        return replace(memory, met_since=None, met_until=None)
    known_until = stale_at(kr, evidence, reading)
    if memory.met_since is None or memory.met_until is None:
        return replace(memory, met_since=min(reading.at, now), met_until=known_until)
    unknown = max(timedelta(), reading.observed_at - memory.met_until)
    return replace(memory, met_since=memory.met_since + unknown, met_until=known_until)
