"""What is wrong with a request, told in the form its sender reads: programs or people."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa
import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from syncd.store.trouble import Trouble, advice, trouble_of
from syncd.surfaces import page
from syncd.surfaces.parameters import BadParameter

log = structlog.get_logger(__name__)

RETRY_SECONDS = "5"
PEOPLE = ("/sources", "/hygiene", "/dependencies", "/feed")
"""Where people read, beside the company's page and the key results' own."""

_TITLES = {
    401: "Not allowed",
    403: "Off",
    404: "Not found",
    410: "Gone",
    413: "Too large",
    429: "Too many",
    503: "The store does not answer",
}


def problem(
    status: int, detail: str, *, title: str | None = None, headers: Mapping[str, str] | None = None
) -> Response:
    """Problem details (RFC 9457)."""
    title = title or _TITLES.get(status, "Refused")
    return JSONResponse(
        {"type": "about:blank", "title": title, "status": status, "detail": detail},
        status_code=status,
        media_type="application/problem+json",
        headers=headers,
    )


def bad_parameter(request: Request, error: Exception) -> Response:
    """400, naming the parameter."""
    if is_for_people(request):
        words = page.error(400, "This address cannot be shown", str(error), request.url.path)
        return HTMLResponse(words, status_code=400)
    return problem(400, str(error), title="Bad parameter")


def http_error(request: Request, error: Exception) -> Response:
    """What a handler refused with."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    detail = error.detail if isinstance(error, HTTPException) else ""
    headers = error.headers if isinstance(error, HTTPException) else None
    if request.url.path.startswith(("/api/", "/hooks/", "/feed.", "/feed/")):
        return problem(status, detail, headers=headers)
    words = page.error(
        status, _TITLES.get(status, "Refused"), f"{detail[:1].upper()}{detail[1:]}", ""
    )
    return HTMLResponse(words, status_code=status, headers=headers)


def store_away(request: Request, error: Exception) -> Response:
    """503: the store does not answer at the moment, or takes nothing."""
    return away(request, trouble_of(error))


def away(request: Request, trouble: Trouble | None) -> Response:
    """The same, where it is known what is wrong with it."""
    log.debug("surface.store_away", path=request.url.path)
    detail, headers = _again(trouble), {"Retry-After": RETRY_SECONDS}
    if is_for_people(request):
        words = f"The store does not answer; {detail}."
        shown = page.error(503, _TITLES[503], words, "")
        return HTMLResponse(shown, status_code=503, headers=headers)
    return problem(503, detail, headers=headers)


def try_again(error: Exception) -> str:
    """What keeps the store from answering, where anybody may know it, and what to do."""
    return _again(trouble_of(error))


def _again(trouble: Trouble | None) -> str:
    if trouble in (Trouble.DISK_FULL, Trouble.DISK, Trouble.READ_ONLY):
        return f"{advice(trouble)}, and try again"
    return "try again in a moment"


def is_for_people(request: Request) -> bool:
    """Whether a person reads what stands at this address."""
    path = request.url.path
    return path in ("/", *PEOPLE) or path.startswith(("/kr/", "/event/"))


HANDLERS = {
    BadParameter: bad_parameter,
    HTTPException: http_error,
    sa.exc.DBAPIError: store_away,
}
