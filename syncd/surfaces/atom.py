"""`/feed.atom`: what changed, as Atom (RFC 4287), paged as RFC 5005 says."""

from __future__ import annotations

from datetime import UTC, datetime

from feedgen.feed import FeedGenerator

from syncd.surfaces.event_documents import event_document
from syncd.surfaces.feed import FeedPage

MEDIA_TYPE = "application/atom+xml"
NEVER = datetime(1970, 1, 1, tzinfo=UTC)
"""When a feed without entries was updated last: it has to say some moment."""


def document(page: FeedPage) -> bytes:
    """The page as Atom, in UTF-8. An entry's id is that of its event, a feed's is its address."""
    feed = FeedGenerator()
    feed.id(page.url)
    feed.title(page.title)
    feed.author(name=page.author)
    feed.generator("syncd")
    feed.updated(max((event.at for event in page.events), default=NEVER))
    feed.link(href=page.this, rel="self", type=MEDIA_TYPE)
    feed.link(href=f"{page.base}/", rel="alternate", type="text/html")
    if page.next is not None:
        feed.link(href=page.next, rel="next", type=MEDIA_TYPE)
    for event in page.events:
        told = event_document(event, page.base)
        entry = feed.add_entry(order="append")
        entry.id(f"urn:uuid:{event.id}")
        entry.title(told["title"])
        entry.updated(event.at)
        entry.published(event.at)
        entry.link(href=told["page"], rel="alternate", type="text/html")
        if told["evidence"] is not None:
            entry.link(href=told["evidence"], rel="related", type="application/json")
        entry.category(term=event.kind.value, scheme=f"{page.base}/feed.atom#kind")
        if event.team is not None:
            entry.category(term=event.team, scheme=f"{page.base}/feed.atom#team")
        entry.content(told["text"], type="text")
    rendered: bytes = feed.atom_str(pretty=False)
    return rendered
