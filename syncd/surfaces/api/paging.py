"""Pages of lists that can grow, and the cursors that lead from one to the next.

A cursor says after what to go on, and is sealed with the store, the list and its filters that it
is of: one from elsewhere, or one that was changed, is refused and not read from a wrong place. It
hides nothing and gives no right, so the seal needs no secret.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import sqlalchemy as sa
from fastapi import Request
from starlette.exceptions import HTTPException

from syncd.store.feed import store_mark
from syncd.surfaces.api.refusing import Unfit

CURSOR = r"^[A-Za-z0-9_-]{16,1000}$"
_SEAL = 9
"""Bytes; with the place a cursor is some forty characters long."""

Place = list[str | int]
T = TypeVar("T")


@dataclass(frozen=True)
class Listing:
    """A list as it is asked for: of which store, at which address, with which filters."""

    mark: str
    asked: str

    @classmethod
    def of(cls, connection: sa.Connection, request: Request, path: str | None = None) -> Listing:
        """The list that a request asks for. `path`: the address it is at, where that is another."""
        filters = sorted(
            pair for pair in request.query_params.multi_items() if pair[0] not in ("after", "limit")
        )
        return cls(store_mark(connection), json.dumps([path or request.url.path, filters]))

    def cursor(self, place: Place | None) -> str | None:
        """The cursor that goes on after a place; None after the last."""
        if place is None:
            return None
        said = json.dumps(place, separators=(",", ":")).encode()
        return _text(self._seal(said) + said)

    def place(self, cursor: str | None) -> Place | None:
        """The place that a cursor means; None: the beginning. Raises Unfit for one that was not
        given out by this list.
        """
        if cursor is None:
            return None
        try:
            found = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        except ValueError:
            found = b""
        seal, said = found[:_SEAL], found[_SEAL:]
        # the last character has bits that say nothing: they are held to as well
        whole = _text(found) == cursor
        if not whole or not hmac.compare_digest(seal, self._seal(said)):
            raise Unfit(
                "after",
                cursor,
                "a cursor that this list gave out as `next`, of this store and with the same "
                "filters; without `after` it begins anew",
            )
        place: Place = json.loads(said)
        return place

    def _seal(self, said: bytes) -> bytes:
        key = hashlib.sha256(self.mark.encode()).digest()
        return hmac.digest(key, self.asked.encode() + b"\0" + said, "sha256")[:_SEAL]


def _text(cursor: bytes) -> str:
    return urlsafe_b64encode(cursor).decode().rstrip("=")


def page_of(
    listing: Listing,
    rows: Sequence[T],
    called: Callable[[T], str],
    *,
    after: str | None,
    limit: int,
    wanted: Callable[[T], bool] = lambda _: True,
) -> tuple[list[T], str | None]:
    """Some of the rows that are wanted, after a cursor, and the cursor of the next. `called`: what
    a row is known by, whatever else changes of it. Raises Unfit, and HTTPException (409) where the
    row that the cursor follows is gone.
    """
    place = listing.place(after)
    left: Iterable[T] = rows
    if place is not None:
        names = [called(row) for row in rows]
        if place[0] not in names:
            raise HTTPException(
                409,
                f"after: {str(place[0])[:80]} is not in the list any more; begin again without it",
            )
        left = rows[names.index(str(place[0])) + 1 :]
    found = [row for row in left if wanted(row)]
    shown = found[:limit]
    more = len(found) > limit
    return shown, listing.cursor([called(shown[-1])] if more else None)


def cut(
    listing: Listing, rows: Sequence[T], limit: int, place: Callable[[T], Place]
) -> tuple[list[T], str | None]:
    """The first `limit` of some rows, of which one more was read where there are more, and the
    cursor of the next.
    """
    shown = list(rows[:limit])
    return shown, listing.cursor(place(shown[-1]) if len(rows) > limit else None)
