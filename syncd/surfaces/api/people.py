"""What people say: notes, pauses and overrides, and dependencies outside."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path, Query, Request

from syncd.intake.adjusting import GivenAdjustment, adjust, withdraw
from syncd.intake.externals import GivenState, set_state
from syncd.surfaces.answers import as_of, key_of
from syncd.surfaces.api.desk import AtDesk
from syncd.surfaces.api.models import people as models
from syncd.surfaces.api.paging import Listing, page_of
from syncd.surfaces.api.parameters import At, Paged
from syncd.surfaces.api.route import read, resources, written
from syncd.surfaces.api.words import KeyResultId
from syncd.surfaces.api.writing import WRITER
from syncd.surfaces.people import (
    adjustment_document,
    adjustment_list,
    external_list,
    state_document,
)

router = resources("people")


class WhichSaid(At, Paged):
    """What had been said by when."""


@router.get(
    "/krs/{id:kr}/adjustments", response_model=models.Adjustments, responses=read(404, 409, 422)
)
def adjustments(
    desk: AtDesk,
    request: Request,
    id: KeyResultId,  # noqa: A002
    asked: Annotated[WhichSaid, Query()],
) -> Any:
    """All that people said of a key result, and what became of it."""
    with desk.look(asked) as (connection, now, about):
        key = key_of(connection, id, now, about)
        shown, following = page_of(
            Listing.of(connection, request),
            adjustment_list(connection, now=about.now(now), of=key, told_by=about.at),
            lambda one: str(one["id"]),
            after=asked.after,
            limit=asked.limit,
        )
    return {**as_of(about), "adjustments": shown, "next": following}


@router.post(
    "/krs/{id:kr}/adjustments",
    status_code=201,
    response_model=models.Adjustment,
    responses=written(),
    dependencies=[WRITER],
)
def say(desk: AtDesk, id: KeyResultId, said: models.GivenAdjustment) -> Any:  # noqa: A002
    """Writes down a note, a pause or an override. A pause and an override need `until`, an override
    `status`; a second one of a key result replaces the first.
    """
    now = desk.now()
    given = GivenAdjustment(
        kind=said.kind,
        reason=said.reason,
        by=said.by,
        until=said.until,
        status=said.status,
        at=said.at,
    )
    return adjustment_document(adjust(desk.store, id, given, now=now), now)


@router.delete(
    "/krs/{id:kr}/adjustments/{number}",
    response_model=models.Adjustment,
    responses=written(),
    dependencies=[WRITER],
)
def take_back(
    desk: AtDesk,
    id: KeyResultId,  # noqa: A002
    number: Annotated[
        str,
        Path(
            description="the number of a note, a pause or an override: its `id`",
            pattern=r"^[0-9]{1,18}$",
            examples=["1"],
        ),
    ],
    said: models.Withdrawal,
) -> Any:
    """Takes back a note, a pause or an override. What was said ends now, and stays listed with who
    withdrew it and why.
    """
    now = desk.now()
    view = withdraw(desk.store, number, of=id, by=said.by, reason=said.reason, now=now)
    return adjustment_document(view, now)


@router.get("/externals", response_model=models.Externals, responses=read(409, 422))
def externals(desk: AtDesk, request: Request, asked: Annotated[WhichSaid, Query()]) -> Any:
    """Every dependency outside the key results, how it stands, and who needs it."""
    with desk.look(asked) as (connection, _, about):
        shown, following = page_of(
            Listing.of(connection, request),
            external_list(connection, about.at),
            lambda one: f"{one['period']}/{one['name']}",
            after=asked.after,
            limit=asked.limit,
        )
    return {**as_of(about), "externals": shown, "next": following}


@router.post(
    "/externals/{name}/state",
    status_code=201,
    response_model=models.WrittenState,
    responses=written(),
    dependencies=[WRITER],
)
def say_state(
    desk: AtDesk,
    name: Annotated[str, Path(description="As mapping files name it.", examples=["recruiting"])],
    said: models.GivenState,
) -> Any:
    """Writes down how a dependency outside stands. Of the newest moment, what was said last
    holds.
    """
    given = GivenState(state=said.state, note=said.note, by=said.by, at=said.at)
    return {"name": name, **state_document(set_state(desk.store, name, given, now=desk.now()))}
