"""What goes to a renderer and what comes back, as bytes. JSON: nothing that could be run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from multiprocessing.connection import Connection
from typing import Any, Self

from starlette.types import Scope

from syncd.clock import Clock
from syncd.store.engine import Store
from syncd.store.standing import Standstill
from syncd.store.trouble import Trouble
from syncd.tracing import Attribute, said

_TEXT = "latin-1"
"""Of HTTP's bytes: each is one character."""
_AS_IT_IS = ("http_version", "method", "scheme", "path", "root_path", "client", "server")

Headers = list[tuple[bytes, bytes]]


@dataclass(frozen=True)
class Ask:
    """A request without a body, and what only the process that serves knows of it: the moment it
    is asked at (aware UTC), what keeps the store from being used, and what lines of the log say.
    """

    scope: Scope
    now: datetime
    standstill: Standstill | None
    said: Mapping[str, Attribute]

    @classmethod
    def of(cls, scope: Scope, store: Store, clock: Clock) -> Self:
        """A request that comes now."""
        return cls(scope, clock.now(), store.standing.standstill, said())

    def to_bytes(self) -> bytes:
        """For a renderer."""
        standstill = None if self.standstill is None else asdict(self.standstill)
        if standstill is not None:
            standstill["since"] = standstill["since"].isoformat()
        told = {
            "scope": {name: self.scope.get(name) for name in _AS_IT_IS},
            "raw_path": self.scope.get("raw_path", b"").decode(_TEXT),
            "query_string": self.scope["query_string"].decode(_TEXT),
            "headers": _said(self.scope["headers"]),
            "now": self.now.isoformat(),
            "standstill": standstill,
            "said": dict(self.said),
        }
        return json.dumps(told).encode()

    @classmethod
    def from_bytes(cls, asked: bytes) -> Self:
        """In a renderer."""
        told = json.loads(asked)
        scope = {
            **told["scope"],
            "type": "http",
            "asgi": {"version": "3.0"},
            "raw_path": told["raw_path"].encode(_TEXT),
            "query_string": told["query_string"].encode(_TEXT),
            "headers": _heard(told["headers"]),
        }
        for peer in ("client", "server"):
            scope[peer] = None if scope[peer] is None else tuple(scope[peer])
        return cls(
            scope,
            datetime.fromisoformat(told["now"]),
            _standstill(told),
            told["said"],
        )


@dataclass(frozen=True)
class Rendered:
    """An answer, whole."""

    status: int
    headers: Headers
    body: bytes

    def send(self, connection: Connection) -> None:
        """To the process that serves. Raises OSError when it is gone."""
        connection.send_bytes(json.dumps([self.status, _said(self.headers)]).encode())
        connection.send_bytes(self.body)

    @classmethod
    def receive(cls, connection: Connection) -> Self:
        """From a renderer. Raises EOFError and OSError when it is gone."""
        status, headers = json.loads(connection.recv_bytes())
        return cls(status, _heard(headers), connection.recv_bytes())


def _standstill(told: Mapping[str, Any]) -> Standstill | None:
    found = told["standstill"]
    if found is None:
        return None
    return Standstill(
        Trouble(found["trouble"]),
        found["writing"],
        datetime.fromisoformat(found["since"]),
        found["said"],
    )


def _said(headers: Headers) -> list[list[str]]:
    return [[name.decode(_TEXT), value.decode(_TEXT)] for name, value in headers]


def _heard(headers: list[list[str]]) -> Headers:
    return [(name.encode(_TEXT), value.encode(_TEXT)) for name, value in headers]
