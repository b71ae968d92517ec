"""The real `syncd run` over an organisation of many key results, and those who read from it."""

from __future__ import annotations

import re
import socket
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx

from tests.bench.measuring import Json
from tests.load.readers import quantile
from tests.load.world import write_mappings
from tests.processes import Failed, begun, serving
from tests.waiting import until

LOOK_SECONDS = 0.5
TAIL = 2000
TAKEN_BYTES = 1 << 20
LENGTH = re.compile(rb"^content-length: (\d+)", re.MULTILINE | re.IGNORECASE)
STREAMS = 200
ASSESSED = re.compile(r"^syncd_kr_last_assessment_timestamp_seconds\{", re.MULTILINE)
RUNS = re.compile(r"^syncd_runs_total\{error_type=\"\",source=\"\w+\"\} (\S+)$", re.MULTILINE)


@dataclass(frozen=True)
class Served:
    """A process that serves at `url` out of `folder`; `ready_seconds` after its start it was
    ready, `filled_seconds` after it all was measured and judged once.
    """

    process: subprocess.Popen[bytes]
    url: str
    folder: Path
    ready_seconds: float
    filled_seconds: float

    @property
    def pid(self) -> int:
        """Its number."""
        return self.process.pid


@contextmanager
def served(
    key_results: int, queries: int, *, every: str = "15 s", seconds: float = 600.0
) -> Iterator[Served]:
    """Filled: so many key results over so many queries of a Prometheus that answers at once, on
    SQLite. Raises Failed when that takes longer than `seconds`.
    """
    with (
        prepared(key_results, queries) as (folder, source),
        begun(folder, source, every, streams=STREAMS) as (process, url),
    ):
        ready, filled = until_filled(process, url, folder, key_results, queries, seconds)
        yield Served(process, url, folder, ready, filled)


@contextmanager
def prepared(key_results: int, queries: int) -> Iterator[tuple[Path, str]]:
    """A folder with the mapping files, and where their Prometheus is."""
    with (
        tempfile.TemporaryDirectory(prefix="syncd-bench-", ignore_cleanup_errors=True) as name,
        serving("tests.load.world") as source,
    ):
        folder = Path(name)
        write_mappings(folder / "mappings", key_results, datetime.now(UTC))
        for path in (folder / "mappings").glob("team-*.yaml"):
            path.write_text(
                re.sub(
                    r"query: load_(\d+)",
                    lambda found: f"query: load_{int(found[1]) % queries}",
                    path.read_text(encoding="utf-8"),
                ),
                encoding="utf-8",
            )
        yield folder, source["url"]


def until_ready(process: subprocess.Popen[bytes], url: str, folder: Path, seconds: float) -> float:
    """After how many seconds ``/readyz`` says so. Raises Failed."""
    began = time.monotonic()
    until(
        lambda: httpx.get(f"{url}/readyz", timeout=30).status_code == 200,
        seconds=seconds,
        meanwhile=lambda: _not_over(process, folder, began, seconds),
        passes=(httpx.HTTPError,),
        raises=Failed,
    )
    return time.monotonic() - began


def until_filled(
    process: subprocess.Popen[bytes],
    url: str,
    folder: Path,
    key_results: int,
    queries: int,
    seconds: float,
) -> tuple[float, float]:
    """After how many seconds it is ready, and after how many all was measured and judged once.
    Raises Failed.
    """
    began = time.monotonic()
    ready = until_ready(process, url, folder, seconds)
    while True:
        text = httpx.get(f"{url}/metrics", timeout=120, headers={"Accept-Encoding": "gzip"}).text
        runs = RUNS.search(text)
        if (
            runs is not None
            and float(runs[1]) >= queries
            and len(ASSESSED.findall(text)) >= key_results
        ):
            return ready, time.monotonic() - began
        _not_over(process, folder, began, seconds)
        time.sleep(LOOK_SECONDS)


def _not_over(process: subprocess.Popen[bytes], folder: Path, began: float, seconds: float) -> None:
    said = (folder / "log").read_text(errors="replace")[-TAIL:]
    if process.poll() is not None:
        raise Failed(f"syncd ended with {process.returncode}:\n{said}")
    if time.monotonic() - began > seconds:
        raise Failed(f"syncd was not filled after {seconds:.0f} s:\n{said}")


def takes(url: str, path: str, times: int, gzip: bool, pause: float = 0.0) -> Json:
    """What whoever takes answers meets, one after the other, and neither parses nor unpacks them:
    seconds from the request to the last byte, and bytes of a body.
    """
    place = httpx.URL(url)
    encoding = "gzip" if gzip else "identity"
    asked = f"GET {path} HTTP/1.1\r\nHost: {place.host}\r\nAccept-Encoding: {encoding}\r\n\r\n"
    seconds: list[float] = []
    size = 0
    kept = memoryview(bytearray(TAKEN_BYTES))
    with socket.create_connection((place.host, place.port or 80), timeout=120) as connection:
        for _ in range(times + 1):
            began = time.monotonic()
            connection.sendall(asked.encode())
            head = bytearray()
            while b"\r\n\r\n" not in head:
                head += kept[: _taken(connection, kept)]
            lines, _, body = bytes(head).partition(b"\r\n\r\n")
            length = LENGTH.search(lines)
            if not lines.startswith(b"HTTP/1.1 200 ") or length is None:
                raise Failed(f"{path}: {lines.decode(errors='replace')}")
            size = int(length[1])
            left = size - len(body)
            while left:
                left -= _taken(connection, kept)
            seconds.append(time.monotonic() - began)
            time.sleep(pause)
    return {
        "p50_s": quantile(seconds[1:], 50),
        "p99_s": quantile(seconds[1:], 99),
        "wire_bytes": size,
    }


def _taken(connection: socket.socket, kept: memoryview) -> int:
    count = connection.recv_into(kept)
    if not count:
        raise Failed("the connection ended in the middle of an answer")
    return count


def reads(url: str, path: str, times: int, gzip: bool, pause: float = 0.0) -> Json:
    """What one reader meets, one read after the other: seconds, and bytes on the wire."""
    headers = {"Accept-Encoding": "gzip" if gzip else "identity"}
    seconds: list[float] = []
    wire = 0
    with httpx.Client(base_url=url, headers=headers, timeout=120) as client:
        client.get(path).raise_for_status()
        for _ in range(times):
            began = time.monotonic()
            answer = client.get(path)
            seconds.append(time.monotonic() - began)
            answer.raise_for_status()
            wire = answer.num_bytes_downloaded
            time.sleep(pause)
    return {
        "mean_s": statistics.fmean(seconds),
        "p50_s": quantile(seconds, 50),
        "p99_s": quantile(seconds, 99),
        "wire_bytes": wire,
        "plain_bytes": len(answer.content),
    }
