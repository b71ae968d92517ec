"""One number made of a query's values over a window.

The values are fetched by range queries and aggregated here. The other way, one instant query over
a subquery (`max_over_time((q)[90d:5m])`), asks for one value where this asks for thousands, but:
it gives neither where values are missing nor where they begin, so four more queries would have to;
the whole window counts against the server's limit of samples in one query; and what stands before
Mimir, Thanos and VictoriaMetrics splits and caches range queries, not subqueries. A grid of fixed
moments makes those caches hold, and an answer of 11,000 numbers is a quarter of a megabyte.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter

from connectors.base import Json, Number, NumberPlan
from connectors.prometheus import links
from connectors.prometheus.aggregates import Aggregated, aggregated
from connectors.prometheus.answers import Notes
from connectors.prometheus.api import PrometheusApi
from connectors.prometheus.grids import Grid, grid, joined
from connectors.prometheus.retention import Kept, gap_words
from connectors.prometheus.windows import Window, day_and_time
from connectors.units import in_base_unit

_AGGREGATED: TypeAdapter[Aggregated] = TypeAdapter(Aggregated)
_WORTH_A_REQUEST = 2000
"""Points between two windows that are rather fetched as well than spared by another request."""


@dataclass(frozen=True)
class _Values:
    """Finite values in the order of their moments, and what the server said of them."""

    times: Sequence[int]
    numbers: Sequence[float]
    notes: Notes

    def within(self, at: Grid) -> tuple[Sequence[int], Sequence[float]]:
        """Those of a part."""
        part = slice(bisect_left(self.times, at.first), bisect_right(self.times, at.last))
        return self.times[part], self.numbers[part]


class RangeReader:
    """An aggregate of one query's values over a window."""

    def __init__(self, api: PrometheusApi, browse: str, plan: NumberPlan) -> None:
        request: Mapping[str, Any] = plan.request
        self._api = api
        self._browse = browse
        self._at = plan.at
        self._query = str(request["query"])
        self._unit: str | None = request["unit"]
        self._how = _AGGREGATED.validate_python(request["aggregate"])
        self._window = Window.read(request["window"])
        self._step = int(request["step_ms"])
        self._least_known = float(request["known"])
        self._definition: Json = request["aggregate"]

    def read(self, now: datetime, deadline: float) -> Number:
        """The number at `now`, with the window it is made of as evidence."""
        at = self._grid(now)
        values = self._fetched([at], deadline)
        return self._number(now, values, Kept(self._api, deadline))

    def history(self, moments: Sequence[datetime], deadline: float) -> Iterator[Number]:
        """What `read` would have given at each moment: windows that overlap are fetched once."""
        values = self._fetched((self._grid(moment) for moment in moments), deadline)
        kept = Kept(self._api, deadline)
        for moment in moments:
            number = self._number(moment, values, kept)
            if number.value is not None:
                yield number

    def link(self) -> str:
        """The query's curve over the window. A window that ends when one looks has no end."""
        end = self._at
        if end is None and self._window.until is not None:
            end = self._window.until
        return self._graph(end)

    def _graph(self, end: datetime | None) -> str:
        length = self._window.longest_ms
        if end is None:
            return links.graph(self._browse, self._query, length)
        since, until = self._window.bounds(end)
        # the browser's finest unit is a second
        length = max(1000, -(-(until - since) // 1000) * 1000)
        return links.graph(self._browse, self._query, length, until)

    def _grid(self, moment: datetime) -> Grid:
        return grid(*self._window.bounds(moment), self._step)

    def _fetched(self, grids: Iterable[Grid], deadline: float) -> _Values:
        found: dict[int, float] = {}
        notes = Notes()
        for whole in joined(grids, _WORTH_A_REQUEST):
            for piece in whole.pieces():
                line = self._api.line(self._query, piece, deadline)
                found |= line.values
                notes += line.notes
        times = sorted(found)
        return _Values(times, [found[time] for time in times], notes)

    def _number(self, now: datetime, values: _Values, kept: Kept) -> Number:
        start, end = self._window.bounds(now)
        at = self._grid(now)
        times, numbers = values.within(at)
        result = aggregated(self._how, numbers)
        partial = bool(values.notes.warnings)
        words: list[str] = []
        if not len(at):
            words.append(f"the window begins at {day_and_time(start)} and has no moment yet")
        elif not times:
            words.append("the query has no value in the window")
        else:
            if times[0] > at.first:
                cut, why = gap_words(start, times[0], kept.since())
                words.append(why)
                partial = partial or cut
            share = len(times) / len(at)
            if share < self._least_known:
                words.append(
                    f"there are values for {100 * share:.3g} % of the window, "
                    f"and at least {100 * self._least_known:g} % are asked for (known)"
                )
                partial = True
        raw: dict[str, Json] = {
            "query": self._query,
            "aggregate": self._definition,
            "value": result.value,
            "from": day_and_time(start),
            "until": day_and_time(end),
            "step_seconds": self._step / 1000,
            "points": len(times),
            "points_of_window": len(at),
        }
        if times:
            raw |= {"first": day_and_time(times[0]), "last": day_and_time(times[-1])}
        if self._unit is not None:
            raw["unit"] = self._unit
        if words:
            raw["words"] = words
        return Number(
            value=None if result.value is None else in_base_unit(result.value, self._unit),
            observed_at=now,
            numerator=result.numerator,
            denominator=result.denominator,
            partial=partial,
            raw={**raw, **values.notes.evidence()},
            url=self._graph(now),
        )
