"""Whether what a process takes stays as it is."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from tests.soak.replica import Weight

MEGABYTES = 12.0
"""As much may the memory of a process seem to grow while it stays, by its trend."""

FILES = 12
"""As many more files may be open at once than at another time: connections that are kept, of four
sources and a store, are at most so many.
"""

FEWEST = 5
"""Fewer weighings have no trend."""


@dataclass(frozen=True)
class Weighing:
    """What the replica that stays took after a turn."""

    turn: int
    weight: Weight


def not_flat(weighings: Sequence[Weighing]) -> list[str]:
    """What grows, in words. The trend is the median of the slopes between all pairs (Theil-Sen): one
    weighing that is off moves it little.
    """
    found = []
    files = [one.weight.files for one in weighings]
    if max(files) - min(files) > FILES:
        found.append(f"open files are not flat: {files}")
    if len(weighings) >= FEWEST:
        slope = statistics.median(
            (b.weight.megabytes - a.weight.megabytes) / (b.turn - a.turn)
            for a, b in combinations(weighings, 2)
        )
        grown = slope * (weighings[-1].turn - weighings[0].turn)
        if grown > MEGABYTES:
            megabytes = [round(one.weight.megabytes) for one in weighings]
            found.append(f"memory grows by {grown:.0f} MB: {megabytes}")
    return found
