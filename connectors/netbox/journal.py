"""The journals of objects: the first entry of each kind."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from connectors.base import FilterIgnored, Forbidden, Json, NotFound
from connectors.netbox.api import Api
from connectors.netbox.filters import Parameters
from connectors.netbox.points import parsed
from connectors.netbox.relations import JOURNAL_ENTRY

ENDPOINT = "extras.journal-entries"

Journal = Mapping[str, Mapping[str, Json]]
"""Kind to `time` and `user` of its first entry."""

_FIELDS = ["id", "created", "kind", "assigned_object_type", "assigned_object_id"]
_ROWS = ["id", "action", "user_name", "changed_object_type", "changed_object_id"]
_AT_ONCE = 100


class Journals:
    """The journals of the objects of one type (``dcim.device``)."""

    def __init__(self, api: Api, object_type: str, kinds: Iterable[str], *, accounts: bool) -> None:
        self._api = api
        self._type = object_type
        self._kinds = sorted(kinds)
        self._accounts = accounts

    def all(self) -> dict[int, Journal]:
        """The first entries of all objects, by object id. Raises Forbidden where they are not ours
        to read: an entry that is not seen is not one that is not there.
        """
        return self._first(self._entries([])) if self._kinds else {}

    def of(self, ids: Iterable[int]) -> dict[int, Journal]:
        """The first entries of these objects."""
        found: dict[int, Journal] = {}
        ordered = sorted(ids) if self._kinds else []
        for start in range(0, len(ordered), _AT_ONCE):
            part = ordered[start : start + _AT_ONCE]
            asked = [("assigned_object_id", str(one)) for one in part]
            found |= self._first(self._entries(asked))
        return found

    def _entries(self, query: Parameters) -> Iterator[dict[str, Any]]:
        asked = [*query, ("assigned_object_type", self._type)]
        asked += [("kind", kind) for kind in self._kinds]
        for page in self._api.pages(ENDPOINT, asked, _FIELDS):
            for row in page:
                if (
                    row.get("assigned_object_type") != self._type
                    or row["kind"]["value"] not in self._kinds
                ):
                    raise FilterIgnored(
                        f"{self._api.source}: NetBox ignores the filters assigned_object_type and "
                        f"kind of {ENDPOINT}"
                    )
                yield row

    def _first(self, entries: Iterable[dict[str, Any]]) -> dict[int, Journal]:
        first: dict[tuple[int, str], dict[str, Any]] = {}
        for row in entries:
            key = (row["assigned_object_id"], row["kind"]["value"])
            if key not in first or _when(row) < _when(first[key]):
                first[key] = row
        ids = {row["id"] for row in first.values()}
        accounts = self._authors(ids) if self._accounts else {}
        found: dict[int, dict[str, Mapping[str, Json]]] = {}
        for (owner, kind), row in first.items():
            told = {"time": row["created"], "user": accounts.get(row["id"])}
            found.setdefault(owner, {})[kind] = told
        return dict(found)

    def _authors(self, ids: set[int]) -> dict[int, str]:
        """Who wrote the entries, as the change log tells it (an entry itself tells only a number);
        none where the log is not ours to read.
        """
        found: dict[int, str] = {}
        asked = [("action", "create"), ("changed_object_type", JOURNAL_ENTRY)]
        log = self._api.change_log
        try:
            for page in self._api.of_ids(log, asked, _ROWS, "changed_object_id", ids):
                for row in page:
                    told = (row["action"]["value"], row["changed_object_type"])
                    if told == ("create", JOURNAL_ENTRY):
                        found.setdefault(row["changed_object_id"], row["user_name"])
        except (Forbidden, NotFound):
            return {}
        return found


def _when(row: Mapping[str, Any]) -> tuple[Any, int]:
    at = parsed(row["created"])
    return (at.timestamp() if at else 0.0, row["id"])
