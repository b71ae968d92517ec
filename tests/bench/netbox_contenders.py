"""Four ways to know of every device whether it is documented, and whether NetBox knew it within a
day of its delivery: syncd's connector, pynetbox, JSON over httpx by two disjoint ranges of ids, and
GraphQL.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import httpx
import orjson
import pynetbox

from connectors.base import Outcome, ScanJob, Session, judge_fingerprint
from connectors.transport.meter import metered
from syncd.heap import give_back_what_is_free, look_for_circles_rarely
from syncd.model import Indicator
from syncd.threads import take_short_turns
from tests.bench.bench_world import measured, opened
from tests.bench.measuring import Json, watched
from tests.contract.faces import NothingKnown

REQUIRED = ("serial", "asset_tag", "rack")
DELIVERED = "delivered_at"
LIMIT = timedelta(hours=24)
SECONDS = 900.0
WALKS = 2
PAGE = 1000


@dataclass
class Exchanged:
    """How many requests there were, and the bytes of what was answered."""

    requests: int = 0
    bytes: int = 0

    def by_httpx(self, response: httpx.Response) -> None:
        """An answer has begun."""
        response.read()
        self.requests += 1
        self.bytes += response.num_bytes_downloaded

    def by_requests(self, response: Any, *_: object, **__: object) -> None:
        """An answer has begun."""
        self.requests += 1
        self.bytes += len(response.content)

    def told(self) -> Json:
        """As JSON."""
        return {"requests": self.requests, "bytes": self.bytes}


def indicators() -> list[Indicator]:
    """Both measures, over one scope: all devices."""
    scope: dict[str, Any] = {"endpoint": "dcim.devices"}
    completeness = {"measure": "netbox.completeness", "required": [{"fields": list(REQUIRED)}]}
    latency = {"measure": "netbox.latency", "from": f"cf.{DELIVERED}", "to": "first_seen"}
    return [
        measured({**scope, **completeness}, "netbox", "documented"),
        measured({**scope, **latency, "within": "24 h"}, "netbox", "in time"),
    ]


def session(url: str, token: str, observer: Any = None) -> Session:
    """The connector's."""
    return opened("netbox", url, {"token": token}, observer=observer)


def of_syncd(url: str, token: str) -> Json:
    """The connector: everything read and judged, in a process set up as `syncd run` sets up its own."""
    give_back_what_is_free()
    look_for_circles_rarely()
    take_short_turns()
    plans: list[Any] = [one.plan for one in indicators()]
    asked = session(url, token)
    passed = [0, 0]
    with metered() as meter, watched() as spent:
        now = datetime.now().astimezone()
        judges = [plan.judge for plan in plans]
        assert len({judge_fingerprint(one) for one in judges}) == len(judges)
        job = ScanJob(plans[0].scope, judges, now, time.monotonic() + SECONDS, NothingKnown())
        for batch in asked.scan(job):
            for place, lines in enumerate(batch.timelines):
                passed[place] += sum(
                    bool(line.verdicts) and line.verdicts[-1].outcome is Outcome.PASS
                    for line in lines
                )
    asked.close()
    counted = {"requests": meter.requests, "bytes": meter.bytes_received}
    return spent.told() | counted | {"passed": passed}


def of_pynetbox(url: str, token: str) -> Json:
    """`list(nb.dcim.devices.all())`, the create rows of the change log, and a loop."""
    asked = pynetbox.api(url, token=token)
    passed = [0, 0]
    seen = Exchanged()
    asked.http_session.hooks["response"].append(seen.by_requests)
    with watched() as spent:
        devices = list(asked.dcim.devices.all(limit=PAGE))
        rows = asked.core.object_changes.filter(
            action="create", changed_object_type="dcim.device", limit=PAGE
        )
        known = {row.changed_object_id: row.time for row in rows}
        for device in devices:
            passed[0] += all(getattr(device, name) for name in REQUIRED)
            delivered = device.custom_fields.get(DELIVERED)
            if delivered and device.id in known:
                passed[1] += _moment(known[device.id]) - _moment(delivered) <= LIMIT
    return spent.told() | {"passed": passed} | seen.told()


