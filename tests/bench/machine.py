"""What a run says of the machine that it ran on."""

from __future__ import annotations

import os
import platform
import re
import sqlite3
from importlib.metadata import version
from pathlib import Path

PACKAGES = ("syncd", "httpx", "orjson", "sqlalchemy", "jira", "pynetbox", "prometheus-client")
BUSY = 0.3
"""Programs that wait for a processor, on average of a minute, from which on others ran beside."""


def machine() -> dict[str, str]:
    """Its facts, each with its name."""
    return {
        "machine": f"{platform.system()} {platform.release()}, {_processor()}",
        "processors": str(os.cpu_count()),
        "memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 1e9:.0f} GB",
        "Python": platform.python_version(),
        "SQLite": sqlite3.sqlite_version,
        **{name: version(name) for name in PACKAGES},
    }


def beside() -> str:
    """Whether others work on this machine now."""
    waiting = os.getloadavg()[0]
    words = "other programs ran beside it" if waiting > BUSY else "nothing else ran"
    return f"load average of a minute {waiting:.2f} as it began: {words}"


def _processor() -> str:
    try:
        said = Path("/proc/cpuinfo").read_text()
    except OSError:
        said = ""
    found = re.search(r"^model name\s*:\s*(.+)$", said, re.MULTILINE)
    return found[1] if found else platform.machine()
