"""What an author may ask for, and what is then to be read and judged.

A *measure* is a query model (what an author writes in a mapping) that plans either a **scan**
(objects are listed, judged one by one and kept as timelines of verdicts) or a **number** (the
upstream answers with one value). Judges are pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Protocol, Self

from pydantic import BaseModel, ConfigDict, Field

from connectors.definition import Json, Row, fingerprint
from connectors.plausible import PlausibleField
from connectors.verdicts import Aggregate, Dimension, Timeline


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
