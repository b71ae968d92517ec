"""`/feed.json`: what changed, as JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from syncd.model import Event
from syncd.surfaces.documents import moment
from syncd.surfaces.event_documents import event_document

VERSION = "https://jsonfeed.org/version/1.1"
MEDIA_TYPE = "application/feed+json"


@dataclass(frozen=True)
class FeedPage:
    """Some events, the newest first, and where they stand: `url` is the feed's own address with
    its filters, `this` that of this page, `next` that of the older ones (None: there are none).
    `base` is the address people reach syncd at, without a slash at its end.
    """

    events: Sequence[Event]
    base: str
    title: str
    author: str
    url: str
    this: str
    next: str | None


def document(page: FeedPage) -> Mapping[str, Any]:
    """The page as JSON Feed."""
    feed: dict[str, Any] = {
        "version": VERSION,
        "title": page.title,
        "home_page_url": f"{page.base}/",
        "feed_url": page.this,
        "authors": [{"name": page.author}],
        "language": "en",
        "items": [item(event, page.base) for event in page.events],
    }
    if page.next is not None:
        feed["next_url"] = page.next
    return feed


def item(event: Event, base: str) -> Mapping[str, Any]:
    """One event. Its id never changes; `_syncd` has all of it, `_syncd.position` orders the feed
    without gaps.
    """
    told = event_document(event, base)
    owners = event.data.get("owner")
    return {
        "id": event.id,
        "url": told["page"],
        "title": told["title"],
        "content_text": told["text"],
        "date_published": moment(event.at),
        "tags": [event.kind.value, event.subject, *([event.team] if event.team else [])],
        **({"authors": [{"name": str(one)} for one in owners]} if owners else {}),
        "_syncd": {"about": f"{base}/api/v1/events", **told},
    }
