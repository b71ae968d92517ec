"""A seed's history: every change in order, and the world at any moment."""

from __future__ import annotations

import threading
from bisect import bisect_right
from datetime import datetime

from syncd.demo.netbox.compiling import Compiler
from syncd.demo.netbox.seed import Seed
from syncd.demo.netbox.tables import Tables
from syncd.demo.netbox.world import Directory, LogRow, World


class History:
    """The compiled history of a seed; `at` is safe to call from several threads."""

    def __init__(self, seed: Seed) -> None:
        self.directory = Directory(seed)
        self._steps = Compiler(seed, self.directory).steps()
        self._times = [step.time for step in self._steps]
        self._lock = threading.Lock()
        self._done = 0
        self._tables = Tables()
        self._log: list[LogRow] = []
        self._world = World({}, {}, {}, ())

    def at(self, now: datetime) -> World:
        """The world as it is at `now`, everything that happened at `now` included."""
        wanted = bisect_right(self._times, now)
        with self._lock:
            if wanted != self._done:
                if wanted < self._done:
                    self._done, self._tables, self._log = 0, Tables(), []
                for step in self._steps[self._done : wanted]:
                    self._tables.put(step)
                    if step.log is not None:
                        self._log.append(step.log)
                self._done = wanted
                self._world = World(
                    dict(self._tables.devices),
                    dict(self._tables.interfaces),
                    dict(self._tables.cables),
                    tuple(self._log),
                    dict(self._tables.journal),
                    dict(self._tables.things),
                )
            return self._world
