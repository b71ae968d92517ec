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
from functools import cached_property
from typing import Any

from connectors.base import Forbidden, Json, NotFound
from connectors.netbox.api import Api
from connectors.netbox.filters import Parameters
from connectors.netbox.needs import Needs
from connectors.netbox.points import parsed
from connectors.netbox.proofs import Proven, ensure_honoured
from connectors.netbox.relations import (
    CABLE,
    CABLE_END,
    JOURNAL_ENTRY,
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


@dataclass(frozen=True)
class Touched:
    """The ids of the objects that may have changed, and whether something on the other side of a
    drift did.
    """

    ids: set[int]
    elsewhere: bool = False


class ChangeLog:
    """The rows of the change log that concern one endpoint and one scan's needs."""

    def __init__(self, api: Api, endpoint: str, needs: Needs, proven: Proven) -> None:
        self._api = api
        self._endpoint = endpoint
        self._needs = needs
        self._proven = proven

    @cached_property
    def _own(self) -> str:
        return self._api.object_type(self._endpoint)

    @cached_property
    def _elsewhere(self) -> set[str]:
        """Types that can change the other side of a drift."""
        types: set[str] = set()
        for other in self._needs.others.values():
            types |= {self._api.object_type(other.endpoint)}
            types |= other.needs.related_types(other.endpoint)
        return types

    @cached_property
    def _asked(self) -> Parameters:
        related = self._needs.related_types(self._endpoint)
        types = sorted({self._own, *related, *self._elsewhere})
        return [("changed_object_type", one) for one in types]

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

    def since(self, mark: Mark, now: datetime) -> tuple[Touched, Mark]:
        """What was touched since the mark (whatever its scope), and the next mark.

        Raises HistoryLost when the log does not reach back to the mark, or cannot be read.
        """
        try:
            rows = list(self._tail((mark.anchor or 1) - 1, _PLAIN))
            if mark.anchor is not None and (not rows or rows[0]["id"] != mark.anchor):
                raise HistoryLost("the change log was pruned past the last turn")
            fresh = [row for row in rows if row["id"] not in mark.seen and row["id"] != mark.anchor]
            elsewhere = any(row["changed_object_type"] in self._elsewhere for row in fresh)
            touched = Touched(self._touched(fresh), elsewhere)
        except (Forbidden, NotFound) as error:
            raise HistoryLost("the change log cannot be read") from error
        return touched, _advanced(mark, rows, clock(self._api, now))

    def _tail(self, after: int, fields: list[str]) -> Iterable[dict[str, Any]]:
        for page in self._api.pages(self._api.change_log, self._asked, fields, after=after):
            yield from page

    def _touched(self, rows: list[dict[str, Any]]) -> set[int]:
        own = {row["changed_object_id"] for row in rows if row["changed_object_type"] == self._own}
        kinds = self._needs.related_types(self._endpoint) - {self._own}
        related = {row["id"] for row in rows if row["changed_object_type"] in kinds}
        if self._own in self._needs.related_types(self._endpoint):
            related |= {row["id"] for row in rows}
        whole: list[dict[str, Any]] = []
        for page in self._api.of_ids(self._api.change_log, [], _DATA, "id", related, 100):
            whole += page
        return (
            own
            | self._parents(whole)
            | self._pointed(whole)
            | self._referring(whole)
            | self._written_of(whole)
        )

    @staticmethod
    def _written_of(rows: list[dict[str, Any]]) -> set[int]:
        """Objects with an entry in their journal. Of whatever type: the log tells only a number
        for it, which costs a look at one object too many.
        """
        entries = [row for row in rows if row["changed_object_type"] == JOURNAL_ENTRY]
        return _named(entries, "assigned_object_id")

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
            if changed:  # NetBox refuses a filter by what is gone
                left = self._api.of_ids(reference.endpoint, [], ["id"], "id", changed)
                changed = {row["id"] for page in left for row in page}
            if not changed:
                continue
            sample: dict[str, Any] = {reference.filter: min(changed)}
            ensure_honoured(self._api, self._endpoint, sample, self._proven)
            asked = (self._endpoint, ["id"], reference.filter, changed, reference.endpoint)
            for page in self._api.pointing_to(*asked):
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
