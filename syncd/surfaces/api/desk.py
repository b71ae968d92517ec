"""What every endpoint of the API works with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Protocol

import sqlalchemy as sa
from fastapi import Depends, Request

from syncd.clock import Clock
from syncd.intake.access import Access
from syncd.store.engine import Store
from syncd.surfaces.asked import Asked
from syncd.surfaces.trying import Planner


class OfAMoment(Protocol):
    """Parameters that may ask for a moment of the past."""

    def asked(self, connection: sa.Connection, now: datetime) -> Asked:
        """The moment they ask for."""
        ...


@dataclass(frozen=True)
class Desk:
    """A store, the clock, and who may write. `external_url`: where people reach syncd (None: as
    the request came); `planner` tries edited mapping files (None: this server cannot); `version`:
    of the syncd that serves.
    """

    store: Store
    clock: Clock
    access: Access
    external_url: str | None = None
    planner: Planner | None = None
    version: str = "0.0.0"

    def now(self) -> datetime:
        """The present moment."""
        return self.clock.now()

    def read(self) -> AbstractContextManager[sa.Connection]:
        """A connection that sees one state of the store."""
        return self.store.read()

    @contextmanager
    def look(self, asked: OfAMoment) -> Iterator[tuple[sa.Connection, datetime, Asked]]:
        """The same, with the present moment and the one that is asked for."""
        now = self.now()
        with self.read() as connection:
            yield connection, now, asked.asked(connection, now)


async def desk_of(request: Request) -> Desk:
    """The desk of the application that answers."""
    desk: Desk = request.app.state.desk
    return desk


AtDesk = Annotated[Desk, Depends(desk_of)]
