"""Prometheus under the contract: a window cut into requests, good over total, a set of labels."""

from __future__ import annotations

from typing import Any

from connectors.prometheus import connector
from connectors.prometheus.measures import GoodOverTotal, Labels, Range
from tests.contract.faces import SOURCE, Face
from tests.contract.faultserver import Reply, Request, json_reply

RANGE = Range(
    measure="prometheus.range", query="load", aggregate="max", window="4 h", step="1 s"
).plan(SOURCE)
"""More moments than one request may have: two are made."""

GOOD = GoodOverTotal(
    measure="prometheus.good_over_total", good='asked_total{code="200"}', total="asked_total",
    window="28 d",
).plan(SOURCE)  # fmt: skip

LABELS = Labels(
    measure="prometheus.labels", query="cluster_active == 1", key="cluster", window="1 h"
).plan(SOURCE)

EMPTY = Labels(
    measure="prometheus.labels", query="cluster_active == 7 and fsh_up", key="cluster"
).plan(SOURCE)
"""An empty set, which is proven by two more requests."""


def success(kind: str, *series: dict[str, Any]) -> Reply:
    return json_reply({"status": "success", "data": {"resultType": kind, "result": list(series)}})


def healthy(request: Request) -> Reply:
    """A Prometheus with a curve, counters and clusters."""
    if request.path.endswith("/api/v1/status/buildinfo"):
        return json_reply({"status": "success", "data": {"version": "2.42.0"}})
    form = {name: values[0] for name, values in request.form.items()}
    query = form.get("query", "")
    if request.path.endswith("/api/v1/query_range"):
        first, last = float(form["start"]), float(form["end"])
        return success("matrix", {"metric": {}, "values": [[first, "7"], [last, "42"]]})
    if not request.path.endswith("/api/v1/query"):
        return Reply(404, b"404 page not found\n", "text/plain")
    if query == "1":
        return json_reply(
            {"status": "success", "data": {"resultType": "scalar", "result": [1768473000.0, "1"]}}
        )
    now = float(form["time"])
    if "cluster_active == 1" in query:
        named = [{"metric": {"cluster": f"c{n}"}, "value": [now, "60"]} for n in (1, 2)]
        return success("vector", *named)
    if "cluster_active == 7" in query:
        return success("vector")
    value = "900" if "200" in query else "1000"
    return success("vector", {"metric": {}, "value": [now, value]})


SECRETS = {"token": "bearer-s3cr3t-4731"}
TENANT = {"X-Scope-OrgID": "tenant-s3cr3t-4732"}
FACES = [
    Face("prometheus-range", connector, RANGE, healthy, SECRETS, headers=TENANT),
    Face("prometheus-good-over-total", connector, GOOD, healthy, SECRETS, path="/prometheus"),
    Face(
        "prometheus-labels",
        connector,
        LABELS,
        healthy,
        {"user": "reader-s3cr3t", "password": "pass w0rd s3cr3t-4733"},
    ),
    Face("prometheus-labels-empty", connector, EMPTY, healthy, SECRETS, headers=TENANT),
]
