"""What an author may ask of a Prometheus, and what that plans."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, field_validator, model_validator

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
from connectors.prometheus.aggregates import Aggregated, PercentileOf, ShareOf
from connectors.prometheus.grids import MOST_POINTS, MOST_REQUESTS, default_step
from connectors.prometheus.labels import LabelJudge
from connectors.prometheus.promql import LABEL, selector
from connectors.prometheus.windows import PERIOD, Window, WindowText
from connectors.quantity import Duration, parse_duration
from connectors.units import dimension_of


def _something(query: str) -> str:
    if not query.strip():
        raise ValueError("an empty query; expected PromQL, such as sum(up)")
    return query.strip()


PromQl = Annotated[str, AfterValidator(_something)]
"""A query in the server's own words."""

Selector = Annotated[str, AfterValidator(selector)]
"""A counter by name and labels."""

_NEEDS_THE_WHOLE = {"avg", PercentileOf, ShareOf}
"""What comes out wrong when a part of the window is missing. A maximum is one of what there was: of
a load test that ran for a day, say."""


class Query(Measure):
    """The value of one PromQL expression, now."""

    measure: Literal["prometheus.query"]
    query: PromQl = Field(
        description="PromQL that gives one number: a scalar or a vector of one series.",
        examples=["sum(ztp_success_total) / sum(ztp_attempts_total)"],
    )
    unit: str | None = Field(
        default=None,
        description="The unit of what the query gives: ratio (0..1), percent, s, min, h, d, w, "
        "or any other word such as USD/host/h; without one it is a count.",
        examples=["ratio"],
    )

    def plan(self, source: str, context: PlanContext = NO_CONTEXT) -> NumberPlan:
        """A plan whose number is in the base unit: 0..1 for shares, seconds for durations."""
        request = {"query": self.query, "unit": self.unit}
        return NumberPlan(source, request, dimension_of(self.unit))


class _Windowed(Measure):
    """What the measures over a window share."""

    window: WindowText = Field(
        description="The time looked at: a duration ending now, or period: from the first moment "
        "of the mapping's period until now, or until its end.",
        examples=["28 d", PERIOD],
    )

    def over(self, seconds: float) -> Self:
        """The same measure with a window as long as this."""
        text = str(int(seconds)) if seconds == int(seconds) else f"{seconds:.3f}"
        return self.model_copy(update={"window": f"{text} s"})


