"""What is wrong with a request to the API, as problem details (RFC 9457).

Malformed, so that it does not fit the OpenAPI document: 400. Well-formed, and no such thing: 404.
Against how things stand: 409. Well-formed, and still not to be taken: 422.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import sqlalchemy as sa
import structlog
from fastapi import Request
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Match

from syncd.intake.access import NotAllowed, WritingIsOff
from syncd.intake.texts import Conflict, Refused, Unknown
from syncd.surfaces.problems import RETRY_SECONDS, try_again
from syncd.surfaces.trying import FilesRefused, NothingToEdit
from syncd.wording import did_you_mean, nearest

log = structlog.get_logger(__name__)

MEDIA_TYPE = "application/problem+json"
MOST_ERRORS = 20
"""So many are told at once."""


class Unfit(Exception):
    """A parameter that is well-formed and cannot be used; its name and what is expected of it."""

    def __init__(self, name: str, got: str, expected: str) -> None:
        super().__init__(f"{name}: got {got[:80]!r}; expected {expected}")


class Malformed(Exception):
    """A request that does not fit the OpenAPI document; everything that does not, in words."""

    def __init__(self, errors: Sequence[str]) -> None:
        super().__init__(errors[0])
        self.errors = list(errors)


def problem(
    status: int,
    detail: str,
    *,
    errors: Sequence[str] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Problem details. `errors`: everything that is wrong, told where it is more than `detail`."""
    document: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    if len(errors) > 1:
        document["errors"] = list(errors[:MOST_ERRORS])
    body = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return Response(
        body.encode("utf-8", "backslashreplace"),
        status_code=status,
        media_type=MEDIA_TYPE,
        headers=headers,
    )


# --------------------------------------------------------------------------- what was malformed


def words_of(error: Mapping[str, Any], fields: Mapping[str, Any]) -> str:
    """A fault that pydantic found, in words: `fields` are what is known at its place, by name; what
    each is described as is what is expected.
    """
    where, *path = error["loc"]
    if error["type"] == "json_invalid":
        return f"got no JSON; expected an object with {_needed(fields)}"
    if not path:
        got = "none" if error["type"] == "missing" else "JSON that is no object"
        return f"got {got}; expected one with {_needed(fields)}"
    name = str(path[0])
    if error["type"] == "extra_forbidden":
        expected = ", ".join(fields)
        return f"{name[:80]}: got an unknown key; expected {expected}{did_you_mean(name, fields)}"
    return f"{name}: got {_got(error, where)}; expected {_expected(error, fields.get(name))}"


def _needed(fields: Mapping[str, Any]) -> str:
    return " and ".join(name for name, field in fields.items() if field.is_required())


def _got(error: Mapping[str, Any], where: str) -> str:
    given = error.get("input")
    if (
        error["type"] == "missing"
        or given is None
        or (isinstance(given, str) and not given.strip())
    ):
        return "none" if where == "body" else repr(given or "")
    if error["type"] in ("string_too_long", "string_too_short"):
        return f"{len(str(given))} characters"
    if where == "body" and not isinstance(given, str):
        return "JSON that is no text"
    return repr(str(given)[:80])


def _expected(error: Mapping[str, Any], field: Any) -> str:
    said: Mapping[str, Any] = error.get("ctx") or {}
    if error["type"] in ("enum", "literal_error"):
        words = str(said["expected"]).replace("'", "")
        near = nearest(str(error.get("input")), words.replace(" or ", ", ").split(", "))
        return words + (f"; fix: {near}" if near else "")
    if error["type"] == "string_too_long":
        return f"at most {said['max_length']}"
    if field is None:
        return str(error["msg"])
    some = (field.json_schema_extra or {}).get("x-words")
    if some is not None:
        wrong = [one for one in str(error["input"]).split(",") if one not in some]
        return f"some of {', '.join(some)}{did_you_mean((wrong or [''])[0], some)}"
    if error["type"] == "string_type" and error["input"] is not None:
        return "text"
    return str(field.description)


# ----------------------------------------------------------------------------------- handlers


def unfit(request: Request, error: Exception) -> Response:  # noqa: ARG001
    """422: well-formed, and not to be taken."""
    return problem(422, str(error))


def malformed(request: Request, error: Exception) -> Response:  # noqa: ARG001
    """400, with everything that does not fit."""
    errors = error.errors if isinstance(error, Malformed) else ()
    return problem(400, str(error), errors=errors)


def unknown(request: Request, error: Exception) -> Response:  # noqa: ARG001
    """404, with the nearest there is."""
    return problem(404, str(error))


def conflict(request: Request, error: Exception) -> Response:  # noqa: ARG001
    """409: against how things stand."""
    return problem(409, str(error))


def files_refused(request: Request, error: Exception) -> Response:  # noqa: ARG001
    """422, with every fault of the mapping files."""
    faults = error.faults if isinstance(error, FilesRefused) else ()
    return problem(422, str(error), errors=faults)


def off(request: Request, error: Exception) -> Response:  # noqa: ARG001
    """403: nobody may write."""
    return problem(403, str(error))


def not_allowed(request: Request, error: Exception) -> Response:  # noqa: ARG001
    """401: nobody knows who asks; 403: one who may not."""
    status, challenge = 401, "Bearer"
    if isinstance(error, NotAllowed) and error.needs is not None:
        status, challenge = 403, f'Bearer error="insufficient_scope", scope="{error.needs}"'
    return problem(status, str(error), headers={"WWW-Authenticate": challenge})


def http_error(request: Request, error: Exception) -> Response:
    """What a handler or the router refused with."""
    if not isinstance(error, HTTPException):
        return crashed(request, error)
    headers, detail = dict(error.headers or {}), error.detail
    if error.status_code == 405:
        allowed = methods_of(request)
        headers["Allow"] = ", ".join(allowed)
        detail = f"got {request.method}; expected {' or '.join(allowed)}"
    elif error.status_code == 404 and detail == "Not Found":
        detail = f"there is nothing at {request.url.path[:200]!r}; /api/v1/openapi.json lists all"
    return problem(error.status_code, detail, headers=headers)


def methods_of(request: Request) -> list[str]:
    """What may be done at an address, by whichever route."""
    return sorted(
        {
            method
            for route in request.app.router.routes
            if route.matches(request.scope)[0] is not Match.NONE
            for method in route.methods or ()
        }
    )


def store_away(request: Request, error: Exception) -> Response:
    """503: the store does not answer at the moment, or takes nothing."""
    log.debug("surface.store_away", path=request.url.path)
    return problem(503, try_again(error), headers={"Retry-After": RETRY_SECONDS})


def crashed(request: Request, error: Exception) -> Response:
    """500: a fault of our own, which says nothing of the inside."""
    log.error("surface.crashed", path=request.url.path, exc_info=error)
    return problem(500, "syncd made a mistake; its log says which")


HANDLERS: Mapping[Any, Any] = {
    Unfit: unfit,
    Malformed: malformed,
    Unknown: unknown,
    Conflict: conflict,
    Refused: unfit,
    FilesRefused: files_refused,
    NothingToEdit: conflict,
    WritingIsOff: off,
    NotAllowed: not_allowed,
    HTTPException: http_error,
    sa.exc.DBAPIError: store_away,
    Exception: crashed,
}
