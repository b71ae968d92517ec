"""The demo's Prometheus: provisioning and stock in the first quarter of 2026."""

from __future__ import annotations

import random
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("America/Los_Angeles")
FIRST_DAY, LAST_DAY = date(2026, 1, 1), date(2026, 3, 31)

_SUCCESS = (
    (date(2025, 12, 28), 0.85),
    (date(2026, 1, 20), 0.895),
    (date(2026, 2, 1), 0.93),
    (date(2026, 2, 14), 0.96),
    (date(2026, 4, 2), 0.968),
)
"""The share of all attempts so far that succeeded, at the start of these days."""

_ATTEMPTS_BEFORE = 1200
_ITEMS = ("cat6-patch", "dac-100g", "optic-400g", "rack-rails", "cage-nuts")
_BREACH = ("optic-400g", (date(2026, 3, 10), 10), (date(2026, 3, 11), 10))
_GAP = ((date(2026, 1, 27), 0), (date(2026, 1, 27), 12))
"""Half a day in which nothing could be scraped from the stock exporter."""


def quarter_seed(rng_seed: int = 2026) -> dict[str, Any]:
    """A Prometheus seed for 2026-01-01 to 2026-03-31, America/Los_Angeles; the same for the same
    `rng_seed`.

    ``ztp_success_total`` over ``ztp_attempts_total`` rises from 85 % to 96 % in mid-February and
    stays above it. ``consumables_out_of_stock`` is 0 but for one item during a day in March, and
    absent for half a day in January.
    """
    rng = random.Random(rng_seed)  # noqa: S311 - a story, not a secret
    series = [_up("provisioning"), _up("stock")]
    for site in ("stream-1", "cb3-1"):
        series += _provisioning(site, rng)
    series += [_stock(item) for item in _ITEMS]
    return {"series": series}


def _at(day: date, hour: float = 0) -> float:
    midnight = datetime.combine(day, time(), ZONE)
    return (midnight + timedelta(seconds=hour * 3600)).timestamp()


_START, _END = _at(date(2025, 12, 28)), _at(date(2026, 4, 2))


def _provisioning(site: str, rng: random.Random) -> list[dict[str, Any]]:
    attempts, succeeded = [], []
    tried, done = float(_ATTEMPTS_BEFORE), 0.0
    day = date(2025, 12, 28)
    while _at(day) <= _END:
        done = max(done, round(tried * _share(day)))
        attempts.append([_at(day), tried])
        succeeded.append([_at(day), done])
        weekend = day.weekday() >= 5
        tried += rng.randint(4, 10) if weekend else rng.randint(30, 60)
        day += timedelta(days=1)
    labels = {"site": site, "job": "provisioning", "instance": "ztp-1:9101"}
    return [
        _series({"__name__": "ztp_attempts_total", **labels}, "linear", attempts),
        _series({"__name__": "ztp_success_total", **labels}, "linear", succeeded),
    ]


def _share(day: date) -> float:
    before = max((each for each in _SUCCESS if each[0] <= day), key=lambda each: each[0])
    after = next((each for each in _SUCCESS if each[0] > day), before)
    if after == before:
        return before[1]
    return before[1] + (after[1] - before[1]) * (day - before[0]).days / (after[0] - before[0]).days


def _stock(item: str) -> dict[str, Any]:
    points = [[_START, 0.0]]
    name, out, back = _BREACH
    if item == name:
        points += [[_at(*out), 1.0], [_at(*back), 0.0]]
    metric = {
        "__name__": "consumables_out_of_stock",
        "item": item,
        "job": "stock",
        "instance": "stock-1:9102",
    }
    return _series(metric, "steps", points, gaps=[[_at(*_GAP[0]), _at(*_GAP[1])]])


def _up(job: str) -> dict[str, Any]:
    points = [[_START, 1.0]]
    if job == "stock":
        points += [[_at(*_GAP[0]), 0.0], [_at(*_GAP[1]), 1.0]]
    instance = "ztp-1:9101" if job == "provisioning" else "stock-1:9102"
    return _series({"__name__": "up", "job": job, "instance": instance}, "steps", points)


def _series(
    metric: dict[str, str],
    shape: str,
    points: list[list[float]],
    gaps: list[list[float]] | None = None,
) -> dict[str, Any]:
    function: dict[str, Any] = {
        "shape": shape,
        "points": points,
        "end": _END,
        "whole": True,
        "gaps": gaps or [],
    }
    return {"metric": metric, "function": function}
