"""What the API answers with, whatever it was asked."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from syncd.store.naming import key_meant, words
from syncd.store.told import key_known, named_at
from syncd.surfaces.asked import NOW, Asked
from syncd.surfaces.documents import moment
from syncd.wording import did_you_mean


def tag_of(said: bytes) -> str:
    """An ETag that differs where this does."""
    return f'"{hashlib.sha256(said).hexdigest()[:20]}"'


def unless_known(request: Request, tag: str, render: Callable[[], Response]) -> Response:
    """What is rendered, with its tag; or 304, and nothing is rendered, when the reader has it."""
    headers = {"ETag": tag, "Cache-Control": "no-cache"}
    known = request.headers.get("if-none-match", "")
    if tag in known or known.strip() == "*":
        return Response(status_code=304, headers=headers)
    answer = render()
    answer.headers.update(headers)
    return answer


def as_of(asked: Asked) -> dict[str, Any]:
    """What a document says of the moment that was asked about; nothing where none was."""
    if asked.at is None:
        return {}
    return {
        "as_of": moment(asked.at),
        "reconstructed": asked.reconstructed,
        **({"to_the_day": True} if asked.coarse else {}),
    }


def no_such(named: str, known: Sequence[str], what: str, asked: Asked) -> str:
    """That there is nothing of this name, and the nearest that there is."""
    hint = did_you_mean(named, known)
    if asked.told_by is not None:
        return f"there was no {what} {named[:80]!r} at {moment(asked.told_by)}{hint}"
    return f"there is no {what} {named[:80]!r}{hint}"


def key_of(connection: sa.Connection, named: str, now: datetime, asked: Asked = NOW) -> str:
    """The key of the key result that an address means. Raises HTTPException (404)."""
    told_by = asked.told_by
    if told_by is None:
        key = key_meant(connection, named, now)
    else:
        key = key_known(connection, named, told_by)
    if key is None:
        near = (
            words(connection)
            if told_by is None
            else [one.id for one in named_at(connection, told_by)]
        )
        raise HTTPException(404, no_such(named, near, "key result", asked))
    return key
