"""Upstreams that tell everybody what they were sent, and one for each fault of the matrix."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from urllib.parse import quote

from tests.contract.faultserver import Fault, Reply, Request, Wire, json_reply
from tests.faults.table import TABLE

HEAVY = frozenset({"200 MB, not announced"})
"""Takes as much processor as the limit of a body is long."""


def said(request: Request) -> str:
    """All that a request had in its headers, plain, decoded, as parts of a URL and in base64."""
    words = [value for name, value in request.headers.items() if name != "host"]
    words += [part for value in words for part in value.split()[1:]]
    for word in list(words):
        try:
            plain = base64.b64decode(word, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            continue
        words += [plain, plain.partition(":")[2]]
    words += [quote(word, safe="") for word in words]
    words += [base64.b64encode(word.encode()).decode() for word in words]
    return " ".join([*words, *(f"https://me:{word}@example.org/" for word in words if word)])


def _error(code: int) -> Fault:
    def fault(wire: Wire, request: Request, reply: Reply) -> None:
        words = said(request)
        told = {"error": words, "errorType": "execution", "detail": words}
        wire.send(json_reply(told | {"errorMessages": [words], "errors": {"x": words}}, code))

    return fault


def _text(wire: Wire, request: Request, reply: Reply) -> None:
    wire.send(Reply(500, said(request).encode(), "text/plain"))


def _page(wire: Wire, request: Request, reply: Reply) -> None:
    wire.send(Reply(200, f"<html><p>{said(request)}</p></html>".encode(), "text/html"))


def _redirect(wire: Wire, request: Request, reply: Reply) -> None:
    way = "/".join(quote(word, safe="") for word in said(request).split())
    there = f"https://sso.example.org/{way}?token={way}"
    wire.send(Reply(302, b"", "text/html", {"Location": there}))


def _kind(wire: Wire, request: Request, reply: Reply) -> None:
    wire.send(Reply(200, b"1", f"text/{request.headers.get('authorization', '')}"))


def _broken(wire: Wire, request: Request, reply: Reply) -> None:
    wire.send(Reply(200, f'{{"{said(request)}'.encode()))


def _shape(wire: Wire, request: Request, reply: Reply) -> None:
    words = said(request)
    wire.send(json_reply({words: words, "status": words, "data": words, "issues": words}))


def _captcha(wire: Wire, request: Request, reply: Reply) -> None:
    told = {"X-Authentication-Denied-Reason": said(request)[:400]}
    wire.send(Reply(403, b"{}", headers=told))


def _noted(wire: Wire, request: Request, reply: Reply) -> None:
    """A number, and remarks beside it."""
    words = said(request)
    found = [{"metric": {"pod": "a"}, "value": [float(request.form["time"][0]), "1"]}]
    data = {"resultType": "vector", "result": found}
    wire.send(
        json_reply({"status": "success", "data": data, "warnings": [words], "infos": [words]})
    )


ECHOES: Mapping[str, Fault] = {
    **{f"{code}, with what it was sent": _error(code) for code in (200, 400, 401, 403, 404)},
    **{f"{code}, with what it was sent": _error(code) for code in (409, 410, 422, 429, 500, 503)},
    "text with what it was sent": _text,
    "a page with what it was sent": _page,
    "a redirect with what it was sent": _redirect,
    "a content type that is what it was sent": _kind,
    "broken JSON with what it was sent": _broken,
    "another shape with what it was sent": _shape,
    "a reason that is what it was sent": _captcha,
}
NOTED: Mapping[str, Fault] = {"remarks with what it was sent": _noted}
"""Only a Prometheus has such."""

TRANSPORT: Mapping[str, Fault] = {
    name: broken.fault() for name, broken in TABLE.items() if broken.fault is not None
}
