"""What was promised for a day: checkpoints and milestones, and whether each is reached."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from syncd.assess.edits import asked_on_its_day
from syncd.assess.formula import is_number, reaches
from syncd.assess.milestones import tally_of
from syncd.assess.standing import assessable
from syncd.model import Assessment, Evidence, KeyResult, TargetType


@dataclass(frozen=True)
class Mark:
    """A checkpoint (`asked` has its value), or a milestone (`name`), due at `at` (aware UTC).

    `reached`: the value of the moment is at it; None: that is not known.
    """

    at: datetime
    reached: bool | None
    asked: float | None = None
    name: str | None = None

    @property
    def key(self) -> str:
        """Its identity within its key result: an edited one is another one."""
        return f"{self.at.isoformat()} {self.asked if self.name is None else self.name}"


def marks_of(kr: KeyResult, evidence: Evidence, told: Assessment) -> tuple[Mark, ...]:
    """The checkpoints and milestones of a key result in the order of their dates, by the value
    that was judged; those that were written down after their day are left out.
    """
    if kr.target is None or not kr.target.is_decided:
        return ()
    if kr.target.type is TargetType.MILESTONES:
        return _milestones(kr, evidence)
    if kr.target.type is TargetType.GUARD:
        return ()
    found = []
    for each in sorted(kr.checkpoints, key=lambda one: one.at):
        if asked_on_its_day(each, evidence.former):
            reached = None
            if is_number(told.value):
                reached = reaches(kr.target, told.value, each.value, told.start)
            found.append(Mark(each.at, reached, asked=each.value))
    return tuple(found)


def _milestones(kr: KeyResult, evidence: Evidence) -> tuple[Mark, ...]:
    """Milestones whose reading names them; of others nobody knows which is done."""
    reading = assessable(evidence)
    if kr.target is None:
        return ()
    undone: frozenset[str] | None = None
    if reading is not None and is_number(reading.value):
        tally = tally_of(kr.target, reading, reading.value)
        if tally.named:
            undone = frozenset(one.name for one in tally.undone)
    return tuple(
        Mark(one.at, None if undone is None else one.name not in undone, name=one.name)
        for one in kr.target.milestones
    )
