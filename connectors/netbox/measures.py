"""What authors may measure in NetBox: the query models, and the plans they make. No I/O."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from connectors.base import (
    Aggregate,
    Aggregation,
    Dimension,
    Measure,
    NumberPlan,
    ScanPlan,
    Scope,
)
from connectors.netbox.filters import FilterValue, checked_filter, narrowed
from connectors.netbox.judges import CompletenessJudge, LatencyJudge, passing_judge
from connectors.netbox.points import SEEN, checked_point
from connectors.netbox.relations import LISTS
from connectors.netbox.required import ListField, Requirement
from connectors.quantity import Duration, parse_duration

_ENDPOINT = re.compile(r"[a-z][a-z0-9_-]*(\.[a-z][a-z0-9_-]*)+", re.ASCII)


def _checked_endpoint(text: str) -> str:
    if not _ENDPOINT.fullmatch(text) or (text.startswith("plugins.") and text.count(".") < 2):
        raise ValueError(
            f'got "{text}"; expected an endpoint as in NetBox\'s API, with a dot: dcim.devices, '
            "ipam.ip-addresses, plugins.NAME.THINGS"
        )
    return text.replace("_", "-") if not text.startswith("plugins.") else text


Endpoint = Annotated[
    str,
    AfterValidator(_checked_endpoint),
    Field(
        description="Which objects: an endpoint of NetBox's REST API, with a dot.",
        examples=["dcim.devices", "ipam.prefixes", "virtualization.virtual-machines"],
    ),
]
FilterField = Annotated[dict[str, FilterValue], AfterValidator(checked_filter)]
Point = Annotated[
    str,
    BeforeValidator(checked_point),
    Field(
        description="A moment of the object: created, first_seen (its first appearance in the "
        "change log; `created` where the log no longer holds it), or cf.NAME.",
        examples=["cf.delivered_at", "created", "first_seen"],
    ),
]
_FILTER = "Which of them: NetBox's own filters. A list means any of its values; null means none."


class _Scoped(Measure):
    """A measure of the objects behind an endpoint and a filter."""

    endpoint: Endpoint
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

    def plan(self, source: str) -> NumberPlan:
        """One exact count."""
        return NumberPlan(source, {"count": self.endpoint, "filter": self.filter}, Dimension.COUNT)


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

    def plan(self, source: str) -> ScanPlan:
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
        known = LISTS.get(self.endpoint, {})
        for entry in self.required:
            for field in entry.fields:
                if isinstance(field, ListField) and field.name not in known:
                    has = ", ".join(known) if known else "none that can be asked for"
                    raise ValueError(
                        f"{self.endpoint} has no list {field.name}; its lists are: {has}"
                    )
        return self

    def plan(self, source: str) -> ScanPlan:
        """A listing of the scope with the required fields."""
        judge = CompletenessJudge(tuple(self.required))
        return ScanPlan(self.scope(source), judge, Aggregate(Aggregation.SHARE), Dimension.RATIO)


class Latency(_Scoped):
    """How long the objects take from one moment to another: as a share within a limit, a
    percentile, or a mean.
    """

    measure: Literal["netbox.latency"]
    from_: Point = Field(alias="from")
    to: Point
    to_by: str | list[str] | None = Field(
        default=None,
        description="Accounts that must have brought about `to` (first_seen only). By anyone "
        "else: the object fails, it does not leave the count.",
        examples=[["svc-atlas", "svc-asn"]],
    )
    within: Duration | None = Field(
        default=None,
        description="The limit; the value is the share of objects within it.",
        examples=["24 h", "5 min"],
    )
    percentile: float | None = Field(
        default=None,
        gt=0,
        le=100,
        description="The value is this percentile of the durations.",
        examples=[90],
    )
    mean: Literal[True] | None = Field(
        default=None, description="`true`: the value is the mean of the finished durations."
    )

    @model_validator(mode="after")
    def _makes_sense(self) -> Latency:
        chosen = [
            name for name in ("within", "percentile", "mean") if getattr(self, name) is not None
        ]
        if len(chosen) != 1:
            got = " and ".join(chosen) or "none of them"
            raise ValueError(f"expected exactly one of within, percentile, mean; got {got}")
        if self.from_ == self.to:
            raise ValueError(f"from and to are both {self.to}; a latency needs two moments")
        if self.to_by is not None and self.to != SEEN:
            raise ValueError(
                f"to_by needs to: first_seen; NetBox does not tell who brought about {self.to}"
            )
        if self.to_by is not None and not self.to_by:
            raise ValueError("to_by names no account; name at least one, or leave it out")
        return self

    @property
    def aggregate(self) -> tuple[Aggregate, Dimension]:
        """How the value is made of the verdicts, and what kind of quantity it is."""
        if self.within is not None:
            return Aggregate(Aggregation.SHARE), Dimension.RATIO
        if self.percentile is not None:
            return Aggregate(Aggregation.PERCENTILE, self.percentile), Dimension.DURATION
        return Aggregate(Aggregation.MEAN), Dimension.DURATION

    def plan(self, source: str) -> ScanPlan:
        """A listing of the scope with both moments."""
        accounts = [self.to_by] if isinstance(self.to_by, str) else self.to_by
        judge = LatencyJudge(
            from_=self.from_,
            to=self.to,
            to_by=None if accounts is None else tuple(accounts),
            within_seconds=None if self.within is None else parse_duration(self.within),
        )
        return ScanPlan(self.scope(source), judge, *self.aggregate)
