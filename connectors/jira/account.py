"""Who we are to a Jira, as ``/myself`` says: also in which timezone, and what time it is there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from email.utils import parsedate_to_datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import requests

from connectors.base import Json
from connectors.jira.jql import WESTERNMOST


@dataclass(frozen=True)
class Account:
    """Who we are to Jira. `zone` is the one JQL dates are read in; `moment` is the server's own
    clock when it answered (aware UTC, to the second), None when it did not say; `behind`: by how
    much that was behind ours.
    """

    name: str
    zone: tzinfo
    zone_name: str | None
    moment: datetime | None
    behind: timedelta = timedelta()

    def seen(self, now: datetime) -> Account:
        """The account with how far the server's clock is behind `now`, if it is."""
        if self.moment is None:
            return self
        return replace(self, behind=max(timedelta(), now - self.moment))


def account_of(found: Mapping[str, Json], answer: requests.Response) -> Account | None:
    """The account that an answer describes; None when it bears no name."""
    name = found.get("displayName") or found.get("name")
    if not isinstance(name, str):
        return None
    zone_name = found.get("timeZone")
    return Account(
        name=name,
        zone=_zone(zone_name),
        zone_name=zone_name if isinstance(zone_name, str) else None,
        moment=_clock(answer),
    )


def _zone(name: object) -> tzinfo:
    try:
        return ZoneInfo(name) if isinstance(name, str) and name else WESTERNMOST
    except (ZoneInfoNotFoundError, ValueError, OSError):  # a name is looked up as a file's
        return WESTERNMOST


def _clock(answer: requests.Response) -> datetime | None:
    try:
        moment = parsedate_to_datetime(answer.headers["Date"])
    except (KeyError, ValueError):
        return None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
