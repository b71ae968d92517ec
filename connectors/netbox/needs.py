"""What a judge needs the session to read for it; with `merged`, what all judges of a scan need."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from connectors.base import Judge, fingerprint
from connectors.netbox.fields import Path, flat
from connectors.netbox.filters import Filter
from connectors.netbox.relations import (
    CABLE,
    CABLE_END,
    JOURNAL_ENTRY,
    LISTS,
    POINTERS,
    REFERENCES,
    followed,
    object_type,
)

FIRST_SEEN = "$first_seen"
"""Key under which a row carries its first create row of the change log: `time` (text as NetBox
gives it) and `user` (account name), or None where the log does not hold it any more."""

LISTS_KEY = "$lists"
"""Key under which a row carries the lists judges asked for: name to rows."""

PASSING = "$passing"
"""Key under which a row carries the fingerprints of the `passing` filters that it matches."""

JOURNAL = "$journal"
"""Key under which a row carries the first entry of each kind in its journal: kind to `time` (text
as NetBox gives it) and `user` (account name; None where it is not known or was not asked for)."""

OTHERS = "$others"
"""Key under which a row carries the other sides of drifts, by fingerprint: what stands there by
what it is matched with. All rows of a run share one mapping."""


@dataclass(frozen=True)
class Other:
    """The other side of a drift: objects of an endpoint and a filter, the path of what they are
    matched with and the path of the value that is looked at.
    """

    endpoint: str
    filter: Filter
    match: Path
    field: Path

    @property
    def key(self) -> str:
        """The fingerprint under which its values are carried."""
        return fingerprint([self.endpoint, dict(self.filter), list(self.match), list(self.field)])

    @property
    def needs(self) -> Needs:
        """What is read of the objects there."""
        paths = frozenset({self.match, self.field})
        return Needs(paths, named=paths)


@dataclass(frozen=True)
class Needs:
    """Paths read of the object; of these, the ones whose referenced object is told by its name
    (`named`); paths read of each row of its lists; whether the change log's create row; which
    filters' membership, by fingerprint; which kinds of journal entries, and whether their
    accounts; and the other sides of drifts, by fingerprint.
    """

    paths: frozenset[Path] = frozenset()
    named: frozenset[Path] = frozenset()
    lists: Mapping[str, frozenset[Path]] = field(default_factory=dict)
    first_seen: bool = False
    passing: Mapping[str, Filter] = field(default_factory=dict)
    journal: frozenset[str] = frozenset()
    journal_accounts: bool = False
    others: Mapping[str, Other] = field(default_factory=dict)

    def fields(self) -> list[str]:
        """The names for NetBox's `fields=` parameter."""
        return sorted({"id", "display", "last_updated", *(path[0] for path in self.paths)})

    def called(self) -> frozenset[Path]:
        """The paths (or where they begin) of the objects that are told by more than their ids."""
        return flat(self.named | (self.paths - flat(self.paths)))

    def references(self, endpoint: str) -> dict[str, frozenset[Path]]:
        """Head of a path to the paths that must be read of the object it points to."""
        heads: dict[str, frozenset[Path]] = {}
        for path in self.paths:
            if followed(endpoint, path) is not None:
                heads[path[0]] = heads.get(path[0], frozenset()) | {path[1:]}
        return heads

    def watched_references(self, endpoint: str) -> set[str]:
        """Heads of paths whose referenced object can change a verdict."""
        known = REFERENCES.get(endpoint, {})
        return {path[0] for path in self.named if path[0] in known} | set(self.references(endpoint))

    def related_types(self, endpoint: str) -> set[str]:
        """Change-log types, besides the object's own, that can change a verdict."""
        types = {
            object_type(REFERENCES[endpoint][head].endpoint)
            for head in self.watched_references(endpoint)
        }
        for name in self.lists:
            related = LISTS[endpoint][name]
            types.add(object_type(related.endpoint))
            if related.cabled:
                types |= {CABLE, CABLE_END}
        if self.journal:
            types.add(JOURNAL_ENTRY)
        heads = {path[0] for path in self.paths}
        pointers = POINTERS.get(endpoint, {})
        return types | {object_type(pointers[h].endpoint) for h in heads & pointers.keys()}


class NetBoxJudge(Judge, Protocol):
    """A judge that says what it needs."""

    @property
    def needs(self) -> Needs:
        """What the row must carry."""
        ...


def merged(needs: Iterable[Needs]) -> Needs:
    """What all of them need together."""
    paths: set[Path] = set()
    named: set[Path] = set()
    lists: dict[str, frozenset[Path]] = {}
    passing: dict[str, Filter] = {}
    journal: set[str] = set()
    others: dict[str, Other] = {}
    first_seen = journal_accounts = False
    for one in needs:
        paths |= one.paths
        named |= one.named
        for name, wanted in one.lists.items():
            lists[name] = lists.get(name, frozenset()) | wanted
        passing |= one.passing
        first_seen = first_seen or one.first_seen
        journal |= one.journal
        journal_accounts = journal_accounts or one.journal_accounts
        others |= one.others
    return Needs(
        frozenset(paths),
        frozenset(named),
        lists,
        first_seen,
        passing,
        frozenset(journal),
        journal_accounts,
        others,
    )


def passing_key(passing: Filter) -> str:
    """The fingerprint under which membership of a filter is carried."""
    return fingerprint(dict(passing))
