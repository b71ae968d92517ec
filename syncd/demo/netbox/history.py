"""A seed's history: every change in order, and the world at any moment."""

from __future__ import annotations

import threading
import uuid
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from syncd.demo.netbox.seed import Cable, Device, Interface, Seed
from syncd.demo.netbox.world import (
    Action,
    Directory,
    LogRow,
    Row,
    Table,
    World,
    address_facts,
    address_holder,
    cable_facts,
    device_facts,
    display,
    interface_facts,
    termination_facts,
)

_TYPES: dict[Table, str] = {
    "devices": "dcim.device",
    "interfaces": "dcim.interface",
    "cables": "dcim.cable",
}
_REQUESTS = uuid.UUID("6f0a3c1e-58a5-4d0e-9c6e-1f1b5a2c7d10")


@dataclass(frozen=True, slots=True)
class _Step:
    """One object's new row (None: it is gone) from a moment on."""

    time: datetime
    table: Table
    object_id: int
    row: Row | None
    log: LogRow | None


@dataclass
class _Tables:
    devices: dict[int, Row] = field(default_factory=dict)
    interfaces: dict[int, Row] = field(default_factory=dict)
    cables: dict[int, Row] = field(default_factory=dict)

    def of(self, table: Table) -> dict[int, Row]:
        return {"devices": self.devices, "interfaces": self.interfaces, "cables": self.cables}[
            table
        ]

    def put(self, step: _Step) -> None:
        if step.row is None:
            self.of(step.table).pop(step.object_id, None)
        else:
            self.of(step.table)[step.object_id] = step.row


class History:
    """The compiled history of a seed; `at` is safe to call from several threads."""

    def __init__(self, seed: Seed) -> None:
        self.directory = Directory(seed)
        self._steps = _Compiler(seed, self.directory).steps()
        self._times = [step.time for step in self._steps]
        self._lock = threading.Lock()
        self._done = 0
        self._tables = _Tables()
        self._log: list[LogRow] = []
        self._world = World({}, {}, {}, ())

    def at(self, now: datetime) -> World:
        """The world as it is at `now`, everything that happened at `now` included."""
        wanted = bisect_right(self._times, now)
        with self._lock:
            if wanted != self._done:
                if wanted < self._done:
                    self._done, self._tables, self._log = 0, _Tables(), []
                for step in self._steps[self._done : wanted]:
                    self._tables.put(step)
                    if step.log is not None:
                        self._log.append(step.log)
                self._done = wanted
                self._world = World(
                    dict(self._tables.devices),
                    dict(self._tables.interfaces),
                    dict(self._tables.cables),
                    tuple(self._log),
                )
            return self._world


