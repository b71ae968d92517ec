"""Every attempt to load the mapping files, and what stood in those that were accepted last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from syncd.store import mapping_events as telling
from syncd.store.engine import Store
from syncd.store.events import append_events
from syncd.store.mapping_events import Edits
from syncd.store.schema import mapping_loads


def files_in_force(connection: sa.Connection) -> Mapping[str, Mapping[str, str]] | None:
    """What stands in the mapping files that were accepted last, by folder and name; None: there are
    none, or an older version took them up without keeping them.
    """
    found: Mapping[str, Mapping[str, str]] | None = connection.execute(
        sa.select(mapping_loads.c.files)
        .where(mapping_loads.c.accepted)
        .order_by(mapping_loads.c.id.desc())
        .limit(1)
    ).scalar()
    return found


def record_refusal(store: Store, faults: Sequence[str], digest: str, now: datetime) -> None:
    """Writes down that mapping files were refused, and why; what is in force stays."""
    with store.write() as connection:
        record_load(connection, now, accepted=False, digest=digest, faults=list(faults), summary={})


def record_load(
    connection: sa.Connection,
    now: datetime,
    *,
    accepted: bool,
    digest: str,
    faults: list[str],
    summary: dict[str, Any],
    files: Mapping[str, Mapping[str, str]] | None = None,
    edits: Edits | None = None,
    first: bool = False,
) -> None:
    """Writes down an attempt, unless it is the same as the last one; tells it in the feed, with
    what the files changed; `first`: they are the first ones.
    """
    kept = None if files is None else {folder: dict(texts) for folder, texts in files.items()}
    last = connection.execute(
        sa.select(mapping_loads).order_by(mapping_loads.c.id.desc()).limit(1)
    ).first()
    if last is not None and last.accepted == accepted and last.digest == digest:
        if last.summary != summary or last.files != kept:
            # the same files, said more of by a newer version
            connection.execute(
                sa.update(mapping_loads)
                .where(mapping_loads.c.id == last.id)
                .values(summary=summary, files=kept)
            )
        return
    if accepted:
        # one goes on by the newest only
        connection.execute(
            sa.update(mapping_loads).where(mapping_loads.c.files.is_not(None)).values(files=None)
        )
    connection.execute(
        sa.insert(mapping_loads).values(
            at=now, accepted=accepted, digest=digest, faults=faults, summary=summary, files=kept
        )
    )
    edits = edits or Edits()
    append_events(
        connection,
        [telling.accepted(summary, edits, now), *telling.edited(edits, now, first=first)]
        if accepted
        else [telling.refused(faults, now)],
    )