class Range(_Windowed):
    """One number made of the values that a query had over a window."""

    measure: Literal["prometheus.range"]
    query: PromQl = Field(
        description="PromQL that gives one number at each moment.",
        examples=["loadtest_nodes / 10000"],
    )
    aggregate: Aggregated = Field(
        description="What is made of the values: avg, max, min, last, {percentile: N}, or "
        "{share: CONDITION}, the share of the time for which a comparison holds.",
        examples=["max", {"percentile": 95}, {"share": "> 0.9"}],
    )
    step: Duration | None = Field(
        default=None,
        description="How far apart the moments are at which the query is asked; default: 1 min, "
        "less for windows under an hour, up to 5 min for those over a week.",
        examples=["1 min"],
    )
    known: str | None = Field(
        default=None,
        pattern=r"^(100|\d{1,2}(\.\d+)?) %$",
        description="The least share of the window for which there must be values; with less the "
        "number is partial. Default: 90 % for avg, percentile and share; any for max, min, last.",
        examples=["90 %"],
    )
    unit: str | None = Field(
        default=None,
        description="The unit of what the query gives: ratio (0..1), percent, s, min, h, d, w, "
        "or any other word; without one it is a count. A share is a ratio and takes none.",
        examples=["ratio"],
    )

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if isinstance(self.aggregate, ShareOf) and self.unit not in (None, "ratio", "percent"):
            raise ValueError(
                f'unit: got "{self.unit}" with aggregate: share, which is a ratio by itself; '
                "fix: take unit out"
            )
        if self.window != PERIOD:
            self._step_ms(round(parse_duration(self.window) * 1000))
        return self

    def plan(self, source: str, context: PlanContext = NO_CONTEXT) -> NumberPlan:
        """A plan whose number is in the base unit. Raises ValueError for a period that is not
        there, or a step that does not fit the window.
        """
        window = Window.of(self.window, context)
        is_share = isinstance(self.aggregate, ShareOf)
        how = self.aggregate
        request = {
            "measure": "range",
            "query": self.query,
            "unit": None if is_share else self.unit,
            "aggregate": how if isinstance(how, str) else how.model_dump(),
            "window": window.definition,
            "step_ms": self._step_ms(window.longest_ms),
            "known": self._known(),
        }
        dimension = Dimension.RATIO if is_share else dimension_of(self.unit)
        return NumberPlan(source, request, dimension)

    def _known(self) -> float:
        if self.known is not None:
            return float(self.known.removesuffix(" %")) / 100
        how = self.aggregate if isinstance(self.aggregate, str) else type(self.aggregate)
        return 0.9 if how in _NEEDS_THE_WHOLE else 0.0

    def _step_ms(self, window: int) -> int:
        if self.step is None:
            return default_step(window)
        step = round(parse_duration(self.step) * 1000)
        most = MOST_POINTS * MOST_REQUESTS
        if not 1 <= window // max(step, 1) <= most:
            least = -(-window // most) // 1000 + 1
            raise ValueError(
                f'got step "{self.step}" with window: {self.window}; expected a step no longer '
                f"than the window and at most {most} of them; fix: a step of {least} s or more, "
                "or leave it out"
            )
        return step


class GoodOverTotal(_Windowed):
    """How much of what was counted over a window was good: a service level."""

    measure: Literal["prometheus.good_over_total"]
    good: Selector = Field(
        description="The counters of what was good; their increase over the window is taken.",
        examples=['http_requests_total{code!~"5.."}'],
    )
    total: Selector = Field(
        description="The counters of everything, the good included.",
        examples=["http_requests_total"],
    )
    unit: Literal["ratio", "percent"] | None = Field(
        default=None, description="How the share is shown; it is a ratio by itself."
    )
    absent_is_none: bool = Field(
        default=False,
        description="Where the metric of good is not there at all, none was good: for a program "
        "that makes it when it counts the first. Else the share is unknown then.",
    )

    def plan(self, source: str, context: PlanContext = NO_CONTEXT) -> NumberPlan:
        """A plan whose number is a share in 0..1. Raises ValueError for a period that is not
        there.
        """
        window = Window.of(self.window, context)
        request = {
            "measure": "good_over_total",
            "good": self.good,
            "total": self.total,
            "window": window.definition,
        }
        if self.absent_is_none:
            request["absent_is_none"] = True
        return NumberPlan(source, request, Dimension.RATIO)


class Labels(Measure):
    """The set of values that a label has in what a query gives."""

    measure: Literal["prometheus.labels"]
    query: PromQl = Field(
        description="PromQL whose series are the set, whatever their value: compare where only "
        "some count.",
        examples=["cluster_active == 1"],
    )
    key: str = Field(
        pattern=LABEL,
        description="The label whose values are the keys of the set.",
        examples=["cluster"],
    )
    window: Duration | None = Field(
        default=None,
        description="What was there at any time of this last while is in the set, so that a "
        "missed scrape loses nothing; default: what is there now.",
        examples=["1 h"],
    )

    @field_validator("window")
    @classmethod
    def _within_reason(cls, window: str | None) -> str | None:
        if window is not None and not 1 <= parse_duration(window) <= 31 * 86_400:
            raise ValueError(f'got "{window}"; expected a window between 1 s and 31 d')
        return window

    @field_validator("unit")
    @classmethod
    def _no_unit(cls, unit: str | None) -> str | None:
        if unit is not None:
            raise ValueError(f'got "{unit}"; a set is counted and has no unit; fix: take it out')
        return unit

    def plan(self, source: str, context: PlanContext = NO_CONTEXT) -> ScanPlan:
        """A scan for the set; the reading counts its keys."""
        window = None if self.window is None else round(parse_duration(self.window) * 1000)
        scope = {"labels_of": self.query, "key": self.key, "window_ms": window}
        return ScanPlan(
            scope=Scope(source, scope),
            judge=LabelJudge(),
            aggregate=Aggregate(Aggregation.KEYS),
            dimension=Dimension.COUNT,
            keyed=True,
        )
