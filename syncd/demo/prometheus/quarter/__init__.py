"""The first quarter of 2026 in the demo's Prometheus: machines being deployed, clusters, and what
runs on them.
"""

from __future__ import annotations

from typing import Any

from syncd.demo.prometheus.quarter import deploying, fleet, running
from syncd.demo.quarter.days import theme


def quarter_seed(rng_seed: int = 2026) -> dict[str, Any]:
    """A Prometheus seed for 2026-01-01 to 2026-03-31, America/Los_Angeles, that reaches back far
    enough for windows of four weeks; the same for the same `rng_seed`.
    """
    series = [
        *deploying.series(theme(rng_seed, "prometheus/deploying")),
        *running.series(theme(rng_seed, "prometheus/running"), rng_seed),
        *fleet.series(theme(rng_seed, "prometheus/fleet"), rng_seed),
    ]
    return {"series": series}
