"""Pure judgements of how long an issue takes from one moment to another; numbers are seconds.

Both judges tell an issue's whole past every time: from the first point on it waits, and from the
second point on it has a finished verdict.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from msgspec.structs import replace

from connectors.base import Json, Outcome, Row, Timeline, Verdict
from connectors.jira.needs import WHO, Needs
from connectors.jira.points import Occurrence, Point
from connectors.jira.sla import Cycle
from connectors.jira.verdicts import OfMoments, about, identity, looked_at
from connectors.waiting import ANY_TIME, Wait


@dataclass(frozen=True)
class Duration(OfMoments):
    """Judges the time from the point `start` to the point `end`.

    - With a limit an open issue is pending until its deadline and fails from then on. One that
      arrived passes or fails from that moment, with the number.
    - Without, it is pending until it arrives and passes then: the number is what counts.
    - An `end` before `start` counts as at `start`: it passes at once, with 0 seconds.
    - `by`: where another account brought `end` about, the issue fails from that moment on. Where
      Jira does not say who did it, the issue is pending: it proves nothing either way.
    - An issue for which `start` never came is not judged.
    """

    start: Point
    end: Point
    by: tuple[str, ...] | None = None
    wait: Wait = ANY_TIME
    titles: bool = False

    @property
    def definition(self) -> Json:
        """JSON that identifies the judgement."""
        points = {"from": self.start.definition, "to": self.end.definition}
        by = None if self.by is None else sorted(self.by)
        wait = self.wait.definition("within")
        return identity(self.titles, jira="duration", to_by=by, **points, **wait)

    @property
    def needs(self) -> Needs:
        """What both points need, and who it was where that counts."""
        needs = self.start.needs | self.end.needs
        return needs if self.by is None else needs | WHO

    @property
    def fields(self) -> frozenset[str]:
        """The fields of both points, and the title where it is kept."""
        return looked_at(self.needs.fields, self.titles)

    def judge(self, row: Row, now: datetime) -> Timeline:
        """The issue's whole timeline as known at `now`, its deadline included."""
        start = self.start.first(row)
        if start is None:
            return about(row, (), since=None, titles=self.titles)
        end = self.end.first(row)
        if end is None:
            verdicts = self._open(start.at, None, now)
        else:
            arrived = max(start.at, end.at)
            verdicts = (
                *self._open(start.at, arrived, now),
                self._finished(start.at, arrived, end),
            )
        return about(row, verdicts, since=None, titles=self.titles)

    def _open(self, start: datetime, until: datetime | None, now: datetime) -> tuple[Verdict, ...]:
        return self.wait.so_far(start, until, now, late=self._late)

    @cached_property
    def _late(self) -> str:
        return f"no {self.end.words} yet"

    def _finished(self, start: datetime, arrived: datetime, end: Occurrence) -> Verdict:
        seconds = self.wait.seconds(start, arrived)
        in_time = self.wait.in_time(seconds)
        verdict = Verdict(arrived, None, Outcome.PASS if in_time else Outcome.FAIL, seconds)
        if self.by is None or (end.author is not None and end.author.is_one_of(self.by)):
            return verdict
        wanted = " or ".join(self.by)
        if end.author is not None:
            note = f"{self.end.words} by {end.author.shown}, not {wanted}"
            return replace(verdict, outcome=Outcome.FAIL, missing=(note,))
        note = f"{self.end.words} by nobody that Jira names, wanted {wanted}"
        if in_time:
            return replace(verdict, outcome=Outcome.PENDING, missing=(note,))
        return replace(verdict, missing=(note,))


@dataclass(frozen=True)
class Agreement(OfMoments):
    """Judges the first complete cycle of a service level agreement in the agreement's own time,
    or the cycle that goes on.

    - With `goal` an open cycle is pending until the moment it will be breached and fails from then
      on; a complete one passes or fails from its stop, as the service desk says.
    - A paused cycle does not know when it will be breached: it is pending.
    - Without `goal` a cycle is pending until it stops and passes then, with its elapsed time. While
      it is open its number is what had elapsed when it was read, which is a lower bound later.
    - An issue that the service desk does not know, or that is under no such agreement, is not
      judged.
    """

    sla: str
    goal: bool
    titles: bool = False

    @property
    def definition(self) -> Json:
        """JSON that identifies the judgement."""
        return identity(self.titles, jira="agreement", sla=self.sla, goal=self.goal)

    @property
    def needs(self) -> Needs:
        """The agreement's cycles."""
        return Needs(slas=frozenset({self.sla}))

    @property
    def fields(self) -> frozenset[str]:
        """The title, where it is kept."""
        return looked_at((), self.titles)

    def judge(self, row: Row, now: datetime) -> Timeline:
        """The issue's whole timeline as known at `now`, the coming breach included."""
        cycles: tuple[Cycle, ...] = (row["slas"] or {}).get(self.sla.casefold(), ())
        complete = next((cycle for cycle in cycles if cycle.stop is not None), None)
        cycle = complete or (cycles[0] if cycles else None)
        if cycle is None:
            verdicts: tuple[Verdict, ...] = ()
        elif self.goal:
            verdicts = tuple(self._held_to_its_goal(cycle, now))
        else:
            verdicts = tuple(self._measured(cycle, now))
        return about(row, verdicts, since=None, titles=self.titles)

    def _held_to_its_goal(self, cycle: Cycle, now: datetime) -> Iterator[Verdict]:
        until = cycle.stop
        breach = cycle.breach
        if cycle.breached and breach is None:
            # It was breached, nobody knows when: certain from the stop, or from this reading on.
            breach = max(cycle.start, until or now)
        if not cycle.breached and until is not None:
            breach = None
        pending_until = min((each for each in (until, breach) if each is not None), default=None)
        if pending_until is None or pending_until > cycle.start:
            yield Verdict(cycle.start, pending_until, Outcome.PENDING)
        if breach is not None and (until is None or breach < until):
            note = (f"no {self.sla} yet",)
            yield Verdict(max(breach, cycle.start), until, Outcome.FAIL, missing=note)
        if until is not None:
            outcome = Outcome.FAIL if cycle.breached else Outcome.PASS
            yield Verdict(until, None, outcome, number=cycle.elapsed)

    @staticmethod
    def _measured(cycle: Cycle, now: datetime) -> Iterator[Verdict]:
        if cycle.stop is not None:
            if cycle.stop > cycle.start:
                yield Verdict(cycle.start, cycle.stop, Outcome.PENDING, number=0.0)
            yield Verdict(cycle.stop, None, Outcome.PASS, number=cycle.elapsed)
            return
        read = max(now, cycle.start)
        if read > cycle.start:
            yield Verdict(cycle.start, read, Outcome.PENDING, number=0.0)
        yield Verdict(read, None, Outcome.PENDING, number=cycle.elapsed)
