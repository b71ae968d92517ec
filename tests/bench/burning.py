"""Work that costs what it is told to, for the tests of what measures it."""

from __future__ import annotations

import os
import time

from tests.bench.measuring import Json, watched


def burn(cpu_seconds: float) -> Json:
    """Works for so long, holds 40 MB, and tells."""
    with watched() as spent:
        held = bytearray(os.urandom(1)) * 40_000_000
        until = time.process_time() + cpu_seconds
        while time.process_time() < until:
            pass
    return spent.told() | {"held": len(held)}


def wait_for_ever() -> Json:
    """Does nothing, for longer than anybody waits."""
    time.sleep(3600)
