"""Measures that watch a sandbox NetBox through a history that hypothesis makes up."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from connectors.base import (
    Batch,
    Cursor,
    Limits,
    NumberPlan,
    Outcome,
    ScanJob,
    ScanPlan,
    Session,
    SilentObserver,
    SourceConfig,
    Verdict,
)
from connectors.netbox import connector
from syncd.demo.netbox import NetBoxSandbox
from syncd.demo.serving import Answer, Request

TOKEN = "nbt_aaaabbbbcccc." + "s" * 40
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
HOURS = 200
SCOPE = {"endpoint": "dcim.devices", "filter": {"site": ["s1", "s2"], "status": "active"}}
Said = tuple[Outcome, tuple[str, ...], tuple[str, ...], float | None, datetime | None]


def at(hour: float) -> datetime:
    return BEGAN + timedelta(hours=hour)


def text(hour: float) -> str:
    return at(hour).isoformat().replace("+00:00", "Z")


# ------------------------------------------------------------------------------------ histories

_hours = st.integers(1, HOURS)
_fields: dict[str, st.SearchStrategy[Any]] = {
    "site": st.sampled_from(["s1", "s2", "s3"]),
    "status": st.sampled_from(["active", "active", "offline"]),
    "role": st.sampled_from(["compute", "switch"]),
    "serial": st.sampled_from(["", "A1", "B2"]),
    "asset_tag": st.sampled_from([None, "T1"]),
    "primary_ip4": st.sampled_from([None, "10.0.0.1/32"]),
    "tags": st.sampled_from([[], ["import"], ["import", "spare"]]),
    "custom_fields": st.fixed_dictionaries(
        {"live_at": st.one_of(st.none(), _hours.map(text)), "source": st.sampled_from([None, "x"])}
    ),
}
_edits = st.fixed_dictionaries({}, optional=_fields).filter(bool)
_marks = st.fixed_dictionaries({}, optional={"mgmt_only": st.booleans(), "enabled": st.booleans()})


@st.composite
def devices(draw: st.DrawFn, number: int) -> dict[str, Any]:
    born = draw(st.integers(0, HOURS // 2))
    hours = sorted(draw(st.sets(st.integers(born + 1, HOURS), max_size=4)))
    device: dict[str, Any] = {
        "id": number,
        "name": f"c-{number}",
        "site": "s1",
        "role": "compute",
        "device_type": "x1",
        **draw(st.fixed_dictionaries({}, optional=_fields)),
        "created": text(born),
        "created_by": draw(st.sampled_from(["svc", "alice"])),
        "changes": [{"at": text(hour), "by": "svc", "set": draw(_edits)} for hour in hours],
        "interfaces": [_interface(draw, number, born)],
    }
    if draw(st.integers(0, 3)) == 0:
        device["deleted_at"] = text(draw(st.integers(born + 1, HOURS)))
    return device


def _interface(draw: st.DrawFn, number: int, born: int) -> dict[str, Any]:
    hour = draw(st.integers(born, HOURS))
    interface: dict[str, Any] = {
        "id": number,
        "name": "m0",
        "mgmt_only": draw(st.booleans()),
        "created": text(hour),
        "created_by": "svc",
    }
    if edit := draw(_marks):
        change = {"at": text(draw(st.integers(hour, HOURS))), "by": "svc", "set": edit}
        interface["changes"] = [change]
    if draw(st.integers(0, 4)) == 0:
        interface["deleted_at"] = text(draw(st.integers(hour, HOURS)))
    return interface


@st.composite
def histories(draw: st.DrawFn) -> dict[str, Any]:
    count = draw(st.integers(1, 5))
    made = [draw(devices(number)) for number in range(1, count + 1)]
    if count > 2 and draw(st.booleans()):
        made[1]["parent_bay"] = {"device": "c-1", "bay": "b1", "installed_by": "svc"}
    ports = [
        {"id": 100 + number, "name": f"p{number}", "created": text(0)}
        for number in range(1, count + 1)
    ]
    switch = {
        "id": 100,
        "name": "sw",
        "site": "s3",
        "role": "switch",
        "device_type": "x2",
        "created": text(0),
        "interfaces": ports,
    }
    cables = []
    for number in draw(st.sets(st.integers(1, count))):
        cable: dict[str, Any] = {
            "id": number,
            "a": [f"c-{number}", "m0"],
            "b": ["sw", f"p{number}"],
        }
        cable["created"] = text(draw(_hours))
        if draw(st.booleans()):
            cable["deleted"] = text(draw(st.integers(HOURS // 2, HOURS)))
        cables.append(cable)
    journal = [
        {
            "id": number,
            "device": f"c-{draw(st.integers(1, count))}",
            "kind": draw(st.sampled_from(["info", "success"])),
            "created": text(draw(_hours)),
            "created_by": draw(st.sampled_from(["svc", "alice"])),
        }
        for number in range(1, draw(st.integers(1, 4)))
    ]
    return {**surroundings(), "devices": [*made, switch], "cables": cables, "journal": journal} | {
        "plugins": [_planned(draw, count)]
    }


def _planned(draw: st.DrawFn, count: int) -> dict[str, Any]:
    """A plugin's list of what each device should be."""
    statuses = st.sampled_from(["active", "offline"])
    things = [
        {
            "id": number,
            "name": f"c-{number}",
            "fields": {"wanted": draw(statuses), "phase": draw(st.integers(1, 2))},
            "created": text(draw(st.integers(0, 20))),
            "created_by": "svc",
            "changes": [
                {"at": text(hour), "by": "alice", "set": {"wanted": draw(statuses)}}
                for hour in sorted(draw(st.sets(st.integers(21, HOURS), max_size=2)))
            ],
        }
        for number in range(1, count + 1)
    ]
    return {"plugin": "planner", "name": "plans", "model": "planner.plan", "things": things}


