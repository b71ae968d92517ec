"""Pages of the objects that a number is made of."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import sqlalchemy as sa
from pydantic import Field

from connectors.base import Outcome
from syncd.store.columns import from_microseconds, to_microseconds
from syncd.store.explaining import Explanation
from syncd.store.objects import ObjectView, objects_page
from syncd.surfaces.api.paging import Listing, Place, cut, page_of
from syncd.surfaces.api.parameters import Some
from syncd.surfaces.comparing import ALL, EXTRA, key_document, listed_keys
from syncd.surfaces.documents import Document, called, moment, object_document

Outcomes = Literal["pass", "fail", "pending", "all", "extra"]
OUTCOME: Outcomes = Field(
    default="fail",
    description="pass, fail, pending, all, or of a coverage extra: the keys that only the "
    "searched side has",
)


class Which(Some):
    """Which objects, and which page of them."""

    outcome: Outcomes = OUTCOME


def evidence_page(
    connection: sa.Connection,
    found: Explanation,
    which: Which,
    listing: Listing,
    *,
    now: datetime,
    at: datetime | None,
) -> Document:
    """One page of what a number is made of, and how many there are in all (null: it keeps none, or
    nothing is known of them). Raises Unfit.
    """
    total: int | None = None
    shown: list[Document] = []
    following = None
    place = listing.place(which.after)
    keys = listed_keys(found, which.outcome)
    if keys is not None:
        total = len(keys)
        page, following = page_of(
            listing, keys, lambda key: key.key, after=which.after, limit=which.limit
        )
        shown = [key_document(key) for key in page]
    elif found.known and which.outcome != EXTRA:
        objects = objects_page(
            connection,
            found.indicator.fingerprint,
            outcome=None if which.outcome == ALL else Outcome(which.outcome),
            now=now,
            at=at,
            after=None if place is None else (from_microseconds(int(place[0])), str(place[1])),
            limit=which.limit + 1,
        )
        total = objects.total
        some, following = cut(listing, objects.objects, which.limit, _place)
        shown = [object_document(one) for one in some]
    return {
        "indicator": called(found.indicator),
        "at": moment(found.at),
        "outcome": which.outcome,
        "limit": which.limit,
        "total": total,
        "objects": shown,
        "next": following,
    }


def _place(one: ObjectView) -> Place:
    if one.place is None:
        raise LookupError(f"nobody knows where {one.object_id} stands")
    since, object_id = one.place
    return [to_microseconds(since), object_id]
