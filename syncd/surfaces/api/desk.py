"""What every endpoint of the API works with."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import sqlalchemy as sa
from fastapi import Depends, Request

from syncd.clock import Clock
from syncd.intake.access import Access
from syncd.store.engine import Store
from syncd.surfaces.trying import Planner


@dataclass(frozen=True)
class Desk:
    """A store, the clock, and who may write. `external_url`: where people reach syncd (None: as
    the request came); `planner` tries edited mapping files (None: this server cannot).
    """

    store: Store
    clock: Clock
    access: Access
    external_url: str | None = None
    planner: Planner | None = None

    def now(self) -> datetime:
        """The present moment."""
        return self.clock.now()

    def read(self) -> AbstractContextManager[sa.Connection]:
        """A connection that sees one state of the store."""
        return self.store.read()


async def desk_of(request: Request) -> Desk:
    """The desk of the application that answers."""
    desk: Desk = request.app.state.desk
    return desk


AtDesk = Annotated[Desk, Depends(desk_of)]
