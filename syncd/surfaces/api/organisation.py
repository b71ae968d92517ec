"""The organisation, its periods, teams and objectives, and what they come to."""

from __future__ import annotations

from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import Path, Query, Request
from pydantic import Field
from starlette.exceptions import HTTPException

from syncd.surfaces.answers import as_of, no_such
from syncd.surfaces.api.desk import AtDesk
from syncd.surfaces.api.models import organisation as models
from syncd.surfaces.api.paging import Listing, page_of
from syncd.surfaces.api.parameters import Listed, OfPeriod, Past, one_of
from syncd.surfaces.api.route import read, resources
from syncd.surfaces.asked import Asked
from syncd.surfaces.documents import Document
from syncd.surfaces.rollups import (
    objective_documents,
    organisation_document,
    rolled,
    rollup_list,
    team_documents,
)

router = resources("organisation")


class OfOne(Past, OfPeriod):
    """A moment, and a period."""


class WhichObjectives(Listed):
    """Which objectives."""

    team: str | None = Field(default=None, description="the id of a team, its own or a joint one")


@router.get("/organisation", response_model=models.Organisation, responses=read(422))
def organisation(desk: AtDesk, asked: Annotated[OfOne, Query()]) -> Any:
    """The organisation and its open periods, or one, with what they come to."""
    with desk.look(asked) as (connection, now, about):
        shown = asked.shown(connection, now, about)
        return {**as_of(about), **organisation_document(rolled(connection, shown, about), now)}


@router.get("/teams", response_model=models.Teams, responses=read(409, 422))
def teams(desk: AtDesk, request: Request, asked: Annotated[Listed, Query()]) -> Any:
    """Every team of the open periods, or of one, and what it comes to."""
    with desk.read() as connection:
        about, found = _found(connection, desk, asked, "teams")
        listing = Listing.of(connection, request)
        shown, following = page_of(listing, found, _named, after=asked.after, limit=asked.limit)
    return {**as_of(about), "teams": shown, "next": following}


@router.get("/teams/{id}", response_model=models.TeamDetail, responses=read(404, 422))
def team(
    desk: AtDesk,
    id: Annotated[str, Path(description="As mapping files name it.", examples=["dcim"])],  # noqa: A002
    asked: Annotated[OfOne, Query()],
) -> Any:
    """One team; in several open periods, that of the newest."""
    with desk.read() as connection:
        about, found = _found(connection, desk, asked, "teams")
    return {**as_of(about), **_one(found, id, "team", about)}


@router.get("/objectives", response_model=models.Objectives, responses=read(409, 422))
def objectives(desk: AtDesk, request: Request, asked: Annotated[WhichObjectives, Query()]) -> Any:
    """Every objective of the open periods, or of one, and what it comes to."""
    with desk.read() as connection:
        about, found = _found(connection, desk, asked, "objectives")
        if asked.team is not None:
            one_of("team", asked.team, {team for one in found for team in _teams(one)})
        listing = Listing.of(connection, request)
        shown, following = page_of(
            listing,
            found,
            _named,
            after=asked.after,
            limit=asked.limit,
            wanted=lambda one: asked.team is None or asked.team in _teams(one),
        )
    return {**as_of(about), "objectives": shown, "next": following}


@router.get("/objectives/{id}", response_model=models.ObjectiveDetail, responses=read(404, 422))
def objective(
    desk: AtDesk,
    id: Annotated[str, Path(description="As mapping files name it.", examples=["dcim-o1"])],  # noqa: A002
    asked: Annotated[OfOne, Query()],
) -> Any:
    """One objective; in several open periods, that of the newest."""
    with desk.read() as connection:
        about, found = _found(connection, desk, asked, "objectives")
    return {**as_of(about), **_one(found, id, "objective", about)}


@router.get("/rollups", response_model=models.RollUps, responses=read(409, 422))
def rollups(desk: AtDesk, request: Request, asked: Annotated[Listed, Query()]) -> Any:
    """What every objective, every team and the organisation come to, in one list."""
    with desk.look(asked) as (connection, now, about):
        shown, following = page_of(
            Listing.of(connection, request),
            rollup_list(connection, asked.shown(connection, now, about), about),
            lambda one: f"{one['period']}/{one['level']}/{one['id']}",
            after=asked.after,
            limit=asked.limit,
        )
    return {**as_of(about), "rollups": shown, "next": following}


def _found(
    connection: sa.Connection, desk: AtDesk, asked: OfOne | Listed, what: str
) -> tuple[Asked, list[Document]]:
    now = desk.now()
    about = asked.asked(connection, now)
    shown = asked.shown(connection, now, about)
    documents = team_documents if what == "teams" else objective_documents
    return about, [each for one in rolled(connection, shown, about) for each in documents(one)]


def _one(found: list[Document], named: str, what: str, about: Asked) -> Document:
    """The one of that id; of the newest period that has one, which comes last."""
    for one in reversed(found):
        if one["id"] == named:
            return one
    raise HTTPException(404, no_such(named, [str(one["id"]) for one in found], what, about))


def _named(one: Document) -> str:
    return f"{one['period']}/{one['id']}"


def _teams(one: Document) -> set[str]:
    return {str(team) for team in (one["team"], one["joint_team"]) if team}
