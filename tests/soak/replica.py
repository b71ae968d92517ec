"""One replica of a soak: syncd's own parts in a process, worked turn by turn at the driver's word.

Its clock is the product's own on PostgreSQL (the server's, which the driver moves), and one that
the driver moves on SQLite. Between two turns nothing runs in it but its web server.
"""

from __future__ import annotations

import ctypes
import gc
import logging
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import structlog

from syncd.clock import ManualClock
from syncd.heap import give_back_what_is_free, look_for_circles_rarely
from syncd.process import Assembly, MappingKeeper, assemble
from syncd.store.clock import StoreClock
from syncd.surfaces.app import InstanceInfo, create_app
from syncd.surfaces.serve import WebServer
from tests.soak.organisation import Asking, installation


@dataclass(frozen=True)
class Told:
    """What a replica is begun with."""

    mappings: Path
    database_url: str
    urls: Mapping[str, str]
    asking: Asking


@dataclass(frozen=True)
class Turn:
    """One turn at a moment. `dies_at`: it is killed as it begins this statement of its own, counted
    from 1; `leaves_after`: it is told to stop so many seconds into the turn.
    """

    at: datetime
    dies_at: int | None = None
    leaves_after: float | None = None


@dataclass(frozen=True)
class Came:
    """What a turn came to: its runs by how they ended, how many statements it made, and the seconds
    of processor that it took.
    """

    runs: Mapping[str, int]
    statements: int
    seconds: float


@dataclass(frozen=True)
class Weight:
    """What a process takes, after everything was collected that could be."""

    megabytes: float
    files: int
    threads: int


def serve(pipe: Connection, told: Told, at: datetime) -> None:
    """Begins, says where its pages are, and does what the pipe says until that is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    give_back_what_is_free()  # as `syncd run` does
    look_for_circles_rarely()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    manual = ManualClock(at) if told.database_url.startswith("sqlite") else None
    assembly = assemble(
        installation(told.mappings, told.database_url, told.urls, told.asking), manual
    )
    statements = _Statements()
    keeper = MappingKeeper(assembly)
    web = WebServer(
        create_app(
            assembly.store,
            assembly.clock,
            own_metrics=assembly.instruments.registry,
            instance=InstanceInfo(version="soak", external_url=None),
        ),
        "127.0.0.1",
        0,
    )
    try:
        keeper.refresh()
        pipe.send(web.start())
        while True:
            asked = pipe.recv()
            if asked is None:
                return
            if isinstance(asked, Turn):
                _show(assembly, asked.at)
                statements.begin(asked.dies_at)
                began = time.process_time()
                runs = _turn(assembly, keeper, asked)
                came = Came(runs, statements.made, time.process_time() - began)
                statements.begin(None)  # between turns nobody is killed, whatever its pages ask
                pipe.send(came)
            else:
                pipe.send(weighed())
    except EOFError:
        return
    finally:
        web.stop()
        assembly.close()


def _show(assembly: Assembly, at: datetime) -> None:
    if isinstance(assembly.clock, ManualClock):
        assembly.clock.move_to(at)
    elif isinstance(assembly.clock, StoreClock):
        assembly.clock.measure()


def _turn(assembly: Assembly, keeper: MappingKeeper, asked: Turn) -> Counter[str]:
    keeper.look()
    if asked.leaves_after is not None:
        threading.Timer(asked.leaves_after, assembly.worker.stop).start()
    reports = assembly.worker.cycle()
    return Counter(report.error_type or "published" for report in reports)


class _Statements:
    """Counts what this process asks its store, and kills it as it begins a chosen one."""

    def __init__(self) -> None:
        self.made = 0
        self._dies_at: int | None = None
        sa.event.listen(sa.Engine, "before_cursor_execute", self._count)

    def begin(self, dies_at: int | None) -> None:
        self.made, self._dies_at = 0, dies_at

    def _count(self, *_: Any) -> None:
        self.made += 1
        if self.made == self._dies_at:
            os.kill(os.getpid(), signal.SIGKILL)


def weighed() -> Weight:
    """What this process takes now."""
    gc.collect()
    # what is free is given back, or what was needed once would look as if it were kept
    ctypes.CDLL(None).malloc_trim(0)
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return Weight(
        megabytes=pages * os.sysconf("SC_PAGE_SIZE") / 1e6,
        files=sum(1 for _ in Path("/proc/self/fd").iterdir()),
        threads=threading.active_count(),
    )
