"""NetBox's change log: what was changed since a mark, and which objects that touches.

Rows get their number before they are committed, so a late one can appear behind a mark. A mark
is therefore an *anchor*, the newest row that was older than `OVERLAP` then, and the rows *seen*
after it; each turn starts at the anchor and leaves out what was seen. An anchor that is gone says
that the log was pruned past it.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from connectors.base import Forbidden, Json, NotFound
from connectors.netbox.api import Api
from connectors.netbox.needs import Needs
from connectors.netbox.points import parsed
from connectors.netbox.proofs import Proven, ensure_honoured
from connectors.netbox.relations import (
    CABLE,
    CABLE_END,
    LISTS,
    POINTERS,
    REFERENCES,
    Related,
    object_type,
)

OVERLAP = timedelta(minutes=5)
"""How late a row may be committed and still be found (a longer transaction waits for the daily
full read)."""

MOST_SEEN = 10_000

_PLAIN = ["id", "time", "action", "changed_object_type", "changed_object_id"]
_DATA = [*_PLAIN, "prechange_data", "postchange_data"]


class HistoryLost(Exception):  # says what is so; never leaves the connector
    """The change log cannot say what changed since the mark."""


@dataclass(frozen=True)
class Mark:
    """A place in the change log. `anchor` None: the log held nothing old enough."""

    anchor: int | None = None
    seen: frozenset[int] = field(default_factory=frozenset)

    def dumped(self) -> Json:
        """JSON for a cursor."""
        return {"anchor": self.anchor, "seen": sorted(self.seen)}

    @classmethod
    def loaded(cls, value: Mapping[str, Json]) -> Mark:
        """The mark again."""
        return cls(value["anchor"], frozenset(value["seen"]))


def clock(api: Api, now: datetime) -> datetime:
    """The earlier of our clock and the server's: neither may run ahead of what is committed."""
    return min(now, api.date) if api.date else now


