"""Part 6: the page, the feed and the API, alone and with 50 readers."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.bench.measuring import Json
from tests.bench.part import Asked, Table, Told, at_most
from tests.bench.part_scrape import MOST_INDICATORS
from tests.bench.served import served
from tests.bench.spread import Figure
from tests.processes import Failed, memory_of

SIZES = (100, 300, 1_000, 10_000)
QUICK = (100,)
WITH_READERS = (1_000, 10_000)
READERS = 50
SECONDS = 20
AIMED_AT = 1_000
PATHS = {
    "company page": "/",
    "a key result": "/kr/kr7",
    "feed.json": "/feed.json",
    "API: all": "/api/v1/krs",
    "API: one": "/api/v1/krs/kr7",
}
METHOD = (
    f"The real `syncd run` with its renderers on SQLite, {MOST_INDICATORS} numbers at most which key \
results share, read every 5 minutes; every key result is judged every minute meanwhile. Answers are \
asked for with gzip.",
    "Alone: one reader, one request after the other, from connection to last byte.",
    f"With readers: those of `make load`, {READERS} for {SECONDS} s, of whom three in four look at \
pages, feed and API (with `If-None-Match`) and one in four follows the stream; `/metrics` is scraped \
each second. All of them share this machine's processors with syncd; a request that is answered 429 \
is not in the times.",
)


def measure(asked: Asked) -> Told:
    """Each size alone, and the larger ones with readers."""
    sizes = QUICK if asked.quick else SIZES
    asked.expect(2 * len(sizes))
    alone: list[list[Figure | str]] = []
    tables, aims = [], []
    for size in sizes:
        with (
            asked.step(f"{size:,} key results are measured first"),
            served(
                size, min(size, MOST_INDICATORS), every="5 min", seconds=asked.seconds_left * 0.6
            ) as one,
        ):
            with asked.step(f"{size:,} key results"):
                met = {
                    name: asked.child(
                        "tests.bench.served:reads",
                        url=one.url,
                        path=path,
                        times=10 if asked.quick or size > AIMED_AT else 30,
                        gzip=True,
                    )
                    for name, path in PATHS.items()
                }
            memory = Figure([memory_of(one.pid)], "B")
            for name, each in met.items():
                cells = [Figure([each[key]], "s") for key in ("p50_s", "p99_s")]
                sent = [Figure([each[key]], "B") for key in ("wire_bytes", "plain_bytes")]
                alone.append([f"{size:,}", name, *cells, *sent, memory])
            if size == AIMED_AT:
                page = met["company page"]
                words = f"the company page at {AIMED_AT:,} key results"
                aims = [
                    at_most(f"{words} under 100 ms on the server", page["p50_s"] * 1000, 100, "ms"),
                    at_most(
                        f"{words} under 300 kB over the wire", page["wire_bytes"] / 1e3, 300, "kB"
                    ),
                ]
            if size in WITH_READERS or asked.quick:
                tables.append(_with_readers(asked, one.url, size))
    columns = ["key results", "", "p50", "p99", "on the wire", "uncompressed", "memory of syncd"]
    return Told(METHOD, [Table("One reader", columns, alone), *tables], aims)


def _with_readers(asked: Asked, url: str, size: int) -> Table:
    seconds = 3 if asked.quick else SECONDS
    command = [sys.executable, "-m", "tests.load.readers", url]
    command += [str(READERS), str(seconds), str(size)]
    try:
        done = subprocess.run(
            command, check=True, capture_output=True, text=True, timeout=asked.seconds_left
        )
    except subprocess.SubprocessError as error:
        raise Failed(f"the readers failed: {error}") from error
    met: Json = json.loads(done.stdout.splitlines()[-1])
    rows: list[list[Figure | str]] = [
        [
            name,
            str(each["answers"]),
            *(
                "" if each[share] is None else Figure([each[share]], "s")
                for share in ("p50", "p99")
            ),
            Figure([each["bytes"]], "B"),
            ", ".join(f"{status}: {count}" for status, count in sorted(each["statuses"].items())),
        ]
        for name, each in met["surfaces"].items()
    ]
    columns = ["", "answers", "p50", "p99", "on the wire", "statuses"]
    return Table(f"{size:,} key results, {READERS} readers", columns, rows)
