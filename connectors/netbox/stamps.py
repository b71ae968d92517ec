"""The objects' own `last_updated`: what was saved lately, also by what writes no change log."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from connectors.base import Json, Row
from connectors.netbox.api import Api
from connectors.netbox.changes import MOST_SEEN, OVERLAP, HistoryLost, clock
from connectors.netbox.filters import Filter, parameters
from connectors.netbox.points import parsed


@dataclass(frozen=True)
class Stamps:
    """A watermark: everything stamped before `since` was read; of what is stamped later, `seen`
    tells the stamp that was read (by object id). None: the endpoint's objects carry no stamp.
    """

    since: datetime | None
    seen: Mapping[int, str] = field(default_factory=dict)

    def dumped(self) -> Json:
        """JSON for a cursor."""
        since = None if self.since is None else _text(self.since)
        return {"since": since, "seen": {str(one): stamp for one, stamp in self.seen.items()}}

    @classmethod
    def loaded(cls, value: Mapping[str, Json]) -> Stamps:
        """The watermark again."""
        return cls(parsed(value["since"]), {int(one): s for one, s in value["seen"].items()})

    def saw(self, rows: Iterable[Row]) -> Stamps:
        """The same watermark after these rows were read."""
        if self.since is None:
            return self
        late = {
            int(row["id"]): row["last_updated"]
            for row in rows
            if (at := parsed(row.get("last_updated"))) and at >= self.since
        }
        return Stamps(self.since, _newest({**self.seen, **late})) if late else self


def first_stamps(api: Api, endpoint: str, now: datetime) -> Stamps:
    """The watermark before anything was read."""
    query = [("ordering", "-last_updated")]
    rows = api.first(endpoint, query, ["id", "last_updated"])["results"]
    at = parsed(rows[0].get("last_updated")) if rows else clock(api, now)
    return Stamps(None if at is None else max(at, clock(api, now)) - OVERLAP)


def stamped_since(
    api: Api, endpoint: str, filter_: Filter, stamps: Stamps, now: datetime
) -> tuple[set[int], Stamps]:
    """The ids in scope that were saved since, and the next watermark (which takes for granted that
    they are read now). Raises HistoryLost when the server cannot tell.
    """
    if stamps.since is None:
        raise HistoryLost(f"{endpoint} carries no last_updated")
    query = [*parameters(filter_), ("last_updated__gte", _text(stamps.since))]
    found: dict[int, str] = {}
    latest = stamps.since + OVERLAP
    for page in api.pages(endpoint, query, ["id", "last_updated"]):
        for row in page:
            at = parsed(row.get("last_updated"))
            if at is None or at < stamps.since:
                raise HistoryLost("the server ignores last_updated__gte")
            found[row["id"]] = row["last_updated"]
            latest = max(latest, at)
    touched = {one for one, stamp in found.items() if stamps.seen.get(one) != stamp}
    since = max(latest, clock(api, now)) - OVERLAP
    kept = {o: s for o, s in {**stamps.seen, **found}.items() if (parsed(s) or since) >= since}
    return touched, Stamps(since, _newest(kept))


def _newest(seen: Mapping[int, str]) -> dict[int, str]:
    """At most so many: what is forgotten is only read once more."""
    ordered = sorted(seen.items(), key=lambda item: item[1])
    return dict(ordered[-MOST_SEEN:])


def _text(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
