"""The real NetBox as its users see it, and a measure that watches it as syncd would."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import requests

from connectors.base import (
    Batch,
    Cursor,
    Exchange,
    Limits,
    Outcome,
    ScanJob,
    ScanPlan,
    Session,
    SourceConfig,
    Timeline,
    Verdict,
)
from connectors.netbox import connector


class Upstream:
    """The real server as its users see it: plain REST calls, by account."""

    def __init__(self, url: str, token: str) -> None:
        self.url = url
        self._tokens = {"admin": token}
        self._session = requests.Session()

    def token(self, account: str = "admin") -> str:
        return self._tokens[account]

    def call(self, method: str, path: str, body: Any = None, account: str = "admin") -> Any:
        answer = self._session.request(
            method,
            f"{self.url}/api/{path}",
            json=body,
            headers={"Authorization": f"Bearer {self._tokens[account]}"},
            timeout=60,
        )
        assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text[:500]}"
        return answer.json() if answer.content else None

    def add(self, path: str, account: str = "admin", **body: Any) -> int:
        return int(self.call("POST", path, body, account)["id"])

    def edit(self, path: str, number: int, **body: Any) -> Any:
        return self.call("PATCH", f"{path}{number}/", body)

    def delete(self, path: str, number: int) -> None:
        self.call("DELETE", f"{path}{number}/")

    def account(self, name: str, object_types: list[str]) -> None:
        """An account that may do everything with these types, and nothing else."""
        number = self.add("users/users/", username=name, password="Correct-Horse-42")
        self.add(
            "users/permissions/",
            name=name,
            object_types=object_types,
            actions=["view", "add", "change", "delete"],
            users=[number],
        )
        given = requests.post(
            f"{self.url}/api/users/tokens/provision/",
            json={"username": name, "password": "Correct-Horse-42"},
            timeout=60,
        ).json()
        self._tokens[name] = f"nbt_{given['key']}.{given['token']}"

    @cached_property
    def maker(self) -> int:
        """A manufacturer for whoever needs one."""
        name = f"m{uuid.uuid4().hex[:10]}"
        return self.add("dcim/manufacturers/", name=name, slug=name)

    @cached_property
    def kind(self) -> int:
        """A device type of its."""
        name = f"k{uuid.uuid4().hex[:10]}"
        return self.add("dcim/device-types/", manufacturer=self.maker, model=name, slug=name)

    def close(self) -> None:
        self._session.close()


@dataclass
class World:
    """A site of its own on the server, so that tests do not see each other's devices."""

    upstream: Upstream
    tag: str
    site: int
    role: int
    maker: int
    kind: int
    rack: int
    made: int = 0
    addressed: int = 0

    @cached_property
    def field(self) -> str:
        """A datetime custom field of devices, which is made for who asks."""
        name = f"{self.tag}_delivered"
        about: dict[str, Any] = {"name": name, "type": "datetime", "object_types": ["dcim.device"]}
        self.upstream.add("extras/custom-fields/", **about)
        return name

    def forget_fields(self) -> None:
        """Removes its custom fields. NetBox builds ten filters for each that there is whenever it is
        asked for devices, so that every test made those after it slower.
        """
        if "field" not in self.__dict__:
            return
        left = self.upstream.call("GET", f"extras/custom-fields/?name__isw={self.tag}")["results"]
        for one in left:
            self.upstream.delete("extras/custom-fields/", one["id"])

    def device(self, account: str = "admin", **more: Any) -> int:
        self.made += 1
        body = {
            "name": f"{self.tag}-{self.made:03d}",
            "site": self.site,
            "role": self.role,
            "device_type": self.kind,
            "status": "active",
            **more,
        }
        return self.upstream.add("dcim/devices/", account, **body)

    def complete_device(self, **more: Any) -> int:
        unique = uuid.uuid4().hex[:12]
        place: dict[str, Any] = {"rack": self.rack, "position": self.made + 1, "face": "front"}
        return self.device(serial=unique, asset_tag=unique, **place, **more)

    def interface(self, device: int, name: str, **more: Any) -> int:
        body = {"device": device, "name": name, "type": "1000base-t", **more}
        return self.upstream.add("dcim/interfaces/", **body)

    def cable(self, one: int, other: int) -> int:
        ends = [[{"object_type": "dcim.interface", "object_id": end}] for end in (one, other)]
        return self.upstream.add("dcim/cables/", a_terminations=ends[0], b_terminations=ends[1])

    def address(self, device: int, port: int) -> None:
        """Gives the device a primary address on its port."""
        self.addressed += 1
        address = self.upstream.add(
            "ipam/ip-addresses/",
            address=f"10.{device >> 8 & 255}.{device & 255}.{self.addressed}/32",
            assigned_object_type="dcim.interface",
            assigned_object_id=port,
        )
        self.upstream.edit("dcim/devices/", device, primary_ip4=address)

    @property
    def scope(self) -> dict[str, Any]:
        return {"endpoint": "dcim.devices", "filter": {"site": self.tag, "status": "active"}}


