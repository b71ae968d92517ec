"""What is kept of memory that nobody uses, and how often it is looked for.

glibc learns from each large block that is freed: the next of that size is cut from an arena of the
thread instead, and an arena gives back nothing before twice as much is free. After a few large
answers each of 8 arenas for each processor keeps up to 64 MB that nobody uses, which `malloc_trim`
does not reach either (mallopt(3), M_MMAP_THRESHOLD).
"""

from __future__ import annotations

import ctypes
import gc
import os
from typing import Final

# of malloc.h
_TRIM_THRESHOLD: Final = -1
_MMAP_THRESHOLD: Final = -3
_ARENA_MAX: Final = -8

LARGE_BYTES: Final = 256 << 10
"""A block of so much is asked of the system, and given back to it as soon as it is free."""
KEPT_BYTES: Final = 4 << 20
"""As much may be free at the end of an arena."""
ARENAS: Final = 2
"""More would serve threads that allocate at the same time, which Python's do not."""


def give_back_what_is_free() -> None:
    """Has the C library keep little of what is free, from now on, in this process and those that
    are forked from it. Does nothing with another C library than glibc, or where the environment
    says how (MALLOC_*).
    """
    if any(name.startswith("MALLOC_") for name in os.environ):
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return
    for setting, value in (
        (_MMAP_THRESHOLD, LARGE_BYTES),
        (_TRIM_THRESHOLD, KEPT_BYTES),
        (_ARENA_MAX, ARENAS),
    ):
        mallopt(setting, value)


RARELY: Final = 1_000
"""Collections of the middle generation to one of the oldest; Python has 10."""


def look_for_circles_rarely() -> None:
    """Has Python look through everything that it holds a hundredth as often, from now on, in this
    process and those that are forked from it.

    What refers to itself in a circle is freed by that alone, and next to nothing here does: 9,000
    objects in eight minutes at 10,000 key results. Looking for it stopped the whole process, probes
    and scrapes included, for 0.2 to 1 s in each cycle. What lives shortly is looked through as
    often as before.
    """
    young, middle, _ = gc.get_threshold()
    gc.set_threshold(young, middle, RARELY)
