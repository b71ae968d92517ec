"""The tables of a history, and the steps that change them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from syncd.demo.netbox.world import LogRow, Row, Table


@dataclass(frozen=True, slots=True)
class Step:
    """One object's new row (None: it is gone) from a moment on."""

    time: datetime
    table: Table
    object_id: int
    row: Row | None
    log: LogRow | None


@dataclass
class Tables:
    """The rows that are there, by table and id."""

    devices: dict[int, Row] = field(default_factory=dict)
    interfaces: dict[int, Row] = field(default_factory=dict)
    cables: dict[int, Row] = field(default_factory=dict)
    journal: dict[int, Row] = field(default_factory=dict)
    things: dict[int, Row] = field(default_factory=dict)

    def of(self, table: Table) -> dict[int, Row]:
        """The rows of one table."""
        rows: dict[int, Row] = getattr(self, table)
        return rows

    def put(self, step: Step) -> None:
        """Does what the step says."""
        if step.row is None:
            self.of(step.table).pop(step.object_id, None)
        else:
            self.of(step.table)[step.object_id] = step.row
