"""The customers' clusters as Prometheus sees them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from syncd.demo.prometheus.quarter.drafts import FROM, UNTIL, Series, flag, steps
from syncd.demo.quarter.clusters import Cluster, clusters
from syncd.demo.quarter.days import Curve, at, days, value

_KINDS = {"Managed k8s": "managed-k8s", "SLURM on k8s": "slurm-k8s", "Bare metal": "bare-metal"}
_SCAN_FAILS: Curve = (
    (date(2026, 1, 1), 0.09),
    (date(2026, 2, 20), 0.04),
    (date(2026, 3, 31), 0.012),
)


def series(rng: random.Random, rng_seed: int) -> Iterator[Series]:
    """Every series of every cluster, for as long as it runs."""
    for cluster in clusters(rng_seed):
        yield from _cluster(rng, cluster)


def _cluster(rng: random.Random, cluster: Cluster) -> Iterator[Series]:
    labels = {"cluster": cluster.name}
    there, until = max(cluster.runs, at(FROM)), cluster.ended
    yield steps("cluster_active", labels, [(there, 1.0)], until=until)
    if cluster.fsh is not None:
        yield steps("fsh_up", labels, [(max(cluster.fsh, there), 1.0)], until=until)
    yield from _told(
        "cluster_stack_info", labels, "stack", ("old", "new"), there, cluster.new_stack, until
    )
    before = _KINDS[cluster.offering]
    of_supplier = {**labels, "supplier": cluster.supplier}
    yield from _told(
        "cluster_offering_info", of_supplier, "offering", (before, "slurm-k8s"), there,
        cluster.standard, until,
    )  # fmt: skip
    yield flag("cluster_cis_hardened", labels, there, cluster.hardened, until)
    on_k8s = cluster.on_k8s
    if on_k8s is not None:
        joined = max(on_k8s, there)
        yield flag("k8s_cluster_managed", labels, joined, cluster.managed, until)
        yield flag("nvsentinel_installed", labels, joined, cluster.sentinel, until)
        if cluster.sentinel is not None:
            offered = max(cluster.sentinel, joined) + timedelta(hours=rng.randint(1, 60))
            yield flag("nvsentinel_customer_toggle", labels, joined, offered, until)
    yield _scans(rng, labels, there, until)


def _told(
    name: str,
    labels: dict[str, str],
    label: str,
    values: tuple[str, str],
    there: datetime,
    since: datetime | None,
    until: datetime | None,
) -> Iterator[Series]:
    """A label that has one value first and the other from `since` on (None: never)."""
    first, second = values
    if since is None or since > there:
        yield steps(name, {**labels, label: first}, [(there, 1.0)], until=since or until)
    if since is not None:
        yield steps(name, {**labels, label: second}, [(max(since, there), 1.0)], until=until)


def _scans(
    rng: random.Random, labels: dict[str, str], there: datetime, until: datetime | None
) -> Series:
    """When the cluster was last scanned; each night at its own time, unless the scan fails."""
    hour = rng.uniform(0, 5)
    points = [(there, there.timestamp())]
    for day in days(FROM, UNTIL):
        scanned = at(day, hour)
        if scanned > there and rng.random() >= value(_SCAN_FAILS, day):
            points.append((scanned, scanned.timestamp()))
    return steps("vulnerability_scan_timestamp_seconds", labels, points, until=until)
