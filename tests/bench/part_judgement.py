"""Part 7: judgement with a quarter of history, forecast included."""

from __future__ import annotations

import random
from datetime import timedelta
from functools import partial

from connectors.base import Dimension
from syncd.assess import assess
from syncd.clock import ManualClock
from syncd.model import Evidence, KeyResult, Memory, Reading, Target, TargetType
from tests.bench.bench_world import spread_over, world
from tests.bench.counted import BEGAN
from tests.bench.measuring import Json, watched
from tests.bench.part import Aim, Asked, Table, Told, at_most, figure, growth
from tests.bench.spread import Figure
from tests.bench.statements import countable, counted
from tests.capacity.__main__ import Upstream
from tests.store.catalogues import START, key_result, numbered

SIZES = (100, 1_000, 3_000, 10_000)
QUICK = (100, 300)
DAYS = 90
FEW = 0.3
HERE = "tests.bench.part_judgement"
METHOD = (
    f"Pure: `syncd.assess.assess`, each key result with {DAYS} daily values of its own that wander \
upwards, forecast included; a second time a minute later, with the same history.",
    "Stored: what the worker's turn costs at a moment at which nothing is due, after all key results \
were judged.",
)


def pure(key_results: int) -> Json:
    """Each judged once, and once more a minute later."""
    asked = [_asked(number) for number in range(key_results)]
    now = START + timedelta(days=DAYS - 1, minutes=5)
    with watched() as first:
        told = [assess(kr, evidence, Memory(), {}, now) for kr, evidence in asked]
    later = now + timedelta(minutes=1)
    with watched() as again:
        for (kr, evidence), (_, memory) in zip(asked, told, strict=True):
            assess(kr, evidence, memory, {}, later)
    forecasts = sum(one.forecast is not None for one, _ in told)
    assert forecasts == key_results, f"{forecasts} forecasts of {key_results}"
    return first.told() | {"again_cpu_s": again.cpu_seconds}


def _asked(number: int) -> tuple[KeyResult, Evidence]:
    rng = random.Random(number)
    value, history = 0.1, []
    for day in range(DAYS):
        value += rng.uniform(-0.004, 0.012)
        history.append((START + timedelta(days=day), value))
    indicator = numbered(f"n{number}")
    target = Target(TargetType.INCREASE, goal=0.95, start=0.1)
    kr = key_result(f"t-o1-kr{number}", indicator, target=target, due=START + timedelta(days=120))
    at, value = history[-1]
    reading = Reading(indicator.fingerprint, value, at, at, at)
    evidence = Evidence(
        86_400.0, reading, first=reading, history=tuple(history), dimension=Dimension.RATIO
    )
    return kr, evidence


def idle(key_results: int) -> Json:
    """A turn in which nothing is due."""
    indicators = [
        numbered(f"n{number}", query=f"sum(metric_{number})", source="upstream")
        for number in range(min(key_results, 100))
    ]
    with countable():
        wanted = spread_over(indicators, key_results)
        with world(wanted, {"upstream": Upstream(0)}, ManualClock(BEGAN)) as made:
            made.now()
            with watched() as spent, counted() as tally:
                assert made.worker.cycle() == []
            judged = made.worker.assess_due()
    return {"cpu_s": spent.cpu_seconds, **tally.told(), "judged": judged}


def measure(asked: Asked) -> Told:
    """Both, at each size."""
    sizes = QUICK if asked.quick else SIZES
    asked.expect(2 * len(sizes))
    rows: list[list[Figure | str]] = []
    first: list[Figure] = []
    again: list[Figure] = []
    still: list[list[Figure | str]] = []
    judged = 0.0
    for size in sizes:
        with asked.step(f"{size:,} key results judged"):
            taken = asked.several(partial(asked.child, f"{HERE}:pure", key_results=size))
        cpu = figure(taken, "cpu_s", "s")
        first.append(cpu)
        again.append(figure(taken, "again_cpu_s", "s"))
        rate = Figure([size / one for one in cpu.values], "")
        rows.append([f"{size:,}", cpu, again[-1], rate, figure(taken, "peak_bytes", "B")])
        with asked.step(f"{size:,} key results, nothing due"):
            one = asked.child(f"{HERE}:idle", key_results=size)
        judged += one["judged"]
        counts = [f"{one[name]:,}" for name in ("statements", "rows_read", "judged")]
        still.append([f"{size:,}", Figure([one["cpu_s"]], "s"), *counts])
    rows.append(["exponent", growth(sizes, first), growth(sizes, again), "", ""])
    columns = ["key results", "processor", "a minute later", "assessments a second", "memory"]
    idle_columns = ["key results", "processor", "statements", "rows read", "judged again"]
    share = again[-1].median / first[-1].median
    aims = [
        at_most(
            f"{sizes[-1]:,} key results with a quarter of history in a few seconds",
            first[-1].median,
            5,
            "s",
        ),
        Aim(
            "no recomputation of what did not change",
            f"nothing due: {judged:.0f} judged again; a minute later, with the same history, each "
            f"costs {share:.0%} of the first time",
            judged == 0 and share < FEW,
        ),
    ]
    return Told(
        METHOD,
        [Table("Judged", columns, rows), Table("Nothing due", idle_columns, still)],
        aims,
    )
