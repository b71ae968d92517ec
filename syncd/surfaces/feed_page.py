"""The feed as people read it: what changed, page by page, and each event by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa
from starlette.exceptions import HTTPException

from syncd.model import Event, EventKind, Status
from syncd.store.feed import NotOfThisFeed, Wanted, cursor_of, position_of, preceding, teams
from syncd.store.read import mapping
from syncd.surfaces.choosing import WORST_FIRST
from syncd.surfaces.event_documents import clipped, event_document
from syncd.surfaces.filtering import Filters
from syncd.surfaces.page import Visit, frame, render
from syncd.surfaces.parameters import BadParameter, zone_in_force
from syncd.wording import NOTHING, SHAPES, clock, date, status_words

EVENTS = 50
"""Events on one page."""

_LONGEST = 300
"""The longest that is said of what stood somewhere, in characters."""

Asked = Mapping[str, str]
"""What the form asks for, by its names; an empty word is what it sends for everything."""


def feed_page(connection: sa.Connection, visit: Visit, asked: Asked, before: str | None) -> str:
    """What changed, the newest first, as far as it is `asked` for; `before` is the cursor of the
    event that the page before ended with. Raises BadParameter.
    """
    filters = Filters(
        teams=_several(asked["team"]),
        key_results=_several(asked["kr"]),
        kinds=_several(asked["kind"]),
        statuses=_several(asked["status"]),
        since=asked["since"] or None,
    )
    wanted = filters.wanted(connection, visit.now, until=visit.asked.at)
    found = preceding(connection, wanted, before=_position(connection, before), limit=EVENTS + 1)
    shown, zone = found[:EVENTS], zone_in_force(connection)
    view = mapping(connection)
    titles = {} if view is None or view.in_force is None else view.in_force.get("teams", {})
    about = frame(connection, view, visit)
    chosen = urlencode({name: value for name, value in asked.items() if value})
    return render(
        "feed.html",
        **{**about, "here": "/feed"},
        asked=asked,
        chosen=chosen,
        days_told=[
            {"day": day, "events": [_line(event, zone) for event in events]}
            for day, events in groupby(shown, key=lambda one: date(one.at, zone, visit.then))
        ],
        older=cursor_of(shown[-1]) if len(found) > EVENTS else None,
        first=before is None,
        choices={
            "team": [(one, _title(titles, one)) for one in teams(connection)],
            "kind": [(one.value, one.value.replace("_", " ")) for one in EventKind],
            "status": [(one.value, status_words(one)) for one in WORST_FIRST],
        },
    )


def event_page(connection: sa.Connection, visit: Visit, cursor: str) -> str:
    """One event: what changed, why, and where to look further. Raises HTTPException (404)."""
    zone = zone_in_force(connection)
    try:
        position = position_of(connection, cursor)
    except NotOfThisFeed as error:
        raise HTTPException(404, f"there is no event {cursor[:80]!r}: expected {error}") from error
    found = preceding(connection, Wanted(), before=position + 1, limit=1)
    if not found or found[0].position != position:
        raise HTTPException(404, f"there is no event {cursor[:80]!r}")
    event = found[0]
    told = event_document(event, "")
    # What an event tells is known from its moment on.
    then = (event.at + timedelta(microseconds=1)).isoformat()
    return render(
        "event.html",
        **{**frame(connection, mapping(connection), visit), "here": "/feed"},
        event={**_line(event, zone), "title": told["title"], "text": told["text"]},
        when=f"{date(event.at, zone, visit.now)}, {clock(event.at, zone, event.at)}",
        kind=event.kind.value.replace("_", " "),
        reason=event.reason,
        subject=event.subject,
        team=event.team,
        key=event.key_result,
        told_at=then if event.at < visit.now else None,
        evidence=told["evidence"],
        changed=_changed(event.before, event.after),
    )


def _line(event: Event, zone: str) -> Mapping[str, Any]:
    status = None if event.status is None else Status(event.status)
    document = event_document(event, "")
    return {
        "cursor": document["cursor"],
        "position": event.position,
        "at": document["at"],
        "when": clock(event.at, zone, event.at),
        "status": "note" if status is None else status.value,
        "shape": "•" if status is None else SHAPES[status],
        "words": event.kind.value.replace("_", " ").capitalize()
        if status is None
        else status_words(status).capitalize(),
        "title": document["title"],
        "text": document["text"],
        "key": event.key_result,
    }


def _changed(
    before: Mapping[str, Any] | None, after: Mapping[str, Any] | None
) -> Sequence[tuple[str, str, str]]:
    """What stood there before and after, by its name."""
    old, new = before or {}, after or {}
    return [
        (name.replace("_", " "), _said(old.get(name)), _said(new.get(name)))
        for name in dict.fromkeys((*old, *new))
    ]


def _said(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, str) and value in set(Status):
        return status_words(Status(value))
    return NOTHING if value is None else clipped(str(value), _LONGEST)


def _title(titles: Any, team: str) -> str:
    return str(titles.get(team, team)) if isinstance(titles, Mapping) else team


def _several(said: str) -> list[str]:
    return said.split(",") if said else []


def _position(connection: sa.Connection, cursor: str | None) -> int | None:
    if not cursor:
        return None
    try:
        return position_of(connection, cursor)
    except NotOfThisFeed as error:
        raise BadParameter("before", cursor, str(error)) from error
