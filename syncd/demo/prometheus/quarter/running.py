"""What runs: probes, telemetry, alerts and who hears them, pages, stock, costs, access, serving."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, datetime

from syncd.demo.prometheus.quarter.drafts import (
    FROM,
    UNTIL,
    Series,
    counter,
    flag,
    gauge,
    steps,
)
from syncd.demo.quarter.alerts import alerts
from syncd.demo.quarter.days import Curve, at, day_when, days, value
from syncd.demo.quarter.network import switches

_BUFFALO = ((date(2026, 3, 3), 10, 1.0), (date(2026, 3, 4), 9, 0.0), (date(2026, 3, 6), 7, 1.0))
_ITEMS = ("cat6-patch", "dac-100g", "optic-400g", "rack-rails", "cage-nuts")
_OUT_OF = ("optic-400g", at(date(2026, 3, 10), 10), at(date(2026, 3, 11), 10))
_NO_STOCK_DATA = (at(date(2026, 1, 27)), at(date(2026, 1, 27), 12))
"""Half a day in which nothing could be scraped from the stock exporter."""

_RULES = 48
_ROUTED: Curve = (
    (date(2025, 11, 1), 0.0), (date(2026, 1, 1), 0.5), (date(2026, 2, 20), 0.74),
    (date(2026, 3, 19), 1.0),
)  # fmt: skip
_PAGES_A_WEEK: Curve = (
    (date(2025, 12, 1), 46), (date(2026, 1, 20), 42), (date(2026, 2, 20), 27),
    (date(2026, 3, 31), 16),
)  # fmt: skip
_HOSTS: Curve = ((date(2025, 12, 1), 5100), (date(2026, 3, 31), 7400))
_COST_A_HOST: Curve = (
    (date(2025, 12, 1), 0.0377), (date(2026, 1, 10), 0.0375), (date(2026, 2, 20), 0.0341),
    (date(2026, 3, 31), 0.0289),
)  # fmt: skip
_SHARES_OF_COST = {"ingester": 0.46, "store-gateway": 0.21, "querier": 0.14, "object-storage": 0.19}
_ACCESS = {  # by system: how much nobody needs, from these days on
    "teleport": (("2025-11-25", 410), ("2026-01-15", 330), ("2026-02-03", 205),
                 ("2026-02-24", 92), ("2026-03-10", 40), ("2026-03-24", 17)),
    "tailscale": (("2025-11-25", 230), ("2026-01-22", 180), ("2026-02-12", 88),
                  ("2026-03-03", 41), ("2026-03-19", 13)),
}  # fmt: skip
_THROUGHPUT: dict[str, tuple[float, Curve]] = {
    "Quill Writing": (
        1840.0,
        ((date(2025, 12, 1), 0.84), (date(2026, 2, 20), 0.885), (date(2026, 3, 20), 0.925)),
    ),
    "Wren Translate": (
        960.0,
        ((date(2025, 12, 1), 0.88), (date(2026, 2, 20), 0.91), (date(2026, 3, 20), 0.94)),
    ),
}
_MARGIN: Curve = ((date(2025, 12, 1), 0.38), (date(2026, 2, 20), 0.47), (date(2026, 3, 24), 0.53))
_PRICES = {"large": 2.4, "small": 0.6}
_LAG_HOURS: Curve = (
    (date(2025, 12, 1), 33.0), (date(2026, 1, 24), 30.0), (date(2026, 1, 28), 20.0),
    (date(2026, 3, 31), 15.0),
)  # fmt: skip


def series(rng: random.Random, rng_seed: int) -> Iterator[Series]:
    """Every series of this theme."""
    yield from _network(rng, rng_seed)
    yield from _alerts(rng_seed)
    yield from _stock()
    yield counter("pages_total", {}, lambda day: value(_PAGES_A_WEEK, day) / 7)
    for part, share in _SHARES_OF_COST.items():
        cost = [(day, value(_COST_A_HOST, day) * value(_HOSTS, day) * share) for day in _all_days()]
        yield gauge("mimir_cost_usd_per_hour", {"component": part}, cost)
    yield gauge("mimir_monitored_hosts", {}, _HOSTS)
    yield _lag(rng)
    for system, levels in _ACCESS.items():
        points = [(at(date.fromisoformat(day), 12), float(left)) for day, left in levels]
        yield steps("prod_access_unneeded", {"system": system}, points)
    for customer, (baseline, course) in _THROUGHPUT.items():
        labels = {"customer": customer}
        yield gauge(
            "inference_throughput", labels, [(day, baseline * part) for day, part in course]
        )
        yield steps("inference_throughput_baseline", labels, [(at(FROM), baseline)])
    for model, price in _PRICES.items():
        yield steps("token_price_usd", {"model": model}, [(at(FROM), price)])
        cost = [(day, price * (1 - margin)) for day, margin in _MARGIN]
        yield gauge("token_cost_usd", {"model": model}, cost)


def _all_days() -> list[date]:
    return days(FROM, UNTIL)


def _network(rng: random.Random, rng_seed: int) -> Iterator[Series]:
    for instance in ("10.26.0.1", "10.26.0.2"):
        labels = {"job": "stream-corporate", "instance": instance}
        yield flag("probe_success", labels, at(FROM), at(date(2026, 1, 26), 15))
    points = [(at(FROM), 0.0), *((at(day, hour), value) for day, hour, value in _BUFFALO)]
    yield steps("probe_success", {"job": "buffalo-365dc", "instance": "edge-buf-1"}, points)
    for switch in switches(rng_seed):
        if switch.telemetry is not None:
            labels = {"job": "gnmi", "device": f"{switch.name}.stream.example.org"}
            yield steps("up", labels, [(switch.telemetry, 1.0)])
    order = list(range(_RULES))
    rng.shuffle(order)
    for rank, number in enumerate(order):
        day = day_when(_ROUTED, (rank + 0.5) / _RULES)
        routed = None if day is None else at(day, rng.uniform(9, 17))
        yield from _rule(number, routed)
    for number in range(30):
        labels = {"team": "compute", "alertname": f"Compute{number + 1:02d}", "receiver": "compute"}
        yield steps("alert_rule_info", labels, [(at(FROM), 1.0)])


def _rule(number: int, routed: datetime | None) -> Iterator[Series]:
    """A rule of networking's, without a receiver first and with one from `routed` on."""
    labels = {"team": "net", "alertname": f"Network{number + 1:02d}"}
    if routed is None or routed > at(FROM):
        yield steps("alert_rule_info", labels, [(at(FROM), 1.0)], until=routed)
    if routed is not None:
        there = [(max(routed, at(FROM)), 1.0)]
        yield steps("alert_rule_info", {**labels, "receiver": "net-oncall"}, there)


