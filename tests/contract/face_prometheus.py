"""Prometheus under the contract: one query, with each way to sign in."""

from __future__ import annotations

from connectors.prometheus import connector
from connectors.prometheus.measures import Query
from tests.contract.faces import SOURCE, Face
from tests.contract.faultserver import Reply, Request, json_reply

PLAN = Query(measure="prometheus.query", query="sum(up)").plan(SOURCE)


def healthy(request: Request) -> Reply:
    """A Prometheus that knows its version, the scalar 1 and one series."""
    if request.path.endswith("/api/v1/status/buildinfo"):
        return json_reply({"status": "success", "data": {"version": "2.42.0"}})
    if not request.path.endswith("/api/v1/query"):
        return Reply(404, b"404 page not found\n", "text/plain")
    if request.form["query"] == ["1"]:
        data = {"resultType": "scalar", "result": [1768473000.0, "1"]}
    else:
        data = {
            "resultType": "vector",
            "result": [{"metric": {}, "value": [float(request.form["time"][0]), "42"]}],
        }
    return json_reply({"status": "success", "data": data})


FACES = [
    Face(
        name="prometheus-bearer",
        connector=connector,
        plan=PLAN,
        healthy=healthy,
        secrets={"token": "bearer-s3cr3t-4711"},
        headers={"X-Scope-OrgID": "tenant-s3cr3t-4712"},
    ),
    Face(
        name="prometheus-basic-behind-a-path",
        connector=connector,
        plan=PLAN,
        healthy=healthy,
        secrets={"user": "reader-s3cr3t", "password": "pass/w0rd s3cr3t-4713"},
        path="/prometheus/",
    ),
]