@contextmanager
def new_world(upstream: Upstream) -> Iterator[World]:
    """A fresh site with a role and a rack; the device type is the upstream's."""
    tag = f"t{uuid.uuid4().hex[:10]}"
    site = upstream.add("dcim/sites/", name=tag, slug=tag)
    made = World(
        upstream,
        tag,
        site,
        role=upstream.add("dcim/device-roles/", name=tag, slug=tag),
        maker=upstream.maker,
        kind=upstream.kind,
        rack=upstream.add("dcim/racks/", name=tag, site=site, u_height=42),
    )
    try:
        yield made
    finally:
        made.forget_fields()


class Recorder:
    def __init__(self) -> None:
        self.exchanges: list[Exchange] = []

    def exchanged(self, exchange: Exchange) -> None:
        self.exchanges.append(exchange)


@dataclass
class History:
    """What a run with a history told, by object id."""

    timelines: dict[str, Timeline] = field(default_factory=dict)
    untold: tuple[str, ...] = ()

    def at(self, moment: datetime) -> dict[str, Said]:
        """What held of each object at the moment."""
        return {
            one: said(verdict)
            for one, timeline in self.timelines.items()
            for verdict in timeline.verdicts
            if verdict.valid_from <= moment
            and (verdict.valid_to is None or moment < verdict.valid_to)
        }


Said = tuple[Outcome, tuple[str, ...], tuple[str, ...]]


def said(verdict: Verdict) -> Said:
    """What a verdict says, whenever."""
    return verdict.outcome, verdict.missing, verdict.keys


@dataclass
class Watcher:
    """One measure over several cycles, keeping what a store would keep."""

    session: Session
    plan: ScanPlan
    recorder: Recorder
    cursor: Cursor | None = None
    held: dict[str, tuple[Verdict, ...]] = field(default_factory=dict)
    read: list[str] = field(default_factory=list)
    requests: int = 0

    def count(self) -> int:
        return len(self.held)

    def ids(self) -> Iterator[str]:
        return iter(list(self.held))

    def batches(self, resume: Cursor | None = None) -> Iterator[Batch]:
        now, deadline = datetime.now(UTC), time.monotonic() + 60
        judges = [self.plan.judge]
        yield from self.session.scan(
            ScanJob(self.plan.scope, judges, now, deadline, self, self.cursor, resume)
        )

    def history(self, since: datetime) -> History:
        """What a full read with a history tells."""
        now, deadline = datetime.now(UTC), time.monotonic() + 60
        job = ScanJob(self.plan.scope, [self.plan.judge], now, deadline, self, history_since=since)
        told = History()
        for batch in self.session.scan(job):
            told.timelines |= {one.object_id: one for one in batch.timelines[0]}
            told.untold += batch.untold_for(0) if batch.cursor is not None else ()
        return told

    def cycle(self) -> Watcher:
        self.recorder.exchanges.clear()
        full, self.read = self.cursor is None, []
        seen: dict[str, tuple[Verdict, ...] | None] = {}
        for batch in self.batches():
            (timelines,) = batch.timelines
            for timeline in timelines:
                self.read.append(timeline.object_id)
                seen[timeline.object_id] = None if timeline.left else timeline.verdicts
            self.cursor = batch.cursor or self.cursor
        before = {} if full else self.held
        self.held = {one: held for one, held in (before | seen).items() if held is not None}
        self.requests = len(self.recorder.exchanges)
        return self

    def outcome(self, device: int) -> Outcome:
        return self.held[str(device)][-1].outcome

    @property
    def says(self) -> dict[str, Said]:
        """What holds of each object now, of those that a judge says something of."""
        now = datetime.now(UTC)
        return {
            one: said(verdict)
            for one, verdicts in self.held.items()
            for verdict in verdicts
            if verdict.valid_from <= now and (verdict.valid_to is None or now < verdict.valid_to)
        }

    def missing(self, device: int) -> tuple[str, ...]:
        return self.held[str(device)][-1].missing


