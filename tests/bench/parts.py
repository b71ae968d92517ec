"""Every part, by its name, in the order in which the page has them."""

from __future__ import annotations

from tests.bench.part import Part

PARTS = (
    Part("netbox", 1, "NetBox: first sync (1), and steady cycles (2)", 420, 90),
    Part("jira", 3, "Jira: durations from change logs", 160, 60),
    Part("prometheus", 4, "Prometheus: key results on queries", 180, 30),
    Part("scrape", 5, "Scrape", 260, 60),
    Part("page", 6, "Page, feed and API", 200, 60),
    Part("judgement", 7, "Judgement", 80, 45),
    Part("told", 8, "Change to told", 100, 60),
    Part("scale", 9, "Scale", 200, 60),
    Part("cold", 10, "Cold start", 80, 60),
)
"""Together their limits are at most 28 minutes, which is what a whole run may take."""


def every() -> dict[str, Part]:
    """The parts."""
    return {part.name: part for part in PARTS}
