"""What syncd takes by the size of what it measures: `make capacity` prints the guide's tables.

The worker, the store and the metrics are the real ones; a session in this process answers at once,
so that what an upstream and the network take is not in the numbers. Each size has a process of its
own, whose memory is told at its highest.
"""

from __future__ import annotations

import json
import os
import platform
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from prometheus_client import CollectorRegistry

from connectors.base import (
    Batch,
    Identity,
    Number,
    NumberPlan,
    Outcome,
    Plan,
    ScanJob,
    Timeline,
    Verdict,
)
from syncd import log
from syncd.clock import ManualClock
from syncd.instruments import Instruments
from syncd.model import Indicator
from syncd.store.catalogue import put_in_force
from syncd.store.engine import Store
from syncd.surfaces.app import InstanceInfo, create_app
from syncd.surfaces.serve import WebServer
from syncd.worker import Worker
from tests.store.catalogues import START, catalogue, key_result, numbered, scanned

TURNS = 12
"""Turns that are measured; the first, in which all is new, comes before them and is not."""
EVERY = timedelta(minutes=5)
PAGE = 500
KEY_RESULTS = (100, 300, 1000)
OBJECTS = (1_000, 10_000, 50_000)
CHANGED = 100
"""How many objects change between two turns."""


class Upstream:
    """Answers at once: a number that is another one each turn, or objects."""

    def __init__(self, objects: int) -> None:
        self._objects = objects
        self.turn = 0

    def identify(self, deadline: float) -> Identity:
        return Identity(account="capacity", version="1")

    def scan(self, job: ScanJob) -> Iterator[Batch]:
        """All objects the first time, afterwards those that changed."""
        first = job.cursor is None
        chosen = range(self._objects) if first else range(CHANGED)
        for start in range(0, len(chosen), PAGE):
            part = chosen[start : start + PAGE]
            lines = [self._line(number, job.now) for number in part]
            ended = start + PAGE >= len(chosen)
            yield Batch([lines for _ in job.judges], cursor={"turn": self.turn} if ended else None)

    def _line(self, number: int, now: datetime) -> Timeline:
        passes = (number + self.turn) % 2 == 0
        verdict = Verdict(
            now,
            None,
            Outcome.PASS if passes else Outcome.FAIL,
            missing=() if passes else ("serial",),
        )
        url = f"https://netbox.example.org/dcim/devices/{number}/"
        return Timeline(str(number), now, (verdict,), label=f"rack-{number:06}", url=url)

    def read(self, plan: NumberPlan, now: datetime, deadline: float) -> Number:
        value = 0.5 + (zlib.crc32(str(plan.request).encode()) % 97 + self.turn) % 97 / 200
        return Number(value, now, raw={"query": plan.request["query"], "value": value})

    def history(
        self, plan: NumberPlan, moments: Sequence[datetime], deadline: float
    ) -> Iterator[Number]:
        yield from ()

    def link(self, plan: Plan) -> str | None:
        return None

    def close(self) -> None:
        """Has nothing open."""


def measured(key_results: int, objects: int) -> dict[str, float]:
    """What some turns take: of so many key results, each with a number of its own, or of one key
    result over so many objects.
    """
    if objects:
        indicators: list[Indicator] = [scanned("objects", source="upstream")]
    else:
        indicators = [
            numbered(f"n{number}", query=f"sum(metric_{number})", source="upstream")
            for number in range(key_results)
        ]
    wanted = [
        key_result(f"team{number % 10}-o{number // 10}-kr{number}", one)
        for number, one in enumerate(indicators)
    ]
    with tempfile.TemporaryDirectory(prefix="syncd-capacity-") as folder:
        path = Path(folder) / "syncd.db"
        store = Store(f"sqlite:///{path}")
        store.migrate()
        clock = ManualClock(START)
        made = catalogue(indicators, wanted)
        put_in_force(
            store,
            made,
            interval_of=lambda _: EVERY.total_seconds(),
            link_of=lambda _: None,
            now=clock.now(),
        )
        upstream = Upstream(objects)
        instruments = Instruments(["upstream"])
        worker = Worker(store, clock, {"upstream": upstream}, observer=instruments)
        worker.work_on(made)
        began = time.monotonic()
        worker.cycle()
        first_seconds = time.monotonic() - began
        before = _stored(path)
        began = time.monotonic()
        read = 0
        for _ in range(TURNS):
            upstream.turn += 1
            clock.advance(seconds=EVERY.total_seconds())
            read += sum(report.error_type is None for report in worker.cycle())
        seconds = time.monotonic() - began
        grown = _stored(path) - before
        scrape = len(_scraped(store, clock, instruments.registry))
        worker.close()
        store.close()
    assert read == TURNS * len(indicators), f"{read} runs of {TURNS * len(indicators)}"
    return {
        "key_results": len(wanted),
        "objects": objects,
        "first_turn_seconds": first_seconds,
        "turn_seconds": seconds / TURNS,
        "readings_a_second": read / seconds,
        "bytes_a_turn": grown / TURNS,
        "store_bytes": before,
        "scrape_bytes": scrape,
        "memory_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }


def _stored(path: Path) -> int:
    """The store's size with its log taken in: pages in use."""
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        (free,) = connection.execute("PRAGMA freelist_count").fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    return int((pages - free) * size)


def _scraped(store: Store, clock: ManualClock, own: CollectorRegistry) -> bytes:
    """What a scrape brings, uncompressed."""
    app = create_app(store, clock, own_metrics=own, instance=InstanceInfo(version="capacity"))
    server = WebServer(app, "127.0.0.1", 0)
    try:
        with httpx.Client(base_url=server.start(), timeout=60) as client:
            answer = client.get("/metrics")
            answer.raise_for_status()
            return answer.content
    finally:
        server.stop()


def main(words: Sequence[str]) -> None:
    """Measures one size, and prints it as JSON; without words all, as tables."""
    log.set_up(form="json", level="error")
    if words:
        _say(json.dumps(measured(*map(int, words))))
        return
    _say(f"{platform.platform()}, Python {platform.python_version()}, {_processors()}\n")
    _say("| key results | readings a second | store a day | memory | scrape |")
    _say("|---|---|---|---|---|")
    for size in KEY_RESULTS:
        one = _in_a_process(size, 0)
        day = one["bytes_a_turn"] * (timedelta(days=1) / EVERY)
        _say(
            f"| {size} | {one['readings_a_second']:.0f} | {_mb(day)} | {_mb(one['memory_bytes'])} "
            f"| {_mb(one['scrape_bytes'])} |"
        )
    _say("\n| objects | first turn | later turns | store | memory |\n|---|---|---|---|---|")
    for size in OBJECTS:
        one = _in_a_process(1, size)
        _say(
            f"| {size:,} | {one['first_turn_seconds']:.1f} s | {one['turn_seconds']:.2f} s "
            f"| {_mb(one['store_bytes'])} | {_mb(one['memory_bytes'])} |"
        )


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _in_a_process(*words: int) -> Any:
    command = [sys.executable, "-m", "tests.capacity", *map(str, words)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def _processors() -> str:
    return f"{os.cpu_count()} processors"


def _mb(count: float) -> str:
    return f"{count / 1e6:.2f} MB" if count < 1e7 else f"{count / 1e6:.0f} MB"


if __name__ == "__main__":
    main(sys.argv[1:])
