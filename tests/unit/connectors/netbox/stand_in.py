"""A NetBox in memory that can be odd: old, grudging with pages, forgetful, deaf to a filter."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.base import Cursor, Limits, ScanJob, ScanPlan, Session, SourceConfig
from connectors.netbox import connector
from tests.contract.faces import Recorder
from tests.contract.faultserver import Reply, Request, json_reply

NOW = datetime(2026, 1, 15, 10, 0, tzinfo=UTC)
LOG = "/api/core/object-changes/"
OLD_LOG = "/api/extras/object-changes/"
DEVICES = "/api/dcim/devices/"
COMPARED = {"id__gt", "id__lte", "start", "last_updated__gte", "time_before"}
SHOWN = {"limit", "fields", "ordering"}


def text(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


@dataclass
class StandIn:
    """`lists` are the rows by path; `ignored` the filters it does not know; `largest_page` its
    MAX_PAGE_SIZE; `forbidden` the paths it does not show; `promises`: a next page after each full
    one, as NetBox does by `start=`."""

    version: str = "4.7"
    largest_page: int = 1000
    promises: bool = False
    ignored: set[str] = field(default_factory=set)
    forbidden: set[str] = field(default_factory=set)
    lists: dict[str, list[dict[str, Any]]] = field(
        default_factory=lambda: {DEVICES: [], LOG: [], OLD_LOG: []}
    )

    def device(self, number: int, at: datetime = NOW - timedelta(days=1), **more: Any) -> None:
        kept = [row for row in self.lists[DEVICES] if row["id"] != number]
        device = {
            "id": number,
            "display": f"c-{number}",
            "serial": "",
            "status": {"value": "active"},
            "custom_fields": {},
            "created": text(at),
            "last_updated": text(at),
            **more,
        }
        self.lists[DEVICES] = sorted([*kept, device], key=lambda row: int(row["id"]))

    def logged(self, number: int, device: int, at: datetime, action: str = "update") -> None:
        row = {
            "id": number,
            "time": text(at),
            "user_name": "svc-asn",
            "action": {"value": action},
            "changed_object_type": "dcim.device",
            "changed_object_id": device,
            "prechange_data": {},
            "postchange_data": {},
        }
        for path in (LOG, OLD_LOG):
            self.lists[path] = sorted([*self.lists[path], row], key=lambda one: int(one["id"]))

    def __call__(self, request: Request) -> Reply:
        if request.path in self.forbidden:
            return json_reply({"detail": "You do not have permission."}, 403)
        if request.path == "/api/status/":
            return self._reply({"netbox-version": f"{self.version}.0"})
        old = self.version < "4.1"
        if request.path not in self.lists or request.path == (LOG if old else OLD_LOG):
            return Reply(404, b"<html>Page not found</html>", "text/html")
        query = request.query
        rows = [row for row in self.lists[request.path] if self._matches(row, query)]
        if "start" not in query or self.version < "4.6":
            order = query.get("ordering", ["id" if request.path == DEVICES else "-time"])[0]
            rows.sort(key=lambda row: row[order.lstrip("-")], reverse=order.startswith("-"))
        page = rows[: min(self.largest_page, int(query["limit"][0]))]
        full = self.promises and len(page) == int(query["limit"][0])
        more = "http://wrong-host.example/?next" if len(page) < len(rows) or full else None
        return self._reply({"count": len(rows), "next": more, "results": page})

    def _reply(self, value: Any) -> Reply:
        stamp = NOW.strftime("%a, %d %b %Y %H:%M:%S GMT")
        return json_reply(value, API_Version=self.version, Date=stamp)

    def _matches(self, row: Mapping[str, Any], query: Mapping[str, list[str]]) -> bool:
        for key, wanted in query.items():
            if key in SHOWN | self.ignored or (key == "start" and self.version < "4.6"):
                continue
            name, _, lookup = key.partition("__")
            if key in COMPARED:
                if not _compared(row, key, wanted[0]):
                    return False
            elif lookup == "empty":
                if (wanted[0].lower() == "true") is bool(row[name]):
                    return False
            elif lookup == "n":
                if _plain(row[name]) in wanted:
                    return False
            elif name in row and _plain(row[name]) not in wanted:
                return False
        return True


def _compared(row: Mapping[str, Any], key: str, wanted: str) -> bool:
    if key == "time_before":
        return str(row["time"]) <= wanted
    if key == "last_updated__gte":
        return str(row["last_updated"]) >= wanted
    if key == "id__lte":
        return int(row["id"]) <= int(wanted)
    return int(row["id"]) >= int(wanted) + (key == "id__gt")


def _plain(value: Any) -> str:
    return str(value["value"] if isinstance(value, Mapping) else value)


@dataclass
class Watcher:
    """A scan over several turns, keeping what a store would keep."""

    session: Session
    recorder: Recorder
    plan: ScanPlan
    cursor: Cursor | None = None
    held: set[str] = field(default_factory=set)
    read: list[str] = field(default_factory=list)

    def count(self) -> int:
        return len(self.held)

    def ids(self) -> Iterator[str]:
        return iter(sorted(self.held))

    def job(self, now: datetime, resume: Cursor | None = None) -> ScanJob:
        deadline = time.monotonic() + 30
        return ScanJob(self.plan.scope, [self.plan.judge], now, deadline, self, self.cursor, resume)

    def turn(self, now: datetime = NOW) -> list[str]:
        """The ids that were read; `held` is what the store holds then."""
        self.recorder.exchanges.clear()
        held = set() if self.cursor is None else set(self.held)
        self.read, cursor = [], None
        for batch in self.session.scan(self.job(now)):
            for timeline in batch.timelines[0]:
                if timeline.left:
                    held.discard(timeline.object_id)
                else:
                    held.add(timeline.object_id)
                    self.read.append(timeline.object_id)
            assert cursor is None, "a batch after the last one"
            cursor = batch.cursor
        assert cursor is not None
        self.held, self.cursor = held, cursor
        return self.read

    @property
    def asked(self) -> list[str]:
        return [exchange.path for exchange in self.recorder.exchanges]


def watching(url: str, measure: Mapping[str, Any]) -> Watcher:
    recorder = Recorder()
    plan = connector.measures[measure["measure"]].model_validate(measure).plan("netbox")
    assert isinstance(plan, ScanPlan)
    return Watcher(opened(url, recorder), recorder, plan)


def opened(url: str, recorder: Recorder) -> Session:
    limits = Limits(attempts=1)
    config = SourceConfig("netbox", "netbox", url, secrets={"token": "a-token"}, limits=limits)
    return connector.open(config, recorder)
