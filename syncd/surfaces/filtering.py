"""Which events are asked for: the filters of the feed, the stream and the API."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from syncd.intake.moments import day_begins, past_moment
from syncd.model import EventKind, Status
from syncd.store.feed import Wanted, teams, told_of
from syncd.store.naming import key_meant, words
from syncd.store.read import mapping
from syncd.surfaces.asked import zone_in_force
from syncd.surfaces.parameters import BadParameter
from syncd.wording import did_you_mean, nearest

NAMES = ("team", "kr", "kind", "status", "since")
"""The parameters that say them."""


@dataclass(frozen=True)
class Filters:
    """What is asked for, as it was said; empty: whatever it is."""

    teams: Sequence[str] = ()
    key_results: Sequence[str] = ()
    kinds: Sequence[str] = ()
    statuses: Sequence[str] = ()
    since: str | None = None

    def wanted(
        self, connection: sa.Connection, now: datetime, until: datetime | None = None
    ) -> Wanted:
        """The events that are meant, but those after `until`. Raises BadParameter."""
        if self.teams:
            view = mapping(connection)
            known = {*teams(connection)}
            if view is not None and view.in_force is not None:
                known |= set(view.in_force.get("teams", ()))
            _each(self.teams, "team", sorted(known))
        _each(self.kinds, "kind", [kind.value for kind in EventKind])
        _each(self.statuses, "status", [status.value for status in Status])
        keys = tuple(_key(connection, named, now) for named in self.key_results)
        since = self._since(zone_in_force(connection), now)
        return Wanted(
            tuple(self.teams), keys, tuple(self.kinds), tuple(self.statuses), since, until
        )

    def _since(self, zone: str, now: datetime) -> datetime | None:
        if self.since is None:
            return None
        try:
            found = past_moment(self.since, zone, now)
        except ValueError as error:
            expected = str(error).partition("; expected ")[2]
            raise BadParameter("since", self.since, expected) from error
        if len(self.since) == len("2026-02-15"):
            return day_begins(self.since, zone)  # a day is meant with all that was told on it
        return found


def _key(connection: sa.Connection, named: str, now: datetime) -> str:
    key = key_meant(connection, named, now)
    if key is None:
        # what was told of one that was taken out of the mapping files is told still
        key = next(iter(told_of(connection, named)), None)
    if key is None:
        expected = "the id of a key result" + did_you_mean(named, words(connection))
        raise BadParameter("kr", named, expected)
    return key


def _each(found: Collection[str], name: str, known: Sequence[str]) -> None:
    for one in found:
        if one not in known:
            near = nearest(one, known)
            hint = f"; did you mean {near}?" if near else ""
            raise BadParameter(name, one, f"some of {', '.join(known)}{hint}")
