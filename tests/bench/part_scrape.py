"""Part 5: what a scrape costs."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.parser import text_string_to_metric_families
from starlette.requests import Request

from syncd.clock import ManualClock
from syncd.surfaces.metrics import MetricsEndpoint, Rendering, Told
from tests.bench.bench_world import World, spread_over, world
from tests.bench.counted import BEGAN
from tests.bench.measuring import Json
from tests.bench.part import Aim, Asked, Table, at_most, figure, growth
from tests.bench.part import Told as Found
from tests.bench.served import served
from tests.bench.spread import Figure
from tests.capacity.__main__ import Upstream
from tests.store.catalogues import numbered, scanned

SIZES = (100, 1_000, 3_000, 10_000)
QUICK = (100, 300)
MOST_INDICATORS = 500
WARM = 100
"""Scrapes, of whose processor the mean is taken."""
OBJECTS = (100, 1_000, 10_000)
ASKED_BY = ("takes", "reads")
SHARES = ("p50_s", "p99_s")
METHOD = (
    f"In one process: the store is filled by the real worker, {MOST_INDICATORS} numbers at most, \
which key results share; then the endpoint of `/metrics` is asked as the web server asks it. Cold: \
nothing was rendered yet. Told anew: every key result has another number. Warm: the mean of \
{WARM} scrapes.",
    "`generate_latest` of prometheus-client makes the text of the same gauges, with the same labels, \
set to the same values.",
    "While a cycle runs: the real `syncd run` with its renderers, every number another one every 15 s, \
scraped ten times a second over HTTP by another process, on the same processors, from the request to \
the last byte. Taken: by a bare socket. Unpacked: by httpx, which takes some 45 ms by itself to take \
25 MB from a server that does nothing else.",
)


def in_a_process(key_results: int) -> Json:
    """Cold, told anew, warm, plain and gzip; and generate_latest."""
    indicators = [
        numbered(f"n{number}", query=f"sum(metric_{number})", source="upstream")
        for number in range(min(key_results, MOST_INDICATORS))
    ]
    upstream = Upstream(0)
    wanted = spread_over(indicators, key_results)
    with world(wanted, {"upstream": upstream}, ManualClock(BEGAN)) as made:
        made.now()
        told: dict[str, Json] = {}
        endpoint = _endpoint(made)
        plain, zipped = _asking("identity"), _asking("gzip")
        told["cold_cpu_s"] = _cpu(partial(endpoint.answer, plain))
        told["cold_gzip_cpu_s"] = _cpu(partial(endpoint.answer, zipped))
        upstream.turn += 1
        made.turn()
        told["anew_cpu_s"] = _cpu(endpoint.look)
        for name, request in (("warm", plain), ("warm_gzip", zipped)):
            told[f"{name}_cpu_s"] = _cpu(partial(endpoint.answer, request), WARM)
            told[f"{name}_bytes"] = len(endpoint.answer(request).body)
        registry = _same_gauges(bytes(endpoint.answer(plain).body).decode())
        told["client_cpu_s"] = _cpu(partial(generate_latest, registry), 3)
        told["client_bytes"] = len(generate_latest(registry))
    return told


def over_objects(objects: int) -> Json:
    """The warm scrape of one key result over so many upstream objects."""
    upstream = Upstream(objects)
    wanted = spread_over([scanned("objects", source="upstream")], 1)
    with world(wanted, {"upstream": upstream}, ManualClock(BEGAN)) as made:
        made.now()
        endpoint, request = _endpoint(made), _asking("identity")
        endpoint.answer(request)
        return {"warm_cpu_s": _cpu(partial(endpoint.answer, request), WARM)}


def _endpoint(made: World) -> MetricsEndpoint:
    rendering = Rendering("bench")

    def told() -> Told:
        with made.store.read() as connection:
            return rendering.render(connection, made.clock.now())

    return MetricsEndpoint(told, lambda encode: encode(made.instruments.registry))


def _asking(encoding: str) -> Request:
    headers = [(b"accept-encoding", encoding.encode()), (b"accept", b"text/plain")]
    return Request({"type": "http", "headers": headers})


def _cpu(do: Callable[[], object], times: int = 1) -> float:
    began = time.process_time()
    for _ in range(times):
        do()
    return (time.process_time() - began) / times


def _same_gauges(text: str) -> CollectorRegistry:
    registry = CollectorRegistry()
    for family in text_string_to_metric_families(text):
        samples = [one for one in family.samples if one.name == family.name]
        if not samples:
            continue
        names = sorted({name for one in samples for name in one.labels})
        gauge = Gauge(family.name, family.documentation, names, registry=registry)
        for one in samples:
            labels = {name: one.labels.get(name, "") for name in names}
            (gauge.labels(**labels) if names else gauge).set(one.value)
    return registry


def measure(asked: Asked) -> Found:
    """All sizes in a process, and one that is busy."""
    sizes = QUICK if asked.quick else SIZES
    here = "tests.bench.part_scrape"
    asked.expect(len(sizes) + len(OBJECTS) + 1)
    rows: list[list[Figure | str]] = []
    columns = {
        "cold": ("cold_cpu_s", "s"),
        "told anew": ("anew_cpu_s", "s"),
        "warm": ("warm_cpu_s", "s"),
        "warm, gzip": ("warm_gzip_cpu_s", "s"),
        "generate_latest": ("client_cpu_s", "s"),
        "bytes": ("warm_bytes", "B"),
        "bytes, gzip": ("warm_gzip_bytes", "B"),
    }
    found: dict[str, list[Figure]] = {name: [] for name in columns}
    for size in sizes:
        with asked.step(f"{size:,} key results"):
            taken = asked.several(partial(asked.child, f"{here}:in_a_process", key_results=size))
        for name, (key, unit) in columns.items():
            found[name].append(figure(taken, key, unit))
        rows.append([f"{size:,}", *(each[-1] for each in found.values())])
    rows.append(["exponent", *(growth(sizes, each) for each in found.values())])
    flat = []
    for objects in OBJECTS:
        with asked.step(f"one key result over {objects:,} objects"):
            taken = asked.several(partial(asked.child, f"{here}:over_objects", objects=objects))
        flat.append(figure(taken, "warm_cpu_s", "s"))
    with asked.step(f"{sizes[-1]:,} key results while a cycle runs"):
        busy = _busy(asked, sizes[-1])
    tables = [
        Table("A scrape: seconds of processor, and bytes", ["key results", *columns], rows),
        Table(
            "One key result: processor of a warm scrape by upstream objects",
            [*(f"{objects:,}" for objects in OBJECTS), "exponent"],
            [[*flat, growth(OBJECTS, flat)]],
        ),
        Table(
            f"{sizes[-1]:,} key results while a cycle runs, over HTTP",
            ["", "taken: p50", "p99", "unpacked: p50", "p99", "bytes on the wire"],
            [
                [
                    name,
                    *(Figure([one[how][share]], "s") for how in ASKED_BY for share in SHARES),
                    Figure([one["takes"]["wire_bytes"]], "B"),
                ]
                for name, one in busy.items()
            ],
        ),
    ]
    warm, most = found["warm"][-1].median, f"{sizes[-1]:,} key results"
    aims = [
        at_most(f"{most}: a warm scrape under 5 ms of processor", warm * 1000, 5, "ms"),
        at_most(
            f"{most}: p99 under 50 ms on a busy worker",
            max(one["takes"]["p99_s"] for one in busy.values()) * 1000,
            50,
            "ms",
        ),
        Aim(
            "a scrape is flat in the number of upstream objects",
            f"exponent {growth(OBJECTS, flat)}",
            abs(float(growth(OBJECTS, flat))) < 0.1,
        ),
    ]
    return Found(METHOD, tables, aims)


def _busy(asked: Asked, key_results: int) -> dict[str, Json]:
    times = 20 if asked.quick else 100
    with served(
        key_results, min(key_results, MOST_INDICATORS), seconds=asked.seconds_left * 0.8
    ) as one:
        return {
            name: {
                how: asked.child(
                    f"tests.bench.served:{how}",
                    url=one.url,
                    path="/metrics",
                    times=times,
                    gzip=name == "gzip",
                    pause=0.1,
                )
                for how in ASKED_BY
            }
            for name in ("plain", "gzip")
        }