def _alerts(rng_seed: int) -> Iterator[Series]:
    for alert in alerts(rng_seed):
        labels = {
            "alertname": alert.name,
            "alertstate": "firing",
            "severity": alert.severity,
            "cluster": alert.cluster,
            "alert_key": alert.key,
        }
        yield steps("ALERTS", labels, [(alert.fired, 1.0)], until=alert.ended)


def _stock() -> Iterator[Series]:
    gone, back = _NO_STOCK_DATA
    scraped = [(at(FROM), 1.0), (gone, 0.0), (back, 1.0)]
    yield steps("up", {"job": "stock", "instance": "stock-1:9102"}, scraped)
    name, out, again = _OUT_OF
    for item in _ITEMS:
        points = [(at(FROM), 0.0), *([(out, 1.0), (again, 0.0)] if item == name else [])]
        yield steps("consumables_out_of_stock", {"item": item}, points, gaps=[_NO_STOCK_DATA])


def _lag(rng: random.Random) -> Series:
    """How far Atlas lags: it falls behind through each day and catches up at night."""
    points = []
    for day in _all_days():
        high = value(_LAG_HOURS, day) * rng.uniform(0.8, 1.05)
        points += [(at(day, 2), 3600.0 * high * 0.3), (at(day, 8), 3600.0 * high * 0.6)]
        points.append((at(day, 14), 3600.0 * high))
    return steps("atlas_procurement_sync_lag_seconds", {"flow": "purchases"}, points)
