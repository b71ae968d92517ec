"""Rows of a scope, carrying what the judges need: lists, references, create rows, membership."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from connectors.base import FilterIgnored, Forbidden, Json, NotFound, QueryRefused, Row
from connectors.netbox.api import PAGE, Api
from connectors.netbox.fields import value_at
from connectors.netbox.filters import Filter, Parameters, parameters
from connectors.netbox.needs import FIRST_SEEN, LISTS_KEY, PASSING, Needs
from connectors.netbox.relations import LISTS, REFERENCES, object_type

Creations = Mapping[int, Mapping[str, Json]]


class Reader:
    """Reads the objects behind one endpoint and filter; what they point to is read once a run."""

    def __init__(self, api: Api, endpoint: str, filter_: Filter, needs: Needs) -> None:
        self._api = api
        self._endpoint = endpoint
        self._query = parameters(filter_)
        self._needs = needs
        self._pointed: dict[str, dict[int, Row]] = {}

    def all(self, after: int, passing: Mapping[str, set[int]]) -> Iterator[list[Row]]:
        """Every object with an id over `after`, by rising id. `passing` holds the ids that match
        each passing filter, by its fingerprint.
        """
        creations = self._creations([]) if self._needs.first_seen else {}
        fields = self._needs.fields()
        for page in self._api.pages(self._endpoint, self._query, fields, after=after, size=PAGE):
            yield self._complete(page, passing, creations)

    def of(self, ids: set[int]) -> Iterator[list[Row]]:
        """Those of the ids that are in the scope."""
        fields = self._needs.fields()
        for page in self._api.of_ids(self._endpoint, self._query, fields, "id", ids, PAGE):
            came = {row["id"] for row in page}
            passing = {key: self._among(match, came) for key, match in self._needs.passing.items()}
            creations: Creations = {}
            if self._needs.first_seen:
                creations = self._creations_of(came)
            yield self._complete(page, passing, creations)

    def _among(self, filter_: Filter, ids: set[int]) -> set[int]:
        pages = self._api.of_ids(self._endpoint, parameters(filter_), ["id"], "id", ids)
        return {row["id"] for page in pages for row in page}

    def _complete(
        self,
        page: list[dict[str, Any]],
        passing: Mapping[str, set[int]],
        creations: Creations,
    ) -> list[Row]:
        ids = {row["id"] for row in page}
        lists = {name: self._list(name, ids) for name in self._needs.lists}
        for head in self._needs.references(self._endpoint):
            self._follow(head, page)
        for row in page:
            row[LISTS_KEY] = {name: rows.get(row["id"], []) for name, rows in lists.items()}
            row[PASSING] = frozenset(key for key, match in passing.items() if row["id"] in match)
            row[FIRST_SEEN] = creations.get(row["id"])
        self._check(page[0])
        return list(page)

    def _check(self, row: Row) -> None:
        """Tells a field that does not exist before any verdict."""
        try:
            for path in sorted(self._needs.paths):
                value_at(row, path, self._endpoint)
            for name, paths in self._needs.lists.items():
                for path in sorted(paths):
                    for one in row[LISTS_KEY][name][:1]:
                        value_at(one, path, name)
        except QueryRefused as error:
            raise QueryRefused(f"{self._api.source}: {error}") from error

    def _list(self, name: str, ids: set[int]) -> dict[int, list[Row]]:
        related = LISTS[self._endpoint][name]
        wanted = sorted({"id", related.parent, *(path[0] for path in self._needs.lists[name])})
        found: dict[int, list[Row]] = {}
        for page in self._api.of_ids(related.endpoint, [], wanted, related.filter, ids):
            for row in page:
                parent = (row.get(related.parent) or {}).get("id")
                if parent not in ids:
                    raise FilterIgnored(
                        f"{self._api.source}: NetBox ignores the filter {related.filter} "
                        f"of {related.endpoint}"
                    )
                found.setdefault(parent, []).append(row)
        return found

    def _follow(self, head: str, page: Iterable[dict[str, Any]]) -> None:
        """Puts the whole referenced object where NetBox gives its short form."""
        reference = REFERENCES[self._endpoint][head]
        wanted = self._needs.references(self._endpoint)[head]
        fields = sorted({"id", *(path[0] for path in wanted)})
        known = self._pointed.setdefault(head, {})
        pointing = [row for row in page if row.get(head)]
        unknown = {row[head]["id"] for row in pointing} - known.keys()
        for found in self._api.of_ids(reference.endpoint, [], fields, "id", unknown):
            known.update({row["id"]: row for row in found})
        for row in pointing:
            row[head] = {**row[head], **known.get(row[head]["id"], {})}

    def _creations(self, query: Parameters) -> Creations:
        """The first create row of the change log by object id; none where the log is not ours to
        read.
        """
        first: dict[int, Mapping[str, Json]] = {}
        own = object_type(self._endpoint)
        asked = [*query, ("action", "create"), ("changed_object_type", own)]
        fields = ["id", "time", "action", "user_name", "changed_object_type", "changed_object_id"]
        try:
            for page in self._api.pages(self._api.change_log, asked, fields):
                for row in page:
                    if row["action"]["value"] == "create" and row["changed_object_type"] == own:
                        seen = {"time": row["time"], "user": row["user_name"]}
                        first.setdefault(row["changed_object_id"], seen)
        except (Forbidden, NotFound):
            return {}
        return first

    def _creations_of(self, ids: set[int]) -> Creations:
        found: dict[int, Mapping[str, Json]] = {}
        ordered = sorted(ids)
        for start in range(0, len(ordered), 100):
            part = [("changed_object_id", str(one)) for one in ordered[start : start + 100]]
            found.update(self._creations(part))
        return found
