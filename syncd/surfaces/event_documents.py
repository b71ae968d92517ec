"""An event as a JSON document: the same in the API, the feeds, the stream and webhooks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from syncd.model import Event
from syncd.store.feed import cursor_of
from syncd.surfaces.documents import moment
from syncd.surfaces.plain import plain

LONGEST_TITLE = 300
LONGEST_TEXT = 2000


def event_document(event: Event, base: str) -> Mapping[str, Any]:
    """All that is told. `base` is the address people reach syncd at, without a slash at its end;
    with an empty one the addresses are paths. Titles and sentences are one harmless line.
    """
    return {
        "position": event.position,
        "cursor": cursor_of(event),
        "id": event.id,
        "at": moment(event.at),
        "kind": event.kind.value,
        "subject": event.subject,
        "key_result": event.key_result,
        "team": event.team,
        "status": event.status,
        "reason": event.reason,
        "title": clipped(event.title, LONGEST_TITLE),
        "text": clipped(event.text, LONGEST_TEXT),
        "before": event.before,
        "after": event.after,
        "page": page_of(event, base),
        "evidence": evidence_of(event, base),
        "data": event.data,
    }


def page_of(event: Event, base: str) -> str:
    """Where a person reads on: the key result's page, at this event."""
    if event.key_result is None:
        return f"{base}/"
    return f"{base}/kr/{quote(event.key_result)}#event-{event.position}"


def evidence_of(event: Event, base: str) -> str | None:
    """Where a program finds what it rests on: the indicator as it was told then, with its objects;
    None: it rests on what a person said, or on nothing measured.
    """
    indicator = event.data.get("indicator")
    if not isinstance(indicator, str):
        return None
    at = event.at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return f"{base}/api/v1/indicators/{quote(indicator)}?at={quote(at)}"


def clipped(text: str, longest: int) -> str:
    """The text on one harmless line of at most so many characters.

    >>> clipped("a title that goes on", 10)
    'a title t…'
    """
    found = plain(text)
    return found if len(found) <= longest else f"{found[: longest - 1]}…"
