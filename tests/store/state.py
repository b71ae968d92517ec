"""Looking at a store from outside, and assessing in it, for tests."""

from __future__ import annotations

from syncd.clock import Clock
from syncd.judging import judge
from syncd.store.assessing import assessing
from syncd.store.engine import Store


def assess_all(store: Store, clock: Clock) -> list[str]:
    """One assessing transaction; the keys in the order they were assessed."""
    with assessing(store, now=clock.now()) as work:
        return judge(work, clock.now())
