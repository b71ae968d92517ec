"""What can be asked for in an address of the API."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from pydantic import BaseModel, Field

from syncd.intake.moments import EXPECTED
from syncd.store.periods import NoSuchPeriod, PeriodView, choose
from syncd.store.told import periods_known
from syncd.surfaces.api.models.people import MOMENT
from syncd.surfaces.api.paging import CURSOR
from syncd.surfaces.api.refusing import Unfit
from syncd.surfaces.asked import Asked, asked
from syncd.surfaces.documents import OBJECTS
from syncd.wording import did_you_mean

MOST = 1000


class At(BaseModel):
    """A moment of the past."""

    at: str | None = Field(
        default=None,
        pattern=MOMENT,
        description=f"{EXPECTED}: it answers with what had been told by then",
        examples=["2026-01-01T09:00Z"],
    )

    def asked(self, connection: sa.Connection, now: datetime) -> Asked:
        """The moment that is asked about. Raises Unfit for one that has not come, or of which
        nothing had been told.
        """
        return _asked(connection, self.at, now, reconstructed=False)


class Past(At):
    """A moment of the past, as it was told or as it was rebuilt."""

    reconstructed: bool = Field(
        default=False,
        description="true or false: whether to answer with what was rebuilt of that moment later, "
        "and was told to nobody",
    )

    def asked(self, connection: sa.Connection, now: datetime) -> Asked:
        """The same, as it was rebuilt where that is asked for."""
        return _asked(connection, self.at, now, reconstructed=self.reconstructed)


class Paged(BaseModel):
    """Which page of a list."""

    limit: int = Field(
        default=MOST,
        ge=1,
        le=MOST,
        description=f"a whole number from 1 to {MOST}: how many at most",
        examples=[100],
    )
    after: str | None = Field(
        default=None,
        pattern=CURSOR,
        description="a cursor that this list gave out as `next`: it goes on from there",
    )


LIMIT: int = Field(
    default=OBJECTS,
    ge=1,
    le=MOST,
    description=f"a whole number from 1 to {MOST}: how many at most",
    examples=[100],
)


class Some(Paged):
    """Which page of a list that is written to all the time."""

    limit: int = LIMIT


class OfPeriod(BaseModel):
    """Of which period."""

    period: str | None = Field(
        default=None,
        description="the id of a period; without it those that are open are meant",
        max_length=200,
    )

    def shown(self, connection: sa.Connection, now: datetime, about: Asked) -> list[PeriodView]:
        """The period that is asked for, else those that are open, or were then. Raises Unfit."""
        try:
            return choose(periods_known(connection, about.told_by), self.period, about.now(now))
        except NoSuchPeriod as error:
            expected = str(error).partition("; expected ")[2]
            raise Unfit("period", self.period or "", expected) from error


class Listed(Past, OfPeriod, Paged):
    """A page of what periods have, as it is or was."""


def one_of(name: str, got: str, known: Collection[str]) -> str:
    """The word, if it is known. Raises Unfit with the nearest."""
    if got in known:
        return got
    expected = "one of " + ", ".join(sorted(known)) if known else "none, because there is none yet"
    raise Unfit(name, got, expected + did_you_mean(got, known))


def _asked(
    connection: sa.Connection, text: str | None, now: datetime, *, reconstructed: bool
) -> Asked:
    try:
        return asked(connection, text, now, reconstructed=reconstructed)
    except ValueError as error:
        raise Unfit("at", text or "", str(error).partition("; expected ")[2]) from error
