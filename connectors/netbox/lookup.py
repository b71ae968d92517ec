"""Names behind the numbers of the change log: what an id, a tag, a custom field stands for now."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from connectors.base import Forbidden, Json, NotFound, Row
from connectors.netbox.api import Api
from connectors.netbox.fields import CUSTOM, Path
from connectors.netbox.relations import REFERENCES
from connectors.netbox.versions import TAGS, Data

_URL = re.compile(r".*/api/([a-z0-9_/-]+)/\d+/")
_NAMED = ["id", "display", "name", "slug", "address", "model", "username"]
_DELETED = ["id", "action", "changed_object_type", "changed_object_id", "prechange_data"]
_DELETED += ["object_repr"]


class Shapes:
    """How the API writes what the log writes flat, learned from rows of both kinds: choices as
    value and label, references as small objects, numbers as numbers.
    """

    def __init__(self, api: Api, endpoint: str) -> None:
        self._api = api
        self._endpoint = endpoint
        self._references: dict[Path, str] = {
            (head,): reference.endpoint for head, reference in REFERENCES.get(endpoint, {}).items()
        }
        self._labels: dict[Path, dict[Json, Json]] = {}
        self._numbers: set[Path] = set()
        self._names: dict[tuple[str, int], Row] = {}
        self._tags: list[Row] | None = None
        self._called: frozenset[Path] = frozenset()

    def call(self, paths: Iterable[Path]) -> None:
        """Says at which paths it matters what objects are called; elsewhere an id will do."""
        self._called = frozenset(paths)

    def learn(self, rows: Iterable[Row], paths: Iterable[Path]) -> None:
        """Looks at what stands at these paths of the API's rows."""
        wanted = list(paths)
        for row in rows:
            for path in wanted:
                value = (row.get(CUSTOM) or {}).get(path[1]) if len(path) > 1 else row.get(path[0])
                for one in value if isinstance(value, list) else [value]:
                    self._learn(path, one)

    def _learn(self, path: Path, value: Json) -> None:
        if isinstance(value, Mapping):
            if "value" in value:
                self._labels.setdefault(path, {})[value["value"]] = value.get("label")
            elif match := _URL.fullmatch(str(value.get("url"))):
                self._references[path] = match[1].replace("/", ".")
        elif isinstance(value, int | float) and not isinstance(value, bool):
            self._numbers.add(path)

    def refers(self, path: Path, endpoint: str) -> None:
        """Says that objects of the endpoint stand there."""
        self._references[path] = endpoint

    def reference(self, path: Path) -> str | None:
        """The endpoint of the objects that stand there; None where no objects are known to."""
        return self._references.get(path)

    def fetch(self, datas: Iterable[Data]) -> None:
        """Reads the names of what these data refer to, as far as they are not known."""
        wanted: dict[str, set[int]] = {}
        for data in datas:
            for path, endpoint in self._references.items():
                value = data.get(path) if path in self._called else None
                for one in value if isinstance(value, list) else [value]:
                    if isinstance(one, int) and (endpoint, one) not in self._names:
                        wanted.setdefault(endpoint, set()).add(one)
        for endpoint, ids in wanted.items():
            self._fetch(endpoint, ids)

    def _fetch(self, endpoint: str, ids: set[int]) -> None:
        found: dict[int, Row] = {}
        for page in self._api.of_ids(endpoint, [], _NAMED, "id", ids):
            found.update({row["id"]: row for row in page})
        gone = ids - found.keys()
        if gone:
            found.update(self._deleted(endpoint, gone))
        for one in ids:
            nameless = {"id": one, "display": f"#{one}"}
            self._names[endpoint, one] = found.get(one, nameless)

    def _deleted(self, endpoint: str, ids: set[int]) -> dict[int, Row]:
        """What is gone still has its last words in the log."""
        kind = self._api.object_type(endpoint)
        found: dict[int, Row] = {}
        asked = [("action", "delete"), ("changed_object_type", kind)]
        try:
            pages = self._api.of_ids(
                self._api.change_log, asked, _DELETED, "changed_object_id", ids, 100
            )
            for page in pages:
                for row in page:
                    if (row["changed_object_type"], row["action"]["value"]) == (kind, "delete"):
                        last = row["prechange_data"] or {}
                        told = {name: last[name] for name in _NAMED if name in last}
                        one = row["changed_object_id"]
                        found[one] = {"display": row["object_repr"], **told, "id": one}
        except (Forbidden, NotFound):
            return {}
        return found

    def tags(self) -> list[Row]:
        """All tags."""
        if self._tags is None:
            fields = ["id", "name", "slug", "display"]
            pages = self._api.pages("extras.tags", [], fields)
            self._tags = [row for page in pages for row in page]
        return self._tags

    def shaped(self, data: Data) -> dict[str, Any]:
        """The data as a row of the API writes them."""
        row: dict[str, Any] = {}
        custom: dict[str, Any] = {}
        for path, value in data.items():
            if path[0] == CUSTOM:
                custom[path[1]] = self._shape(path, value)
            else:
                row[path[0]] = self._shape(path, value)
        return {**row, CUSTOM: custom} if custom else row

    def _shape(self, path: Path, value: Json) -> Json:
        if isinstance(value, list):
            return [self._shape(path, one) for one in value]
        if value is None or value == "":
            return value
        if path == (TAGS,):
            nameless = {"name": value, "slug": None, "display": value}
            return next((tag for tag in self.tags() if tag["name"] == value), nameless)
        if path in self._references and isinstance(value, int):
            endpoint = self._references[path]
            return self._names.get((endpoint, value), {"id": value, "display": f"#{value}"})
        if path in self._labels:
            return {"value": value, "label": self._labels[path].get(value, value)}
        if path in self._numbers and isinstance(value, str):
            return float(value)
        return value

    # ------------------------------------------------------------------------------- for filters

    def members(self, endpoint: str, names: Iterable[str], field: str) -> set[int]:
        """The ids of the objects whose `field` is one of the names, and of all below them where
        the endpoint's objects form a tree (roles, locations): NetBox's filters take them in.
        """
        wanted = set(names)
        parents: dict[int, int | None] = {}
        found: set[int] = set()
        for page in self._api.pages(endpoint, [], ["id", field, "parent"]):
            for row in page:
                parents[row["id"]] = (row.get("parent") or {}).get("id")
                if str(row.get(field)) in wanted:
                    found.add(row["id"])
        return {one for one in parents if _lineage(one, parents) & found}

    def custom_field(self, name: str) -> Row | None:
        """How a custom field is defined (`type`, `filter_logic`); None where there is none."""
        query = [("name", name)]
        fields = ["id", "name", "type", "filter_logic"]
        for page in self._api.pages("extras.custom-fields", query, fields):
            for row in page:
                if row.get("name") == name:
                    return row
        return None


def _lineage(one: int, parents: Mapping[int, int | None]) -> set[int]:
    line: set[int] = set()
    at: int | None = one
    while at is not None and at not in line:
        line.add(at)
        at = parents.get(at)
    return line
