"""What composed indicators are made of in the end: the measured and given ones below them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from syncd.model import Failure
from syncd.store.schema import composition_parts, indicators, scopes, verdict_sets
from syncd.wording import source_name

STALE_INTERVALS = 3
LEAST_STALE_SECONDS = 3600.0


@dataclass(frozen=True)
class Leaf:
    """An indicator that is measured, or given by a person (then `source` is None and its interval
    0). `observed_at`: of its newest complete reading.
    """

    fingerprint: str
    name: str
    source: str | None
    interval_seconds: float
    stale_after_seconds: float | None
    observed_at: datetime | None
    failure: Failure | None

    @property
    def stale_at(self) -> datetime | None:
        """From when on what it says is too old; None when it says nothing yet."""
        if self.observed_at is None:
            return None
        limit = self.stale_after_seconds
        if limit is None:
            limit = max(STALE_INTERVALS * self.interval_seconds, LEAST_STALE_SECONDS)
        return self.observed_at + timedelta(seconds=limit)


@dataclass(frozen=True)
class Leaves:
    """All that is below an indicator (of a measured one: itself). `within`: the fingerprints of the
    indicator and of all that it is made of, on the way to the leaves.
    """

    leaves: tuple[Leaf, ...]
    within: tuple[str, ...] = ()

    @property
    def interval_seconds(self) -> float:
        """How often the rarest of them is measured."""
        return max((leaf.interval_seconds for leaf in self.leaves), default=0.0)

    @property
    def fresh_seconds(self) -> float:
        """How long what is made of them counts at the most after it was observed."""
        usual = max(STALE_INTERVALS * self.interval_seconds, LEAST_STALE_SECONDS)
        return max((leaf.stale_after_seconds or usual for leaf in self.leaves), default=usual)

    @property
    def failing(self) -> Leaf | None:
        """The one that has failed for the longest time; None: all answer."""
        failing = [leaf for leaf in self.leaves if leaf.failure is not None]
        return min(failing, key=_failing_since, default=None)

    @property
    def source(self) -> str | None:
        """Where the numbers come from, for sentences; the failing source where one fails."""
        failing = self.failing
        if failing is not None:
            return failing.source
        sources = self.sources
        if len(sources) < 2:
            return next(iter(sources), None)
        *others, last = (source_name(source) for source in sources)
        return f"{', '.join(others)} and {last}"

    @property
    def sources(self) -> tuple[str, ...]:
        """The names of the sources that they are measured in; empty where people give all."""
        named = (leaf.source for leaf in self.leaves if leaf.source is not None)
        return tuple(dict.fromkeys(named))

    def failure(self, of: str) -> Failure | None:
        """Why what is made of them fails, the part named where it is not `of` itself."""
        failing = self.failing
        if failing is None or failing.failure is None or failing.fingerprint == of:
            return None if failing is None else failing.failure
        failure = failing.failure
        return Failure(failure.error_type, f"{failing.name}: {failure.message}", failure.since)

    def stale_after_seconds(self, observed_at: datetime | None) -> float | None:
        """How old what is made of them may grow, where one of them is given by a person and so has
        an age of its own; counted from `observed_at`, that of the whole. None: the usual rule.
        """
        if observed_at is None or all(leaf.stale_after_seconds is None for leaf in self.leaves):
            return None
        moments = [moment for leaf in self.leaves if (moment := leaf.stale_at) is not None]
        if not moments:
            return None
        return max(0.0, (min(moments) - observed_at).total_seconds())


def _wrong(name: str) -> sa.ColumnElement[Any]:
    """What is wrong with the measure itself, before what is wrong with its source."""
    kind = scopes.c[name].type
    return sa.func.coalesce(verdict_sets.c[name], scopes.c[name], type_=kind).label(name)


# Made once: to make a statement anew costs more than to run it, and these are run for each judging.
_PARTS = sa.select(composition_parts).order_by(composition_parts.c.part)
_LEAVES = (
    sa.select(
        indicators,
        scopes.c.interval_seconds,
        *(_wrong(name) for name in ("error_type", "error_message", "failing_since")),
    )
    .join(scopes, scopes.c.id == indicators.c.scope_id, isouter=True)
    .join(verdict_sets, verdict_sets.c.id == indicators.c.set_id, isouter=True)
    .where(indicators.c.fingerprint.in_(sa.bindparam("wanted", expanding=True)))
)


def leaves_of(connection: sa.Connection, fingerprints: Collection[str]) -> dict[str, Leaves]:
    """The leaves below each of these indicators."""
    parts: dict[str, list[str]] = defaultdict(list)
    for row in connection.execute(_PARTS):
        parts[row.indicator].append(row.part)
    below = {one: list(dict.fromkeys(_below(one, parts))) for one in fingerprints}
    wanted = {leaf for leaves in below.values() for leaf in leaves}
    rows = {
        row.fingerprint: _leaf(row) for row in connection.execute(_LEAVES, {"wanted": list(wanted)})
    }
    return {
        one: Leaves(
            tuple(rows[leaf] for leaf in leaves if leaf in rows),
            tuple(dict.fromkeys(_within(one, parts))),
        )
        for one, leaves in below.items()
    }


def _below(one: str, parts: Mapping[str, list[str]]) -> Iterator[str]:
    if one not in parts:
        yield one
        return
    for part in parts[one]:
        yield from _below(part, parts)


def _within(one: str, parts: Mapping[str, list[str]]) -> Iterator[str]:
    yield one
    for part in parts.get(one, ()):
        yield from _within(part, parts)


def _leaf(row: Any) -> Leaf:
    return Leaf(
        fingerprint=row.fingerprint,
        name=row.name or row.measure,
        source=row.source,
        interval_seconds=row.interval_seconds or 0.0,
        stale_after_seconds=row.stale_after_seconds,
        observed_at=row.observed_at,
        failure=None
        if row.error_type is None
        else Failure(row.error_type, row.error_message, row.failing_since),
    )


def _failing_since(leaf: Leaf) -> datetime:
    if leaf.failure is None:
        raise ValueError(f"{leaf.name} does not fail")
    return leaf.failure.since
