"""The words connectors speak: scopes, judges, verdicts, numbers, connectors, errors.

A *measure* is a query model (what an author writes in a mapping) that plans either a **scan**
(objects are listed, judged one by one and kept as timelines of verdicts) or a **number** (the
upstream answers with one value). Judges are pure; only sessions do I/O.

The errors are in `connectors.errors`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any, Protocol, Self, runtime_checkable

from pydantic import BaseModel, ConfigDict, Field

from connectors.errors import (
    BadAnswer as BadAnswer,
)
from connectors.errors import (
    FilterIgnored as FilterIgnored,
)
from connectors.errors import (
    Forbidden as Forbidden,
)
from connectors.errors import (
    NotFound as NotFound,
)
from connectors.errors import (
    QueryRefused as QueryRefused,
)
from connectors.errors import (
    RateLimited as RateLimited,
)
from connectors.errors import (
    ServerFailed as ServerFailed,
)
from connectors.errors import (
    TimedOut as TimedOut,
)
from connectors.errors import (
    TlsFailed as TlsFailed,
)
from connectors.errors import (
    TooLarge as TooLarge,
)
from connectors.errors import (
    Unauthorised as Unauthorised,
)
from connectors.errors import (
    Unreachable as Unreachable,
)
from connectors.errors import (
    UpstreamError as UpstreamError,
)
from connectors.errors import (
    about as about,
)
from connectors.plausible import PlausibleField

Json = Any  # JSON values: dict, list, str, int, float, bool, None
Row = Mapping[str, Any]
"""One upstream object as plain JSON."""


def fingerprint(definition: Json) -> str:
    """16 hexadecimal characters that change exactly when the definition does.

    `definition` must be JSON-able; key order does not matter, list order does.
    """
    canonical = json.dumps(definition, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(canonical.encode()).hexdigest()[:16]


# ------------------------------------------------------------------------------------- verdicts


class Outcome(StrEnum):
    """What a judge says of one object over an interval."""

    PASS = "pass"  # noqa: S105  an outcome, no password
    FAIL = "fail"
    PENDING = "pending"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What holds of an object from `valid_from` (inclusive) until `valid_to` (exclusive, None:
    until something changes). Times are aware UTC.

    `number` is in the judge's base unit (seconds for durations; None where there is none).
    `missing` names what the object lacks, in the author's words. `keys` are what coverage
    compares by; one object may hold several. `began`: since when it has been so, where that is
    before `valid_from`, as of an object that came into the scope only then; ages count from it.
    """

    valid_from: datetime
    valid_to: datetime | None
    outcome: Outcome
    number: float | None = None
    missing: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    began: datetime | None = None

    @property
    def since(self) -> datetime:
        """Since when it has been so."""
        return self.valid_from if self.began is None else self.began


@dataclass(frozen=True, slots=True)
class Timeline:
    """One object's verdicts: ordered, without overlap.

    `since` says how much of the past they replace: None rewrites the object's whole history;
    a moment keeps the rows before it, cut there (all verdicts begin at or after it).
    No verdicts and a `since`: the object left the scope by then. No verdicts and no `since`: it
    is in the scope, and the judge has nothing to say of it (yet).
    `label` is the name people know the object by, `url` leads to it.
    """

    object_id: str
    since: datetime | None
    verdicts: tuple[Verdict, ...]
    label: str = ""
    url: str | None = None

    @property
    def left(self) -> bool:
        """Whether it says that the object left the scope."""
        return self.since is not None and not self.verdicts


@dataclass(frozen=True, slots=True)
class Number:
    """One value read from an upstream.

    `value` is in the plan's unit, None when the upstream has no data (which is not zero).
    `partial` is true when the upstream says, or it is known, that something is left out;
    `approximate` when the upstream itself calls the number so. `raw` is the evidence: the raw
    values that came back, JSON-able and small. `url` leads a person to the query.
    """

    value: float | None
    observed_at: datetime
    numerator: float | None = None
    denominator: float | None = None
    objects: int | None = None
    partial: bool = False
    approximate: bool = False
    raw: Json = None
    url: str | None = None


class Aggregation(StrEnum):
    """How a reading is made of the verdicts that hold at a moment."""

    SHARE = "share"  # passed / (passed + failed); pending beside it
    COUNT = "count"  # objects that pass
    MEAN = "mean"  # of the numbers of finished (passed or failed) objects
    PERCENTILE = "percentile"  # nearest rank over the numbers
    SUM = "sum"  # of the numbers of objects that pass; 0 when none does
    WEIGHTED_SHARE = "weighted_share"  # numbers of passed / numbers of (passed + failed)
    ONLY = "only"  # the number of the one object that passes; none or several: no value
    KEYS = "keys"  # distinct keys of objects that pass
    MILESTONES = "milestones"  # SHARE, and the reading's details tell of each key: done, since when


