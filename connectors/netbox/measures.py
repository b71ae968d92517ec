"""What authors may measure in NetBox: the query models, and the plans they make. No I/O."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from pydantic import Field, model_validator

from connectors.base import (
    NO_CONTEXT,
    Aggregate,
    Aggregation,
    Dimension,
    Measure,
    NumberPlan,
    PlanContext,
    ScanPlan,
    Scope,
)
from connectors.netbox.drift import DriftJudge, Expected
from connectors.netbox.filters import FilterValue, narrowed
from connectors.netbox.judges import CompletenessJudge, passing_judge
from connectors.netbox.keys import KeysJudge
from connectors.netbox.latency import LatencyJudge
from connectors.netbox.points import SEEN, JournalPoint, PointField
from connectors.netbox.relations import LISTS
from connectors.netbox.required import ListField, Requirement
from connectors.netbox.words import EndpointField, FieldPath, FilterField
from connectors.quantity import Duration, parse_duration
from connectors.waiting import MeanField, PercentileField, Wait, summary_of

_FILTER = "Which of them: NetBox's own filters. A list means any of its values; null means none."


class _Scoped(Measure):
    """A measure of the objects behind an endpoint and a filter."""

    endpoint: EndpointField
    filter: FilterField = Field(
        default={},
        description=_FILTER,
        examples=[{"site": ["stream-1", "cb3-1"], "status": "active"}],
    )

    def scope(self, source: str) -> Scope:
        """The set of objects, in NetBox's words."""
        return Scope(source, {"endpoint": self.endpoint, "filter": self.filter})


class Count(_Scoped):
    """How many objects there are, as the server counts them."""

    measure: Literal["netbox.count"]

    def plan(self, source: str, context: PlanContext = NO_CONTEXT) -> NumberPlan:
        """One exact count."""
        request = {"count": self.endpoint, "filter": self.filter}
        return NumberPlan(source, request, Dimension.COUNT, counts=True)


class Ratio(_Scoped):
    """The share of the objects that also match a second filter."""

    measure: Literal["netbox.ratio"]
    passing: FilterField = Field(
        min_length=1,
        description="Which of them pass: further filters, all of which must match as well.",
        examples=[{"has_primary_ip": True}],
    )

    @model_validator(mode="after")
    def _narrows(self) -> Ratio:
        narrowed(self.filter, self.passing)
        return self

    def plan(self, source: str, context: PlanContext = NO_CONTEXT) -> ScanPlan:
        """A listing of the scope, and one of what passes."""
        judge = passing_judge(narrowed(self.filter, self.passing))
        return ScanPlan(self.scope(source), judge, Aggregate(Aggregation.SHARE), Dimension.RATIO)


class Completeness(_Scoped):
    """The share of the objects that have everything that is required of them."""

    measure: Literal["netbox.completeness"]
    required: list[Requirement] = Field(
        min_length=1,
        description="What each object must have; every entry whose `when` holds adds its fields.",
    )

    @model_validator(mode="after")
    def _lists_exist(self) -> Completeness:
        _check_lists(self.endpoint, self.required)
        return self

    def plan(self, source: str, context: PlanContext = NO_CONTEXT) -> ScanPlan:
        """A listing of the scope with the required fields."""
        judge = CompletenessJudge(tuple(self.required))
        return ScanPlan(self.scope(source), judge, Aggregate(Aggregation.SHARE), Dimension.RATIO)


def _check_lists(endpoint: str, required: Iterable[Requirement]) -> None:
    known = LISTS.get(endpoint, {})
    for entry in required:
        for field in entry.fields:
            if isinstance(field, ListField) and field.name not in known:
                has = ", ".join(known) if known else "none that can be asked for"
                raise ValueError(f"{endpoint} has no list {field.name}; its lists are: {has}")


