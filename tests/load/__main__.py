"""What readers do to a worker, and a worker to readers: `make load` measures and prints it.

The process is the real `syncd run`, its key results come from mapping files, its numbers from a
Prometheus that answers at once and whose numbers move. It is measured without readers first, then
with them. Nothing is asserted: the numbers are for `docs/guide/capacity.md`.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from tests.load.world import write_mappings
from tests.peers.postgres import Postgres
from tests.processes import begun, below, cpu_of, memory_of, serving

BEGIN_SECONDS = 1800.0
"""The longest that a process may take until all key results have been measured once."""
LOOK_SECONDS = 2.0
STORES = ("sqlite", "postgresql")
MEASURED = re.compile(
    r"^syncd_runs_total\{error_type=\"\",source=\"prometheus\"\} (\S+)$", re.MULTILINE
)
ASKING = {"Accept-Encoding": "gzip"}


@dataclass(frozen=True)
class Asked:
    """What is to be measured."""

    key_results: int
    readers: int
    seconds: float
    every: str


@dataclass(frozen=True)
class Running:
    """A process that serves at `url`."""

    process: subprocess.Popen[bytes]
    url: str
    log: Path

    def runs(self) -> float:
        """Measurements that were published; 0 while nothing is served."""
        try:
            text = httpx.get(f"{self.url}/metrics", headers=ASKING, timeout=60).text
        except httpx.HTTPError:
            if self.process.poll() is not None:
                raise SystemExit(f"syncd ended:\n{self.log.read_text()[-3000:]}") from None
            return 0.0
        found = MEASURED.search(text)
        return float(found[1]) if found else 0.0

    def usage(self) -> dict[str, float]:
        """What it and its renderers hold (each page of memory once) and have used up: bytes, and
        seconds of processor.
        """
        every = [self.process.pid, *below(self.process.pid)]
        return {
            "memory_bytes": sum(memory_of(pid) for pid in every),
            "processor_seconds": cpu_of(every[0]),
            "renderers_processor_seconds": sum(cpu_of(pid) for pid in every[1:]),
        }


def measured(asked: Asked, store: str, source: str, progress: Progress) -> dict[str, Any]:
    """One store: how fast the worker is by itself and with readers, and what these met."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="syncd-load-")))
        url = f"sqlite:///{folder / 'syncd.db'}"
        if store == "postgresql":
            url = stack.enter_context(Postgres()).create_database("load")
        write_mappings(folder / "mappings", asked.key_results, datetime.now(UTC))
        started = begun(folder, source, asked.every, streams=asked.readers, store=url)
        served = Running(*stack.enter_context(started), folder / "log")
        filling_seconds = _filled(served, asked, store, progress)
        alone = _watched(served, asked, f"{store}: the worker alone", progress, None)
        command = [sys.executable, "-m", "tests.load.readers", served.url]
        command += [str(asked.readers), str(asked.seconds), str(asked.key_results)]
        readers = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        together = _watched(served, asked, f"{store}: with readers", progress, readers)
        told, _ = readers.communicate()
        dropped = served.log.read_text().count("slow_reader_dropped")
        return {
            "store": store,
            "filling_seconds": filling_seconds,
            "alone": alone,
            "with_readers": together,
            "readers": json.loads(told),
            "dropped_by_syncd": dropped,
            "log_bytes": _size(folder / "syncd.db-wal"),
        }


def _filled(served: Running, asked: Asked, store: str, progress: Progress) -> float:
    """How long it took until everything was measured once."""
    began = time.monotonic()
    task = progress.add_task(f"{store}: every number once", total=asked.key_results)
    while (done := served.runs()) < asked.key_results:
        progress.update(task, completed=done)
        if time.monotonic() - began > BEGIN_SECONDS:
            raise SystemExit(f"{done:.0f} of {asked.key_results} after {BEGIN_SECONDS:g} s")
        time.sleep(LOOK_SECONDS)
    progress.update(task, completed=asked.key_results)
    return time.monotonic() - began


def _watched(
    served: Running,
    asked: Asked,
    words: str,
    progress: Progress,
    readers: subprocess.Popen[str] | None,
) -> dict[str, float]:
    """What the worker did in a span of time: until it is over, or the readers have ended."""
    task = progress.add_task(words, total=asked.seconds)
    before, used, began = served.runs(), served.usage(), time.monotonic()
    while (gone := time.monotonic() - began) < asked.seconds and (
        readers is None or readers.poll() is None
    ):
        progress.update(task, completed=gone)
        time.sleep(LOOK_SECONDS)
    seconds = time.monotonic() - began
    progress.update(task, completed=asked.seconds)
    after = served.usage()
    return {
        "readings_a_second": (served.runs() - before) / seconds,
        "processor_share": (after["processor_seconds"] - used["processor_seconds"]) / seconds,
        "renderers_processor_share": (
            after["renderers_processor_seconds"] - used["renderers_processor_seconds"]
        )
        / seconds,
        "memory_bytes": after["memory_bytes"],
    }


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def show(found: Sequence[dict[str, Any]], console: Console) -> None:
    """The tables."""
    for one in found:
        table = Table(title=f"The worker on {one['store']}")
        for head in ("", "readings a second", "processor", "of renderers", "memory"):
            table.add_column(head)
        for name in ("alone", "with_readers"):
            each = one[name]
            table.add_row(
                name.replace("_", " "),
                f"{each['readings_a_second']:.1f}",
                f"{each['processor_share']:.0%}",
                f"{each['renderers_processor_share']:.0%}",
                f"{each['memory_bytes'] / 1e6:.0f} MB",
            )
        console.print(table)
        table = Table(title=f"Readers on {one['store']}")
        for head in ("surface", "answers", "p50", "p95", "p99", "on the wire", "statuses"):
            table.add_column(head)
        for name, met in one["readers"]["surfaces"].items():
            table.add_row(
                name,
                str(met["answers"]),
                *(_seconds(met[f"p{share}"]) for share in (50, 95, 99)),
                f"{met['bytes'] / 1e3:.0f} kB",
                ", ".join(f"{status}: {count}" for status, count in met["statuses"].items()),
            )
        console.print(table)
        told = one["readers"]
        console.print(
            f"The stream: {told['events']} events; {one['dropped_by_syncd']} slow readers dropped, "
            f"{told['returned']} came back; {told['lost']} events lost, {told['twice']} twice."
        )


def _seconds(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds:.2f} s"


def main(words: Sequence[str]) -> None:
    """Measures, and prints tables or JSON."""
    parser = argparse.ArgumentParser(prog="make load", description=__doc__)
    parser.add_argument("--key-results", type=int, default=10_000)
    parser.add_argument("--readers", type=int, default=200)
    parser.add_argument("--minutes", type=float, default=3.0, help="of each span")
    parser.add_argument("--every", default="5 min", help="how often each number is read")
    parser.add_argument("--store", choices=STORES, action="append", help="one only")
    parser.add_argument("--json", action="store_true", help="instead of tables")
    said = parser.parse_args(words)
    asked = Asked(said.key_results, said.readers, said.minutes * 60, said.every)
    told = Console(stderr=True)
    with Progress(console=told) as progress, serving("tests.load.world") as source:
        found = [measured(asked, one, source["url"], progress) for one in said.store or STORES]
    machine = f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} cores"
    if said.json:
        sys.stdout.write(json.dumps({"machine": machine, "stores": found}, indent=2) + "\n")
    else:
        console = Console()
        console.print(machine)
        show(found, console)


if __name__ == "__main__":
    main(sys.argv[1:])
