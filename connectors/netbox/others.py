"""The other sides of drifts: what stands there, and whether it may have changed.

Which of our objects a change there concerns is not told by its row alone, so a changed other side
means judging the whole scope again. Whether it changed is asked cheaply: the change log says
nothing of its type, and its count and newest `last_updated` are what they were.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from connectors.base import Json, about, fingerprint
from connectors.netbox.api import Api
from connectors.netbox.drift import Sides, match_key
from connectors.netbox.fields import filled, names_of, value_at
from connectors.netbox.filters import parameters
from connectors.netbox.needs import Needs, Other
from connectors.netbox.proofs import Proven, ensure_honoured
from connectors.netbox.reader import Reader


class Others:
    """The other sides of one run's judges (the needs of each, by its place), each listed at most
    once a run.
    """

    def __init__(self, api: Api, each: Sequence[Needs], proven: Proven) -> None:
        self._api = api
        self._others = {key: other for needs in each for key, other in needs.others.items()}
        self._judges = {
            key: frozenset(place for place, needs in enumerate(each) if key in needs.others)
            for key in self._others
        }
        self._proven = proven
        self._values: dict[str, Sides] | None = None

    def glance(self) -> Json:
        """What tells cheaply that a side changed: its count and its newest `last_updated`."""
        return {key: self._glance(key, other) for key, other in sorted(self._others.items())}

    def _glance(self, key: str, other: Other) -> Json:
        query = [*parameters(other.filter), ("ordering", "-last_updated")]
        with about(self._judges[key]):
            page = self._api.first(other.endpoint, query, ["id", "last_updated"])
        newest = [row.get("last_updated") for row in page["results"]]
        return [page["count"], *newest]

    def values(self) -> Mapping[str, Sides]:
        """What stands there, by the side's fingerprint and by what it is matched with."""
        if self._values is None:
            values: dict[str, Sides] = {}
            for key, other in self._others.items():
                with about(self._judges[key]):
                    values[key] = self._listed(other)
            self._values = values
        return self._values

    @property
    def digest(self) -> str:
        """Changes when what stands there does. Lists the sides when they were not listed yet."""
        values = self.values()
        told = {key: {match: list(value) for match, value in values[key].items()} for key in values}
        return fingerprint(told)

    def _listed(self, other: Other) -> Sides:
        ensure_honoured(self._api, other.endpoint, other.filter, self._proven)
        found: dict[str, list[Json]] = {}
        for rows in Reader(self._api, other.endpoint, other.filter, other.needs).all(0, {}):
            for row in rows:
                match = value_at(row, other.match, other.endpoint)
                value = value_at(row, other.field, other.endpoint)
                if filled(match):
                    names = list(names_of(value)) if filled(value) else None
                    for name in names_of(match):
                        found.setdefault(match_key(name), []).append(names)
        return found
