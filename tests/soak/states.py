"""What a store tells at a moment, without how it came to know it; and what contradicts what."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from syncd.clock import ManualClock
from syncd.process import MappingKeeper, assemble
from syncd.settings import Installation
from syncd.store.claims import count_due
from syncd.store.engine import Store
from syncd.store.read import indicator_views, key_result_views, sources
from syncd.store.schema import key_results, objects, scopes, verdict_sets, verdicts

_NEAR = 1e-3

State = Mapping[str, Mapping[str, Any]]
"""By what it is about (an object, a verdict, a reading, a key result), then by its name."""


def state_of(store: Store, now: datetime) -> State:
    """Objects that are there, verdicts that hold now, readings, and what is judged and told."""
    with store.read() as connection:
        known = sa.select(scopes.c.fingerprint, objects.c.object_id, objects.c.label).where(
            objects.c.scope_id == scopes.c.id, objects.c.present, scopes.c.active
        )
        holding = sa.select(scopes.c.fingerprint, verdict_sets.c.judge, verdicts).where(
            verdicts.c.set_id == verdict_sets.c.id,
            verdict_sets.c.scope_id == scopes.c.id,
            verdict_sets.c.active,
            verdicts.c.valid_from <= now,
            sa.or_(verdicts.c.valid_to.is_(None), verdicts.c.valid_to > now),
        )
        words = sa.select(key_results.c.id, key_results.c.told)
        told = {row.id: row.told for row in connection.execute(words)}
        return {
            "object": {
                f"{row.fingerprint}/{row.object_id}": row.label for row in connection.execute(known)
            },
            "verdict": {
                f"{row.fingerprint}/{row.judge}/{row.object_id}": (
                    row.outcome,
                    row.number,
                    row.missing,
                    row.keys,
                    row.valid_to,
                )
                for row in connection.execute(holding)
            },
            "reading": {
                str(view.name): _reading(view.reading) for view in indicator_views(connection)
            },
            "key result": {
                view.key_result.id: (told[view.key_result.id], *_assessed(view.assessment))
                for view in key_result_views(connection)
            },
        }


def _reading(found: Any) -> Any:
    if found is None:
        return None
    return (
        found.value,
        found.numerator,
        found.denominator,
        found.pending,
        found.objects,
        found.complete,
        found.approximate,
        found.lower_bound,
    )


def _assessed(found: Any) -> tuple[Any, ...]:
    if found is None:
        return (None,)
    numbers = found.value, found.progress, found.expected
    return found.status, found.raw_status, *numbers


def differences(one: State, other: State, of_one: str, of_other: str) -> list[str]:
    """What the two do not say alike."""
    return [
        f"{what} {name}: {of_one} {one[what].get(name)}, {of_other} {other[what].get(name)}"
        for what in one
        for name in sorted(set(one[what]) | set(other[what]))
        if not _alike(one[what].get(name), other[what].get(name))
    ]


def _alike(one: Any, other: Any) -> bool:
    """Whether they say the same, though the one's clock went on while it was read: a window of hours
    and an expected line have moved by some seconds then. Parts of a share are whole numbers below a
    hundred, and cannot be so near each other.
    """
    if isinstance(one, tuple) and isinstance(other, tuple):
        return len(one) == len(other) and all(map(_alike, one, other))
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=_NEAR, abs_tol=_NEAR)
    return bool(one == other)


def unwell(store: Store, now: datetime) -> list[str]:
    """What is not as it must be when nothing is wrong upstream and all has been tried."""
    with store.read() as connection:
        found = [
            f"source {one.name} still fails: {one.error_message}"
            for one in sources(connection)
            if one.failing
        ]
    due = count_due(store, now=now)
    return [*found, *([f"{due} scopes are due and nobody reads them"] if due else [])]


class ReadAnew:
    """A store of its own that reads everything from the same upstreams, from `begins` on: what is
    true without any history.
    """

    def __init__(self, told: Installation, begins: datetime) -> None:
        self.clock = ManualClock(begins)
        self._assembly = assemble(told, self.clock)
        assert MappingKeeper(self._assembly).refresh() is not None

    def turn(self, at: datetime) -> None:
        """Does all that is due at a moment."""
        self.clock.move_to(at)
        failed = [one for one in self._assembly.worker.cycle() if one.error_type is not None]
        assert not failed, failed

    def state(self) -> State:
        """What it tells now."""
        return state_of(self._assembly.store, self.clock.now())

    def close(self) -> None:
        """Ends it."""
        self._assembly.close()
