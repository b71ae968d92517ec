"""Moments in an object's life that a latency runs between. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from typing import Annotated, Literal, NamedTuple
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from connectors.base import Json, Row
from connectors.netbox.fields import Path, checked_path, filled, path_of, value_at
from connectors.netbox.needs import FIRST_SEEN, JOURNAL, Needs

CREATED = "created"
SEEN = "first_seen"
JOURNAL_KINDS = ("info", "success", "warning", "danger")

_DATE_CHARACTERS = len("2026-01-31")


class JournalPoint(BaseModel):
    """The first entry of a kind in the object's journal."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    journal: Literal["info", "success", "warning", "danger"] = Field(
        description="The kind of the journal entry; the first one of it is the moment."
    )

    def __str__(self) -> str:
        """The point as its author wrote it."""
        return f"{{journal: {self.journal}}}"


Point = str | JournalPoint
"""`created`, `first_seen`, ``cf.NAME``, or an entry in the journal."""


def checked_point(point: Json) -> Json:
    """The point as it was given. Raises ValueError in an author's words for what NetBox cannot be
    asked for.
    """
    expected = (
        "expected created, first_seen, cf.NAME (a custom field with a date, or a date and time) "
        "or {journal: KIND}"
    )
    if isinstance(point, JournalPoint):
        return point
    if isinstance(point, dict):
        kind = next(iter(point), "nothing")
        if list(point) != ["journal"]:
            raise ValueError(f"got {{{kind}: ...}}, a point NetBox cannot be asked for; {expected}")
        if point["journal"] not in JOURNAL_KINDS:
            kinds = ", ".join(JOURNAL_KINDS)
            raise ValueError(f"got {{journal: {point['journal']}}}; KIND is one of {kinds}")
        return point
    if not isinstance(point, str):
        raise ValueError(f"got {point!r}; {expected}")  # noqa: TRY004  # pydantic's own
    if point in (CREATED, SEEN):
        return point
    if point.startswith("cf.") and point.count(".") == 1:
        return checked_path(point)
    raise ValueError(f'got "{point}"; {expected}')


PointField = Annotated[
    Point,
    BeforeValidator(checked_point),
    Field(
        description="A moment of the object: created, first_seen (its first appearance in the "
        "change log; `created` where the log no longer holds it), cf.NAME (a date counts from its "
        "beginning, in the mapping's timezone), or {journal: KIND} (the first journal entry of "
        "that kind).",
        examples=["cf.delivered_at", "created", "first_seen", {"journal": "success"}],
    ),
]


class Moment(NamedTuple):
    """When a point was (aware UTC; None: not yet, or not told), by whom where NetBox knows it, and
    a note where it is not what it seems.
    """

    at: datetime | None
    account: str | None = None
    note: str | None = None


def moment(row: Row, point: Point, timezone: str = "UTC") -> Moment:
    """The point of this object. `first_seen` falls back to `created` where the change log no
    longer holds the create row; the note says so, and nobody knows the account then.
    """
    if not isinstance(point, str):  # to ask whether it is a JournalPoint costs more than the rest
        entry = row[JOURNAL].get(point.journal)
        return Moment(parsed(entry["time"]), entry["user"]) if entry else Moment(None)
    if point == SEEN:
        if entry := row[FIRST_SEEN]:
            return Moment(parsed(entry["time"]), entry["user"])
        at = parsed(row["created"])
        return Moment(at, None, "first_seen (pruned from the change log; created taken)")
    value = value_at(row, path_of(point), "these objects")
    if not filled(value):
        return Moment(None)
    at = parsed(value, timezone)
    return Moment(at) if at else Moment(None, None, f"{point} (not a date and time)")


def needs_of(points: Iterable[Point], *, accounts: bool = False) -> Needs:
    """What the row must carry for these points; `accounts`: and for who brought them about."""
    paths: set[Path] = {(CREATED,)}
    kinds: set[str] = set()
    for point in points:
        if isinstance(point, JournalPoint):
            kinds.add(point.journal)
        elif point != SEEN:
            paths.add(path_of(point))
    return Needs(
        frozenset(paths),
        first_seen=SEEN in points,
        journal=frozenset(kinds),
        journal_accounts=accounts and bool(kinds),
    )


def definition_of(point: Point) -> Json:
    """JSON that identifies the point."""
    return point.model_dump() if isinstance(point, JournalPoint) else point


def parsed(value: Json, timezone: str = "UTC") -> datetime | None:
    """The moment NetBox writes so, aware UTC; None when it is none.

    A date without a time (a date custom field; `created` before NetBox 3.2) is the start of that
    day in the timezone (an IANA name), a time without a zone is taken as UTC.
    """
    if not isinstance(value, str):
        return None
    text = value.strip()
    try:
        moment_ = datetime.fromisoformat(text)
    except ValueError:
        return None
    if len(text) <= _DATE_CHARACTERS:
        day = date.fromisoformat(text)
        return datetime.combine(day, time(), ZoneInfo(timezone)).astimezone(UTC)
    return moment_.replace(tzinfo=UTC) if moment_.tzinfo is None else moment_.astimezone(UTC)
