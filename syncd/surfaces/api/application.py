"""The application behind `/api/v1`, and its OpenAPI document."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.openapi.utils import get_openapi
from starlette.middleware import Middleware
from starlette.responses import Response
from starlette.routing import Route

from syncd.surfaces.api import (
    events,
    indicators,
    installation,
    key_results,
    organisation,
    people,
    planning,
)
from syncd.surfaces.api.desk import Desk
from syncd.surfaces.api.refusing import HANDLERS, MEDIA_TYPE
from syncd.surfaces.api.route import JSON, Heads
from syncd.surfaces.api.writing import BEARER

ROOT = "/api/v1"
EXAMPLES = Path(__file__).with_name("examples.json")
"""What each operation answered in a test, by its id."""
_ROUTERS = (
    organisation.router,
    # Before what takes any key, with a slash in it.
    people.router,
    key_results.router,
    indicators.router,
    events.router,
    installation.router,
    planning.router,
)

_DESCRIPTION = """\
Everything that syncd tells, for programs. Ratios are 0 to 1, durations seconds, moments ISO 8601 in
UTC; what is unknown is `null`, never 0.

Reading takes `Authorization: Bearer TOKEN` where the installation asks for it; writing always
does, with a token that may write.

Every answer has an `ETag`; with `If-None-Match` what has not changed is answered 304. A list gives
out a cursor (`next`), which leads on as `after`. `at` asks for what had been told by a moment of
the past. Whatever is refused is a problem document (RFC 9457) that says what would be right.
"""

_TAGS = {
    "organisation": "The organisation, its teams and objectives, and what they come to.",
    "key results": "What is told of key results, and what it rests on.",
    "indicators": "Where numbers come from, and the numbers that people give.",
    "people": "What people say of key results and of dependencies outside.",
    "events": "What changed, in the order in which it was told.",
    "installation": "What stands behind them: sources, mapping files, hygiene.",
    "plan": "What edited mapping files would change.",
}


def create_api(desk: Desk) -> FastAPI:
    """The application over one store; it is mounted at `ROOT`."""
    api = FastAPI(
        routes=[*(route for router in _ROUTERS for route in router.routes), _DOCUMENT],
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        middleware=[Middleware(Heads)],
        exception_handlers=dict(HANDLERS),
    )
    api.state.desk = desk
    return api


def openapi() -> dict[str, Any]:
    """The OpenAPI document, which is the same for every installation."""
    document: dict[str, Any] = json.loads(_document())
    return document


@cache
def _document() -> bytes:
    """The same as it is served; making it takes half a second."""
    document = get_openapi(
        title="syncd",
        version="1",
        openapi_version="3.1.0",
        summary="Key results, and where their numbers come from.",
        description=_DESCRIPTION,
        routes=[route for router in _ROUTERS for route in router.routes],
        tags=[{"name": name, "description": words} for name, words in _TAGS.items()],
        servers=[{"url": ROOT}],
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
    )
    examples = json.loads(EXAMPLES.read_text(encoding="utf-8"))
    for path in document["paths"].values():
        for method, operation in path.items():
            _finish(method, operation)
            _show(operation, examples)
    for unused in ("HTTPValidationError", "ValidationError"):
        document["components"]["schemas"].pop(unused, None)
    return json.dumps(document, ensure_ascii=False).encode()


def _finish(method: str, operation: dict[str, Any]) -> None:
    """What FastAPI does not say of an operation by itself."""
    responses = operation["responses"]
    for status, response in list(responses.items()):
        if status[0] in "45" and "content" in response:
            schema = response["content"][JSON]["schema"]
            if "HTTPValidationError" in str(schema):
                del responses[status]
                continue
            response["content"] = {MEDIA_TYPE: {"schema": schema}}
    if method == "get":
        operation["security"] = [{}, {BEARER.scheme_name: []}]
        operation.setdefault("parameters", []).append(
            {
                "name": "If-None-Match",
                "in": "header",
                "description": "The `ETag` of what the reader has.",
                "schema": {"type": "string"},
            }
        )


def _show(operation: dict[str, Any], examples: Mapping[str, Any]) -> None:
    """Puts in what it answers when all is well."""
    for status, response in operation["responses"].items():
        if status[0] == "2" and operation["operationId"] in examples:
            response["content"][JSON]["example"] = examples[operation["operationId"]]


async def _serve(request: Request) -> Response:  # noqa: ARG001
    return Response(_document(), media_type=JSON, headers={"Cache-Control": "no-cache"})


_DOCUMENT = Route("/openapi.json", _serve, methods=["GET"])
