"""Where a history is written down while it is played: what is there, and every step with its row
in the change log.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime

from syncd.demo.netbox.tables import Step, Tables
from syncd.demo.netbox.world import (
    Action,
    Directory,
    LogRow,
    Row,
    Table,
    cable_facts,
    device_facts,
    display,
    interface_facts,
    journal_facts,
    thing_facts,
)

_TYPES: dict[Table, str] = {
    "devices": "dcim.device",
    "interfaces": "dcim.interface",
    "cables": "dcim.cable",
    "journal": "extras.journalentry",
}


class Ledger:
    """The tables as they are at the moment that is being played, and the steps so far."""

    def __init__(self, directory: Directory) -> None:
        self.tables = Tables()
        self.steps: list[Step] = []
        self._directory = directory
        self._log_id = 0
        self._terminations: dict[int, int] = {}  # cable id to the id of its A termination
        self._cable_ends: dict[int, tuple[int, str]] = {}
        self._interfaces: defaultdict[int, dict[int, str]] = defaultdict(dict)

    # ----------------------------------------------------------------------------- what is there

    def cable_at(self, interface_id: int) -> tuple[int, str] | None:
        """The cable at an interface and the cable's end there, ``a`` or ``b``."""
        return self._cable_ends.get(interface_id)

    def interface_named(self, device_id: int, name: str) -> int | None:
        """The id of a device's interface of this name, None without one."""
        mine = self._interfaces.get(device_id, {})
        return next((number for number, known in mine.items() if known == name), None)

    def interfaces_of(self, device_id: int) -> list[int]:
        """The ids of a device's interfaces, in the order in which they came."""
        return list(self._interfaces.get(device_id, ()))

    def new_terminations(self, cable_id: int) -> None:
        """Gives the two ends of a new cable their ids."""
        self._terminations[cable_id] = 2 * len(self._terminations) + 1

    def termination(self, cable_id: int, end: str) -> int:
        """The id of a cable's termination at an end, ``a`` or ``b``."""
        return self._terminations[cable_id] + (end == "b")

    def facts(self, table: Table, number: int) -> Row:
        """The object as the change log keeps it: related objects as ids, no times of its own."""
        row = self.tables.of(table)[number]
        if table == "devices":
            return device_facts(row, self._directory, len(self._interfaces.get(number, ())))
        if table == "interfaces":
            cable_id, end = self.cable_at(number) or (None, None)
            return interface_facts(row, cable_id, end.upper() if end else None)
        if table == "journal":
            return journal_facts(row, self._directory)
        if table == "things":
            return thing_facts(row)
        ends = {
            end: None if row[end] is None else self.termination(number, end) for end in ("a", "b")
        }
        return cable_facts(row, ends["a"], ends["b"])

    # --------------------------------------------------------------------------- writing it down

    def put(
        self,
        time: datetime,
        request: str,
        table: Table,
        number: int,
        row: Row,
        who: str | None,
        before: Row | None = None,
    ) -> None:
        """An object's new row; logged when somebody (`who`) did it."""
        existed = number in self.tables.of(table)
        if before is None:
            before = self.facts(table, number) if existed and who is not None else {}
        self._keep(table, number, row)
        log = None
        if who is not None:
            action: Action = "update" if existed else "create"
            after = self.facts(table, number)
            text = display(table, row)
            kind, shown = self._named(table, number)
            log = self.log(time, request, kind, shown, who, action, text, before, after)
        self.steps.append(Step(time, table, number, row, log))

    def drop(
        self,
        time: datetime,
        request: str,
        table: Table,
        number: int,
        who: str,
        before: Row | None = None,
    ) -> None:
        """An object is gone."""
        if before is None:
            before = self.facts(table, number)
        text = display(table, self.tables.of(table)[number])
        kind, shown = self._named(table, number)
        log = self.log(time, request, kind, shown, who, "delete", text, before, {})
        self._keep(table, number, None)
        self.steps.append(Step(time, table, number, None, log))

    def note(self, table: Table, number: int, row: Row, log: LogRow) -> None:
        """A row of the change log of which the object's own row shows nothing."""
        self.steps.append(Step(log.time, table, number, row, log))

    def log(
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
        """The next row of the change log."""
        self._log_id += 1
        moment = time.astimezone(UTC)
        return LogRow(
            self._log_id, moment, who, action, object_type, number, text, request, before, after
        )

    def _keep(self, table: Table, number: int, row: Row | None) -> None:
        old = self.tables.of(table).get(number)
        if table == "cables":
            for each in (old, row):
                for end in ("a", "b"):
                    if each is None or each[end] is None:
                        continue
                    if each is row:
                        self._cable_ends[each[end]] = (number, end)
                    else:
                        self._cable_ends.pop(each[end], None)
        if table == "interfaces" and row is not None:
            self._interfaces[row["device"]][number] = row["name"]
        elif table == "interfaces" and old is not None:
            self._interfaces[old["device"]].pop(number, None)
        if row is None:
            del self.tables.of(table)[number]
        else:
            self.tables.of(table)[number] = row

    def _named(self, table: Table, number: int) -> tuple[str, int]:
        """The object's type and id in the change log; plugins' lists have numbers of their own."""
        if table != "things":
            return _TYPES[table], number
        row = self.tables.things[number]
        return self._directory.plugins[row["list"]].model, row["id"]
