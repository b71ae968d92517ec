"""Work measured in a process of its own, so that no measure colours another: its seconds, its
seconds of processor, and the most memory it held.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import re
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tests.processes import Failed, told_of

Json = Any
LINES = 25


@dataclass
class Spent:
    """What some work took, once it is over: seconds, and seconds of processor of all threads."""

    seconds: float = 0.0
    cpu_seconds: float = 0.0

    def told(self) -> dict[str, float]:
        """For JSON, with the most memory that this process has held so far."""
        return {"s": self.seconds, "cpu_s": self.cpu_seconds, "peak_bytes": most_memory()}


@contextmanager
def watched() -> Iterator[Spent]:
    """Within it the work is done whose cost is wanted."""
    spent = Spent()
    gc.collect()
    used, began = time.process_time(), time.monotonic()
    try:
        yield spent
    finally:
        spent.seconds = time.monotonic() - began
        spent.cpu_seconds = time.process_time() - used


def most_memory() -> int:
    """The most bytes that this process held at any moment."""
    # the system's other answer, ru_maxrss, begins with what the parent held
    said = re.search(r"^VmHWM:\s+(\d+) kB", told_of(os.getpid(), "status"), re.MULTILINE)
    kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss if said is None else int(said[1])
    return kilobytes * 1024


def in_a_child(what: str, *, seconds: float, **words: Json) -> Mapping[str, Json]:
    """What a function (`module:name`) tells that was called with these words in a new process.
    Raises Failed when it fails or takes longer than `seconds`.
    """
    command = [sys.executable, "-m", "tests.bench.measuring", what, json.dumps(words)]
    try:
        done = subprocess.run(
            command, check=True, capture_output=True, text=True, timeout=max(seconds, 0.1)
        )
    except subprocess.TimeoutExpired as late:
        raise Failed(f"{what} took more than {seconds:.0f} s") from late
    except subprocess.CalledProcessError as error:
        said = "\n".join(error.stderr.splitlines()[-LINES:])
        raise Failed(f"{what} ended with {error.returncode}:\n{said}") from error
    told: Mapping[str, Json] = json.loads(done.stdout.splitlines()[-1])
    return told


def main(words: list[str]) -> None:
    """Calls one function and prints what it tells, as JSON."""
    module, _, name = words[0].partition(":")
    told = getattr(importlib.import_module(module), name)(**json.loads(words[1]))
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()
    # all is closed; to take a million objects apart one by one is nobody's measure
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1:])