class ChangeLog:
    """The rows of the change log that concern one endpoint and one scan's needs."""

    def __init__(self, api: Api, endpoint: str, needs: Needs, proven: Proven) -> None:
        self._api = api
        self._endpoint = endpoint
        self._needs = needs
        self._proven = proven
        self._own = object_type(endpoint)
        self._types = sorted({self._own, *needs.related_types(endpoint)})
        self._asked = [("changed_object_type", one) for one in self._types]

    def mark(self, now: datetime) -> Mark | None:
        """Where the log stands; None where it is not ours to read."""
        try:
            newest = self._api.first(self._api.change_log, self._asked, _PLAIN)["results"]
            if not newest:
                return Mark()
            latest = max(parsed(newest[0]["time"]) or now, clock(self._api, now))
            bound = latest - OVERLAP
            query = [*self._asked, ("time_before", bound.isoformat().replace("+00:00", "Z"))]
            older = self._api.first(self._api.change_log, query, _PLAIN)["results"]
            anchor = None
            if older and (at := parsed(older[0]["time"])) and at <= bound:
                anchor = int(older[0]["id"])
            rows = list(self._tail((anchor or 1) - 1, ["id", "time"]))
        except (Forbidden, NotFound):
            return None
        return _advanced(Mark(anchor), rows, clock(self._api, now))

    def since(self, mark: Mark, now: datetime) -> tuple[set[int], Mark]:
        """The ids of the objects touched since the mark (whatever their scope), and the next mark.

        Raises HistoryLost when the log does not reach back to the mark, or cannot be read.
        """
        try:
            rows = list(self._tail((mark.anchor or 1) - 1, _PLAIN))
            if mark.anchor is not None and (not rows or rows[0]["id"] != mark.anchor):
                raise HistoryLost("the change log was pruned past the last turn")
            fresh = [row for row in rows if row["id"] not in mark.seen and row["id"] != mark.anchor]
            touched = self._touched(fresh)
        except (Forbidden, NotFound) as error:
            raise HistoryLost("the change log cannot be read") from error
        return touched, _advanced(mark, rows, clock(self._api, now))

    def _tail(self, after: int, fields: list[str]) -> Iterable[dict[str, Any]]:
        for page in self._api.pages(self._api.change_log, self._asked, fields, after=after):
            yield from page

    def _touched(self, rows: list[dict[str, Any]]) -> set[int]:
        own = {row["changed_object_id"] for row in rows if row["changed_object_type"] == self._own}
        related = {row["id"] for row in rows if row["changed_object_type"] != self._own}
        if self._own in self._needs.related_types(self._endpoint):
            related |= {row["id"] for row in rows}
        whole: list[dict[str, Any]] = []
        for page in self._api.of_ids(self._api.change_log, [], _DATA, "id", related, 100):
            whole += page
        return own | self._parents(whole) | self._pointed(whole) | self._referring(whole)

    def _parents(self, rows: list[dict[str, Any]]) -> set[int]:
        """Objects one of whose lists was changed, or cabled."""
        lists = [LISTS[self._endpoint][name] for name in self._needs.lists]
        parents: set[int] = set()
        for related in lists:
            of_type = [r for r in rows if r["changed_object_type"] == object_type(related.endpoint)]
            parents |= _named(of_type, related.parent)
        cabled = [related for related in lists if related.cabled]
        if ends := self._cable_ends(rows) if cabled else set():
            for related in cabled:
                parents |= self._holding(related, ends)
        return parents

    def _cable_ends(self, rows: list[dict[str, Any]]) -> set[int]:
        """Ids of what cables that were changed end at. Of whatever kind: an interface and a power
        port of one number are not told apart, which costs a look at one object too many.
        """
        cables = [row for row in rows if row["changed_object_type"] == CABLE]
        ends = _named([r for r in rows if r["changed_object_type"] == CABLE_END], "termination_id")
        for side in ("a_terminations", "b_terminations"):
            ends |= _named(cables, side)
        alive = {r["changed_object_id"] for r in cables if r["action"]["value"] != "delete"}
        sides = ["id", "a_terminations", "b_terminations"]
        for page in self._api.of_ids("dcim.cables", [], sides, "id", alive, 100):
            for cable in page:
                both = [*(cable["a_terminations"] or ()), *(cable["b_terminations"] or ())]
                ends |= {end["object_id"] for end in both}
        return ends

    def _holding(self, related: Related, ids: set[int]) -> set[int]:
        fields = ["id", related.parent]
        pages = self._api.of_ids(related.endpoint, [], fields, "id", ids)
        return {row[related.parent]["id"] for page in pages for row in page if row[related.parent]}

    def _pointed(self, rows: list[dict[str, Any]]) -> set[int]:
        heads = {path[0] for path in self._needs.paths}
        touched: set[int] = set()
        for head, pointer in POINTERS.get(self._endpoint, {}).items():
            if head in heads:
                kind = object_type(pointer.endpoint)
                of_type = [row for row in rows if row["changed_object_type"] == kind]
                touched |= _named(of_type, pointer.field)
        return touched

    def _referring(self, rows: list[dict[str, Any]]) -> set[int]:
        """Objects that point to something that was changed."""
        touched: set[int] = set()
        for head in self._needs.watched_references(self._endpoint):
            reference = REFERENCES[self._endpoint][head]
            kind = object_type(reference.endpoint)
            changed = {
                row["changed_object_id"]
                for row in rows
                if row["changed_object_type"] == kind and row["action"]["value"] == "update"
            }
            if not changed:
                continue
            sample: dict[str, Any] = {reference.filter: min(changed)}
            ensure_honoured(self._api, self._endpoint, sample, self._proven)
            for page in self._api.of_ids(self._endpoint, [], ["id"], reference.filter, changed):
                touched |= {row["id"] for row in page}
        return touched


def _advanced(mark: Mark, rows: list[dict[str, Any]], at: datetime) -> Mark:
    """The next mark, from every row since the last anchor."""
    times = {row["id"]: moment for row in rows if (moment := parsed(row["time"]))}
    if not times:
        return mark
    bound = max(max(times.values()), at) - OVERLAP
    old = list(itertools.takewhile(lambda one: times[one] <= bound, sorted(times)))
    anchor = old[-1] if old else mark.anchor
    recent = sorted(one for one in times if one > (anchor or 0))
    return Mark(anchor, frozenset(recent[-MOST_SEEN:]))


def _named(rows: Iterable[Mapping[str, Any]], name: str) -> set[int]:
    """The ids a field of the changed objects named, before and after."""
    found: set[int] = set()
    for row in rows:
        for data in (row["prechange_data"], row["postchange_data"]):
            value = (data or {}).get(name)
            for one in value if isinstance(value, list) else [value]:
                if isinstance(one, int):
                    found.add(one)
    return found
