"""A Prometheus whose gauges step at random and whose counters grow at a pace that changes."""

from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tests.soak.history import happenings
from tests.soak.moments import Moment

CLUSTERS = tuple(f"c-{number}" for number in range(1, 7))
SCRAPED_SECONDS = 60.0


@dataclass
class PrometheusWorld:
    """The seed of a sandbox, and what is true of it at any moment."""

    seed: dict[str, Any]
    ready: dict[str, list[tuple[float, float]]]

    def ready_at(self, moment: datetime) -> float:
        """What `sum(ready)` says: each gauge as it was scraped last."""
        scraped = moment.timestamp() // SCRAPED_SECONDS * SCRAPED_SECONDS
        return sum(
            points[bisect_right(points, scraped, key=lambda one: one[0]) - 1][1]
            for points in self.ready.values()
        )


def prometheus_world(seed: int, moments: Sequence[Moment]) -> PrometheusWorld:
    """The same for the same seed."""
    chance = random.Random(f"prometheus {seed}")
    first = (moments[0].at - timedelta(days=10)).timestamp()
    end = moments[-1].at.timestamp() + 86_400.0
    ready = {cluster: [(first, float(chance.randint(0, 1)))] for cluster in CLUSTERS}
    good, total = [(first, 0.0)], [(first, 0.0)]
    for at in happenings(chance, moments, 1):
        points = ready[chance.choice(CLUSTERS)]
        points.append((at.timestamp(), 1.0 - points[-1][1]))
        grown = (at.timestamp() - total[-1][0]) / 60.0
        total.append((at.timestamp(), total[-1][1] + grown))
        good.append((at.timestamp(), good[-1][1] + grown * chance.uniform(0.85, 1.0)))
    gauges = [
        _series({"__name__": "ready", "cluster": cluster}, "steps", points, end)
        for cluster, points in ready.items()
    ]
    counters = [
        _series({"__name__": name}, "linear", points, end)
        for name, points in (("good_total", good), ("all_total", total))
    ]
    return PrometheusWorld({"series": [*gauges, *counters]}, ready)


def _series(metric: Any, shape: str, points: Sequence[tuple[float, float]], end: float) -> Any:
    function = {"shape": shape, "points": points, "end": end, "every": SCRAPED_SECONDS}
    return {"metric": metric, "function": function}
