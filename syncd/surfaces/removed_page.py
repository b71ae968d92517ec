"""The page of a key result that was taken out of the mapping files: when, and how it stood."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from syncd.model import Status
from syncd.store.read import mapping
from syncd.store.removed import Removed
from syncd.surfaces.page import Visit, frame, render
from syncd.wording import SHAPES, clock, status_words


def removed_page(connection: sa.Connection, removed: Removed, visit: Visit) -> str:
    """That it is no more, how it stood last, and where its page of that time is."""
    kr, told = removed.key_result, removed.told
    status = Status.NO_DATA if told is None else told.status
    return render(
        "removed.html",
        **frame(connection, mapping(connection), visit),
        kr=kr,
        when=clock(removed.at, kr.timezone, visit.then),
        status=status.value,
        shape=SHAPES[status],
        words=status_words(status).capitalize(),
        reason="Nothing had been told of it." if told is None else told.reason,
        last=(removed.at - timedelta(microseconds=1)).isoformat(),
    )
