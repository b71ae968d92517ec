"""The report as a document: what stands in it, in words and numbers, before any format.

Texts that come from mapping files and upstreams are plain; each renderer makes them harmless in
its own format. What is not known is said in words, never as a number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from syncd.model import Status
from syncd.surfaces.charts import Drawing
from syncd.surfaces.report.going_well import Strengths
from syncd.surfaces.report.signs import Share, Sign

LISTED = 15
"""How many changes of a kind are listed."""


@dataclass(frozen=True)
class Bar:
    """Done against expected, ratios 0..1; None: cannot be told."""

    done: float | None
    expected: float | None
    checkpoints: Sequence[float] = ()


@dataclass(frozen=True)
class Group:
    """A team, or the organisation, as a line of the overview. `of`: how many key results count,
    `unknown`: the share of the weight that cannot be told, in words.
    """

    title: str
    shares: Sequence[Share]
    of: int
    bar: Bar
    done: str
    expected: str
    unknown: str


@dataclass(frozen=True)
class Day:
    """How many key results had each status on a day, in the order of `Course.signs`."""

    counts: Sequence[int]


@dataclass(frozen=True)
class Course:
    """The period so far, a column a day (None: nothing was told yet); `days`: the whole of it."""

    signs: Sequence[Sign]
    days: int
    columns: Sequence[Day | None]
    first: str
    last: str


@dataclass(frozen=True)
class Change:
    """A key result that is told otherwise than it was. `before` None: it is new."""

    key: str
    title: str
    team: str
    before: Sign | None
    after: Sign | None
    when: str
    why: str


@dataclass(frozen=True)
class Move:
    """A value that moved, and how progress moved with it."""

    key: str
    title: str
    team: str
    before: str
    after: str
    by: str
    sign: Sign


@dataclass(frozen=True)
class Notice:
    """Something else that happened: a source, the mapping, a correction."""

    when: str
    title: str
    text: str


@dataclass(frozen=True)
class Changes:
    """What is otherwise than at `since`. `lost`: what was known and is not any more; `other`: new,
    known again, ended or gone. `notices_left`: how many notices are not listed.
    """

    since: str
    worse: Sequence[Change]
    better: Sequence[Change]
    lost: Sequence[Change]
    other: Sequence[Change]
    moves: Sequence[Move]
    notices: Sequence[Notice]
    notices_left: int

    @property
    def lists(self) -> Sequence[tuple[str, Sequence[Change], int]]:
        """Those that say something: what it is called, the first of it, how many more there are."""
        named = (
            ("Got worse", self.worse),
            ("Got better", self.better),
            ("Out of sight", self.lost),
            ("New, known again, ended or gone", self.other),
        )
        return [
            (name, found[:LISTED], max(0, len(found) - LISTED)) for name, found in named if found
        ]

    @property
    def nothing(self) -> bool:
        """Whether nothing changed at all."""
        return not (
            self.worse or self.better or self.lost or self.other or self.moves or self.notices
        )


@dataclass(frozen=True)
class Dragged:
    """A key result that slips because of another; `through`: what stands between them."""

    key: str
    title: str
    team: str
    sign: Sign
    through: str


@dataclass(frozen=True)
class Risk:
    """A cause, and what it drags with it."""

    key: str
    title: str
    team: str
    sign: Sign
    why: str
    owner: str
    due: str
    forecast: str
    drags: Sequence[Dragged]


@dataclass(frozen=True)
class Watch:
    """A key result that is on track today and will not land if it goes on as it did."""

    key: str
    title: str
    team: str
    forecast: str


@dataclass(frozen=True)
class Dependency:
    """Something that others wait for. `blocks`: who waits, in words; `late`: why its date does
    not fit theirs (empty: it does).
    """

    key: str
    title: str
    outside: bool
    sign: Sign
    state: str
    owner: str
    due: str
    plan: str | None
    blocks: Sequence[str]
    late: str


@dataclass(frozen=True)
class PathStep:
    """Something that a due date hangs on: when it is there, in words."""

    key: str
    title: str
    words: str


@dataclass(frozen=True)
class Path:
    """A key result whose due date does not hold because of what it waits for, nearest first."""

    key: str
    title: str
    team: str
    due: str
    steps: Sequence[PathStep]


@dataclass(frozen=True)
class Dependencies:
    """What slips or cannot be told, how many others hold, and the due dates that hang on it."""

    listed: Sequence[Dependency]
    holding: int
    paths: Sequence[Path]


@dataclass(frozen=True)
class Part:
    """A part of a roll-up: what it counts now, and what the key result that reads it wants."""

    title: str
    team: str
    value: str
    wanted: str
    sign: Sign | None
    forecast: str
    needed_by: Sequence[str]


@dataclass(frozen=True)
class RollUp:
    """A number of the organisation's own, outside every mean, with its parts."""

    key: str
    title: str
    sign: Sign
    value: str
    target: str
    stretch: str
    why: str
    forecast: str
    bar: Bar
    done: str
    expected: str
    parts: Sequence[Part]


@dataclass(frozen=True)
class Line:
    """One key result in its team's table. `marks`: what a person has said that is in force."""

    key: str
    title: str
    sign: Sign
    bar: Bar
    spark: Drawing
    done: str
    expected: str
    value: str
    target: str
    forecast: str
    why: str
    owner: str
    nobody: bool
    due: str
    marks: Sequence[str]
    note: str
    beside: Sequence[str] = ()


@dataclass(frozen=True)
class Objective:
    """An objective's own line above its key results."""

    key: str
    title: str
    done: str
    lines: Sequence[Line]
    joint: str = ""


@dataclass(frozen=True)
class Team:
    """A team's part of the report."""

    key: str
    title: str
    overview: str
    group: Group
    objectives: Sequence[Objective]


@dataclass(frozen=True)
class Finding:
    """What the mapping files leave open or say twice, by rule and mend; `says`: each place."""

    severity: str
    title: str
    fix: str
    says: Sequence[str]


@dataclass(frozen=True)
class SourceLine:
    """A source and whether it answers."""

    name: str
    state: str
    good: bool | None
    since: str
    why: str


@dataclass(frozen=True)
class Doubt:
    """Key results whose numbers are old, partial or missing, or cannot be read; `whose`: what
    they are called, with their ids.
    """

    keys: Sequence[str]
    whose: Sequence[str]
    what: str
    since: str
    why: str


@dataclass(frozen=True)
class Data:
    """How fresh it all is. `refused`: faults of the newest mapping files, not in force;
    `judged_last`: when anything was judged last, where that is too long ago (else empty).
    """

    sources: Sequence[SourceLine]
    doubts: Sequence[Doubt]
    refused: Sequence[str]
    refused_since: str
    judged_last: str


@dataclass(frozen=True)
class Correction:
    """What a person has said of a key result that is in force."""

    key: str
    title: str
    what: str
    by: str
    reason: str
    since: str


@dataclass(frozen=True)
class Report:
    """The executive summary of one moment. `scope` None: the whole organisation."""

    organisation: str
    period: str
    scope: str | None
    moment: str
    elapsed: str
    headline: Sequence[str]
    alarms: Sequence[str]
    groups: Sequence[Group]
    whole: Group
    course: Course | None
    changes: Changes
    risks: Sequence[Risk]
    watch: Sequence[Watch]
    strengths: Strengths
    dependencies: Dependencies
    roll_ups: Sequence[RollUp]
    teams: Sequence[Team]
    hygiene: Sequence[Finding]
    data: Data
    corrections: Sequence[Correction]
    legend: Sequence[Sign] = field(default=tuple(Sign.of(status) for status in Status))