class Latency(_Scoped):
    """How long the objects take from one moment to another: as a share within a limit, a
    percentile, or a mean.
    """

    measure: Literal["netbox.latency"]
    from_: PointField = Field(alias="from")
    to: PointField
    to_by: str | list[str] | None = Field(
        default=None,
        description="Accounts that must have brought about `to` (first_seen or a journal entry). "
        "By anyone else: the object fails, it does not leave the count.",
        examples=[["svc-atlas", "svc-asn"]],
    )
    to_tag: str | list[str] | None = Field(
        default=None,
        description="Tags (slugs) that say where an object came from: one that has none of them "
        "when it reaches `to` fails, for it was entered by hand.",
        examples=["asn-import", ["asn-import", "atlas"]],
    )
    hours: Literal["business"] | None = Field(
        default=None, description="`business`: only business hours count."
    )
    within: Duration | None = Field(
        default=None,
        description="The limit; the value is the share of objects within it.",
        examples=["24 h", "5 min"],
    )
    percentile: PercentileField = None
    mean: MeanField = None

    @model_validator(mode="after")
    def _makes_sense(self) -> Latency:
        summary_of(self.within, self.percentile, self.mean)
        if self.from_ == self.to:
            raise ValueError(f"from and to are both {self.to}; a latency needs two moments")
        if self.to_by is not None and self.to != SEEN and not isinstance(self.to, JournalPoint):
            raise ValueError(
                "to_by needs to: first_seen or {journal: KIND}; NetBox does not tell who brought "
                f"about {self.to}"
            )
        for name, what in (("to_by", "account"), ("to_tag", "tag")):
            if getattr(self, name) is not None and not _listed(getattr(self, name)):
                raise ValueError(f"{name} names no {what}; name at least one, or leave it out")
        return self

    @property
    def aggregate(self) -> tuple[Aggregate, Dimension]:
        """How the value is made of the verdicts, and what kind of quantity it is."""
        return summary_of(self.within, self.percentile, self.mean)

    def plan(self, source: str, context: PlanContext = NO_CONTEXT) -> ScanPlan:
        """A listing of the scope with both moments."""
        if self.hours is not None and context.business_hours is None:
            raise ValueError(
                "hours: business needs business hours; fix: declare calendar.business_hours in "
                "the organisation file, or leave hours out"
            )
        judge = LatencyJudge(
            from_=self.from_,
            to=self.to,
            to_by=_listed(self.to_by),
            to_tag=_listed(self.to_tag),
            wait=Wait(
                None if self.within is None else parse_duration(self.within),
                hours=None if self.hours is None else context.business_hours,
                aged=self.percentile is not None,
            ),
            timezone=context.timezone,
        )
        return ScanPlan(self.scope(source), judge, *self.aggregate, retrospective=True)


def _listed(value: str | list[str] | None) -> tuple[str, ...] | None:
    if value is None:
        return None
    return tuple(one for one in ([value] if isinstance(value, str) else value) if one.strip())


class Keys(_Scoped):
    """The keys that the objects put into a set: how many different ones, and for a coverage to
    compare with another set. A key counts when its object passes: when it has the key, and
    everything that is required beside it.
    """

    measure: Literal["netbox.keys"]
    key: FieldPath = Field(
        description="The field that holds the key, with dots into references; cf.NAME for a "
        "custom field. A list holds several keys; a reference is told by its slug, else its name.",
        examples=["serial", "name", "asset_tag", "cf.cluster_id"],
    )
    at: PointField | None = Field(
        default=None,
        description="The moment from which the object's keys count; default: as long as they "
        "stand there.",
        examples=["first_seen", "created", "cf.tracked_at"],
    )
    required: list[Requirement] = Field(
        default=[],
        description="What an object must have beside its key, as in netbox.completeness; one that "
        "lacks something fails, and still carries its keys.",
    )

    @model_validator(mode="after")
    def _lists_exist(self) -> Keys:
        _check_lists(self.endpoint, self.required)
        return self

    def plan(self, source: str, context: PlanContext = NO_CONTEXT) -> ScanPlan:
        """A listing of the scope with the keys."""
        judge = KeysJudge(self.key, self.at, tuple(self.required), context.timezone)
        return ScanPlan(
            self.scope(source),
            judge,
            Aggregate(Aggregation.KEYS),
            Dimension.COUNT,
            keyed=True,
            retrospective=self.at is not None and not self.required,
        )


class Drift(_Scoped):
    """The share of the objects whose field says what is expected: a declared value, or what
    another object of the same NetBox says.

    The reading is the share in agreement; how many have drifted is its denominator less its
    numerator, and `explain` names them with both values. As a number to put a target on: a
    netbox.count with a filter of the wrong values.
    """

    measure: Literal["netbox.drift"]
    field: FieldPath = Field(
        description="The field that is compared; cf.NAME for a custom field.",
        examples=["status", "site", "platform", "cf.firmware"],
    )
    expected: FilterValue | Expected = Field(
        description="What it should say: a value (references by slug, choices by value, null for "
        "empty; a list means any), or where that is read: {endpoint, filter?, match, by, field}, "
        "the `field` of the object there whose `match` is this object's `by`.",
        examples=[
            "active",
            ["2.1.4", "2.1.5"],
            {
                "endpoint": "plugins.inventory.assets",
                "match": "serial",
                "by": "serial",
                "field": "site",
            },
        ],
    )

    @model_validator(mode="after")
    def _expects_something(self) -> Drift:
        if self.expected == []:
            raise ValueError("expected is an empty list; give at least one value")
        return self

    def plan(self, source: str, context: PlanContext = NO_CONTEXT) -> ScanPlan:
        """A listing of the scope with the field, and of the other side where there is one."""
        judge = DriftJudge(self.field, self.expected)
        return ScanPlan(self.scope(source), judge, Aggregate(Aggregation.SHARE), Dimension.RATIO)
