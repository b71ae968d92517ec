"""The store's part of the exposition, kept in pieces: one for each key result and family.

What is told anew is rendered anew, the rest is joined as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from syncd.clock import Clock
from syncd.store.circuits import circuits_at
from syncd.store.engine import Store
from syncd.store.leaves import leaves_of
from syncd.store.naming import short_names
from syncd.store.periods import PeriodView, period_views
from syncd.store.read import (
    KeyResultView,
    indicator_views,
    key_result_views,
    mapping,
    sources,
)
from syncd.store.rolling import rolled_up
from syncd.store.vitals import mark, revisions, vitals
from syncd.surfaces.metrics import itself, key_results, rollups, upstream
from syncd.surfaces.metrics.family import Encoder, Family

FAMILIES: tuple[Family, ...] = (
    *key_results.FAMILIES,
    *rollups.FAMILIES,
    *upstream.FAMILIES,
    *itself.MAPPING,
    *itself.MOVING,
)
"""Every family that is read from the store, in the order in which they stand."""

_STILL = FAMILIES[: -len(itself.MOVING)]


@dataclass(frozen=True)
class Told:
    """What the store told at one moment: the samples of each family, the moving ones apart."""

    still: tuple[bytes, ...]
    moving: tuple[bytes, ...]

    def still_part(self, encode: Encoder) -> bytes:
        """The families that differ only when something happened, in one form."""
        return _with_headers(_STILL, self.still, encode)

    def moving_part(self, encode: Encoder) -> bytes:
        """The families that move all the time, in one form."""
        return _with_headers(itself.MOVING, self.moving, encode)


def reader_of(store: Store, clock: Clock, *, version: str) -> Callable[[], Told]:
    """What reads, again and again, what a store tells now. To be called by one thread at a time."""
    rendering = Rendering(version)

    def read() -> Told:
        with store.read() as connection:
            return rendering.render(connection, clock.now())

    return read


class Rendering:
    """Remembers what was rendered. Used by one thread at a time."""

    def __init__(self, version: str) -> None:
        self._version = version
        self._mark: tuple[Any, ...] | None = None
        self._revisions: dict[str, int] = {}
        self._views: dict[str, KeyResultView] = {}
        self._names: dict[str, str] = {}
        self._sources: dict[str, tuple[str, ...]] = {}
        self._pieces: dict[str, tuple[str, ...]] = {}
        self._still: tuple[bytes, ...] = ()

    def render(self, connection: sa.Connection, now: datetime) -> Told:
        """What the store tells now. Costs what has changed since the last time."""
        periods = period_views(connection)
        # Which of two key results with one id is meant by it changes when a period begins.
        begun = [one.period.id for one in periods if one.period.begins[0] <= now]
        found = (*mark(connection), *begun)
        if found != self._mark:
            self._take_up(connection, now)
            self._still = tuple(
                samples.encode() for samples in self._samples(connection, periods, now)
            )
            self._mark = found
        moving = itself.moving_samples(vitals(connection, now), now)
        return Told(self._still, tuple(samples.encode() for samples in moving))

    def _take_up(self, connection: sa.Connection, now: datetime) -> None:
        """Renders the key results that were told anew."""
        is_now = revisions(connection)
        names = short_names(connection, now)
        for key in self._revisions.keys() - is_now.keys():
            del self._views[key], self._pieces[key], self._sources[key]
        changed = [key for key, revision in is_now.items() if self._revisions.get(key) != revision]
        views = {view.key_result.key: view for view in key_result_views(connection, changed)}
        # What is below an indicator is in its fingerprint: it stays as it is.
        below = leaves_of(connection, {view.indicator.fingerprint for view in views.values()})
        self._views |= views
        self._sources |= {
            key: below[view.indicator.fingerprint].sources for key, view in views.items()
        }
        renamed = (key for key in is_now if self._names.get(key) != names[key])
        for key in {*changed, *renamed}:
            self._pieces[key] = key_results.samples(
                self._views[key], names[key], self._sources[key]
            )
        self._revisions, self._names = is_now, names

    def _samples(
        self, connection: sa.Connection, periods: Sequence[PeriodView], now: datetime
    ) -> Iterator[str]:
        """The samples of each family that stands still."""
        order = sorted(self._pieces)
        for number in range(len(key_results.FAMILIES)):
            yield "".join([self._pieces[key][number] for key in order])
        open_ones = [one for one in periods if one.closed is None]
        yield from rollups.samples(rolled_up(open_ones, list(self._views.values())))
        yield from upstream.samples(
            indicator_views(connection), sources(connection), circuits_at(connection, now)
        )
        yield from itself.mapping_samples(mapping(connection), self._version)


def _with_headers(families: Iterable[Family], samples: Iterable[bytes], encode: Encoder) -> bytes:
    return b"".join(
        family.header(encode) + of for family, of in zip(families, samples, strict=True)
    )