@dataclass
class Group:
    """Several measures of one scope, read in one scan, each keeping what a store would keep."""

    session: Session
    plans: Sequence[ScanPlan]
    cursor: Cursor | None = None
    held: dict[tuple[int, str], tuple[Verdict, ...]] = field(default_factory=dict)

    def count(self) -> int:
        return len(set(self.ids()))

    def ids(self) -> Iterator[str]:
        return iter({one for _, one in self.held})

    def _scan(self, **more: Any) -> Iterator[Batch]:
        now, deadline = datetime.now(UTC), time.monotonic() + 60
        judges = [plan.judge for plan in self.plans]
        yield from self.session.scan(
            ScanJob(self.plans[0].scope, judges, now, deadline, self, **more)
        )

    def cycle(self) -> Group:
        """One run; when it is cut short nothing of it is kept."""
        seen: dict[tuple[int, str], tuple[Verdict, ...] | None] = {}
        cursor: Cursor | None = None
        for batch in self._scan(cursor=self.cursor):
            for place, timelines in enumerate(batch.timelines):
                for one in timelines:
                    seen[place, one.object_id] = None if one.left else one.verdicts
            cursor = batch.cursor
        before = {} if self.cursor is None else self.held
        self.held = {one: held for one, held in (before | seen).items() if held is not None}
        self.cursor = cursor
        return self

    def says(self) -> Sayings:
        """What each measure says of each object now, and since when."""
        return holding(self.held, datetime.now(UTC), self.plans)

    def history(self, since: datetime) -> dict[tuple[int, str], tuple[Verdict, ...]]:
        """What a full read with a history tells, by measure and object."""
        return {
            (place, one.object_id): one.verdicts
            for batch in self._scan(history_since=since)
            for place, timelines in enumerate(batch.timelines)
            for one in timelines
        }


Sayings = dict[tuple[str, str], tuple[Any, ...]]
"""By measure and object: outcome, what is missing, keys, number, and since when, of those that say
so.
"""


def holding(
    held: Mapping[tuple[int, str], tuple[Verdict, ...]],
    moment: datetime,
    plans: Sequence[ScanPlan],
) -> Sayings:
    """What holds of each object at the moment."""
    found: Sayings = {}
    for (place, one), verdicts in held.items():
        judge = plans[place].judge.definition
        says_since = plans[place].retrospective or judge.get("at") is not None
        # One without its moment is pending since it was created, which of what was deleted only
        # its row in the log tells, some milliseconds late.
        waits = judge.get("at") is not None
        for verdict in verdicts:
            if verdict.valid_from <= moment and (verdict.valid_to or NEVER) > moment:
                waiting = waits and verdict.outcome is Outcome.PENDING
                since = verdict.since if says_since and not waiting else None
                found[str(judge), one] = (*said(verdict), verdict.number, since)
    return found


NEVER = datetime.max.replace(tzinfo=UTC)


def opened(url: str, token: str, recorder: Recorder) -> Session:
    limits = Limits(attempts=1, read_seconds=60)
    config = SourceConfig("netbox", "netbox", url, secrets={"token": token}, limits=limits)
    return connector.open(config, recorder)


def soon() -> float:
    return time.monotonic() + 60
