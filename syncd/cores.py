"""What a process that crashes leaves behind: no copy of its memory, which holds every secret."""

from __future__ import annotations

import contextlib
import resource

NO_CORE = 1
"""Bytes. Smaller than any core, so no file is written; and the one size at which Linux gives none
to a collector that `core_pattern` names either, which 0 does not keep from it (fs/coredump.c).
"""


def leave_no_core() -> None:
    """From now on, whatever the machine's limits are, for this process and those it starts."""
    limits = (NO_CORE, NO_CORE)
    # who may have 0 at the most cannot have 1, and writes no file
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CORE, limits)
