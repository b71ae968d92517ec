"""What the tests of this folder share."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from connectors.base import Number, NumberPlan, PlanContext, Session
from connectors.prometheus.measures import Query
from tests.contract.faces import Recorder

MINUTE, HOUR, DAY = 60, 3600, 86_400
START = 1_767_225_600  # 2026-01-01T00:00:00Z
END = START + 14 * DAY
NOW = datetime.fromtimestamp(END, UTC)


def at(seconds: float) -> datetime:
    """So long after the first sample."""
    return datetime.fromtimestamp(START + seconds, UTC)


def steady(first: int, last: int, value: Callable[[int], float]) -> list[list[float]]:
    """A sample each minute, `first` and `last` included; `value` is given the minute."""
    minutes = range(first // MINUTE, last // MINUTE + 1)
    return [[START + MINUTE * minute, value(minute)] for minute in minutes]


def wave(minute: int) -> float:
    """Every value from 0 to 99 once in 100 minutes, in no order."""
    return float(minute * 37 % 100)


def counter(minute: int) -> float:
    """Ten more each minute, and begun anew at minute 3000."""
    return 10.0 * (minute if minute < 3000 else minute - 3000)


def counter_of_bad(minute: int) -> float:
    """One more each minute, and begun anew at minute 3000."""
    return counter(minute) / 10


def series(name: str, samples: list[list[float]], **labels: str) -> dict[str, Any]:
    return {"metric": {"__name__": name, **labels}, "samples": samples}


SEED: dict[str, Any] = {
    "series": [
        series("wave", steady(0, 14 * DAY, wave)),
        # a load test of two hours on the third day, by two programs one after the other
        series("load_nodes", steady(2 * DAY, 2 * DAY + HOUR, lambda m: m % 60 * 100.0), run="a"),
        series(
            "load_nodes",
            steady(2 * DAY + HOUR + 10 * MINUTE, 2 * DAY + 2 * HOUR, lambda _: 9999.0),
            run="b",
        ),
        series("late", steady(12 * DAY, 14 * DAY, lambda _: 5.0)),
        series("twins", steady(0, HOUR, lambda _: 1.0), side="left"),
        series("twins", steady(0, HOUR, lambda _: 2.0), side="right"),
        series("requests_total", steady(0, 14 * DAY, counter), code="200"),
        series("requests_total", steady(0, 14 * DAY, counter_of_bad), code="500"),
        series("cluster_active", steady(0, 14 * DAY, lambda _: 1.0), cluster="c1", zone="a"),
        series("cluster_active", steady(0, 14 * DAY, lambda _: 1.0), cluster="c1", zone="b"),
        series("cluster_active", steady(0, 14 * DAY - 40 * MINUTE, lambda _: 1.0), cluster="c2"),
        series("cluster_active", steady(0, 13 * DAY, lambda _: 1.0), cluster="c3"),
        series("cluster_active", steady(0, 14 * DAY, lambda _: 0.0), cluster="c4"),
        # there, away for a day, and back
        series(
            "cluster_active",
            steady(0, 14 * DAY, lambda m: float(not 3 * DAY <= m * MINUTE < 4 * DAY)),
            cluster="c5",
        ),
        series("unlabelled", steady(0, 14 * DAY, lambda _: 1.0), cluster="c1"),
        series("unlabelled", steady(0, 14 * DAY, lambda _: 1.0), host="h1"),
    ]
}


def openmetrics() -> str:
    """The seed's samples, each metric's together, as promtool imports them."""
    lines = []
    for one in SEED["series"]:
        labels = dict(one["metric"])
        name = labels.pop("__name__")
        inside = ",".join(f'{key}="{value}"' for key, value in labels.items())
        lines += [f"{name}{{{inside}}} {value:g} {moment}" for moment, value in one["samples"]]
    return "\n".join([*lines, "# EOF", ""])


@dataclass
class Opened:
    """A session and what it asked."""

    session: Session
    recorder: Recorder

    def read(self, plan: NumberPlan, now: datetime = NOW) -> Number:
        return self.session.read(plan, now, time.monotonic() + 60)

    def history(self, plan: NumberPlan, moments: Sequence[datetime]) -> list[Number]:
        return list(self.session.history(plan, moments, time.monotonic() + 60))

    @property
    def asked(self) -> list[str]:
        return [exchange.path.rpartition("/")[2] for exchange in self.recorder.exchanges]


CONTEXT = PlanContext("UTC", at(0).date(), at(89 * DAY).date())


def query(text: str) -> NumberPlan:
    return Query(measure="prometheus.query", query=text).plan("prom")
