"""What the API answers with, whatever it was asked."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from syncd.mapping import nearest
from syncd.surfaces.asked import Asked
from syncd.surfaces.documents import moment


def tagged(request: Request, document: Mapping[str, Any]) -> Response:
    """JSON with an ETag, or 304 when the reader has it already."""
    body = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    tag = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
    headers = {"ETag": tag, "Cache-Control": "no-cache"}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type="application/json", headers=headers)


def as_of(asked: Asked) -> dict[str, Any]:
    """What a document says of the moment that was asked about; nothing where none was."""
    if asked.at is None:
        return {}
    return {"as_of": moment(asked.at), "reconstructed": asked.reconstructed}


def no_such(named: str, known: Sequence[str], what: str, asked: Asked) -> str:
    """That there is nothing of this name, and the nearest that there is."""
    near = nearest(named, known)
    hint = f"; did you mean {near}?" if near else ""
    if asked.told_by is not None:
        return f"there was no {what} {named[:80]!r} at {moment(asked.told_by)}{hint}"
    return f"there is no {what} {named[:80]!r}{hint}"
