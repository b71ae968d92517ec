"""What a renderer of metrics says by itself after each look at the store, and what is said to it,
as bytes. JSON: nothing that could be run.
"""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from multiprocessing.connection import Connection
from multiprocessing.reduction import recv_handle, send_handle
from typing import Any, Self

from syncd.store.trouble import Trouble
from syncd.surfaces.metrics.form import Form, Part
from syncd.surfaces.shared import Shared


@dataclass(frozen=True)
class Wanted:
    """The moment by the clock of the process that serves (aware UTC), and a form of metrics that
    is to be told from now on, as `Accept` asks for it.
    """

    accept: str
    now: datetime

    def to_bytes(self) -> bytes:
        """For a renderer."""
        return json.dumps([self.accept, self.now.isoformat()]).encode()

    @classmethod
    def from_bytes(cls, said: bytes) -> Self:
        """In a renderer."""
        accept, now = json.loads(said)
        return cls(accept, datetime.fromisoformat(now))


@dataclass(frozen=True)
class Away:
    """The store did not answer, for a trouble that is known or not."""

    trouble: Trouble | None


@dataclass(frozen=True)
class Publication:
    """What may be told for so many `seconds`: of each form that is wanted what moves and, where it
    is another than was told before, what stands still. `away`: the store did not answer; `failed`:
    it could not be rendered, for a fault of syncd's own. There is nothing to tell then.
    """

    seconds: float
    moving: Mapping[str, bytes] = field(default_factory=dict)
    still: Mapping[str, Form] = field(default_factory=dict)
    away: Away | None = None
    failed: bool = False

    def send(self, connection: Connection) -> None:
        """To the process that serves. Raises OSError when it is gone."""
        head = {
            "seconds": self.seconds,
            "away": None if self.away is None else [self.away.trouble],
            "failed": self.failed,
            "moving": {name: said.decode() for name, said in self.moving.items()},
            "still": [
                [name, form.checksum, form.size, _size(form.still), _size(form.zipped)]
                for name, form in self.still.items()
            ],
        }
        connection.send_bytes(json.dumps(head).encode())
        for form in self.still.values():
            _send(connection, form.still)
            _send(connection, form.zipped)

    @classmethod
    def receive(cls, connection: Connection) -> Self:
        """From a renderer. Raises EOFError and OSError when it is gone, or nothing that follows
        could be read aright: this process may open no more files.
        """
        head: Mapping[str, Any] = json.loads(connection.recv_bytes())
        away = head["away"]
        return cls(
            head["seconds"],
            {name: said.encode() for name, said in head["moving"].items()},
            {
                name: Form(
                    _received(connection, still), _received(connection, zipped), checksum, size
                )
                for name, checksum, size, still, zipped in head["still"]
            },
            None if away is None else Away(None if away[0] is None else Trouble(away[0])),
            head["failed"],
        )


def _size(part: Part) -> int | None:
    """Of what is shared."""
    return part.size if isinstance(part, Shared) else None


def _send(connection: Connection, part: Part) -> None:
    if isinstance(part, Shared):
        send_handle(connection, part.fileno(), None)
    else:
        connection.send_bytes(part)


def _received(connection: Connection, size: int | None) -> Part:
    if size is None:
        return connection.recv_bytes()
    try:
        return Shared(recv_handle(connection), size)
    except RuntimeError as error:  # the descriptor did not come through
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE)) from error
