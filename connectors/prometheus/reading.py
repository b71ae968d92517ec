"""How the numbers of each measure are read: what the session needs of it, and the plain query."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Protocol

from connectors.base import Json, Number, NumberPlan
from connectors.prometheus import links
from connectors.prometheus.answers import Sample
from connectors.prometheus.api import PrometheusApi
from connectors.prometheus.grids import milliseconds
from connectors.units import in_base_unit


class Reader(Protocol):
    """The numbers of one plan. Raises UpstreamErrors."""

    def read(self, now: datetime, deadline: float) -> Number:
        """The number at `now`."""
        ...

    def history(self, moments: Sequence[datetime], deadline: float) -> Iterator[Number]:
        """The number at each of the ascending moments that there is one for."""
        ...

    def link(self) -> str:
        """Where a person sees it."""
        ...


class QueryReader:
    """The value of one expression."""

    def __init__(self, api: PrometheusApi, browse: str, plan: NumberPlan) -> None:
        self._api = api
        self._browse = browse
        self._at = plan.at
        self._query = str(plan.request["query"])
        self._unit: str | None = plan.request["unit"]

    def read(self, now: datetime, deadline: float) -> Number:
        """The number at `now`; None without data, for NaN and for ±Inf."""
        sample = self._api.sample(self._query, milliseconds(now), deadline)
        return Number(
            value=None if sample.value is None else in_base_unit(sample.value, self._unit),
            observed_at=now,
            partial=bool(sample.notes.warnings),
            raw=_evidence(self._query, self._unit, sample),
            url=self.link(),
        )

    def history(self, moments: Sequence[datetime], deadline: float) -> Iterator[Number]:
        """What `read` would have given at each moment, where the server still knows it."""
        times = [milliseconds(moment) for moment in moments]
        line = self._api.values(self._query, times, deadline)
        for moment, time in zip(moments, times, strict=True):
            value = line.values.get(time)
            base = None if value is None else in_base_unit(value, self._unit)
            if base is not None:
                partial = bool(line.notes.warnings)
                raw = {"value": value, **line.notes.evidence()}
                yield Number(base, moment, partial=partial, raw=raw)

    def link(self) -> str:
        """The query's table, at the plan's moment if it has one."""
        at = None if self._at is None else milliseconds(self._at)
        return links.table(self._browse, self._query, at)


def _evidence(query: str, unit: str | None, sample: Sample) -> Json:
    evidence: dict[str, Json] = {"query": query, "value": sample.text}
    if sample.timestamp is not None:
        evidence["timestamp"] = sample.timestamp
    if unit is not None:
        evidence["unit"] = unit
    return {**evidence, **sample.notes.evidence()}
