"""Key results, what stands around them, and the catalogue of them all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from connectors.base import fingerprint
from syncd.model.indicator import Indicator
from syncd.model.target import Checkpoint, Judgement, Target

EXTERNAL = "external:"
"""What stands before the name of a dependency outside the key results."""


@dataclass(frozen=True)
class TimeOff:
    """Time that does not count as time to progress: a freeze or a public holiday. From `start`
    (in it) to `end` (not in it), aware UTC.
    """

    title: str
    start: datetime
    end: datetime


@dataclass(frozen=True)
class Beside:
    """A number shown beside a key result and never assessed; `indicator` is a fingerprint."""

    title: str
    indicator: str


@dataclass(frozen=True)
class Ending:
    """A key result that was given up, or goes on in another period (`into`, its id), from `at`
    on (aware UTC). It then counts in no mean and is judged no more.
    """

    at: datetime
    reason: str
    into: str | None = None


@dataclass(frozen=True)
class KeyResult:
    """One key result as its author wrote it, defaults filled in.

    `indicator` is the fingerprint of the indicator it reads. `start` is the first moment of the
    first day, `due` the last moment of the due day (both aware UTC). `needs` are ids of key
    results or ``external:NAME``. `stale_after_seconds` None: three intervals, at least an hour.
    `shown_in`: the unit that its author wrote the target in, where that is one of time or ``x``;
    its numbers are shown in it. None: the one that fits.
    """

    id: str
    title: str
    team: str
    objective: str
    objective_title: str
    owner: tuple[str, ...]
    indicator: str
    target: Target | None
    start: datetime
    due: datetime
    timezone: str
    checkpoints: tuple[Checkpoint, ...] = ()
    needs: tuple[str, ...] = ()
    weight: float = 1.0
    judgement: Judgement = field(default_factory=Judgement)
    stale_after_seconds: float | None = None
    page: bool = False
    note: str | None = None
    period: str = ""
    time_off: tuple[TimeOff, ...] = ()
    beside: tuple[Beside, ...] = ()
    duplicate_of: str | None = None
    ending: Ending | None = None
    shown_in: str | None = None

    @property
    def key(self) -> str:
        """Its identity across periods; the id alone is used again by the next quarter."""
        return f"{self.period}/{self.id}" if self.period else self.id

    def key_of(self, need: str) -> str:
        """The identity of a key result that it needs, which is one of the same period; what is
        outside the key results stays as it is.
        """
        if not self.period or need.startswith(EXTERNAL):
            return need
        return f"{self.period}/{need}"

    @property
    def target_fingerprint(self) -> str:
        """Changes when what is wanted (not what is measured) changes."""
        return fingerprint(
            {
                "target": repr(self.target),
                "checkpoints": [(c.at.isoformat(), c.value) for c in self.checkpoints],
                "start": self.start.isoformat(),
                "due": self.due.isoformat(),
                "judgement": repr(self.judgement),
                "stale_after": self.stale_after_seconds,
                "needs": list(self.needs),
                "time_off": [(off.start.isoformat(), off.end.isoformat()) for off in self.time_off],
                "ending": None if self.ending is None else self.ending.at.isoformat(),
            }
        )

    @property
    def line_fingerprint(self) -> str:
        """Changes when the expected line may: with the target, its dates, its checkpoints or the
        time off.
        """
        return fingerprint(
            {
                "target": repr(self.target),
                "checkpoints": [(c.at.isoformat(), c.value) for c in self.checkpoints],
                "start": self.start.isoformat(),
                "due": self.due.isoformat(),
                "time_off": [(off.start.isoformat(), off.end.isoformat()) for off in self.time_off],
            }
        )


@dataclass(frozen=True)
class Objective:
    """What a team wants, and how much it counts in the team's mean.

    `joint_team` and `joint_id`: it is another team's objective too, under that id; it shows with
    both, counts once in the organisation, and `accountable` is who answers for it.
    """

    id: str
    title: str
    team: str
    weight: float = 1.0
    joint_team: str | None = None
    joint_id: str | None = None
    accountable: tuple[str, ...] = ()


@dataclass(frozen=True)
class External:
    """A dependency outside the key results; its state is set by a person."""

    name: str
    title: str
    owner: str | None = None
    due: datetime | None = None
    plan: str | None = None


@dataclass(frozen=True)
class Catalogue:
    """Everything the mapping files of one period say, checked and resolved.

    `indicators` by fingerprint, in the order of the files; `key_results` by id (not `key`), the
    organisation's own roll-ups last; `objectives` by id; `teams` by id with their titles.
    `period` is the period's id, from `starts` to `ends` (aware UTC, both in it). `digest`
    identifies the files' content and the variables used.
    """

    organisation: str
    period_title: str
    timezone: str
    teams: Mapping[str, str]
    indicators: Mapping[str, Indicator]
    key_results: Mapping[str, KeyResult]
    externals: Mapping[str, External] = field(default_factory=dict)
    digest: str = ""
    objectives: Mapping[str, Objective] = field(default_factory=dict)
    period: str = ""
    starts: datetime | None = None
    ends: datetime | None = None


def dependants_in_order(key_results: Mapping[str, KeyResult]) -> Sequence[str]:
    """Ids such that each comes after all it needs; ties by id. Raises ValueError on a circle.

    Ids that are not key results (``external:...``) are passed over.
    """
    order: list[str] = []
    state: dict[str, int] = {}

    def visit(key: str, path: tuple[str, ...]) -> None:
        if state.get(key) == 2:
            return
        if state.get(key) == 1:
            raise ValueError(" -> ".join((*path[path.index(key) :], key)))
        state[key] = 1
        for need in sorted(key_results[key].needs):
            if need in key_results:
                visit(need, (*path, key))
        state[key] = 2
        order.append(key)

    for key in sorted(key_results):
        visit(key, ())
    return order
