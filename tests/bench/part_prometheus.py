"""Part 4: Prometheus, many key results on queries."""

from __future__ import annotations

from functools import partial

import httpx

from connectors.base import Limits
from syncd.clock import ManualClock
from tests.bench.bench_world import measured, opened, spread_over, world
from tests.bench.counted import BEGAN
from tests.bench.measuring import Json, watched
from tests.bench.part import Aim, Asked, Table, Told, at_most, figure, growth
from tests.bench.spread import Figure
from tests.processes import serving

SIZES = (100, 200, 500, 1_000)
QUICK = (30, 100)
SHARED_BY = 4
"""Key results on each query."""
ANSWER_SECONDS = 0.01
AT_ONCE = 4
METHOD = (
    f"A Prometheus of ours that takes {ANSWER_SECONDS * 1000:.0f} ms for each answer, in a process \
of its own. Every {SHARED_BY} key results stand on the same query.",
    f"syncd: one turn of the real worker on SQLite, from nothing measured to all published and \
judged, {AT_ONCE} requests at once (the default).",
    "Beside it: httpx, one request after the other, one for each key result, as a script would; \
and the same with each query asked once. Nothing is stored or judged there.",
)


def of_syncd(url: str, key_results: int) -> Json:
    """Until all is published and judged."""
    indicators = [
        measured(
            {"measure": "prometheus.query", "query": f"load_{number}", "unit": "ratio"},
            "prometheus",
            f"n{number}",
        )
        for number in range(key_results // SHARED_BY)
    ]
    session = opened("prometheus", url, {}, Limits(concurrency=AT_ONCE))
    wanted = spread_over(indicators, key_results)
    with world(wanted, {"prometheus": session}, ManualClock(BEGAN)) as made, watched() as spent:
        made.now()
    return spent.told()


def of_a_loop(url: str, key_results: int, shared_by: int) -> Json:
    """One request after the other."""
    found = 0.0
    with httpx.Client(base_url=url) as client, watched() as spent:
        for number in range(key_results // shared_by):
            query = f"load_{number // (SHARED_BY // shared_by)}"
            answer = client.post("/api/v1/query", data={"query": query}).json()
            found += float(answer["data"]["result"][0]["value"][1])
    return spent.told() | {"found": found}


def measure(asked: Asked) -> Told:
    """One turn, and the loops, at each size."""
    sizes = QUICK if asked.quick else SIZES
    here = "tests.bench.part_prometheus"
    asked.expect(3 * len(sizes))
    rows: list[list[Figure | str]] = []
    seconds: dict[str, list[Figure]] = {"syncd": [], "a loop": [], "a loop, each once": []}
    once, at_once = True, 0
    with serving("tests.bench.prometheus_world", str(ANSWER_SECONDS)) as served:
        url = served["url"]
        for size in sizes:
            for name in seconds:
                shared = {"shared_by": 1 if name == "a loop" else SHARED_BY}
                words = {} if name == "syncd" else shared
                what = f"{here}:{'of_syncd' if name == 'syncd' else 'of_a_loop'}"
                httpx.get(f"{url}/counts")
                with asked.step(f"{size:,} key results, {name}"):
                    taken = asked.several(
                        partial(asked.child, what, url=url, key_results=size, **words)
                    )
                counts = httpx.get(f"{url}/counts").json()
                if name == "syncd":
                    once = once and counts["asked"] == counts["distinct"] * len(taken)
                    at_once = max(at_once, counts["at_once"])
                seconds[name].append(figure(taken, "s", "s"))
                rows.append(
                    [
                        f"{size:,}",
                        name,
                        figure(taken, "s", "s"),
                        figure(taken, "cpu_s", "s"),
                        f"{counts['asked'] // len(taken):,}",
                        str(counts["at_once"]),
                    ]
                )
    columns = ["key results", "", "to fresh numbers", "processor", "requests", "at once"]
    exponents = Table(
        "Exponent of the seconds", list(seconds), [[growth(sizes, e) for e in seconds.values()]]
    )
    ours, loop = seconds["syncd"][-1].median, seconds["a loop"][-1].median
    aims = [
        Aim("identical queries are asked once", "so" if once else "not so", once),
        at_most("concurrency is bounded", at_once, AT_ONCE, "at once"),
        Aim("time to fresh numbers against a loop", f"{loop / ours:.2f} times as fast", None),
    ]
    return Told(METHOD, [Table("Fresh numbers", columns, rows), exponents], aims)
