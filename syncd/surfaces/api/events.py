"""Events: what changed, for programs that must miss none."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query, Request
from pydantic import Field
from starlette.exceptions import HTTPException

from syncd.model import EventKind, Status
from syncd.store.feed import Gone, NotOfThisFeed, cursor_of, following, position_of
from syncd.surfaces.answers import as_of
from syncd.surfaces.api.desk import AtDesk
from syncd.surfaces.api.models.events import Events
from syncd.surfaces.api.models.people import MOMENT
from syncd.surfaces.api.parameters import LIMIT, At
from syncd.surfaces.api.refusing import Unfit
from syncd.surfaces.api.route import read, resources
from syncd.surfaces.event_documents import event_document
from syncd.surfaces.filtering import Filters
from syncd.surfaces.parameters import BadParameter

router = resources("events")


def words(every: type[EventKind] | type[Status]) -> str:
    """A pattern of one or some of these words, joined by commas."""
    one = "|".join(each.value for each in every)
    return f"^({one})(,({one}))*$"


class WhichEvents(At):
    """Which events, from where on."""

    limit: int = LIMIT
    after: str | None = Field(
        default=None,
        pattern=r"^\d{1,18}(-[0-9a-f]{8})?$",
        description="a cursor that this feed gave out, such as 120-3f9ac2d1, or a bare position",
        examples=["0"],
    )
    team: str | None = Field(default=None, description="ids of teams, joined by commas")
    kr: str | None = Field(default=None, description="ids or keys of key results, joined by commas")
    kind: str | None = Field(
        default=None,
        pattern=words(EventKind),
        description="kinds of events, joined by commas",
        json_schema_extra={"x-words": [kind.value for kind in EventKind]},
    )
    status: str | None = Field(
        default=None,
        pattern=words(Status),
        description="the statuses that they lead to, joined by commas",
        json_schema_extra={"x-words": [status.value for status in Status]},
    )
    since: str | None = Field(
        default=None,
        pattern=MOMENT,
        description="a day or a moment: only what was told since",
    )


@router.get("/events", response_model=Events, responses=read(410, 422))
def events(desk: AtDesk, request: Request, asked: Annotated[WhichEvents, Query()]) -> Any:
    """Events, the oldest first. `next` goes on from the last: ask again with it as `after` and miss
    none. Where events after it are not kept any more, the answer is 410.
    """
    base = (desk.external_url or str(request.base_url)).rstrip("/")
    cursor = asked.after or "0"
    with desk.look(asked) as (connection, now, about):
        filters = Filters(
            teams=_several(asked.team),
            key_results=_several(asked.kr),
            kinds=_several(asked.kind),
            statuses=_several(asked.status),
            since=asked.since,
        )
        try:
            wanted = filters.wanted(connection, now, until=about.at)
        except BadParameter as error:
            raise Unfit(error.name, error.got, error.expected) from error
        try:
            after = 0 if asked.after is None else position_of(connection, asked.after)
        except Gone as error:
            raise HTTPException(410, f"after: got {cursor!r}; expected {error}") from error
        except NotOfThisFeed as error:
            raise Unfit("after", cursor, str(error)) from error
        found = following(connection, wanted, after=after, limit=asked.limit)
    return {
        **as_of(about),
        "events": [event_document(event, base) for event in found],
        "next": cursor_of(found[-1]) if found else cursor,
    }


def _several(said: str | None) -> list[str]:
    return [] if said is None else said.split(",")