def of_plain_json(url: str, token: str) -> Json:
    """Two walks at once over disjoint ranges of ids, only the fields that are needed."""
    fields = {"fields": "id,serial,asset_tag,rack,custom_fields"}

    def devices(client: httpx.Client, pool: ThreadPoolExecutor) -> Iterator[Mapping[str, Any]]:
        return _walks(client, pool, "/api/dcim/devices/", fields)

    return _judged(url, token, devices)


def of_graphql(url: str, token: str) -> Json:
    """GraphQL by ranges of so many ids that its silent limit cuts none, two at once; the change log,
    which GraphQL does not list, as in `of_plain_json`.
    """

    def devices(client: httpx.Client, pool: ThreadPoolExecutor) -> Iterator[Mapping[str, Any]]:
        newest = _newest(client, "/api/dcim/devices/")
        for part in pool.map(partial(_by_graphql, client), range(1, newest + 1, PAGE)):
            yield from part

    return _judged(url, token, devices)


def _judged(
    url: str,
    token: str,
    devices: Callable[[httpx.Client, ThreadPoolExecutor], Iterator[Mapping[str, Any]]],
) -> Json:
    """Of the devices, and the rows of the change log that tell of their beginnings."""
    headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
    log = {"action": "create", "changed_object_type": "dcim.device"}
    log |= {"fields": "id,time,changed_object_id"}
    passed = [0, 0]
    exchanged = Exchanged()
    hooks = {"response": [exchanged.by_httpx]}
    with (
        httpx.Client(base_url=url, headers=headers, timeout=120, event_hooks=hooks) as client,
        watched() as spent,
        ThreadPoolExecutor(WALKS) as pool,
    ):
        there = list(devices(client, pool))
        rows = _walks(client, pool, "/api/core/object-changes/", log)
        seen = {row["changed_object_id"]: row["time"] for row in rows}
        for device in there:
            passed[0] += all(device[name] for name in REQUIRED)
            delivered = device["custom_fields"].get(DELIVERED)
            if delivered and device["id"] in seen:
                passed[1] += _moment(seen[device["id"]]) - _moment(delivered) <= LIMIT
    return spent.told() | {"passed": passed} | exchanged.told()


DEVICES = """query ($from: ID!, $below: ID!) {
  device_list(filters: {id: {gte: $from, lt: $below}}) {
    id serial asset_tag rack { id } custom_fields
  }
}"""


def _by_graphql(client: httpx.Client, start: int) -> list[Mapping[str, Any]]:
    asked = {"query": DEVICES, "variables": {"from": start, "below": start + PAGE}}
    answer = client.post("/graphql/", json=asked)
    answer.raise_for_status()
    told = orjson.loads(answer.content)
    if told.get("errors"):
        raise AssertionError(f"GraphQL refuses: {told['errors']}")
    # its ids are text
    return [{**one, "id": int(one["id"])} for one in told["data"]["device_list"]]


def _walks(
    client: httpx.Client, pool: ThreadPoolExecutor, path: str, words: Mapping[str, Any]
) -> Iterator[Mapping[str, Any]]:
    parts = pool.map(
        lambda ends: list(_walk(client, path, words, *ends)), _ranges(_newest(client, path))
    )
    return (one for part in parts for one in part)


def _ranges(newest: int) -> list[tuple[int, int]]:
    middle = newest // WALKS
    return [(1, middle), (middle, newest + 1)]


def _newest(client: httpx.Client, path: str) -> int:
    asked = {"limit": 1, "ordering": "-id", "fields": "id"}
    return int(_ask(client, path, asked)["results"][0]["id"])


def _walk(
    client: httpx.Client, path: str, words: Mapping[str, Any], start: int, below: int
) -> Iterator[Mapping[str, Any]]:
    while True:
        asked = {**words, "start": start, "id__lt": below, "limit": PAGE}
        page = _ask(client, path, asked)
        yield from page["results"]
        if page["next"] is None or not page["results"]:
            return
        start = page["results"][-1]["id"] + 1


def _ask(client: httpx.Client, path: str, asked: Mapping[str, Any]) -> Mapping[str, Any]:
    answer = client.get(path, params=asked)
    answer.raise_for_status()
    found: Mapping[str, Any] = orjson.loads(answer.content)
    return found


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
