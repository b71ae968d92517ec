"""`/feed.json`: what changed, as JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from syncd.model import Event
from syncd.surfaces.documents import moment

VERSION = "https://jsonfeed.org/version/1.1"
MEDIA_TYPE = "application/feed+json"
PAGE = 50


def document(events: Sequence[Event], *, base: str, title: str, more: bool) -> Mapping[str, Any]:
    """The feed of these events, the newest first. `base` is the address people reach syncd at,
    without a slash at its end; `more`: older ones follow on the next page.
    """
    feed: dict[str, Any] = {
        "version": VERSION,
        "title": title,
        "home_page_url": f"{base}/",
        "feed_url": f"{base}/feed.json",
        "items": [item(event, base) for event in events],
    }
    if more and events:
        feed["next_url"] = f"{base}/feed.json?before={events[-1].position}"
    return feed


def item(event: Event, base: str) -> Mapping[str, Any]:
    """One event. Its id never changes; `_syncd.position` orders the feed without gaps."""
    about_kr = event.key_result is not None
    return {
        "id": event.id,
        "url": f"{base}/kr/{event.subject}#event-{event.position}" if about_kr else f"{base}/",
        "title": event.title,
        "content_text": event.text,
        "date_published": moment(event.at),
        "tags": [event.kind, event.subject],
        "_syncd": {
            "about": "https://www.jsonfeed.org/version/1.1/#extensions",
            "position": event.position,
            "kind": event.kind,
            "subject": event.subject,
            "data": event.data,
        },
    }
