"""Every attempt to load the mapping files, and what stood in those that were accepted last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from syncd.store import mapping_events as telling
from syncd.store.engine import Store
from syncd.store.events import append_events
from syncd.store.mapping_events import Edits
from syncd.store.schema import mapping_loads

TO_MEND = "to_mend"
"""What a summary says of how much hygiene found; older versions kept all of it there."""


@dataclass(frozen=True)
class MappingView:
    """The last attempt to load the mapping files, and the summary of what is in force; since
    `accepted_at`. `to_mend`: how much hygiene found in it (`findings` has that).
    """

    at: datetime
    accepted: bool
    faults: tuple[str, ...]
    in_force: Mapping[str, Any] | None
    accepted_at: datetime | None = None
    to_mend: int = 0


def mapping(connection: sa.Connection, at: datetime | None = None) -> MappingView | None:
    """The last attempt to load the mapping files, by `at` where that is given; None before the
    first. Costs as much however large the files are.
    """
    told = mapping_loads.c
    last = connection.execute(_newest(at, told.at, told.accepted, told.faults)).first()
    if last is None:
        return None
    good = connection.execute(_newest(at, told.at, told.summary).where(told.accepted)).first()
    summary = {} if good is None else dict(good.summary)
    told_apart = summary.pop(TO_MEND, 0)
    return MappingView(
        at=last.at,
        accepted=last.accepted,
        faults=tuple(last.faults),
        in_force=None if good is None else summary,
        accepted_at=None if good is None else good.at,
        to_mend=len(summary.pop("findings", ())) or told_apart,
    )


def findings(connection: sa.Connection, at: datetime | None = None) -> Sequence[Mapping[str, Any]]:
    """What hygiene found in the mapping files in force, by `at` where that is given."""
    told = mapping_loads.c
    row = connection.execute(_newest(at, told.id, told.findings).where(told.accepted)).first()
    if row is None:
        return []
    if row.findings is not None:
        return list(row.findings)
    summary = sa.select(told.summary).where(told.id == row.id)
    return list(connection.execute(summary).scalar_one().get("findings", ()))


def _newest(at: datetime | None, *columns: sa.Column[Any]) -> sa.Select[Any]:
    query = sa.select(*columns).order_by(mapping_loads.c.id.desc()).limit(1)
    return query if at is None else query.where(mapping_loads.c.at <= at)


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
    findings: Sequence[Mapping[str, Any]] | None = None,
    files: Mapping[str, Mapping[str, str]] | None = None,
    edits: Edits | None = None,
    first: bool = False,
) -> None:
    """Writes down an attempt, unless it is the same as the last one; tells it in the feed, with
    what the files changed; `first`: they are the first ones.
    """
    found = None if findings is None else list(findings)
    kept = None if files is None else {folder: dict(texts) for folder, texts in files.items()}
    last = connection.execute(
        sa.select(mapping_loads).order_by(mapping_loads.c.id.desc()).limit(1)
    ).first()
    if last is not None and last.accepted == accepted and last.digest == digest:
        if (last.summary, last.files, last.findings) != (summary, kept, found):
            # the same files, said more of by a newer version
            connection.execute(
                sa.update(mapping_loads)
                .where(mapping_loads.c.id == last.id)
                .values(summary=summary, files=kept, findings=found)
            )
        return
    if accepted:
        # one goes on by the newest only
        connection.execute(
            sa.update(mapping_loads).where(mapping_loads.c.files.is_not(None)).values(files=None)
        )
    connection.execute(
        sa.insert(mapping_loads).values(
            at=now,
            accepted=accepted,
            digest=digest,
            faults=faults,
            summary=summary,
            findings=found,
            files=kept,
        )
    )
    edits = edits or Edits()
    append_events(
        connection,
        [telling.accepted(summary, edits, now), *telling.edited(edits, now, first=first)]
        if accepted
        else [telling.refused(faults, now)],
    )