@dataclass(frozen=True, slots=True)
class Aggregate:
    """An aggregation and its parameters: `percentile` in 0..100 for PERCENTILE, else None; the
    value is multiplied by `scale` (a rate of issues a week is a count over four weeks, by 1/4).
    """

    how: Aggregation
    percentile: float | None = None
    scale: float = 1.0

    @property
    def definition(self) -> Json:
        """JSON that identifies the aggregate."""
        return {"how": self.how.value, "percentile": self.percentile, "scale": self.scale}


class Dimension(StrEnum):
    """What kind of quantity a reading is; decides which units a target may use."""

    COUNT = "count"  # bare number
    RATIO = "ratio"  # base unit: 0..1
    DURATION = "duration"  # base unit: seconds
    OTHER = "other"  # whatever `unit:` says, bare number


# ---------------------------------------------------------------------------------------- plans


@dataclass(frozen=True)
class Scope:
    """The set of upstream objects a scan looks at.

    `definition` is JSON in the upstream's own words (a JQL, an endpoint and a filter), complete
    enough for the connector's session to list the objects. `source` names the configured source.
    """

    source: str
    definition: Mapping[str, Json]

    @property
    def fingerprint(self) -> str:
        """Identifies what is read, whatever is judged of it."""
        return fingerprint({"source": self.source, **self.definition})


class Judge(Protocol):
    """A pure judgement of one object. Instances are immutable and know no network.

    Connectors extend this protocol with what their own session must fetch for the judge
    (fields, related endpoints, change logs); syncd uses only what stands here.
    """

    @property
    def definition(self) -> Json:
        """JSON that identifies the judgement (a changed one fills a new set)."""
        ...

    def judge(self, row: Row, now: datetime) -> Timeline:
        """The object's timeline as known at `now` (aware UTC), future rows included."""
        ...


def judge_fingerprint(judge: Judge) -> str:
    """Identifies what is judged, whatever it is judged of."""
    return fingerprint(judge.definition)


@dataclass(frozen=True)
class ScanPlan:
    """Objects are listed and judged; the reading is an aggregate over their verdicts.

    `keyed`: the verdicts carry the keys of a set, so a coverage can compare it with another.
    `retrospective`: the judge tells an object's whole past by itself, every time (its timelines
    have no `since`), so the reading at a past moment is known from the first scan on.
    """

    scope: Scope
    judge: Judge
    aggregate: Aggregate
    dimension: Dimension
    keyed: bool = False
    retrospective: bool = False


@dataclass(frozen=True)
class NumberPlan:
    """The upstream answers with one number. `request` is JSON the connector's session knows.

    `at`: the number is read as of this past moment (aware UTC), whatever the time is; None: now.
    `counts`: it is how many objects there are.
    """

    source: str
    request: Mapping[str, Json]
    dimension: Dimension
    at: datetime | None = None
    counts: bool = False

    @property
    def fingerprint(self) -> str:
        """Identifies the request: identical ones are asked once."""
        moment = {} if self.at is None else {"at": self.at.isoformat()}
        return fingerprint({"source": self.source, "number": self.request} | moment)


Plan = ScanPlan | NumberPlan


@dataclass(frozen=True)
class BusinessHours:
    """When work is done: from `opens` until `closes` (wall time of `timezone`, an IANA name) on
    `days` (0 is Monday), but not on `closed` dates (holidays, freezes).
    """

    days: frozenset[int]
    opens: time
    closes: time
    timezone: str
    closed: frozenset[date] = frozenset()

    @property
    def definition(self) -> Json:
        """JSON that identifies the hours."""
        return {
            "days": sorted(self.days),
            "opens": self.opens.isoformat("minutes"),
            "closes": self.closes.isoformat("minutes"),
            "timezone": self.timezone,
            "closed": sorted(day.isoformat() for day in self.closed),
        }


@dataclass(frozen=True)
class PlanContext:
    """What a mapping file says around a measure. `first` and `last` are the first and the last
    day of its period (None: no period is declared), in `timezone` (an IANA name).
    """

    timezone: str = "UTC"
    first: date | None = None
    last: date | None = None
    business_hours: BusinessHours | None = None


NO_CONTEXT = PlanContext()


