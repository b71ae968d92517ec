"""Where the tests keep what they throw away: in memory, where there is room for it."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

SHARED = Path("/dev/shm")  # noqa: S108
# Three clusters of PostgreSQL take 1 GB; the rest is for folders of tests, and for the tests themselves.
NEEDED_BYTES = 6 * 2**30


def roomy(folder: Path, needed: int = NEEDED_BYTES) -> bool:
    """Whether `folder` is there, is ours to write to and to run programs from (containers often forbid
    that), and has `needed` bytes free, as the machine's memory has.
    """
    try:
        found = os.statvfs(folder)
        available = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return False
    return (
        os.access(folder, os.W_OK | os.X_OK)
        and not found.f_flag & os.ST_NOEXEC
        and min(found.f_bavail * found.f_frsize, available) >= needed
    )


def prefer_memory() -> None:
    """Has this process, and all that it starts, put temporary files into memory if it is `roomy`.

    No commit waits for a disk then: `tests/store` took 330 s on one, and 275 s in memory. A process that is killed leaves
    the same bytes behind in either place; what a loss of power leaves, no test looks at. Whoever
    chose a place (TMPDIR) keeps it.
    """
    if "TMPDIR" not in os.environ and roomy(SHARED):
        os.environ["TMPDIR"] = tempfile.tempdir = str(SHARED)