def surroundings() -> dict[str, Any]:
    types = ["dcim.device"]
    return {
        "custom_fields": [
            {"name": "live_at", "type": "datetime", "object_types": types},
            {"name": "source", "type": "text", "object_types": types, "filter_logic": "exact"},
        ],
        "users": ["svc", "alice"],
        "tags": [
            {"id": 1, "name": "Import", "slug": "import"},
            {"id": 2, "name": "A spare", "slug": "spare"},
        ],
        "sites": [{"id": n, "name": f"S{n}", "slug": f"s{n}"} for n in (1, 2, 3)],
        "roles": [
            {"id": 1, "name": "Compute", "slug": "compute"},
            {"id": 2, "name": "Switch", "slug": "switch"},
        ],
        "manufacturers": [{"id": 1, "name": "Acme", "slug": "acme"}],
        "device_types": [
            {"id": n, "model": f"X{n}", "slug": f"x{n}", "manufacturer": "acme"} for n in (1, 2)
        ],
    }


# ------------------------------------------------------------------------------------- watching


class Upstream(NetBoxSandbox):
    """A sandbox at a moment that the test sets, which can break off after so many requests."""

    def __init__(self, seed: Mapping[str, Any], **options: Any) -> None:
        super().__init__(seed, lambda: self.moment, token=TOKEN, **options)
        self.moment = BEGAN
        self.allowed: int | None = None

    def serve(self, request: Request) -> Answer:
        if self.allowed is not None:
            if self.allowed == 0:
                return Answer.html("<h1>502</h1>", 502)
            self.allowed -= 1
        return super().serve(request)


@dataclass
class Watcher:
    """A measure over several turns, keeping what a store would keep."""

    session: Session
    plan: ScanPlan
    cursor: Cursor | None = None
    held: dict[str, tuple[Verdict, ...]] = field(default_factory=dict)

    def count(self) -> int:
        return len(self.held)

    def ids(self) -> Iterator[str]:
        return iter(list(self.held))

    def batches(self, now: datetime, since: datetime | None = None) -> Iterator[Batch]:
        deadline = time.monotonic() + 30
        cursor = None if since else self.cursor
        yield from self.session.scan(
            ScanJob(
                self.plan.scope,
                [self.plan.judge],
                now,
                deadline,
                self,
                cursor,
                history_since=since,
            )
        )

    def turn(self, now: datetime) -> Watcher:
        """One run; when it is cut short nothing of it is kept."""
        seen: dict[str, tuple[Verdict, ...] | None] = {}
        cursor: Cursor | None = None
        for batch in self.batches(now):
            for timeline in batch.timelines[0]:
                seen[timeline.object_id] = None if timeline.left else timeline.verdicts
            cursor = batch.cursor
        assert cursor is not None
        before = {} if self.cursor is None else self.held
        self.held = {one: held for one, held in (before | seen).items() if held is not None}
        self.cursor = cursor
        return self

    def says(self, now: datetime, *, since: bool = False) -> dict[str, Said]:
        """What holds of each object at the moment; also since when."""
        return holding(self.held, now, since=since)


def holding(
    held: Mapping[str, tuple[Verdict, ...]], moment: datetime, *, since: bool = False
) -> dict[str, Said]:
    """What holds of each object at the moment; also since when."""
    return {
        one: (
            verdict.outcome,
            verdict.missing,
            verdict.keys,
            verdict.number,
            verdict.since if since else None,
        )
        for one, verdicts in held.items()
        for verdict in verdicts
        if verdict.valid_from <= moment and (verdict.valid_to is None or moment < verdict.valid_to)
    }


def opened(url: str) -> Session:
    config = SourceConfig(
        "netbox", "netbox", url, secrets={"token": TOKEN}, limits=Limits(attempts=1)
    )
    return connector.open(config, SilentObserver())


def planned(measure: Mapping[str, Any]) -> ScanPlan:
    plan = connector.measures[measure["measure"]].model_validate(measure).plan("netbox")
    assert isinstance(plan, ScanPlan)
    return plan


def counted(scope: Mapping[str, Any]) -> NumberPlan:
    measure = connector.measures["netbox.count"]
    plan = measure.model_validate({"measure": "netbox.count", **scope}).plan("netbox")
    assert isinstance(plan, NumberPlan)
    return plan
