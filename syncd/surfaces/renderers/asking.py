"""What goes to a renderer and what comes back, as bytes. JSON: nothing that could be run."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from multiprocessing.connection import Connection
from multiprocessing.reduction import recv_handle, send_handle
from typing import Any, Self

from starlette.types import Scope

from syncd.clock import Clock
from syncd.store.engine import Store
from syncd.store.standing import Standstill
from syncd.store.trouble import Trouble
from syncd.surfaces.shared import ZERO_COPY, Shared
from syncd.tracing import Attribute, said

_TEXT = "latin-1"
"""Of HTTP's bytes: each is one character."""
_AS_IT_IS = ("http_version", "method", "scheme", "path", "root_path", "client", "server")

Headers = list[tuple[bytes, bytes]]


@dataclass(frozen=True)
class Ask:
    """A request without a body, and what only the process that serves knows of it: the moment it
    is asked at (aware UTC), what keeps the store from being used, what lines of the log say, and
    its `own` metrics in the form that is asked for, where the answer is to end with them.
    """

    scope: Scope
    now: datetime
    standstill: Standstill | None
    said: Mapping[str, Attribute]
    own: bytes = b""

    @classmethod
    def of(cls, scope: Scope, store: Store, clock: Clock, own: bytes = b"") -> Self:
        """A request that comes now."""
        return cls(scope, clock.now(), store.standing.standstill, said(), own)

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
            "own": self.own.decode(_TEXT),
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
            "extensions": {ZERO_COPY: {}},
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
            told["own"].encode(_TEXT),
        )


@dataclass(frozen=True)
class Rendered:
    """An answer, whole: what is `shared` of it goes before the body."""

    status: int
    headers: Headers
    body: bytes
    shared: Shared | None = None

    def send(self, connection: Connection) -> None:
        """To the process that serves. Raises OSError when it is gone."""
        size = None if self.shared is None else self.shared.size
        connection.send_bytes(json.dumps([self.status, _said(self.headers), size]).encode())
        if self.shared is not None:
            send_handle(connection, self.shared.fileno(), None)
        connection.send_bytes(self.body)

    @classmethod
    def receive(cls, connection: Connection) -> Self:
        """From a renderer. Raises EOFError and OSError when it is gone, or nothing that follows
        could be read aright: this process may open no more files.
        """
        status, headers, size = json.loads(connection.recv_bytes())
        try:
            shared = None if size is None else Shared(recv_handle(connection), size)
        except RuntimeError as error:  # the descriptor did not come through
            raise OSError(errno.EMFILE, os.strerror(errno.EMFILE)) from error
        return cls(status, _heard(headers), connection.recv_bytes(), shared)


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
