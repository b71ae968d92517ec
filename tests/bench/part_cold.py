"""Part 10: from the start of a process to its use."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import httpx

from tests.bench.part import Aim, Asked, Table, Told, growth
from tests.bench.part_scrape import MOST_INDICATORS
from tests.bench.served import STREAMS, prepared, until_filled, until_ready
from tests.bench.spread import Figure
from tests.peers.process import free_port
from tests.processes import Failed, begun, end, without_settings
from tests.waiting import until

SIZES = (30, 100, 300, 1_000)
QUICK = (30,)
VALUE = re.compile(r"^syncd_kr_value\{", re.MULTILINE)
METHOD = (
    "Demo: `syncd demo`, which is what `make run` starts once it has installed syncd (that is not in \
the times), until its page has a key result, and until the first has a value.",
    f"Full store: `syncd run` over key results that were all measured and judged \
({MOST_INDICATORS} numbers at most, which they share), stopped and started again, until `/readyz` \
says so.",
)


def measure(asked: Asked) -> Told:
    """The demo, and starts over full stores."""
    sizes = QUICK if asked.quick else SIZES
    asked.expect(1 + len(sizes))
    with asked.step("demo"):
        page, value = zip(*asked.several(lambda: _demo(asked)), strict=True)
    rows: list[Sequence[Figure | str]] = []
    found: list[Figure] = []
    for size in sizes:
        with asked.step(f"a full store of {size:,} key results"):
            found.append(Figure(_starts(asked, size), "s"))
            rows.append([f"{size:,}", found[-1]])
    rows.append(["exponent", growth(sizes, found)])
    demo: list[Sequence[Figure | str]] = [[Figure(page, "s"), Figure(value, "s")]]
    tables = [
        Table("Demo", ["a key result on the page", "the first value"], demo),
        Table("A full store", ["key results", "ready"], rows),
    ]
    aims = [
        Aim("`make run` to the first key result on the page", str(demo[0][0]), None),
        Aim("process start to ready with a full store", str(found[-1]), None),
    ]
    return Told(METHOD, tables, aims)


def _demo(asked: Asked) -> tuple[float, float]:
    port = free_port()
    command = [sys.executable, "-m", "syncd", "demo", "--listen", f"127.0.0.1:{port}"]
    with tempfile.TemporaryFile() as log:
        began = time.monotonic()
        process = subprocess.Popen(command, stdout=log, stderr=log, env=without_settings())

        def still() -> None:
            if process.poll() is not None or asked.seconds_left < 10:
                raise Failed(f"the demo ended ({process.poll()}), or there was no more time")

        def after(so: Callable[[str], object], path: str) -> float:
            url = f"http://127.0.0.1:{port}{path}"
            until(
                lambda: so(httpx.get(url, timeout=30).text),
                seconds=asked.seconds_left,
                every=0.05,
                meanwhile=still,
                passes=(httpx.HTTPError,),
                raises=Failed,
            )
            return time.monotonic() - began

        try:
            return after(lambda text: "/kr/" in text, "/"), after(VALUE.search, "/metrics")
        finally:
            end(process)


def _starts(asked: Asked, key_results: int) -> list[float]:
    queries = min(key_results, MOST_INDICATORS)
    with prepared(key_results, queries) as (folder, source):
        with begun(folder, source, "1 h", streams=STREAMS) as (process, url):
            until_filled(process, url, folder, key_results, queries, asked.seconds_left * 0.8)
        return asked.several(lambda: _start(asked, folder, source))


def _start(asked: Asked, folder: Path, source: str) -> float:
    with begun(folder, source, "1 h", streams=STREAMS) as (process, url):
        return until_ready(process, url, folder, asked.seconds_left)
