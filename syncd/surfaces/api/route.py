"""What holds at every address of the API, whatever is done there."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any

from fastapi import APIRouter, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from syncd.surfaces import sent
from syncd.surfaces.answers import tag_of, unless_known
from syncd.surfaces.api.models.base import Problem
from syncd.surfaces.api.refusing import Malformed, words_of
from syncd.wording import did_you_mean

JSON = "application/json"
SAID_BYTES = 64_000
"""The longest body that people send."""
FILES_BYTES = 2_000_000
"""The same of mapping files."""

TAG = {"ETag": {"description": "Differs where the answer does.", "schema": {"type": "string"}}}


class Route(APIRoute):
    """An address of the API: it takes no parameter that it does not declare, and no form that it
    does not speak; what it answers has a tag, and is not sent again to who has it.
    """

    longest = SAID_BYTES

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        super().__init__(
            path,
            endpoint,
            **{
                **options,
                "response_model_exclude_unset": True,
                "generate_unique_id_function": lambda route: route.name,
            },
        )

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """What answers a request."""
        handle = super().get_route_handler()
        query, body = self.dependant.query_params, self.body_field
        fields = {
            "query": dict(each for one in query for each in _fields(one).items()),
            "path": {one.name: one.field_info for one in self.dependant.path_params},
            "body": {} if body is None else _fields(body),
        }

        async def answer(request: Request) -> Response:
            wrong = _unknown(request, fields["query"])
            if wrong:
                raise Malformed([*wrong, *_misfits(request, query, fields)])
            _refuse_other_forms(request)
            if body is not None:
                _refuse_other_media(request)
                request = await _read(request, self.longest)
            try:
                found = await handle(request)
            except RequestValidationError as error:
                raise Malformed(_words(error.errors(), fields)) from error
            if request.method != "GET":
                return found
            said = bytes(found.body)
            return unless_known(request, tag_of(said), lambda: found)

        return answer


def _fields(declared: Any) -> Mapping[str, Any]:
    """The fields of the model that parameters or a body are declared by."""
    model = declared.field_info.annotation
    if not isinstance(model, type) or not issubclass(model, BaseModel):
        raise TypeError(f"{declared.name} is declared by {model}; expected a model")
    return model.model_fields


class LongRoute(Route):
    """One that takes whole files."""

    longest = FILES_BYTES


def _words(
    faults: Sequence[Mapping[str, Any]], fields: Mapping[str, Mapping[str, Any]]
) -> list[str]:
    """The faults in words, unknown keys first, and one of each key: of a union each choice has its
    own.
    """
    in_order = sorted(faults, key=lambda one: one["type"] != "extra_forbidden")
    once = {tuple(one["loc"][:2]): one for one in reversed(in_order)}
    return [words_of(one, fields.get(one["loc"][0], {})) for one in reversed(once.values())]


def _unknown(request: Request, known: Mapping[str, Any]) -> list[str]:
    """What is wrong with the parameters and the address, whatever they are read as."""
    wrong = []
    for name, value in request.query_params.multi_items():
        if name not in known:
            expected = "one of " + ", ".join(sorted(known)) if known else "no parameter"
            hint = did_you_mean(name, known)
            wrong.append(f"{name[:80]}: got {value[:80]!r}; expected {expected}{hint}")
        elif "\0" in value:
            wrong.append(f"{name}: got the character U+0000; expected a text that can be read")
    if "\0" in request.scope["path"]:
        wrong.append("got an address with the character U+0000; expected one that can be read")
    return wrong


def _misfits(
    request: Request, declared: Sequence[Any], fields: Mapping[str, Mapping[str, Any]]
) -> list[str]:
    """What does not fit of the parameters that are known, so that all is told at once."""
    faults: list[Any] = []
    for each in declared:
        try:
            each.field_info.annotation.model_validate(dict(request.query_params))
        except ValidationError as error:
            faults += [{**one, "loc": ("query", *one["loc"])} for one in error.errors()]
    return _words(faults, fields)


def _refuse_other_forms(request: Request) -> None:
    accept = request.headers.get("accept")
    if accept is None or not accept.strip():
        return
    for each in accept.split(","):
        kind, *parameters = (part.strip().lower() for part in each.split(";"))
        if kind in (JSON, "application/*", "*/*") and not any(
            part.replace(" ", "") in ("q=0", "q=0.0", "q=0.00", "q=0.000") for part in parameters
        ):
            return
    raise HTTPException(406, f"got Accept: {accept[:80]}; expected one that takes {JSON}")


async def _read(request: Request, most: int) -> Request:
    """The request with its body read, of no more than `most` bytes."""
    try:
        found = await sent.body(request, most)
    except sent.TooLarge as error:
        raise HTTPException(413, str(error)) from error

    async def again() -> Message:
        return {"type": "http.request", "body": found, "more_body": False}

    return Request(request.scope, again)


def _refuse_other_media(request: Request) -> None:
    kind = request.headers.get("content-type", JSON).partition(";")[0].strip().lower()
    if kind != JSON and not (kind.startswith("application/") and kind.endswith("+json")):
        raise HTTPException(
            415, f"got Content-Type: {kind[:80]}; expected {JSON}; fix: curl --json sends that"
        )


def resources(tag: str, route: type[Route] = Route) -> APIRouter:
    """A router for one kind of things."""
    return APIRouter(route_class=route, tags=[tag], strict_content_type=False)


def answers(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The problems that an address may answer with, beside those that every one may."""
    return {
        status: {"model": Problem, "description": WORDS[status]}
        for status in sorted({*statuses, 400, 401, 406, 429, 500, 503})
    }


def read(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The same of what is only read."""
    return {
        200: {"headers": TAG},
        304: {"description": "The reader has what holds (`If-None-Match`)."},
        **answers(*statuses),
    }


def written(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The same of what is written, for which one needs a token."""
    return answers(403, 404, 409, 413, 415, 422, *statuses)


WORDS: Mapping[int, str] = {
    400: "It does not fit this document: a parameter or a key that is not known, of another kind "
    "or out of its bounds. `errors` has every fault.",
    401: "No token where one is asked for, or one that nobody gave out.",
    403: "Writing is off, or the token may not.",
    404: "There is no such thing; the nearest is named.",
    406: "It is not to be had in a form that `Accept` names.",
    409: "Against how things stand: a list that has changed, a period that is closed, what has "
    "ended.",
    410: "What followed the cursor is kept no longer; the oldest that is kept is named.",
    413: "The body is too large.",
    415: "The body is of another kind than JSON.",
    422: "It fits this document and is still not to be taken: a moment that has not come, a cursor "
    "from elsewhere, a unit that does not fit. It says what would be right.",
    429: "Too many at once, or too many tokens that were nobody's; `Retry-After` says when to come "
    "again.",
    500: "A fault of syncd.",
    503: "The store does not answer; come again.",
}


class Heads:
    """Answers HEAD as GET, without the body."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return

        async def without_body(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        await self._app({**scope, "method": "GET"}, receive, without_body)
