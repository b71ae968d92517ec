"""What is looked at in a Prometheus: its version, how long it keeps samples, and whether there are
any of the metrics that are asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from connectors.base import UpstreamError
from connectors.checkup import Checkup, Finding, Version, failed, version_fits
from connectors.prometheus.api import PrometheusApi
from connectors.prometheus.grids import milliseconds
from connectors.prometheus.promql import presence_of, witnesses
from connectors.prometheus.reach import kept_long_enough, missing, queries_of

OLDEST: Version = (2, 7)
"""The first that knows subqueries, which are written here."""
TESTED: Version = (2, 42)
"""What the tests run."""


def examine(api: PrometheusApi, checkup: Checkup) -> Iterator[Finding]:
    """What is found; asks one query for each metric. Raises an UpstreamError."""
    told = checkup.identity.version
    if told == "unknown":
        yield Finding.unknown("version", "the server does not say which version it is")
    else:
        yield version_fits("Prometheus", told, oldest=OLDEST, tested=TESTED)
    kept = api.retention(checkup.deadline)
    yield from kept_long_enough(checkup.wanted, kept, checkup.now)
    yield from _samples(api, checkup)


def _samples(api: PrometheusApi, checkup: Checkup) -> Iterator[Finding]:
    asked: dict[str, tuple[str, list[str]]] = {}
    for one in checkup.wanted:
        for query in queries_of(one):
            for metric, selector in (witnesses(query) or {}).items():
                asked.setdefault(metric, (selector, []))[1].append(one.name)
    absent: dict[str, Sequence[str]] = {}
    seen = 0
    for metric, (selector, names) in asked.items():
        query = presence_of(selector)
        try:
            found = api.sample(query, milliseconds(checkup.now), checkup.deadline)
        except UpstreamError as error:
            if error.of_source:
                raise
            yield failed("metrics", error)
            continue
        if found.value is None:
            absent[metric] = names
        else:
            seen += 1
    yield from missing(absent)
    if seen:
        yield Finding.ok("metrics", f"there are samples of {seen} of {len(asked)} asked for")
