"""What edited mapping files would change, before they are applied."""

from __future__ import annotations

import threading
from typing import Annotated, Any

from pydantic import Field, StrictStr, StringConstraints
from starlette.exceptions import HTTPException

from syncd.surfaces.api.desk import AtDesk
from syncd.surfaces.api.models.people import Given
from syncd.surfaces.api.models.plan import Plan
from syncd.surfaces.api.route import LongRoute, resources, written
from syncd.surfaces.api.writing import WRITER

router = resources("plan", LongRoute)
RETRY_SECONDS = "5"

FileName = Annotated[str, StringConstraints(pattern=r"^[^/]{1,200}/[^/]{1,200}\.yaml$")]

_one = threading.Lock()
"""A plan copies what is in force and judges all of it: one at a time is enough."""


class Edits(Given):
    """Mapping files to lay over those in force."""

    files: dict[FileName, StrictStr | None] = Field(
        description="what stands in edited files, by their folder and name; null takes one out",
        min_length=1,
        examples=[{"q1-2026/dcim.yaml": "team: dcim\nobjectives: []\n"}],
        json_schema_extra={"additionalProperties": False},
    )


@router.post("/plan", response_model=Plan, responses=written(429), dependencies=[WRITER])
def plan(desk: AtDesk, edits: Edits) -> Any:
    """What edited mapping files would change: definitions field by field, and how each number and
    status would move. No source is asked, so new numbers are not known yet, and nothing is applied.
    """
    if desk.planner is None:
        raise HTTPException(409, "this server knows no mapping files; ask one that measures")
    if not _one.acquire(blocking=False):
        raise HTTPException(
            429,
            "got a second plan while one is made; expected one at a time",
            headers={"Retry-After": RETRY_SECONDS},
        )
    try:
        return desk.planner(edits.files)
    finally:
        _one.release()