class Measure(BaseModel):
    """Base of every measure: the query model an author fills in, and the plan it makes.

    Subclasses declare `measure: Literal["kind.name"]` first, their options as fields with
    descriptions and examples (they become the JSON Schema editors complete from), and `plan`.
    Unknown keys are refused. Values arrive with variables already replaced.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    measure: str
    source: str | None = Field(
        default=None, description="Which configured source; default: the kind's default source."
    )
    unit: str | None = Field(
        default=None,
        description="The unit of the value, where the measure does not fix it: a word such as "
        "ratio, percent, USD/host/h, 1/w.",
    )
    evidence: str | None = Field(
        default=None,
        pattern="^(keys|titles)$",
        description="What is kept of each object for explanations: keys (default) or titles.",
    )
    plausible: PlausibleField | None = Field(
        default=None,
        description="What its numbers must be like to be believed at once; one that is not is "
        "held back until the next runs say the same or a person accepts it.",
        examples=[{"at_least": 0, "at_most": 5000, "step": "20 %"}],
    )

    def plan(self, source: str, context: PlanContext = NO_CONTEXT) -> Plan:
        """What to read from the source of this name, and how to judge it. Raises ValueError, in an
        author's words, for what the context lacks (business hours, a period).
        """
        raise TypeError(f"{type(self).__name__} does not plan anything")

    def over(self, seconds: float) -> Self:
        """The same measure with its window (where it has one) as long as this, for reading it
        once at the end of a past period.
        """
        return self


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
class Budget:
    """How many requests a server said it will still take before it asks for fewer, and of how many
    in all (None: it did not say).
    """

    left: float
    limit: float | None


@dataclass(frozen=True)
class Exchange:
    """One finished HTTP exchange, for metrics, logs and traces. `path` carries no query string.
    `budget`: what the server said of its limit; None: it said nothing. `waited_seconds`: how long
    it had waited for its turn (limits of the source, the pause before another attempt), which is
    not part of `seconds`. `port` None: the usual one.
    `date`: the server's clock when it answered, in whole Unix seconds; None: it did not say.
    """

    source: str
    method: str
    path: str
    status: int | None
    error_type: str | None
    seconds: float
    bytes_received: int
    attempt: int
    budget: Budget | None = None
    waited_seconds: float = 0.0
    host: str = ""
    port: int | None = None
    date: float | None = None


class Observer(Protocol):
    """Told of every exchange; must be quick and must not raise."""

    def exchanged(self, exchange: Exchange) -> None:
        """Called after each attempt, successful or not."""
        ...


class SilentObserver:
    """An observer that listens to nothing."""

    def exchanged(self, exchange: Exchange) -> None:
        """Ignores the exchange."""


@dataclass(frozen=True)
class Limits:
    """How hard a source may be asked; every figure can be set per source.

    Seconds for times, requests per second for `rate_per_second` (None: unlimited), bytes for
    `body_bytes`. `attempts` counts the first try.
    """

    concurrency: int = 4
    rate_per_second: float | None = None
    connect_seconds: float = 5.0
    read_seconds: float = 30.0
    attempts: int = 4
    backoff_seconds: float = 0.5
    backoff_max_seconds: float = 30.0
    body_bytes: int = 64 * 1024 * 1024


@dataclass(frozen=True)
class Turn:
    """When one request may begin: from the first moment on, and no more from the second on. Both
    in `time.monotonic()` seconds.
    """

    comes_at: float
    passes_at: float


class SharedRate(Protocol):
    """Where the rates of sources are kept that several processes ask together."""

    def reserve(self, source: str, rate_per_second: float, count: int) -> Sequence[Turn]:
        """The next `count` turns (at least one), which nobody else gets, the earliest first."""
        ...


@dataclass(frozen=True)
class SourceConfig:
    """One configured source, secrets already resolved.

    `secrets` maps a role (``token``, ``user``, ``password``) to its value; `headers` are sent
    as they are; both are never printed (they are left out of ``repr``). `options` are the
    kind's own settings, validated by the connector (`flavour`, `browse_url`, ...).
    `client_cert` and `client_key` are files in PEM that we show who we are with under TLS; the
    key may stand in the certificate's file (`client_key` None) and is not encrypted.
    `shared_rate`: the limits' rate is for all who ask there; None: for this process.
    """

    name: str
    kind: str
    url: str
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    verify: bool | str = True
    limits: Limits = Limits()
    options: Mapping[str, Json] = field(default_factory=dict)
    client_cert: str | None = None
    client_key: str | None = None
    shared_rate: SharedRate | None = field(default=None, repr=False, compare=False)


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
