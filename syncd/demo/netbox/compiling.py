"""A seed played once from its first moment to its last: every step of its history in order."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from syncd.demo.netbox.ledger import Ledger
from syncd.demo.netbox.seed import Bay, Cable, Device, Interface, JournalEntry, Seed, Thing
from syncd.demo.netbox.tables import Step, Tables
from syncd.demo.netbox.world import (
    Action,
    Directory,
    Row,
    address_facts,
    address_holder,
    bay_facts,
    termination_facts,
)

_REQUESTS = uuid.UUID("6f0a3c1e-58a5-4d0e-9c6e-1f1b5a2c7d10")


class Compiler:
    """Plays the seed once, from its first moment to its last, and writes every step down."""

    def __init__(self, seed: Seed, directory: Directory) -> None:
        self._seed = seed
        self._directory = directory
        self._ledger = Ledger(directory)
        self._tables: Tables = self._ledger.tables
        self._default_user = next(iter(directory.users))

    def steps(self) -> list[Step]:
        """Every step, in order of time."""
        events = sorted(self._events(), key=lambda event: event[:3])
        for time, order, object_id, what, detail in events:
            request = str(uuid.uuid5(_REQUESTS, f"{time.isoformat()}/{order}/{object_id}"))
            getattr(self, f"_{what}")(time, request, object_id, detail)
        return self._ledger.steps

    def _events(self) -> Iterator[tuple[datetime, int, int, str, Any]]:
        births: dict[tuple[str, str], datetime] = {}
        owners = {device.name: device.created for device in self._seed.devices}
        for device in self._seed.devices:
            if device.parent_bay and device.parent_bay.installed_by:
                filled = max(device.created, owners[device.parent_bay.device])
                yield filled, 2, device.id, "bay_filled", device.parent_bay
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
            for described in cable.changes:
                yield described.at, 4, cable.id, "cable_changed", described
            if cable.deleted:
                yield cable.deleted, 5, cable.id, "cable_deleted", cable
        for entry in self._seed.journal:
            yield entry.created, 8, entry.id, "entry_written", entry
            if entry.deleted:
                yield entry.deleted, 9, entry.id, "entry_deleted", entry
        number = 0
        for key, each in self._directory.plugins.items():
            for thing in each.things:
                number += 1
                yield thing.created, 0, number, "thing_created", (key, thing)
                for touch in thing.changes:
                    yield touch.at, 3, number, "thing_changed", touch
                if thing.deleted:
                    yield thing.deleted, 7, number, "thing_deleted", thing

    # ------------------------------------------------------------------------------- the events

    def _device_created(self, time: datetime, request: str, _id: int, device: Device) -> None:
        row = device.model_dump(exclude={"interfaces", "changes", "created_by"})
        defined = self._directory.custom_fields_of("dcim.device")
        row["custom_fields"] = {
            **{each.name: None for each in defined},
            **device.custom_fields,
        }
        row |= {"created": time, "last_updated": time}
        self._ledger.put(time, request, "devices", device.id, row, device.created_by)

    def _device_changed(self, time: datetime, request: str, device_id: int, change: Any) -> None:
        before = self._tables.devices.get(device_id)
        if before is None:
            return
        said = dict(change.set)
        if "custom_fields" in said:
            said["custom_fields"] = {**before["custom_fields"], **said["custom_fields"]}
        row = {**before, **said, "last_updated": time}
        self._ledger.put(time, request, "devices", device_id, row, change.by)

    def _device_touched(self, time: datetime, request: str, device_id: int, _: None) -> None:
        before = self._tables.devices.get(device_id)
        if before is not None:
            row = {**before, "last_updated": time}
            self._ledger.put(time, request, "devices", device_id, row, None)

    def _device_deleted(self, time: datetime, request: str, device_id: int, device: Device) -> None:
        # The cascade takes the interfaces and their ends of the cables; the cables stay.
        who = device.deleted_by or self._default_user
        mine = self._ledger.interfaces_of(device_id)
        before = self._ledger.facts("devices", device_id)
        for entry in [e for e in self._tables.journal.values() if e["device"] == device_id]:
            self._ledger.drop(time, request, "journal", entry["id"], who)
        self._interfaces_gone(time, request, mine, who)
        self._bays_gone(time, request, device, who)
        self._ledger.drop(time, request, "devices", device_id, who, before)

    def _bay_filled(self, time: datetime, request: str, device_id: int, bay: Bay) -> None:
        owner = self._directory.device_ids[bay.device]
        row = self._tables.devices.get(owner)
        if row is None or device_id not in self._tables.devices:
            return
        number, who = self._directory.bays[bay.device, bay.bay], bay.installed_by or ""
        empty, full = (bay_facts(bay.bay, owner, held) for held in (None, device_id))
        actions: list[tuple[Action, Row, Row]] = [("create", {}, empty), ("update", empty, full)]
        for action, before, after in actions:
            kind = "dcim.devicebay"
            log = self._ledger.log(time, request, kind, number, who, action, bay.bay, before, after)
            self._ledger.note("devices", owner, row, log)

    def _bays_gone(self, time: datetime, request: str, device: Device, who: str) -> None:
        row = self._tables.devices[device.id]
        seated = {
            (each["parent_bay"]["device"], each["parent_bay"]["bay"]): each["id"]
            for each in self._tables.devices.values()
            if each["parent_bay"]
        }
        for (owner, bay), number in self._directory.bays.items():
            if owner == device.name:
                facts = bay_facts(bay, device.id, seated.get((owner, bay)))
                kind = "dcim.devicebay"
                log = self._ledger.log(time, request, kind, number, who, "delete", bay, facts, {})
                self._ledger.note("devices", device.id, row, log)

    def _interface_created(
        self, time: datetime, request: str, _id: int, detail: tuple[Interface, int]
    ) -> None:
        interface, device_id = detail
        if device_id not in self._tables.devices:
            return
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
        self._ledger.put(time, request, "interfaces", interface.id, row, who)

    def _interface_changed(self, time: datetime, request: str, number: int, edit: Any) -> None:
        before = self._tables.interfaces.get(number)
        if before is not None:
            row = {**before, **edit.set, "last_updated": time}
            self._ledger.put(time, request, "interfaces", number, row, edit.by)

    def _interface_deleted(
        self, time: datetime, request: str, number: int, interface: Interface
    ) -> None:
        who = interface.deleted_by or self._default_user
        if number in self._tables.interfaces:
            self._interfaces_gone(time, request, [number], who)

    def _interfaces_gone(self, time: datetime, request: str, numbers: list[int], who: str) -> None:
        cables = {n: found for n in numbers if (found := self._ledger.cable_at(n)) is not None}
        facts = {number: self._ledger.facts("interfaces", number) for number in numbers}
        for cable_id, end in cables.values():
            self._log_termination(time, request, cable_id, end, who, "delete")
        for number in numbers:
            self._address_gone(time, request, number, who)
        for number in numbers:
            if number in cables:
                cable_id, end = cables[number]
                row = {**self._tables.cables[cable_id], end: None}
                self._ledger.put(time, request, "cables", cable_id, row, None)
            self._ledger.drop(time, request, "interfaces", number, who, facts[number])

    def _address_gone(self, time: datetime, request: str, number: int, who: str) -> None:
        """With its interface goes the address, and with the address the device's primary one."""
        device = self._tables.devices[self._tables.interfaces[number]["device"]]
        ports = [self._tables.interfaces[n] for n in self._ledger.interfaces_of(device["id"])]
        if not device["primary_ip4"] or address_holder(ports) != number:
            return
        address = device["primary_ip4"]
        facts = address_facts(address, number)
        address_id = self._directory.addresses[address]
        kind = "ipam.ipaddress"
        log = self._ledger.log(time, request, kind, address_id, who, "delete", address, facts, {})
        self._ledger.note("devices", device["id"], device, log)
        row = {**device, "primary_ip4": None, "last_updated": time}
        self._ledger.put(time, request, "devices", device["id"], row, who)

    def _cable_created(self, time: datetime, request: str, _id: int, cable: Cable) -> None:
        a, b = self._end(cable.a), self._end(cable.b)
        if a is None or b is None:
            return
        self._ledger.new_terminations(cable.id)
        said = cable.model_dump(include={"type", "length", "length_unit", "label"})
        whole = {"id": cable.id, "a": a, "b": b, **said, "created": time, "last_updated": time}
        if not cable.created:
            self._ledger.put(time, request, "cables", cable.id, whole, None)
            return
        who = cable.created_by or self._default_user
        self._ledger.put(time, request, "cables", cable.id, {**whole, "a": None, "b": None}, who)
        for end, number, known in (("a", a, {"b": None}), ("b", b, {})):
            facts = self._ledger.facts("interfaces", number)
            self._ledger.put(time, request, "cables", cable.id, {**whole, **known}, None)
            self._log_termination(time, request, cable.id, end, who, "create")
            touched = {**self._tables.interfaces[number], "last_updated": time}
            self._ledger.put(time, request, "interfaces", number, touched, who, facts)
        self._ledger.put(time, request, "cables", cable.id, whole, who, {})

    def _cable_changed(self, time: datetime, request: str, cable_id: int, edit: Any) -> None:
        before = self._tables.cables.get(cable_id)
        if before is not None:
            row = {**before, **edit.set, "last_updated": time}
            self._ledger.put(time, request, "cables", cable_id, row, edit.by)

    def _end(self, end: tuple[str, str]) -> int | None:
        return self._ledger.interface_named(self._directory.device_ids[end[0]], end[1])

    def _cable_deleted(self, time: datetime, request: str, cable_id: int, cable: Cable) -> None:
        row = self._tables.cables.get(cable_id)
        if row is None:
            return
        who = cable.deleted_by or self._default_user
        ends = {end: row[end] for end in ("a", "b") if row[end] is not None}
        before = {number: self._ledger.facts("interfaces", number) for number in ends.values()}
        for end in ends:
            self._log_termination(time, request, cable_id, end, who, "delete")
        self._ledger.drop(time, request, "cables", cable_id, who)
        for number in reversed(ends.values()):
            touched = {**self._tables.interfaces[number], "last_updated": time}
            self._ledger.put(time, request, "interfaces", number, touched, who, before[number])

    def _entry_written(self, time: datetime, request: str, number: int, e: JournalEntry) -> None:
        device_id = self._directory.device_ids[e.device]
        if device_id in self._tables.devices:
            row = {**e.model_dump(), "device": device_id, "last_updated": time}
            self._ledger.put(time, request, "journal", number, row, e.created_by)

    def _entry_deleted(self, time: datetime, request: str, number: int, e: JournalEntry) -> None:
        if number in self._tables.journal:
            self._ledger.drop(time, request, "journal", number, e.created_by)

    def _thing_created(
        self, time: datetime, request: str, number: int, detail: tuple[str, Thing]
    ) -> None:
        key, thing = detail
        row = {
            "id": thing.id,
            "list": key,
            "name": thing.name,
            "fields": thing.fields,
            "created": time,
            "last_updated": time,
        }
        self._ledger.put(time, request, "things", number, row, thing.created_by)

    def _thing_changed(self, time: datetime, request: str, number: int, touch: Any) -> None:
        before = self._tables.things.get(number)
        if before is not None:
            fields = {**before["fields"], **touch.set}
            row = {**before, "fields": fields, "last_updated": time}
            self._ledger.put(time, request, "things", number, row, touch.by)

    def _thing_deleted(self, time: datetime, request: str, number: int, thing: Thing) -> None:
        who = thing.deleted_by or self._default_user
        self._ledger.drop(time, request, "things", number, who)

    def _log_termination(
        self, time: datetime, request: str, cable_id: int, end: str, who: str, action: Action
    ) -> None:
        interface_id = self._tables.cables[cable_id][end]
        facts = termination_facts(cable_id, end.upper(), interface_id)
        number = self._ledger.termination(cable_id, end)
        name = self._tables.interfaces[interface_id]["name"]
        before, after = ({}, facts) if action == "create" else (facts, {})
        log = self._ledger.log(
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
        self._ledger.note("cables", cable_id, row, log)
