"""What hung on objects in the past: the rows of their lists, and what NetBox computes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from connectors.base import Row
from connectors.netbox.api import Api
from connectors.netbox.chronicle import Chronicle
from connectors.netbox.fields import Path, flat
from connectors.netbox.lookup import Shapes
from connectors.netbox.versions import Life

NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Strand:
    """The objects of an endpoint that hang on objects of `owners`: `parent` is the path of the
    object they hang on, `filter` asks for them by it, `paths` is what is looked at.
    """

    name: str
    endpoint: str
    filter: str
    owners: str
    parent: Path
    paths: frozenset[Path]


class Hanging:
    """The lives of what hangs on the objects of a page."""

    def __init__(
        self, api: Api, strand: Strand, since: datetime, deleted: Callable[[int], bool]
    ) -> None:
        """`deleted` tells whether an object that something hung on was deleted."""
        self._api = api
        self._deleted = deleted
        self.strand = strand
        self.chronicle = Chronicle(api, strand.endpoint, since)
        self.shapes = Shapes(api, strand.endpoint)
        self._lives: dict[int, list[Life]] = {}

    @property
    def _wanted(self) -> frozenset[Path]:
        return self.strand.paths | {self.strand.parent}

    def missing(self) -> list[str]:
        """The fields that the log does not hold."""
        heads = sorted({path[0] for path in self._wanted})
        return [head for head in heads if not self.chronicle.holds(head)]

    def read(self) -> None:
        """Reads the log."""
        self.chronicle.read(flat(self._wanted))
        self._by_parent = self.chronicle.naming(self.strand.parent)

    def load(self, parents: set[int]) -> None:
        """Puts together what hung on these."""
        fields = sorted({"id", "created", *(path[0] for path in self._wanted)})
        asked = (self.strand.endpoint, fields, self.strand.filter, parents, self.strand.owners)
        rows: dict[int, Row] = {}
        for page in self._api.pointing_to(*asked):
            self.shapes.learn(page, flat(self._wanted))
            rows |= {row["id"]: row for row in page}
        hanging: dict[int, set[int]] = {one: set(self._by_parent.get(one, ())) for one in parents}
        for one, row in rows.items():
            owner = (row.get(self.strand.parent[0]) or {}).get("id")
            if owner in hanging:
                hanging[owner].add(one)
        lives = {
            one: self._life(one, parent, rows.get(one))
            for parent, ids in hanging.items()
            for one in ids
        }
        self.shapes.fetch(v.data for told in lives.values() for v in told.versions)
        self._lives = {one: [lives[hung] for hung in ids] for one, ids in hanging.items()}

    def _life(self, one: int, parent: int, row: Row | None) -> Life:
        told = self._told(one, parent, row)
        if told.broken and one in self.chronicle.more():  # it changed while we read
            return self._told(one, parent, row)
        return told

    def _told(self, one: int, parent: int, row: Row | None) -> Life:
        last = self.chronicle.last(one)
        # what should hang here and does not was deleted without being logged
        should = last is not None and last.get(self.strand.parent) == parent
        there = row is not None or not should or self._deleted(parent)
        gone = (self.strand.parent, self._deleted)
        return self.chronicle.life(one, row, there=there, gone=gone)

    def known_from(self, parent: int) -> datetime | None:
        """The moment from which all that hung on it is known; None: all along."""
        broken = [told for told in self._lives.get(parent, ()) if told.broken]
        starts = [told.versions[0].start if told.versions else None for told in broken]
        return max((NEVER if one is None else one for one in starts), default=None)

    def moments(self, parent: int) -> Iterable[datetime]:
        """When something about it changed."""
        for told in self._lives.get(parent, ()):
            for version in told.versions:
                yield version.start
                if version.end is not None:
                    yield version.end

    def at(self, parent: int, moment: datetime) -> list[Row]:
        """What hung on it at the moment, as rows of the API."""
        return [
            self.shapes.shaped(version.data)
            for told in self._lives.get(parent, ())
            for version in told.versions
            if version.start <= moment
            and (version.end is None or moment < version.end)
            and version.data.get(self.strand.parent) == parent
        ]
