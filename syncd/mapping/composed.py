"""The measures that are made of other indicators, and the one that a person gives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    WithJsonSchema,
    model_validator,
)

from connectors.base import Measure
from connectors.plausible import Share
from connectors.quantity import Duration

Reference = Annotated[
    str,
    # Any text, so that whoever follows it can say what the name of a key result was meant to be.
    WithJsonSchema({"type": "string", "pattern": "^[a-z][a-z0-9_]*$"}),
]


class ComposedMeasure(Measure):
    """Base of what is measured nowhere: it has no source and keeps no objects of its own."""

    alone: ClassVar[tuple[str, ...]] = ("source", "evidence")

    @model_validator(mode="after")
    def _has_no_source(self) -> ComposedMeasure:
        for key in self.alone:
            if getattr(self, key) is not None:
                raise ValueError(
                    f"got {key}; expected none, because {self.measure} reads no upstream itself; "
                    f"fix: take {key} out"
                )
        return self


class Remove(BaseModel):
    """Takes a piece of text out of every key."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    remove: str = Field(min_length=1, description="The text that goes.", examples=[".example.org"])


Rule = Literal["trim", "lower", "upper", "strip_domain"] | Remove


class CoverageMeasure(ComposedMeasure):
    """The share of one set's keys that are in another's."""

    measure: Literal["coverage"]
    of: Reference = Field(
        description="The indicator whose keys are counted, a set: each of them ought to be in the "
        "other.",
        examples=["active_clusters"],
    )
    inside: Reference = Field(
        alias="in",
        description="The indicator in which they are looked for, a set. A key that fails there "
        "(a field missing, a query not satisfied) does not count as found.",
        examples=["fsh_clusters"],
    )
    normalise: tuple[Rule, ...] = Field(
        default=(),
        description="What is done to the keys of both before they are compared, in this order.",
        examples=[["trim", "upper"], ["lower", "strip_domain"], [{"remove": "cluster-"}]],
    )
    within: Duration | None = Field(
        default=None,
        description="How long after `of` has a key `in` may take to have it; both need `at`.",
        examples=["24 h"],
    )
    unit: Literal["ratio", "percent"] | None = Field(
        default=None, description="How the share is shown; it is a ratio by itself."
    )
    shrink_limit: Share = Field(
        default="20 %",
        description="A share, at most 100 %: a side that loses more of its keys at once is "
        "doubted, and the reading is partial until it has lasted.",
        examples=["20 %"],
    )


class Ratio(BaseModel):
    """One over another."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    of: Reference = Field(description="The indicator above the line.", examples=["tested_nodes"])
    over: Reference = Field(description="The indicator below the line.", examples=["planned_nodes"])


class Difference(BaseModel):
    """One minus another."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    of: Reference = Field(description="The indicator that is taken from.", examples=["bought"])
    minus: Reference = Field(description="The indicator that is taken away.", examples=["returned"])


Several = Annotated[list[Reference], Field(min_length=2)]

HOW: Final = ("sum", "minimum", "ratio", "difference", "weighted_mean")


class CombineMeasure(ComposedMeasure):
    """A number made of other indicators' values."""

    measure: Literal["combine"]
    sum: Several | None = Field(
        default=None, description="All of them together.", examples=[["hired_sre", "hired_compute"]]
    )
    minimum: Several | None = Field(
        default=None, description="The lowest of them.", examples=[["nodes", "gpus"]]
    )
    ratio: Ratio | None = Field(
        default=None,
        description="One over another.",
        examples=[{"of": "tested", "over": "planned"}],
    )
    difference: Difference | None = Field(
        default=None, description="One minus another.", examples=[{"of": "bought", "minus": "lost"}]
    )
    weighted_mean: (
        Annotated[dict[Reference, Annotated[float, Field(gt=0)]], Field(min_length=2)] | None
    ) = Field(
        default=None,
        description="Their mean, each by its weight.",
        examples=[{"compute": 3, "network": 1}],
    )

    @model_validator(mode="after")
    def _one_way(self) -> CombineMeasure:
        given = [how for how in HOW if getattr(self, how) is not None]
        if len(given) != 1:
            raise ValueError(
                f"got {' and '.join(given) or 'none'} of {', '.join(HOW)}; expected exactly one; "
                f"fix: {given[0] if given else 'sum'}: ... alone"
            )
        return self

    @property
    def how(self) -> str:
        """Which of the ways."""
        return next(how for how in HOW if getattr(self, how) is not None)

    @property
    def parts(self) -> Mapping[tuple[str | int, ...], str]:
        """The names it is made of, by their place under the measure, in order."""
        if self.how in ("sum", "minimum"):
            return {(self.how, i): name for i, name in enumerate(getattr(self, self.how))}
        if self.how == "weighted_mean":
            return {(self.how, name): name for name in self.weighted_mean or {}}
        both: Ratio | Difference | None = self.ratio or self.difference
        fields: dict[str, Any] = {} if both is None else both.model_dump()
        return {(self.how, key): name for key, name in fields.items()}


class ManualMeasure(ComposedMeasure):
    """A number that a person gives (`syncd set`), with a note and a date."""

    measure: Literal["manual"]
    unit: Annotated[str, AfterValidator(str.strip)] = Field(
        description="The unit of the number: ratio, percent, count, h, d, or any other word.",
        examples=["percent", "count"],
    )
    stale_after: Duration = Field(description="How old the number may grow.", examples=["14 d"])


COMPOSED: Final[Mapping[str, type[Measure]]] = {
    "coverage": CoverageMeasure,
    "combine": CombineMeasure,
    "manual": ManualMeasure,
}
"""The composed measures by name; they have no connector."""
