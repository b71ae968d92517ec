"""Every part, by its name, in the order in which the page has them."""

from __future__ import annotations

from tests.bench.part import Part

PARTS = (
    Part("jira", 3, "Jira: durations from change logs", 300, 90),
    Part("prometheus", 4, "Prometheus: key results on queries", 90, 60),
    Part("scrape", 5, "Scrape", 240, 90),
    Part("page", 6, "Page, feed and API", 270, 90),
    Part("judgement", 7, "Judgement", 120, 60),
    Part("told", 8, "Change to told", 150, 90),
    Part("scale", 9, "Scale", 240, 90),
    Part("cold", 10, "Cold start", 120, 60),
)
"""Together their limits are at most 25 minutes, which is what a whole run may take."""


def every() -> dict[str, Part]:
    """The parts."""
    return {part.name: part for part in PARTS}
