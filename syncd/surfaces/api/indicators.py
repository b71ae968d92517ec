"""Indicators: where numbers come from, their readings, and what people give."""

from __future__ import annotations

from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import Query, Request
from starlette.exceptions import HTTPException

from syncd.intake.accepting import accept
from syncd.intake.manual import Given, set_number
from syncd.store.explaining import Explanation, names
from syncd.store.readings import readings_of
from syncd.surfaces.answers import as_of, no_such
from syncd.surfaces.api.desk import AtDesk
from syncd.surfaces.api.evidence import Which, evidence_page
from syncd.surfaces.api.models.indicators import IndicatorDetail, Indicators, Objects, Readings
from syncd.surfaces.api.models.people import (
    Acceptance,
    AcceptedNumber,
    GivenNumber,
    WrittenNumber,
)
from syncd.surfaces.api.paging import Listing, cut, page_of
from syncd.surfaces.api.parameters import At, Paged, Past, Some
from syncd.surfaces.api.route import read, resources, written
from syncd.surfaces.api.words import IndicatorName
from syncd.surfaces.api.writing import WRITER
from syncd.surfaces.asked import Asked
from syncd.surfaces.documents import called, reading_document
from syncd.surfaces.explaining import detail, explained, indicator_list

router = resources("indicators")


class WhichObjects(Past, Which):
    """Which objects, of which moment."""


class WhichReadings(At, Some):
    """Which readings, as they had been written down by when."""


@router.get("/indicators", response_model=Indicators, responses=read(409, 422))
def indicators(desk: AtDesk, request: Request, asked: Annotated[Paged, Query()]) -> Any:
    """Every indicator in force and what it read last."""
    with desk.read() as connection:
        shown, following = page_of(
            Listing.of(connection, request),
            indicator_list(connection),
            lambda one: str(one["fingerprint"]),
            after=asked.after,
            limit=asked.limit,
        )
    return {"indicators": shown, "next": following}


@router.get("/indicators/{name}", response_model=IndicatorDetail, responses=read(404, 422))
def indicator(desk: AtDesk, name: IndicatorName, asked: Annotated[Past, Query()]) -> Any:
    """Where its number comes from: query, raw values, parts and cost."""
    with desk.look(asked) as (connection, _, about):
        return {**as_of(about), **detail(connection, _meant(connection, desk, name, about))}


@router.get("/indicators/{name}/objects", response_model=Objects, responses=read(404, 409, 422))
def indicator_objects(
    desk: AtDesk, request: Request, name: IndicatorName, asked: Annotated[WhichObjects, Query()]
) -> Any:
    """The objects that its number is made of, those that hold their verdict longest first."""
    with desk.look(asked) as (connection, now, about):
        found = _meant(connection, desk, name, about)
        listing = Listing.of(connection, request)
        return evidence_page(connection, found, asked, listing, now=about.now(now), at=about.at)


@router.get("/indicators/{name}/readings", response_model=Readings, responses=read(404, 422))
def indicator_readings(
    desk: AtDesk, request: Request, name: IndicatorName, asked: Annotated[WhichReadings, Query()]
) -> Any:
    """Its readings in the order in which they were written down, the first one first. One that
    only confirms the one before is written down once an hour.
    """
    with desk.look(asked) as (connection, _, about):
        found = _meant(connection, desk, name, about).indicator
        listing = Listing.of(connection, request)
        place = listing.place(asked.after)
        rows = readings_of(
            connection,
            found.fingerprint,
            after=0 if place is None else int(place[0]),
            told_by=about.told_by,
            limit=asked.limit + 1,
        )
        shown, following = cut(listing, rows, asked.limit, lambda one: [one.id or 0])
    return {
        **as_of(about),
        "indicator": called(found),
        "readings": [reading_document(one) for one in shown],
        "next": following,
    }


@router.post(
    "/indicators/{name}/readings",
    status_code=201,
    response_model=WrittenNumber,
    responses=written(),
    dependencies=[WRITER],
)
def give_number(desk: AtDesk, name: IndicatorName, said: GivenNumber) -> Any:
    """Writes down a number that a person gives of an indicator with `measure: manual`. It is
    written as in mapping files, with its unit; a bare number will do for a count.
    """
    given = Given(str(said.value), by=said.by, note=said.note, at=said.at)
    return set_number(desk.store, name, given, now=desk.now()).document()


@router.post(
    "/indicators/{name}/acceptances",
    status_code=201,
    response_model=AcceptedNumber,
    responses=written(),
    dependencies=[WRITER],
)
def accept_number(desk: AtDesk, name: IndicatorName, said: Acceptance) -> Any:
    """Believes what is held back of an indicator because it is not plausible."""
    done = accept(desk.store, name, by=said.by, reason=said.reason, now=desk.now())
    return done.document()


def _meant(connection: sa.Connection, desk: AtDesk, name: str, about: Asked) -> Explanation:
    found = explained(connection, name, desk.now(), about)
    if found is None:
        raise HTTPException(404, no_such(name, names(connection), "indicator", about))
    return found
