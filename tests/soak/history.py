"""What happens upstream between two moments, at random: when, and to whom."""

from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from tests.soak.moments import Moment

State = Mapping[str, Any]


@dataclass
class Lived:
    """What was so of each object of an upstream, from when on; None: it is not there."""

    _states: dict[int, list[tuple[datetime, State | None]]] = field(default_factory=dict)

    def note(self, number: int, at: datetime, state: State | None) -> None:
        """From this moment on it is so."""
        self._states.setdefault(number, []).append((at, state))

    def at(self, moment: datetime) -> list[State]:
        """What there is at a moment."""
        found = []
        for states in self._states.values():
            place = bisect_right(states, moment, key=lambda one: one[0])
            state = states[place - 1][1] if place else None
            if state is not None:
                found.append(state)
        return found


def happenings(
    chance: random.Random, moments: Sequence[Moment], most_between: int
) -> Iterator[datetime]:
    """When something happens, rising, to the second. Half of it is in the two minutes before a
    moment, where an index that is late still hides it from who looks then.
    """
    last = moments[0].at
    for before, after in pairwise(moments):
        if after.quiet:
            continue
        seconds = (after.at - before.at).total_seconds()
        often = chance.randint(0, most_between)
        times = []
        for _ in range(often):
            recent = chance.random() < 0.5
            ago = chance.uniform(1.0, min(120.0, seconds)) if recent else chance.uniform(0, seconds)
            times.append(after.at - timedelta(seconds=int(ago)))
        for at in sorted(times):
            last = max(at, last + timedelta(seconds=1))
            if last < after.at:
                yield last
