"""Rows of a scope, carrying what the judges need: lists, references, create rows, journals,
membership, and the other sides of drifts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.base import FilterIgnored, Forbidden, Json, NotFound, QueryRefused, Row, about
from connectors.netbox.api import LIGHT_PAGE, PAGE, Api
from connectors.netbox.fields import value_at
from connectors.netbox.filters import Filter, Parameters, parameters
from connectors.netbox.journal import Journal, Journals
from connectors.netbox.needs import FIRST_SEEN, JOURNAL, LISTS_KEY, OTHERS, PASSING, Needs
from connectors.netbox.relations import LISTS, REFERENCES
from connectors.netbox.strides import strides

Creations = Mapping[int, Mapping[str, Json]]


@dataclass(frozen=True)
class Told:
    """What is known of objects beside their own rows, by object id; and the ids that match each
    passing filter, by its fingerprint.
    """

    passing: Mapping[str, set[int]]
    creations: Creations
    journals: Mapping[int, Journal]


class Reader:
    """Reads the objects behind one endpoint and filter; what they point to is read once a run.
    `of_judges`: what each judge needs, by its place, so that a fault says whose it is.
    """

    def __init__(
        self,
        api: Api,
        endpoint: str,
        filter_: Filter,
        needs: Needs,
        others: Callable[[], Mapping[str, Any]] = dict,
        *,
        of_judges: Sequence[Needs] = (),
    ) -> None:
        self._api = api
        self._others = others
        self._endpoint = endpoint
        self._query = parameters(filter_)
        self._needs = needs
        self._of_judges = of_judges
        self._pointed: dict[str, dict[int, Row]] = {}

    def all(
        self, after: int, passing: Mapping[str, set[int]], *, total: int = 0
    ) -> Iterator[list[Row]]:
        """Every object with an id over `after`, by rising id. `passing` holds the ids that match
        each passing filter, by its fingerprint. `total`: about how many there are, where that is
        known.
        """
        told = Told(passing, self.creations(total=total), self._journals().all())
        # what hangs on the objects is asked for page by page, and held as long
        size = PAGE if self._needs.lists else LIGHT_PAGE
        asked = (self._api, self._endpoint, self._query, self._needs.fields())
        for page in strides(*asked, after=after, size=size, total=total):
            yield self._complete(page, told)

    def of(self, ids: set[int]) -> Iterator[list[Row]]:
        """Those of the ids that are in the scope."""
        fields = self._needs.fields()
        for page in self._api.of_ids(self._endpoint, self._query, fields, "id", ids, PAGE):
            came = {row["id"] for row in page}
            passing = {key: self._among(match, came) for key, match in self._needs.passing.items()}
            creations = self.creations_of(came) if self._needs.first_seen else {}
            yield self._complete(page, Told(passing, creations, self._journals().of(came)))

    def counted(self, ids: set[int]) -> int:
        """How many of the ids are in the scope by the server's own count."""
        return self._api.count_of_ids(self._endpoint, self._query, ids)

    def _among(self, filter_: Filter, ids: set[int]) -> set[int]:
        pages = self._api.of_ids(self._endpoint, parameters(filter_), ["id"], "id", ids)
        return {row["id"] for page in pages for row in page}

    def _journals(self) -> Journals:
        kinds, accounts = self._needs.journal, self._needs.journal_accounts
        return Journals(self._api, self._api.object_type(self._endpoint), kinds, accounts=accounts)

    def _complete(self, page: list[dict[str, Any]], told: Told) -> list[Row]:
        ids = {row["id"] for row in page}
        lists = {name: self._list(name, ids) for name in self._needs.lists}
        for head in self._needs.references(self._endpoint):
            self._follow(head, page)
        others = self._others()
        for row in page:
            one = row["id"]
            row[LISTS_KEY] = {name: rows.get(one, []) for name, rows in lists.items()}
            row[PASSING] = frozenset(key for key, ids in told.passing.items() if one in ids)
            row[FIRST_SEEN] = told.creations.get(one)
            row[JOURNAL] = told.journals.get(one, {})
            row[OTHERS] = others
        self._check(page[0])
        return list(page)

    def _check(self, row: Row) -> None:
        """Tells a field that does not exist before any verdict."""
        for place, needs in enumerate(self._of_judges):
            with about([place]):
                self._check_for(needs, row)
        self._check_for(self._needs, row)

    def _check_for(self, needs: Needs, row: Row) -> None:
        try:
            for path in sorted(needs.paths):
                value_at(row, path, self._endpoint)
            for name, paths in needs.lists.items():
                for path in sorted(paths):
                    for one in row[LISTS_KEY][name][:1]:
                        value_at(one, path, name)
        except QueryRefused as error:
            raise QueryRefused(f"{self._api.source}: {error}") from error

    def _list(self, name: str, ids: set[int]) -> dict[int, list[Row]]:
        related = LISTS[self._endpoint][name]
        wanted = sorted({"id", related.parent, *(path[0] for path in self._needs.lists[name])})
        found: dict[int, list[Row]] = {}
        asked = (related.endpoint, wanted, related.filter, ids, self._endpoint)
        for page in self._api.pointing_to(*asked):
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

    def creations(self, *, total: int = 0) -> Creations:
        """The first create row of every object, where a judge needs them. `total`: about how many
        objects there are, where that is known.
        """
        return self._creations([], total) if self._needs.first_seen else {}

    def _creations(self, query: Parameters, total: int) -> Creations:
        """The first create row of the change log by object id; none where the log is not ours to
        read.
        """
        first: dict[int, Mapping[str, Json]] = {}
        own = self._api.object_type(self._endpoint)
        asked = [*query, ("action", "create"), ("changed_object_type", own)]
        fields = ["id", "time", "action", "user_name", "changed_object_type", "changed_object_id"]
        try:
            rows = (self._api, self._api.change_log, asked, fields)
            for page in strides(*rows, after=0, size=LIGHT_PAGE, total=total):
                for row in page:
                    if row["action"]["value"] == "create" and row["changed_object_type"] == own:
                        seen = {"time": row["time"], "user": row["user_name"]}
                        first.setdefault(row["changed_object_id"], seen)
        except (Forbidden, NotFound):
            return {}
        return first

    def creations_of(self, ids: set[int]) -> Creations:
        """The first create rows of these objects."""
        found: dict[int, Mapping[str, Json]] = {}
        ordered = sorted(ids)
        for start in range(0, len(ordered), 100):
            part = [("changed_object_id", str(one)) for one in ordered[start : start + 100]]
            found.update(self._creations(part, len(part)))
        return found
