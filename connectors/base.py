"""The words connectors speak, all of them: what one implements is here, the rest is in the modules
that this one takes it from, each with one subject.

- `connectors.verdicts`: what is said of objects and numbers.
- `connectors.plans`: measures, and what they plan.
- `connectors.source`: a configured source, and what is told of its requests.
- `connectors.errors`: what can go wrong.

Only sessions do I/O.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

from pydantic import BaseModel

from connectors.definition import Json, Row, fingerprint
from connectors.errors import (
    BadAnswer,
    FilterIgnored,
    Forbidden,
    NotFound,
    QueryRefused,
    RateLimited,
    ServerFailed,
    TimedOut,
    TlsFailed,
    TooLarge,
    Unauthorised,
    Unreachable,
    UpstreamError,
    about,
)
from connectors.plans import (
    NO_CONTEXT,
    BusinessHours,
    Judge,
    Measure,
    NumberPlan,
    Plan,
    PlanContext,
    ScanPlan,
    Scope,
    judge_fingerprint,
)
from connectors.source import (
    Budget,
    Exchange,
    Limits,
    Observer,
    SharedRate,
    SilentObserver,
    SourceConfig,
    Turn,
)
from connectors.verdicts import (
    Aggregate,
    Aggregation,
    Dimension,
    Number,
    Outcome,
    Timeline,
    Verdict,
)

__all__ = [
    "NO_CONTEXT",
    "Aggregate",
    "Aggregation",
    "BadAnswer",
    "Batch",
    "Budget",
    "BusinessHours",
    "Connector",
    "Cursor",
    "Dimension",
    "Exchange",
    "FilterIgnored",
    "Forbidden",
    "Hook",
    "Identity",
    "Json",
    "Judge",
    "Known",
    "Limits",
    "Measure",
    "NotFound",
    "Number",
    "NumberPlan",
    "Observer",
    "Outcome",
    "Plan",
    "PlanContext",
    "QueryRefused",
    "RateLimited",
    "Row",
    "ScanJob",
    "ScanPlan",
    "Scope",
    "ServerFailed",
    "Session",
    "SharedRate",
    "SilentObserver",
    "SourceConfig",
    "TimedOut",
    "Timeline",
    "TlsFailed",
    "TooLarge",
    "Turn",
    "Unauthorised",
    "Unreachable",
    "UpstreamError",
    "Verdict",
    "about",
    "fingerprint",
    "judge_fingerprint",
]

# -------------------------------------------------------------------------------------- scanning

Cursor = Mapping[str, Json]
"""Where a scan stands; JSON that only the connector reads."""


class Known(Protocol):
    """What the store already holds of a scope, for finding what left it."""

    def count(self) -> int:
        """How many objects are in the scope as far as is known, judged or not."""
        ...

    def ids(self) -> Iterator[str]:
        """Their ids, streamed."""
        ...


@dataclass(frozen=True)
class ScanJob:
    """One run over a scope.

    `cursor` None: read everything (objects that are not yielded are then gone), else read what
    changed since. `resume` continues a full read that was cut. `now` is the clock's moment,
    aware UTC; `deadline` is in `time.monotonic()` seconds: past it the session raises TimedOut.

    `history_since` (only with `cursor` None): judge the past as well, from that moment on, from
    what the upstream keeps of it: what holds at a past moment is what reading everything gave then.
    Timelines begin there (their `since`, or None), and the last batch says in `untold` and
    `untold_of` what could not be rebuilt; before the first moment that an object is known for, it
    has no verdict.
    """

    scope: Scope
    judges: Sequence[Judge]
    now: datetime
    deadline: float
    known: Known
    cursor: Cursor | None = None
    resume: Cursor | None = None
    history_since: datetime | None = None


@dataclass(frozen=True)
class Batch:
    """Some judged objects. `timelines[i]` belong to `job.judges[i]`.

    `resume` lets a full read continue after this batch (None: it cannot from here).
    The last batch of a run, and only it, carries `cursor`: from then on only changes are read.
    `partial` (last batch): something is known to be missing; the run's reading says so.
    `vouched` (last batch): of the objects that are gone, many can still be read: they have left the
    scope, and no permission was lost.
    `total` is the expected number of objects, for progress bars (None: unknown).
    `untold` (last batch of a run with a history): sentences on what of the past is not known,
    whatever is judged; `untold_of[i]`: on what `job.judges[i]` cannot tell beyond that.
    """

    timelines: Sequence[Sequence[Timeline]]
    resume: Cursor | None = None
    cursor: Cursor | None = None
    partial: bool = False
    vouched: bool = False
    total: int | None = None
    untold: tuple[str, ...] = ()
    untold_of: Sequence[tuple[str, ...]] = ()

    def untold_for(self, judge: int) -> tuple[str, ...]:
        """All sentences on what is not known of what a judge (by its place) says of the past."""
        return self.untold + (self.untold_of[judge] if self.untold_of else ())


# ------------------------------------------------------------------------------------ connectors


@dataclass(frozen=True)
class Identity:
    """Who the upstream says we are: shown by `syncd check --live`. Holds no secret."""

    account: str
    version: str
    timezone: str | None = None


@runtime_checkable
class Session(Protocol):
    """An open source. Used by one thread at a time per call; calls may overlap. One that knows what
    to look at in its upstream offers `examine` as well (`connectors.checkup.Examinable`).
    """

    def identify(self, deadline: float) -> Identity:
        """Proves that the credentials work. Raises an UpstreamError when they do not."""
        ...

    def scan(self, job: ScanJob) -> Iterator[Batch]:
        """Judged objects of the scope, batch by batch; raises an UpstreamError when cut short. Its
        `judges` say for whom, where the others could be judged all the same.
        """
        ...

    def read(self, plan: NumberPlan, now: datetime, deadline: float) -> Number:
        """The number at `now` (aware UTC). Raises an UpstreamError."""
        ...

    def history(
        self, plan: NumberPlan, moments: Sequence[datetime], deadline: float
    ) -> Iterator[Number]:
        """The number at each of the ascending past moments (its `observed_at`), as far as the
        upstream keeps it; a moment it has nothing for is left out, or comes without a value and
        with `words` in its `raw` that say why. Raises an UpstreamError.
        """
        ...

    def link(self, plan: Plan) -> str | None:
        """Where a person sees the same query in the upstream's own pages, or None."""
        ...

    def close(self) -> None:
        """Gives back connections. Closing twice is harmless."""
        ...


class Hook(Protocol):
    """How an upstream's own notices of changes are read. A notice is a hint that makes scopes due
    at once; nothing it says is believed. Pure.
    """

    def authentic(self, secret: str, headers: Mapping[str, str], body: bytes) -> bool:
        """Whether the notice was signed with the secret. Header names come in small letters.
        Compares in constant time; a missing or broken signature is not authentic.
        """
        ...

    def touches(self, scope: Mapping[str, Json], judges: Sequence[Json], notice: Json) -> bool:
        """Whether the notice may concern a scope of this definition, read for judges of these
        definitions. In doubt it does. Never raises: a notice of an unknown shape may concern all.
        """
        ...


class Connector(Protocol):
    """One kind of upstream: its measures and how to open it. Found by the entry-point group
    ``syncd.connectors``; the entry point's object is an instance.
    """

    kind: str
    measures: Mapping[str, type[Measure]]
    options: type[BaseModel]
    """The kind's own source settings (extra keys are refused)."""
    hook: Hook | None
    """How its notices are read; None: it sends none."""

    def open(self, config: SourceConfig, observer: Observer) -> Session:
        """A session for one configured source. Does no I/O."""
        ...
