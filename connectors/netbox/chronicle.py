"""What the change log keeps of the objects of one endpoint since a moment."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from connectors.base import Json, Row
from connectors.netbox.api import Api
from connectors.netbox.fields import Path
from connectors.netbox.filters import Parameters
from connectors.netbox.points import CREATED, parsed
from connectors.netbox.versions import Alive, Data, Entry, Life, entry_of, flattened, life

ROWS = 200
"""Rows with both whole objects asked for at once."""

_FIELDS = ["id", "time", "action", "changed_object_type", "changed_object_id", "object_repr"]
_FIELDS += ["prechange_data", "postchange_data", "request_id"]

COMPUTED = frozenset(
    [
        "_occupied",
        "config_context",
        "connected_endpoints",
        "connected_endpoints_reachable",
        "link_peers",
        "parent_device",
        "primary_ip",
    ]
)
"""Fields that NetBox computes: no change log holds them."""

ALWAYS: frozenset[str] = frozenset(["id", "display", "url", CREATED, "last_updated"])
"""Fields that are known without the log's data."""


def horizon(api: Api) -> datetime | None:
    """The time of the log's oldest row: what lies before was pruned. None for an empty log."""
    rows = api.first(api.change_log, [("ordering", "time")], ["id", "time"])["results"]
    return parsed(rows[0]["time"]) if rows else None


class Chronicle:
    """The log's rows of one endpoint's objects since a moment, by object, and what objects were."""

    def __init__(self, api: Api, endpoint: str, since: datetime) -> None:
        self._api = api
        self._type = api.object_type(endpoint)
        self._since = since
        self._paths: frozenset[Path] = frozenset()
        self._last = 0
        self.entries: dict[int, list[Entry]] = {}
        self.known = self._known()

    def _known(self) -> frozenset[str] | None:
        """The names of an object's fields in the log; None where it has no row to tell by."""
        asked = [("changed_object_type", self._type)]
        for row in self._api.first(self._api.change_log, asked, _FIELDS)["results"]:
            data = row["postchange_data"] or row["prechange_data"]
            if data and row["changed_object_type"] == self._type:
                return frozenset(data)
        return None

    def holds(self, head: str) -> bool:
        """Whether the log tells of this field, or it is known without."""
        if head in ALWAYS:
            return True
        return head not in COMPUTED if self.known is None else head in self.known

    def read(self, paths: Collection[Path]) -> None:
        """Reads the rows, their data cut down to these paths."""
        self._paths = frozenset(path for path in paths if path[0] not in ALWAYS)
        self.more()

    def more(self) -> set[int]:
        """Reads what was added since; the ids of the objects that it is about."""
        since = self._since.isoformat().replace("+00:00", "Z")
        asked: Parameters = [("changed_object_type", self._type), ("time_after", since)]
        touched: set[int] = set()
        pages = self._api.pages(self._api.change_log, asked, _FIELDS, after=self._last, size=ROWS)
        for page in pages:
            for row in page:
                self._last = row["id"]
                if row["changed_object_type"] == self._type:
                    touched |= self._keep(row)
        return touched

    def _keep(self, row: Mapping[str, Any]) -> set[int]:
        entry = entry_of(row, self._paths)
        if entry is None or entry.at < self._since:
            return set()
        self.entries.setdefault(row["changed_object_id"], []).append(entry)
        return {row["changed_object_id"]}

    def alive(self, row: Row) -> Alive:
        """A row of the API as it is compared with the log."""
        return Alive(parsed(row.get(CREATED)), flattened(row, self._paths))

    def life(
        self,
        one: int,
        row: Row | None,
        *,
        there: bool = True,
        gone: tuple[Path, Callable[[int], bool]] | None = None,
    ) -> Life:
        """What the object was; `row` is what it is (None: it was not read). `gone` is a path that
        is emptied without a row when the object it names is deleted, and tells which were.
        """

        def emptied(path: Path, value: Json) -> bool:
            return (
                gone is not None and path == gone[0] and isinstance(value, int) and gone[1](value)
            )

        alive = None if row is None else self.alive(row)
        entries = self.entries.get(one, ())
        return life(entries, alive, self._since, there=there, emptied=emptied)

    def last(self, one: int) -> Data | None:
        """What the log says the object is; None where it says nothing, or that it was deleted."""
        entries = self.entries.get(one)
        return entries[-1].after if entries and entries[-1].action != "delete" else None

    def deleted(self, one: int) -> bool:
        """Whether the log says that it was deleted."""
        entries = self.entries.get(one)
        return entries is not None and entries[-1].action == "delete"

    def name(self, one: int) -> str:
        """What the log last called it."""
        entries = self.entries.get(one)
        return entries[-1].name if entries else str(one)

    def naming(self, path: Path) -> dict[int, set[int]]:
        """Value at the path to the ids of the objects that had it."""
        found: dict[int, set[int]] = {}
        for one, entries in self.entries.items():
            for value in _values(entries, path):
                found.setdefault(value, set()).add(one)
        return found


def _values(entries: Iterable[Entry], path: Path) -> Iterator[int]:
    for entry in entries:
        for data in (entry.before, entry.after):
            value = (data or {}).get(path)
            if isinstance(value, int):
                yield value
