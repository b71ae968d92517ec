"""Part 9: many verdicts in both stores, and several replicas on one."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial

import sqlalchemy as sa

from connectors.base import Aggregate, Aggregation, Limits
from syncd.clock import ManualClock
from syncd.store.aggregate import aggregate
from syncd.store.engine import Store
from syncd.store.explaining import explain
from syncd.store.objects import objects_page
from syncd.store.read import indicator_views
from syncd.store.schema import tallies
from syncd.worker import Worker, WorkerSettings
from tests.bench.bench_world import (
    FOR_EVER,
    World,
    measured,
    opened,
    put,
    spread_over,
    world,
)
from tests.bench.counted import BEGAN
from tests.bench.measuring import Json, most_memory, watched
from tests.bench.part import Aim, Asked, Cell, Table, Told, at_most, figure, growth
from tests.bench.spread import Figure
from tests.capacity.__main__ import Upstream
from tests.peers.postgres import Postgres
from tests.processes import Failed, serving
from tests.store.catalogues import scanned

SIZES = (10_000, 100_000, 300_000, 1_000_000)
QUICK = (1_000, 10_000)
READ = 10_000
"""Objects that the worker reads itself; the others are copies of their rows, under other ids."""
CYCLES = 5
REPLICAS = (1, 2, 4)
NUMBERS = 240
QUICK_NUMBERS = 40
ANSWER_SECONDS = 0.2
AT_ONCE = 4
FLAT = 0.15
HERE = "tests.bench.part_scale"
METHOD = (
    f"The real worker reads one key result over at most {READ:,} objects of a source that answers \
at once; copies of their rows under other ids make up the size. A cycle: 100 objects have changed, \
they are read, published and the key result is judged; {CYCLES} of them, after one that counts all. \
The store's own time for the first reading is in the [capacity](../guide/capacity.md) page.",
    "Aggregate: the share of all that hold now, counted one by one, as of a past moment; a cycle moves \
what was counted by what has changed, and must come to the same. Explain: all that `syncd explain` asks of the store, \
with the first 50 that fail. Memory is the most that the worker's process held, reading included.",
    f"Replicas: so many processes on one PostgreSQL, {NUMBERS} numbers of one Prometheus that takes \
{ANSWER_SECONDS * 1000:.0f} ms for each, {AT_ONCE} at once for each replica; from the moment at which \
all may begin until the last number is published. Processes of Python, PostgreSQL and the upstream \
share this machine's processors.",
)


def of_a_store(objects: int, url: str | None = None) -> Json:
    """A cycle, an aggregate, an explanation, and the size on disk."""
    upstream = Upstream(min(objects, READ))
    indicator = scanned("objects", source="upstream")
    clock = ManualClock(BEGAN)
    with world(spread_over([indicator], 1), {"upstream": upstream}, clock, url=url) as made:
        made.now()
        _multiply(made.store, objects // READ)
        cycles = []
        for _ in range(1 + CYCLES):
            upstream.turn += 1
            with watched() as cycle:
                made.turn()
            cycles.append({"cycle_s": cycle.seconds, "cycle_cpu_s": cycle.cpu_seconds})
        now = clock.now()
        with made.store.read() as connection:
            (set_id,) = connection.execute(sa.text("SELECT id FROM verdict_sets")).scalars()
            with watched() as aggregated:
                found = aggregate(connection, set_id, Aggregate(Aggregation.SHARE), now)
            with watched() as explained:
                explain(connection, indicator.fingerprint, now=now)
                objects_page(connection, indicator.fingerprint, outcome=None, now=now)
            (view,) = indicator_views(connection)
        assert found.objects == objects, f"{found.objects} of {objects}"
        assert view.reading is not None
        told = (view.reading.value, view.reading.objects)
        assert told == (found.value, objects), f"{told} is told of {found}"
        return {
            "cycles": cycles[1:],
            "aggregate_s": aggregated.seconds,
            "explain_s": explained.seconds,
            "bytes": _size(made),
            "peak_bytes": most_memory(),
        }


_COPIES = (
    (
        "INSERT INTO objects (scope_id, object_id, label, url, present) "
        "SELECT scope_id, CAST(:copy AS TEXT) || object_id, label, url, present "
        "FROM objects WHERE object_id NOT LIKE '%-%'"
    ),
    (
        "INSERT INTO verdicts (set_id, object_id, valid_from, valid_to, began, outcome, number, "
        "missing, keys) SELECT set_id, CAST(:copy AS TEXT) || object_id, valid_from, valid_to, began, "
        "outcome, number, missing, keys FROM verdicts WHERE object_id NOT LIKE '%-%'"
    ),
)


def _multiply(store: Store, times: int) -> None:
    """Each row of objects and verdicts so many times, under ids of its own. What was counted of
    them is forgotten.
    """
    with store.write() as connection:
        for copy in range(1, times):
            for statement in _COPIES:
                connection.execute(sa.text(statement), {"copy": f"{copy}-"})
        connection.execute(sa.delete(tallies))


def _size(made: World) -> int:
    with made.store.read() as connection:
        if made.store.is_sqlite:
            pages = connection.execute(sa.text("PRAGMA page_count")).scalar_one()
            return int(pages * connection.execute(sa.text("PRAGMA page_size")).scalar_one())
        asked = sa.text("SELECT pg_database_size(current_database())")
        return int(connection.execute(asked).scalar_one())


def replica(url: str, source: str, numbers: int, first: bool = False) -> Json:
    """One of several: says that it is ready, works when it is told to until nothing is due, and
    tells how many runs it had and when the last ended (`time.monotonic`, one for the machine).
    `first`: it puts the catalogue in force, and does not work.
    """
    clock = ManualClock(BEGAN)
    session = opened("prometheus", source, {}, Limits(concurrency=AT_ONCE))
    indicators = [
        measured(
            {"measure": "prometheus.query", "query": f"load_{number}", "unit": "ratio"},
            "prometheus",
            f"n{number}",
        )
        for number in range(numbers)
    ]
    wanted = spread_over(indicators, numbers)
    store = Store(url)
    if first:
        store.migrate()
        put(store, wanted, clock)
        store.close()
        return {}
    settings = WorkerSettings(pool=AT_ONCE, lease_seconds=FOR_EVER, run_seconds=FOR_EVER)
    ran: list[float] = []
    worker = Worker(store, clock, {"prometheus": session}, observer=_Ended(ran), settings=settings)
    worker.work_on(wanted)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    while worker.due_now():
        worker.cycle()
    worker.close()
    store.close()
    return {"runs": len(ran), "ended": max(ran, default=0.0)}


class _Ended:
    """Remembers when runs ended."""

    def __init__(self, ran: list[float]) -> None:
        self._ran = ran

    def ran(self, report: object) -> None:
        self._ran.append(time.monotonic())

    def turned(self, seconds: float) -> None:
        """Does not look."""


def measure(asked: Asked) -> Told:
    """Both stores at each size, then the replicas."""
    sizes = QUICK if asked.quick else SIZES
    asked.expect(2 * len(sizes) + len(REPLICAS))
    columns = {
        "a cycle": ("cycle_s", "s"),
        "its processor": ("cycle_cpu_s", "s"),
        "aggregate": ("aggregate_s", "s"),
        "explain": ("explain_s", "s"),
        "on disk": ("bytes", "B"),
        "memory": ("peak_bytes", "B"),
    }
    tables, aims = [], []
    with Postgres() as postgres:
        (version,) = postgres.execute("SHOW server_version")[0]
        for words in ("SQLite", "PostgreSQL"):
            rows: list[Sequence[Cell]] = []
            found: dict[str, list[Figure]] = {name: [] for name in columns}
            for size in sizes:
                with asked.step(f"{words}, {size:,} verdicts"):
                    url = None if words == "SQLite" else postgres.create_database()
                    taken = [asked.child(f"{HERE}:of_a_store", objects=size, url=url)]
                    if url is not None:
                        postgres.drop_database(url.rpartition("/")[2])
                for name, (key, unit) in columns.items():
                    each = taken[0]["cycles"] if key in taken[0]["cycles"][0] else taken
                    found[name].append(figure(each, key, unit))
                rows.append([f"{size:,}", *(each[-1] for each in found.values())])
            # of PostgreSQL's work the worker's processor knows nothing
            of = "its processor" if words == "SQLite" else "a cycle"
            power = growth(sizes, found[of])
            rows.append(["exponent", *(growth(sizes, each) for each in found.values())])
            tables.append(Table(f"{words}: so many verdicts", ["verdicts", *columns], rows))
            aims.append(
                at_most(
                    f"{words}, {sizes[-1]:,} verdicts: under 300 MB resident",
                    found["memory"][-1].median / 1e6,
                    300,
                    "MB",
                )
            )
            aims.append(
                Aim(
                    f"{words}: a cycle in which 100 change is flat in the number of verdicts",
                    f"exponent {power}",
                    abs(float(power)) < FLAT,
                )
            )
        table, aim = _replicas(asked, postgres)
    tables.append(table)
    return Told(METHOD, tables, [*aims, aim], {"PostgreSQL": str(version).split()[0]})


def _replicas(asked: Asked, postgres: Postgres) -> tuple[Table, Aim]:
    numbers = QUICK_NUMBERS if asked.quick else NUMBERS
    rows: list[Sequence[Cell]] = []
    rates: dict[int, float] = {}
    with serving("tests.bench.prometheus_world", str(ANSWER_SECONDS)) as source:
        for count in REPLICAS:
            with asked.step(f"{count} replicas"):
                rates[count] = _rate(asked, postgres, source["url"], count, numbers)
            limit = count * AT_ONCE / ANSWER_SECONDS
            rows.append(
                [
                    str(count),
                    Figure([rates[count]], "a second"),
                    f"{limit:.0f} a second",
                    f"{rates[count] / limit:.0%}",
                    f"{rates[count] / rates[1]:.2f}",
                ]
            )
    columns = ["replicas", "numbers", "the upstream's limit", "of it", "times one"]
    words = ", ".join(f"{count}: {rate / rates[1]:.2f}" for count, rate in rates.items())
    aim = Aim(
        "1, 2, 4 replicas near linear until the upstreams' limit (2: at least 1.8, 4: at least 3.2)",
        f"times one: {words}",
        rates[2] >= 1.8 * rates[1] and rates[4] >= 3.2 * rates[1],
    )
    return Table("Replicas on PostgreSQL", columns, rows), aim


def _rate(asked: Asked, postgres: Postgres, source: str, count: int, numbers: int) -> float:
    """Numbers a second."""
    words = {"url": postgres.create_database(), "source": source, "numbers": numbers}
    asked.child(f"{HERE}:replica", **words, first=True)
    command = [sys.executable, "-m", "tests.bench.measuring", f"{HERE}:replica", json.dumps(words)]
    begin = partial(
        subprocess.Popen, command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with ExitStack() as stack:
        replicas = [stack.enter_context(begin()) for _ in range(count)]
        for one in replicas:
            stack.callback(one.kill)
        for one in replicas:
            assert one.stdout is not None
            if one.stdout.readline().strip() != "ready":
                raise Failed("a replica ended before it was ready")
        began = time.monotonic()
        for one in replicas:
            assert one.stdin is not None
            one.stdin.write("begin\n")
            one.stdin.flush()
        told = [
            json.loads(one.communicate(timeout=asked.seconds_left)[0].splitlines()[-1])
            for one in replicas
        ]
    assert sum(one["runs"] for one in told) == numbers, f"{told} are not {numbers} runs"
    return numbers / (max(float(one["ended"]) for one in told) - began)