class _Compiler:
    """Plays the seed once, from its first moment to its last, and writes every step down."""

    def __init__(self, seed: Seed, directory: Directory) -> None:
        self._seed = seed
        self._directory = directory
        self._tables = _Tables()
        self._steps: list[_Step] = []
        self._log_id = 0
        self._terminations: dict[int, int] = {}  # cable id to the id of its A termination
        self._default_user = next(iter(directory.users))

    def steps(self) -> list[_Step]:
        events = sorted(self._events(), key=lambda event: event[:3])
        for time, order, object_id, what, detail in events:
            request = str(uuid.uuid5(_REQUESTS, f"{time.isoformat()}/{order}/{object_id}"))
            getattr(self, f"_{what}")(time, request, object_id, detail)
        return self._steps

    def _events(self) -> Iterator[tuple[datetime, int, int, str, Any]]:
        births: dict[tuple[str, str], datetime] = {}
        for device in self._seed.devices:
            yield device.created, 0, device.id, "device_created", device
            for interface in device.interfaces:
                born = interface.created or device.created
                births[device.name, interface.name] = born
                detail = (interface, device.id)
                yield born, 1, interface.id, "interface_created", detail
                for edit in interface.changes:
                    yield edit.at, 4, interface.id, "interface_changed", edit
                if interface.deleted_at:
                    yield interface.deleted_at, 6, interface.id, "interface_deleted", interface
            for change in device.changes:
                yield change.at, 3, device.id, "device_changed", change
            if device.last_updated and device.last_updated > device.created:
                yield device.last_updated, 3, device.id, "device_touched", None
            if device.deleted_at:
                yield device.deleted_at, 7, device.id, "device_deleted", device
        for cable in self._seed.cables:
            born = max(t for t in (cable.created, births[cable.a], births[cable.b]) if t)
            yield born, 2, cable.id, "cable_created", cable
            if cable.deleted:
                yield cable.deleted, 5, cable.id, "cable_deleted", cable

    # ------------------------------------------------------------------------------- the events

    def _device_created(self, time: datetime, request: str, _id: int, device: Device) -> None:
        row = device.model_dump(exclude={"interfaces", "changes", "created_by"})
        defined = self._directory.custom_fields_of("dcim.device")
        row["custom_fields"] = {
            **{each.name: None for each in defined},
            **device.custom_fields,
        }
        row |= {"created": time, "last_updated": time}
        self._put(time, request, "devices", device.id, row, device.created_by)

    def _device_changed(self, time: datetime, request: str, device_id: int, change: Any) -> None:
        before = self._tables.devices.get(device_id)
        if before is None:
            return
        said = dict(change.set)
        if "custom_fields" in said:
            said["custom_fields"] = {**before["custom_fields"], **said["custom_fields"]}
        row = {**before, **said, "last_updated": time}
        self._put(time, request, "devices", device_id, row, change.by)

    def _device_touched(self, time: datetime, request: str, device_id: int, _: None) -> None:
        before = self._tables.devices.get(device_id)
        if before is not None:
            row = {**before, "last_updated": time}
            self._put(time, request, "devices", device_id, row, None)

    def _device_deleted(self, time: datetime, request: str, device_id: int, device: Device) -> None:
        # The cascade takes the interfaces and their ends of the cables; the cables stay.
        who = device.deleted_by or self._default_user
        mine = [i["id"] for i in self._tables.interfaces.values() if i["device"] == device_id]
        before = self._facts("devices", device_id)
        self._interfaces_gone(time, request, mine, who)
        self._drop(time, request, "devices", device_id, who, before)

    def _interface_created(
        self, time: datetime, request: str, _id: int, detail: tuple[Interface, int]
    ) -> None:
        interface, device_id = detail
        row = {
            "id": interface.id,
            "device": device_id,
            "name": interface.name,
            "type": interface.type,
            "mgmt_only": interface.mgmt_only,
            "enabled": interface.enabled,
            "created": time,
            "last_updated": time,
        }
        who = None
        if interface.created:
            who = interface.created_by or self._default_user
        self._put(time, request, "interfaces", interface.id, row, who)

    def _interface_changed(self, time: datetime, request: str, number: int, edit: Any) -> None:
        before = self._tables.interfaces.get(number)
        if before is not None:
            row = {**before, **edit.set, "last_updated": time}
            self._put(time, request, "interfaces", number, row, edit.by)

    def _interface_deleted(
        self, time: datetime, request: str, number: int, interface: Interface
    ) -> None:
        who = interface.deleted_by or self._default_user
        if number in self._tables.interfaces:
            self._interfaces_gone(time, request, [number], who)

    def _interfaces_gone(self, time: datetime, request: str, numbers: list[int], who: str) -> None:
        cables = {n: found for n in numbers if (found := self._cable_at(n)) is not None}
        facts = {number: self._facts("interfaces", number) for number in numbers}
        for cable_id, end in cables.values():
            self._log_termination(time, request, cable_id, end, who, "delete")
        for number in numbers:
            self._address_gone(time, request, number, who)
        for number in numbers:
            if number in cables:
                cable_id, end = cables[number]
                row = {**self._tables.cables[cable_id], end: None}
                self._put(time, request, "cables", cable_id, row, None)
            self._drop(time, request, "interfaces", number, who, facts[number])

    def _address_gone(self, time: datetime, request: str, number: int, who: str) -> None:
        """With its interface goes the address, and with the address the device's primary one."""
        device = self._tables.devices[self._tables.interfaces[number]["device"]]
        ports = [i for i in self._tables.interfaces.values() if i["device"] == device["id"]]
        if not device["primary_ip4"] or address_holder(ports) != number:
            return
        address = device["primary_ip4"]
        facts = address_facts(address, number)
        address_id = self._directory.addresses[address]
        kind = "ipam.ipaddress"
        log = self._log(time, request, kind, address_id, who, "delete", address, facts, {})
        self._steps.append(_Step(time, "devices", device["id"], device, log))
        row = {**device, "primary_ip4": None, "last_updated": time}
        self._put(time, request, "devices", device["id"], row, who)

    def _cable_created(self, time: datetime, request: str, _id: int, cable: Cable) -> None:
        a, b = self._interface_named(cable.a), self._interface_named(cable.b)
        if a is None or b is None:
            return
        self._terminations[cable.id] = 2 * len(self._terminations) + 1
        whole = {"id": cable.id, "a": a, "b": b, "created": time, "last_updated": time}
        if not cable.created:
            self._put(time, request, "cables", cable.id, whole, None)
            return
        who = cable.created_by or self._default_user
        self._put(time, request, "cables", cable.id, {**whole, "a": None, "b": None}, who)
        for end, number, known in (("a", a, {"b": None}), ("b", b, {})):
            facts = self._facts("interfaces", number)
            self._put(time, request, "cables", cable.id, {**whole, **known}, None)
            self._log_termination(time, request, cable.id, end, who, "create")
            touched = {**self._tables.interfaces[number], "last_updated": time}
            self._put(time, request, "interfaces", number, touched, who, facts)
        self._put(time, request, "cables", cable.id, whole, who, {})

    def _cable_deleted(self, time: datetime, request: str, cable_id: int, cable: Cable) -> None:
        row = self._tables.cables.get(cable_id)
        if row is None:
            return
        who = cable.deleted_by or self._default_user
        ends = {end: row[end] for end in ("a", "b") if row[end] is not None}
        before = {number: self._facts("interfaces", number) for number in ends.values()}
        for end in ends:
            self._log_termination(time, request, cable_id, end, who, "delete")
        self._drop(time, request, "cables", cable_id, who)
        for number in reversed(ends.values()):
            touched = {**self._tables.interfaces[number], "last_updated": time}
            self._put(time, request, "interfaces", number, touched, who, before[number])

    def _log_termination(
        self, time: datetime, request: str, cable_id: int, end: str, who: str, action: Action
    ) -> None:
        interface_id = self._tables.cables[cable_id][end]
        facts = termination_facts(cable_id, end.upper(), interface_id)
        number = self._termination(cable_id, end)
        name = self._tables.interfaces[interface_id]["name"]
        before, after = ({}, facts) if action == "create" else (facts, {})
        log = self._log(
            time,
            request,
            "dcim.cabletermination",
            number,
            who,
            action,
            f"Cable #{cable_id} to {name}",
            before,
            after,
        )
        row = self._tables.cables[cable_id]
        self._steps.append(_Step(time, "cables", cable_id, row, log))

    def _termination(self, cable_id: int, end: str) -> int:
        return self._terminations[cable_id] + (end == "b")

    def _cable_at(self, interface_id: int) -> tuple[int, str] | None:
        """The cable at an interface and the cable's end there, ``a`` or ``b``."""
        for cable in self._tables.cables.values():
            for end in ("a", "b"):
                if cable[end] == interface_id:
                    return cable["id"], end
        return None

    def _interface_named(self, end: tuple[str, str]) -> int | None:
        device_id = self._directory.device_ids[end[0]]
        for interface in self._tables.interfaces.values():
            if interface["device"] == device_id and interface["name"] == end[1]:
                number: int = interface["id"]
                return number
        return None

    # --------------------------------------------------------------------------- writing it down

    def _put(
        self,
        time: datetime,
        request: str,
        table: Table,
        number: int,
        row: Row,
        who: str | None,
        before: Row | None = None,
    ) -> None:
        existed = number in self._tables.of(table)
        if before is None:
            before = self._facts(table, number) if existed and who is not None else {}
        self._tables.of(table)[number] = row
        log = None
        if who is not None:
            action: Action = "update" if existed else "create"
            after = self._facts(table, number)
            text = display(table, row)
            kind = _TYPES[table]
            log = self._log(time, request, kind, number, who, action, text, before, after)
        self._steps.append(_Step(time, table, number, row, log))

    def _drop(
        self,
        time: datetime,
        request: str,
        table: Table,
        number: int,
        who: str,
        before: Row | None = None,
    ) -> None:
        if before is None:
            before = self._facts(table, number)
        text = display(table, self._tables.of(table)[number])
        log = self._log(time, request, _TYPES[table], number, who, "delete", text, before, {})
        del self._tables.of(table)[number]
        self._steps.append(_Step(time, table, number, None, log))

    def _log(
        self,
        time: datetime,
        request: str,
        object_type: str,
        number: int,
        who: str,
        action: Action,
        text: str,
        before: Row,
        after: Row,
    ) -> LogRow:
        self._log_id += 1
        moment = time.astimezone(UTC)
        return LogRow(
            self._log_id, moment, who, action, object_type, number, text, request, before, after
        )

    def _facts(self, table: Table, number: int) -> Row:
        """The object as the change log keeps it: related objects as ids, no times of its own."""
        row = self._tables.of(table)[number]
        if table == "devices":
            mine = sum(1 for i in self._tables.interfaces.values() if i["device"] == number)
            return device_facts(row, self._directory, mine)
        if table == "interfaces":
            cable_id, end = self._cable_at(number) or (None, None)
            return interface_facts(row, cable_id, end.upper() if end else None)
        ends = {
            end: None if row[end] is None else self._termination(number, end) for end in ("a", "b")
        }
        return cable_facts(ends["a"], ends["b"])
