"""Where a scan stands between two turns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from connectors.base import Json


@dataclass(frozen=True)
class Position:
    """Where the last turn left off. `offset` is by how much the server's count and the listing
    differed when both were last taken; `moving` the passing ids of queries that move with time;
    `fields` the ids that the author's words meant; `zone` the account's timezone that the last turn
    asked in ("": not known), None in what was written before that was kept.
    """

    jql: str
    since: datetime
    census: datetime
    offset: int
    moving: Mapping[str, Sequence[int]]
    fields: Mapping[str, str]
    zone: str | None

    @classmethod
    def read(cls, cursor: Mapping[str, Json]) -> Position:
        """The position in a cursor."""
        return cls(
            jql=cursor["jql"],
            since=datetime.fromisoformat(cursor["since"]),
            census=datetime.fromisoformat(cursor["census"]),
            offset=cursor["offset"],
            moving=cursor["moving"],
            fields=cursor.get("fields", {}),
            zone=cursor.get("zone"),
        )

    def written(self) -> dict[str, Json]:
        """JSON for a cursor."""
        return {
            "jql": self.jql,
            "since": self.since.isoformat(),
            "census": self.census.isoformat(),
            "offset": self.offset,
            "moving": dict(self.moving),
            "fields": dict(self.fields),
            "zone": self.zone,
        }
