"""Machines being deployed: provisioning, remedies, load tests, speed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta

from syncd.demo.prometheus.quarter.drafts import FROM, Series, counter, steps
from syncd.demo.quarter.days import Curve, at, value

_FAILING: Curve = (
    (date(2025, 12, 1), 0.09), (date(2026, 1, 20), 0.08), (date(2026, 2, 10), 0.048),
    (date(2026, 3, 10), 0.022),
)  # fmt: skip
_ZTP: Curve = (
    (date(2025, 12, 1), 0.85), (date(2026, 1, 20), 0.9), (date(2026, 2, 1), 0.93),
    (date(2026, 2, 20), 0.95), (date(2026, 3, 12), 0.966),
)  # fmt: skip
_AUTOMATIC: Curve = (
    (date(2025, 12, 1), 0.46), (date(2026, 2, 1), 0.6), (date(2026, 2, 20), 0.74),
    (date(2026, 3, 10), 0.88),
)  # fmt: skip
_GPUS_AN_HOUR: Curve = (
    (date(2025, 12, 1), 560), (date(2026, 1, 20), 760), (date(2026, 2, 20), 1010),
    (date(2026, 3, 20), 1120),
)  # fmt: skip
_PLANNED = 576.0
_MACHINES = {"2026-01-20": 346, "2026-02-10": 690, "2026-02-26": 950, "2026-03-18": 1210}
_CB3 = {  # nodes and GPUs
    "2026-02-03": (4200, 33_600), "2026-02-16": (6400, 46_400), "2026-03-10": (8800, 71_000),
    "2026-03-20": (10_400, 82_400),
}  # fmt: skip


def series(rng: random.Random) -> Iterator[Series]:
    """Every series of this theme."""
    for site in ("stream-1", "cb3-1"):
        tried = {day: rng.randint(18, 40) for day in _days()}
        labels = {"site": site, "job": "provisioning"}
        yield _part("provisioning_attempts_total", labels, tried, None)
        yield _part("provisioning_failures_total", labels, tried, _FAILING)
        started = {day: rng.randint(30, 60) for day in _days()}
        yield _part("ztp_attempts_total", labels, started, None)
        yield _part("ztp_success_total", labels, started, _ZTP)
    broken = {day: rng.randint(14, 26) for day in _days()}
    yield _part("remediations_total", {"mode": "automatic"}, broken, _AUTOMATIC)
    by_hand = [(day, 1 - share) for day, share in _AUTOMATIC]
    yield _part("remediations_total", {"mode": "manual"}, broken, by_hand)
    hours = {day: 2 if day.weekday() >= 5 else rng.choice((4, 5, 6)) for day in _days()}
    yield counter("deployment_seconds_total", {}, lambda day: hours[day] * 3600)
    yield counter("gpus_deployed_total", {}, lambda day: hours[day] * value(_GPUS_AN_HOUR, day))
    yield steps("planned_machines", {"site": "stream-1"}, [(at(FROM), _PLANNED)])
    yield _tests("loadtest_machines", {day: float(peak) for day, peak in _MACHINES.items()})
    yield _tests("loadtest_nodes", {day: float(nodes) for day, (nodes, _) in _CB3.items()})
    yield _tests("loadtest_gpus", {day: float(gpus) for day, (_, gpus) in _CB3.items()})


def _days() -> list[date]:
    return [FROM + timedelta(days=number) for number in range(140)]


def _part(
    name: str, labels: dict[str, str], amounts: dict[date, int], share: Curve | None
) -> Series:
    """A counter of so many things a day, or of a share of them."""
    if share is None:
        return counter(name, labels, lambda day: amounts[day])
    return counter(name, labels, lambda day: amounts[day] * value(share, day))


def _tests(name: str, peaks: dict[str, float]) -> Series:
    """Load tests of an afternoon each; nothing runs in between."""
    points = [(at(FROM), 0.0)]
    for day, peak in peaks.items():
        when = date.fromisoformat(day)
        points += [(at(when, 13), peak * 0.4), (at(when, 14), peak), (at(when, 17), 0.0)]
    return steps(name, {}, points)
