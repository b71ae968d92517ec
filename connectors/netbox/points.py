"""Moments in an object's life that a latency runs between. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from connectors.base import Json, Row
from connectors.netbox.fields import checked_path, filled, path_of, value_at
from connectors.netbox.needs import FIRST_SEEN, Needs

CREATED = "created"
SEEN = "first_seen"


def checked_point(point: Json) -> str:
    """The point. Raises ValueError in an author's words for what this measure cannot read."""
    expected = "expected created, first_seen or cf.NAME (a date-and-time custom field)"
    if isinstance(point, dict):
        kind = next(iter(point), "nothing")
        raise ValueError(f"got {{{kind}: ...}}, a point NetBox cannot be asked for; {expected}")  # noqa: TRY004
    if not isinstance(point, str):
        raise ValueError(f"got {point!r}; {expected}")  # noqa: TRY004  # pydantic's own
    if point in (CREATED, SEEN):
        return point
    if point.startswith("cf.") and point.count(".") == 1:
        return checked_path(point)
    raise ValueError(f'got "{point}"; {expected}')


@dataclass(frozen=True)
class Moment:
    """When a point was (aware UTC; None: not yet, or not told), by whom where NetBox knows it, and
    a note where it is not what it seems.
    """

    at: datetime | None
    account: str | None = None
    note: str | None = None


def moment(row: Row, point: str) -> Moment:
    """The point of this object. `first_seen` falls back to `created` where the change log no
    longer holds the create row; the note says so, and nobody knows the account then.
    """
    if point == SEEN:
        if entry := row[FIRST_SEEN]:
            return Moment(parsed(entry["time"]), entry["user"])
        at = parsed(row["created"])
        return Moment(at, None, "first_seen (pruned from the change log; created taken)")
    value = value_at(row, path_of(point), "these objects")
    if not filled(value):
        return Moment(None)
    at = parsed(value)
    return Moment(at) if at else Moment(None, None, f"{point} (not a date and time)")


def needs_of(point: str) -> Needs:
    """What the row must carry for this point."""
    if point == SEEN:
        return Needs(frozenset({(CREATED,)}), first_seen=True)
    return Needs(frozenset({path_of(point)}))


def parsed(value: Json) -> datetime | None:
    """The moment NetBox writes so, aware UTC; None when it is none.

    A date without a time (a date custom field; `created` before NetBox 3.2) is the start of that
    day, a time without a zone is taken as UTC.
    """
    if not isinstance(value, str):
        return None
    try:
        moment_ = datetime.fromisoformat(value.strip())
    except ValueError:
        return None
    if len(value.strip()) <= len("2026-01-31"):
        return datetime.combine(date.fromisoformat(value.strip()), time(), UTC)
    return moment_.replace(tzinfo=UTC) if moment_.tzinfo is None else moment_.astimezone(UTC)
