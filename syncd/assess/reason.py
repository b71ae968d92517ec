"""The reason: one sentence for a lead, made from the numbers and the rule that decided."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime

from connectors.base import Dimension
from syncd import wording
from syncd.assess.adjusting import Said
from syncd.assess.adjustment_words import ending_words, override_words, pause_words
from syncd.assess.dependency_words import waiting_words
from syncd.assess.forecast_words import pace_words
from syncd.assess.formula import (
    EQUAL_WITHIN,
    needs_start,
    reaches,
    starts_at_goal,
    value_at,
)
from syncd.assess.holding import held_until
from syncd.assess.line import expected_on
from syncd.assess.milestone_words import coming_words, overdue_words, tally_words
from syncd.assess.standing import Standing
from syncd.assess.status import Rule, Ruling
from syncd.assess.whole_counts import asked_of_whole, counts_whole, whole_from
from syncd.model import Evidence, Forecast, Memory, Status, Target, TargetType


def reason_of(
    standing: Standing,
    ruling: Ruling,
    evidence: Evidence,
    memory: Memory,
    said: Said,
    forecast: Forecast | None,
    now: datetime,
) -> str:
    """The sentence, without a final stop: what is, what was asked for, then what else to know.

    `memory` says whether another status is still told; then the sentence says until when. What
    people have said that is in force comes with their names; an override comes first.
    """
    words = _Words(standing, ruling, evidence, now)
    clauses = [words.finding()]
    if ruling.rule is not Rule.ENDED:
        clauses += [
            words.stretch(),
            words.margin(),
            words.pace(forecast),
            words.dependencies(),
            words.start(),
            words.data(),
            words.waiting(memory),
        ]
    zone = standing.kr.timezone
    if said.paused is not None:
        clauses.append(pause_words(said.paused, zone, now))
    text = "; ".join(clause for clause in clauses if clause)
    if said.overridden is not None:
        text = override_words(said.overridden, ruling.status, text, zone, now)
    # a milestone's name stays as its author wrote it
    return text if words.begins_with_name(text) else text[0].upper() + text[1:]


class _Words:
    """The clauses of one sentence; an empty one has nothing to say."""

    def __init__(
        self, standing: Standing, ruling: Ruling, evidence: Evidence, now: datetime
    ) -> None:
        self.standing = standing
        self.ruling = ruling
        self.evidence = evidence
        self.now = now
        self.zone = standing.kr.timezone
        self.score = standing.score_at(now)

    def finding(self) -> str:
        """What decided the status."""
        match self.ruling.rule:
            case Rule.ENDED:
                ending = self.standing.kr.ending
                return "" if ending is None else ending_words(ending, self.zone, self.now)
            case Rule.UNDECIDED:
                seen = f"; {self._seen()}" if self.standing.value is not None else ""
                return f"the target is not decided yet{seen}"
            case Rule.NEVER_READ:
                return f"no reading yet{self._cause()}"
            case Rule.WITHOUT_VALUE:
                return self._without_value()
            case Rule.WITHOUT_START:
                return f"no reading of {self._period()} to start from"
            case Rule.TOO_OLD:
                return f"no reading since {self._observed()}{self._cause()}"
            case Rule.DATE_PASSED:
                return self._outcome()
            case Rule.EARLY:
                return f"too early to judge: {self._seen()}"
            case Rule.BREACHED:
                return self._breach()
            case Rule.REACHED:
                return f"{self._seen()}; {self._asked()}"
            case Rule.LATE:
                return f"{self._seen()}; due on {self._due()}"
            case Rule.TOO_LATE:
                return self._too_late()
            case Rule.CHECKPOINT:
                return self._checkpoint()
            case Rule.MILESTONE:
                return self._pace_of_milestones()
            case Rule.NEEDS:
                return "on pace itself"
            case Rule.LINE:
                return self._pace()

    def margin(self) -> str:
        """From where on a better status is told again, where only the margin stands before it."""
        better, ratio = self.ruling.better, self.ruling.better_from
        target = self.standing.target
        if better is None or ratio is None or target is None:
            return ""
        wanted = value_at(target, ratio, self.standing.start, self.standing.goal)
        if wanted is not None and self._counts_whole():
            wanted = whole_from(wanted, target)
        seen = self._quantity(wanted, self.standing.value)
        if self.standing.tally is not None:
            total = self.standing.tally.total
            seen = f"{math.ceil(ratio * total - EQUAL_WITHIN)} of {total} done"
        elif wanted is None:
            seen = f"{wording.quantity(ratio, Dimension.RATIO, beside=self.score)} of the whole"
        return f"{wording.status_words(better)} again from {seen}"

    def pace(self, forecast: Forecast | None) -> str:
        """Where this leads, of what is under way."""
        if forecast is None or self.ruling.rule not in (Rule.LINE, Rule.CHECKPOINT, Rule.NEEDS):
            return ""
        return pace_words(forecast, self.standing, self.evidence, self.now)

    def begins_with_name(self, text: str) -> bool:
        """Whether the first word of the sentence is the name of a milestone that is late."""
        tally, overdue = self.standing.tally, self._overdue()
        return tally is not None and tally.named and overdue != "" and text.startswith(overdue)

    def dependencies(self) -> str:
        """Which dependencies slip, or cannot be told where that leaves a doubt."""
        if self.standing.slipping and self.ruling.status in (Status.AT_RISK, Status.OFF_TRACK):
            return waiting_words(self.standing.needs, self.standing.slipping)
        if self.standing.unknown and self.ruling.status is Status.ON_TRACK:
            return f"the state of {wording.listed(self.standing.unknown)} is not known"
        return ""

    def start(self) -> str:
        """What progress is counted from, where the sentence speaks of the line or of a goal that
        come from it; and that the start was at the goal already, so nothing lies between them.
        """
        standing, target = self.standing, self.standing.target
        if target is None or not needs_start(target) or standing.start is None:
            return ""
        at_goal = starts_at_goal(target, standing.start, standing.goal)
        on_the_line = self.ruling.rule is Rule.LINE and target.start is None
        to_the_goal = self.ruling.rule in (Rule.REACHED, Rule.DATE_PASSED) and target.goal is None
        if not (at_goal or on_the_line or to_the_goal):
            return ""
        which, shown = "the declared start", self._quantity(standing.start)
        if standing.start_is_first_reading:
            which = "the first reading"
        elif target.start is None:
            which = f"the reading of {self._period()}"
        if at_goal:
            return f"{which}, {shown}, was already at the goal"
        return f"counted from {which}, {shown}"

    def stretch(self) -> str:
        """That more than the goal was asked for, and is reached too."""
        target, value = self.standing.target, self.standing.value
        if target is None or target.stretch is None or value is None:
            return ""
        if self.ruling.rule is Rule.TOO_OLD:
            return ""
        if not reaches(target, value, target.stretch, self.standing.start):
            return ""
        return f"stretch of {self._quantity(target.stretch)} reached"

    def data(self) -> str:
        """What is wrong with the data although it still counts."""
        clauses = []
        if self.evidence.failure is not None and self.ruling.rule not in (
            Rule.NEVER_READ,
            Rule.TOO_OLD,
            Rule.WITHOUT_VALUE,
        ):
            since = wording.clock(self.evidence.failure.since, self.zone, self.now)
            clauses.append(f"no new reading since {since}{self._cause()}")
        if self.evidence.doubted is not None:
            since = wording.clock(self.evidence.doubted.since, self.zone, self.now)
            clauses.append(f"not believed since {since}: {self.evidence.doubted.words}")
        if self.evidence.partial is not None:
            at = wording.clock(self.evidence.partial.observed_at, self.zone, self.now)
            clauses.append(f"the reading of {at} is incomplete and not judged")
        if self.evidence.previous_definition:
            clauses.append("measured by the earlier definition of the indicator")
        return "; ".join(clauses)

    def waiting(self, memory: Memory) -> str:
        """Until when the status of this moment must last before it is told."""
        if memory.candidate is None or memory.candidate_since is None:
            return ""
        end = held_until(self.standing.kr, memory.candidate_since)
        status = wording.status_words(memory.candidate)
        return f"{status} from {wording.clock(end, self.zone, self.now)} if this lasts"

    def _period(self) -> str:
        """The past period that is started from."""
        target = self.standing.target
        named = target.start_period if target is not None else None
        return named or "the earlier period"

    def _quantity(self, value: float | None, beside: float | None = None) -> str:
        evidence = self.evidence
        return wording.quantity(value, evidence.dimension, evidence.unit, beside=beside)

    def _counts_whole(self) -> bool:
        value = self.standing.value
        return counts_whole(self.evidence) and value is not None and value == int(value)

    def _seen(self, beside: float | None = None) -> str:
        """The value and the day it holds for."""
        standing, reading = self.standing, self.standing.reading
        if reading is None:
            return "nothing was read"
        day = wording.date(reading.at, self.zone, self.now)
        if standing.value is None:
            return f"nothing to count on {day}, which is as good as met"
        if standing.target is not None and standing.target.type is TargetType.BOOLEAN:
            return f"{'done' if standing.met else 'not done'} on {day}"
        if standing.tally is not None:
            return f"{tally_words(standing.tally)} on {day}"
        about = "about " if reading.approximate else ""
        other = standing.goal if beside is None else beside
        return f"{about}{self._quantity(standing.value, other)} on {day}"

    def _asked(self) -> str:
        """What the target asks for."""
        target, goal = self.standing.target, self.standing.goal
        if target is None:
            return ""
        if target.type is TargetType.GUARD:
            return f"allowed is {_bounds(target, self._quantity)}"
        if target.type in (TargetType.BOOLEAN, TargetType.MILESTONES):
            return f"asked for by {self._due()}"
        return f"the goal is {_direction(target)} {self._quantity(goal)}"

    def _due(self) -> str:
        return self._by_day(self.standing.kr.due)

    def _by_day(self, end: datetime) -> str:
        return wording.last_day(end, self.zone, self.now)

    def _observed(self) -> str:
        reading = self.standing.reading
        return "" if reading is None else wording.clock(reading.observed_at, self.zone, self.now)

    def _cause(self) -> str:
        failure = self.evidence.failure
        return f": {wording.cause(failure, self.evidence.source)}" if failure else ""

    def _without_value(self) -> str:
        reading = self.standing.reading
        if reading is not None and reading.objects == 0:
            return f"nothing to count at {self._observed()}{self._cause()}"
        if reading is not None and reading.lower_bound:
            return f"at least {self._quantity(reading.value)}, and objects are still open"
        return f"there was no value at {self._observed()}{self._cause()}"

    def _outcome(self) -> str:
        achieved = self.ruling.status is Status.ACHIEVED
        verb = "reached" if achieved else "not reached"
        target = self.standing.target
        if target is not None and target.type is TargetType.GUARD:
            return f"{'held' if achieved else 'not held'} to {self._due()}; {self._asked()}"
        seen = "" if self.standing.reading is None else f"; {self._seen()}"
        if target is not None and target.type is TargetType.MILESTONES:
            if not achieved and (overdue := self._overdue()):
                return overdue
            return f"{'all' if achieved else 'not all'} was done by {self._due()}{seen}"
        if target is None or target.type is TargetType.BOOLEAN or self.standing.goal is None:
            return f"{verb} by {self._due()}{seen}"
        goal = f"{_direction(target)} {self._quantity(self.standing.goal)}"
        return f"{goal} was {verb} by {self._due()}{seen}"

    def _breach(self) -> str:
        at = self.standing.breached_at
        day = "" if at is None else f" on {wording.date(at, self.zone, self.now)}"
        seen = "" if self.standing.value is None else f"; {self._seen()}"
        return f"breached{day}; {self._asked()}{seen}"

    def _checkpoint(self) -> str:
        checkpoint = self.ruling.checkpoint
        if checkpoint is None:
            return self._seen()
        day, seen = self._by_day(checkpoint.at), self._seen(checkpoint.value)
        of_the_day = "" if seen.endswith(f" on {day}") else f" of {day}"
        return f"{seen}; the checkpoint{of_the_day} asked for {self._quantity(checkpoint.value)}"

    def _pace(self) -> str:
        standing, target = self.standing, self.standing.target
        line_now = expected_on(standing.line, self.now)
        if target is None or line_now is None or target.type is TargetType.GUARD:
            return f"{self._seen()}; {self._asked()}"
        if target.type is TargetType.BOOLEAN:
            return self._pace_of_boolean()
        if standing.tally is not None and (words := self._pace_of_milestones()):
            return words
        wanted = value_at(target, line_now, standing.start, standing.goal)
        if wanted is None:
            return f"{self._seen()}; {self._asked()}"
        asks = _direction(target)
        if self._counts_whole():
            asks, wanted = asked_of_whole(wanted, target)
        return (
            f"{self._seen(wanted)}; the line asks for {asks} "
            f"{self._quantity(wanted, standing.value)} by now"
        )

    def _pace_of_boolean(self) -> str:
        held_at = self.standing.held_at
        if self.standing.met and held_at is not None:
            counts = wording.clock(held_at, self.zone, self.now)
            return f"{self._seen()}; counts from {counts} if it holds until then"
        return f"{self._seen()}; {self._asked()}"

    def _too_late(self) -> str:
        target = self.standing.target
        held = "" if target is None else wording.duration(target.held_for_seconds)
        return f"{self._seen()}; it cannot hold for {held} by {self._due()} any more"

    def _pace_of_milestones(self) -> str:
        """What is overdue, or else what comes next; empty where neither is known."""
        tally = self.standing.tally
        if tally is None or self._overdue():
            return self._overdue()
        if self.ruling.status is not Status.ON_TRACK:
            return ""
        coming = coming_words(tally, self.now, self._by_day)
        return f"{self._seen()}; {coming}" if coming else self._seen()

    def _overdue(self) -> str:
        tally, target = self.standing.tally, self.standing.target
        if tally is None or target is None:
            return ""
        return overdue_words(tally, target.milestones, self.now, self._by_day)


def _direction(target: Target) -> str:
    falls = target.type in (TargetType.AT_MOST, TargetType.DECREASE)
    return "at most" if falls else "at least"


def _bounds(target: Target, quantity: Callable[[float], str]) -> str:
    parts = []
    if target.low is not None:
        parts.append(f"at least {quantity(target.low)}")
    if target.high is not None:
        parts.append(f"at most {quantity(target.high)}")
    return " and ".join(parts)
