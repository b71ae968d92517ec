"""Key results: what is told of them, their course, what they rest on and wait for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import Query, Request
from pydantic import Field

from syncd.model import Status
from syncd.store.columns import to_microseconds
from syncd.store.paths import path_of
from syncd.store.read import KeyResultView, Point, key_result_views
from syncd.store.told import key_results_known
from syncd.surfaces.answers import as_of, key_of
from syncd.surfaces.api.desk import AtDesk
from syncd.surfaces.api.evidence import OUTCOME, Outcomes, Which, evidence_page
from syncd.surfaces.api.models.indicators import Objects
from syncd.surfaces.api.models.key_results import History, KeyResultDetail, KeyResults, Path
from syncd.surfaces.api.paging import Listing, page_of
from syncd.surfaces.api.parameters import LIMIT, At, Listed, Past, Some, one_of
from syncd.surfaces.api.route import read, resources
from syncd.surfaces.api.words import KeyResultId
from syncd.surfaces.asked import Asked, views_asked
from syncd.surfaces.detail import Evidence, course, evidence_of, key_result_detail
from syncd.surfaces.documents import Document, key_result_document, point_document
from syncd.surfaces.paths import path_document

router = resources("key results")


class Wanted(Listed):
    """Which key results."""

    team: str | None = Field(default=None, description="the id of a team")
    objective: str | None = Field(default=None, description="the id of an objective")
    status: Status | None = None

    @property
    def begins_with_all(self) -> bool:
        """Whether the first ones that there are are the first page."""
        return (self.after, self.team, self.objective, self.status) == (None,) * 4

    def wants(self, view: KeyResultView) -> bool:
        """Whether a key result is one of them."""
        kr, told = view.key_result, view.assessment
        return (
            self.team in (None, kr.team)
            and self.objective in (None, kr.objective)
            and self.status in (None, Status.NO_DATA if told is None else told.status)
        )


class WhichObjects(Past, Which):
    """Which objects, of which moment."""


class First(Past):
    """What the evidence begins with."""

    outcome: Outcomes = OUTCOME
    limit: int = LIMIT


class WhichPoints(Past, Some):
    """Which part of its course."""


@router.get("/krs", response_model=KeyResults, responses=read(409, 422))
def key_results(desk: AtDesk, request: Request, asked: Annotated[Wanted, Query()]) -> Any:
    """Every key result of the open periods, or of one, as told."""
    with desk.look(asked) as (connection, now, about):
        periods = asked.shown(connection, now, about)
        views = _views(connection, about, [one.period.id for one in periods], asked)
        of = [view.key_result for view in views]
        if asked.team is not None:
            known = {team for one in periods for team in one.period.teams}
            one_of("team", asked.team, known | {kr.team for kr in of})
        if asked.objective is not None:
            declared = {each.id for one in periods for each in one.period.objectives}
            one_of("objective", asked.objective, declared | {kr.objective for kr in of})
        shown, following = page_of(
            Listing.of(connection, request),
            views,
            lambda view: view.key_result.key,
            after=asked.after,
            limit=asked.limit,
            wanted=asked.wants,
        )
    found = [key_result_document(view) for view in shown]
    return {**as_of(about), "key_results": found, "next": following}


def _views(
    connection: sa.Connection, about: Asked, periods: Sequence[str], asked: Wanted
) -> list[KeyResultView]:
    """Those that the page is made of, which are not all where it is the first of all."""
    if about.at is None and asked.begins_with_all:
        return key_result_views(connection, periods=periods, most=asked.limit + 1)
    return views_asked(connection, about, periods=periods)


@router.get("/krs/{id:kr}/path", response_model=Path, responses=read(404, 422))
def critical_path(desk: AtDesk, id: KeyResultId, asked: Annotated[At, Query()]) -> Any:  # noqa: A002
    """What its due date hangs on, step by step, and all that it needs."""
    with desk.look(asked) as (connection, now, about):
        key, then = key_of(connection, id, now, about), about.now(now)
        (view,) = key_results_known(connection, about.at, [key])
        document = path_document(path_of(connection, view, then, about.at), then)
    return {**as_of(about), **document}


@router.get("/krs/{id:kr}/history", response_model=History, responses=read(404, 409, 422))
def key_result_history(
    desk: AtDesk,
    request: Request,
    id: KeyResultId,  # noqa: A002
    asked: Annotated[WhichPoints, Query()],
) -> Any:
    """What was told of it whenever that changed, the oldest first, and what was rebuilt of its
    past.
    """
    with desk.look(asked) as (connection, now, about):
        key = key_of(connection, id, now, about)
        listing = Listing.of(connection, request)
        evidence = evidence_of(connection, key, now=now, asked=about)
        shown, following = page_of(
            listing,
            _numbered(course(connection, key, evidence.asked)),
            lambda one: one[0],
            after=asked.after,
            limit=asked.limit,
        )
    points = [point_document(point) for _, point in shown]
    kr = evidence.view.key_result
    return {**as_of(about), "id": kr.id, "key": key, "history": points, "next": following}


def _numbered(points: Sequence[Point]) -> list[tuple[str, Point]]:
    """Each with a name that it keeps: its moment, and which of that moment it is."""
    seen: Counter[int] = Counter()
    found = []
    for point in points:
        at = to_microseconds(point.at)
        seen[at] += 1
        found.append((f"{at}.{seen[at]}", point))
    return found


@router.get("/krs/{id:kr}/evidence", response_model=Objects, responses=read(404, 409, 422))
def key_result_evidence(
    desk: AtDesk,
    request: Request,
    id: KeyResultId,  # noqa: A002
    asked: Annotated[WhichObjects, Query()],
) -> Any:
    """The objects that its number is made of, those that hold their verdict longest first."""
    with desk.look(asked) as (connection, now, about):
        key = key_of(connection, id, now, about)
        found = evidence_of(connection, key, now=now, asked=about)
        listing = Listing.of(connection, request)
        return evidence_page(
            connection, found.found, asked, listing, now=found.now, at=found.asked.at
        )


# A key has a slash, so this takes what the others left.
@router.get("/krs/{id:kr}", response_model=KeyResultDetail, responses=read(404, 422))
def key_result(
    desk: AtDesk,
    request: Request,
    id: KeyResultId,  # noqa: A002
    asked: Annotated[First, Query()],
) -> Any:
    """One key result with its evidence, down to the first objects."""
    which = Which(outcome=asked.outcome, limit=asked.limit)
    with desk.look(asked) as (connection, now, about):
        listing = Listing.of(connection, request, f"{request.url.path}/evidence")

        def objects(connection: sa.Connection, found: Evidence) -> Document:
            return evidence_page(
                connection, found.found, which, listing, now=found.now, at=found.asked.at
            )

        key = key_of(connection, id, now, about)
        document = key_result_detail(connection, key, now=now, asked=about, objects=objects)
    return {**as_of(about), **document}
