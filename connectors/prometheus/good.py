"""How much of what counters counted over a window was good."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import datetime

from connectors.base import Json, Number, NumberPlan
from connectors.prometheus import links
from connectors.prometheus.answers import Notes
from connectors.prometheus.api import PrometheusApi
from connectors.prometheus.grids import milliseconds
from connectors.prometheus.promql import increase, presence_of, seen_in, witnesses
from connectors.prometheus.retention import Kept, gap_words
from connectors.prometheus.windows import Window, day_and_time

_ROUNDING = 1e-9
"""By how much good may be over total, relative to it, before it is no rounding any more."""


class GoodReader:
    """The increase of good counters over that of all of them, both at the same moment."""

    def __init__(self, api: PrometheusApi, browse: str, plan: NumberPlan) -> None:
        self._api = api
        self._browse = browse
        self._at = plan.at
        self._good = str(plan.request["good"])
        self._total = str(plan.request["total"])
        self._window = Window.read(plan.request["window"])
        self._absent_is_none = bool(plan.request.get("absent_is_none"))

    def read(self, now: datetime, deadline: float) -> Number:
        """The share at `now`; None when nothing was counted, or there is no counter of all.

        No series of good ones beside one of all is none good where their metric is there with
        other labels, or where absence was said to mean that. Else it is unknown: whether a program
        never counted one or its metric has another name now cannot be told.
        """
        start, end = self._window.bounds(now)
        if end <= start:
            words = [f"the window begins at {day_and_time(start)}"]
            return Number(None, now, raw={"words": words}, url=self.link())
        good = self._api.sample(increase(self._good, end - start), end, deadline)
        total = self._api.sample(increase(self._total, end - start), end, deadline)
        there = self._api.sample(presence_of(self._total), start, deadline)
        notes = good.notes + total.notes + there.notes
        unknown = None
        if good.value is None and good.text is not None:
            unknown = "the increase of the counters of good is no finite number"
        elif good.value is None and total.value:
            witness = self._witness(end - start)
            if witness is not None:
                found = self._api.sample(witness, end, deadline)
                notes += found.notes
                unknown = None if found.value is not None else self._absent()
        return self._number(
            now,
            good.value,
            total.value,
            unknown=unknown,
            begun=there.value is not None,
            notes=notes,
            kept=Kept(self._api, deadline),
        )

    def history(self, moments: Sequence[datetime], deadline: float) -> Iterator[Number]:
        """What `read` would have given at each moment: three queries for all of them, unless the
        window is a period, whose length is another at each.
        """
        length = self._window.length_ms
        if length is None:
            for moment in moments:
                number = self.read(moment, deadline)
                if number.value is not None:
                    yield number
            return
        times = [milliseconds(moment) for moment in moments]
        good = self._api.values(increase(self._good, length), times, deadline)
        total = self._api.values(increase(self._total, length), times, deadline)
        starts = [time - length for time in times]
        there = self._api.values(presence_of(self._total), starts, deadline)
        kept = Kept(self._api, deadline)
        notes = good.notes + total.notes + there.notes
        absent: set[int] = set()
        in_doubt = [time for time in times if time in total.values and time not in good.values]
        if in_doubt and (witness := self._witness(length)) is not None:
            seen = self._api.values(witness, in_doubt, deadline)
            notes += seen.notes
            absent = {time for time in in_doubt if time not in seen.values}
        for moment, time in zip(moments, times, strict=True):
            if time in total.values:
                number = self._number(
                    moment,
                    good.values.get(time),
                    total.values[time],
                    unknown=self._absent() if time in absent else None,
                    begun=time - length in there.values,
                    notes=notes,
                    kept=kept,
                )
                if number.value is not None:
                    yield number

    def _witness(self, length: int) -> str | None:
        """A query that gives something when the metric of good was there in a window of so many
        milliseconds; None: it need not have been.
        """
        if self._absent_is_none:
            return None
        found = witnesses(self._good) or {}
        return seen_in(next(iter(found.values()), self._good), length)

    def _absent(self) -> str:
        named = self._api.redact(self._good)
        return (
            f"there are no samples of {named} in the window, under whatever labels: whether none "
            "was good cannot be told; check the metric's name and its exporter, or say "
            "absent_is_none: true"
        )

    def link(self) -> str:
        """The share as one query, in a table; of a period, as of its end."""
        return self._table(self._at or self._window.until)

    def _table(self, moment: datetime | None) -> str:
        if moment is None:
            length, end = self._window.longest_ms, None
        else:
            start, end = self._window.bounds(moment)
            length = max(1000, end - start)
        query = f"{increase(self._good, length)} / {increase(self._total, length)}"
        return links.table(self._browse, query, end)

    def _number(
        self,
        now: datetime,
        good: float | None,
        total: float | None,
        *,
        unknown: str | None = None,
        begun: bool,
        notes: Notes,
        kept: Kept,
    ) -> Number:
        start, end = self._window.bounds(now)
        words: list[str] = []
        partial = bool(notes.warnings)
        value: float | None = None
        counted = good or 0.0
        if total is None:
            words.append("the counters of total have no increase in the window")
        elif total <= 0:
            words.append("nothing was counted in the window")
        elif unknown is not None:
            words.append(unknown)
        else:
            value = counted / total
            if not math.isfinite(value):
                value = None
            elif value > 1 + _ROUNDING:
                words.append("more was good than was counted at all: good is no part of total")
                partial = True
            else:
                value = min(value, 1.0)
            if good is None:
                words.append("the counters of good have no increase in the window: none was good")
            if not begun:
                cut, why = gap_words(start, None, kept.since())
                words.append(why)
                partial = partial or cut
        raw: dict[str, Json] = {
            "good": {"selector": self._good, "increase": good},
            "total": {"selector": self._total, "increase": total},
            "from": day_and_time(start),
            "until": day_and_time(end),
        }
        if words:
            raw["words"] = words
        known = value is not None
        return Number(
            value=value,
            observed_at=now,
            numerator=counted if known else None,
            denominator=total if known else None,
            partial=partial,
            raw={**raw, **notes.evidence()},
            url=self._table(now),
        )
