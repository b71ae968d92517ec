"""Dependencies outside the key results: what mapping files declare, what people say of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from syncd.model import Catalogue, Event, EventKind, External, ExternalState, Status
from syncd.model.key_result import EXTERNAL
from syncd.store.engine import Store
from syncd.store.events import append_events
from syncd.store.schema import external_states, externals, key_results
from syncd.wording import clock, external_words

PREFIX = EXTERNAL
"""What stands before the name where a key result needs one."""


class NotDeclared(Exception):
    """No mapping file in force declares a dependency of this name."""


@dataclass(frozen=True)
class Said:
    """What a person says of a dependency: it is so since `at`, and was written down later or at
    once.
    """

    state: ExternalState
    note: str
    by: str
    at: datetime
    recorded_at: datetime


@dataclass(frozen=True)
class ExternalView:
    """A dependency as the files of a period declare it, what was said of it last (None: nothing
    yet), and the ids of the period's key results that need it, in the order of the mapping files.
    """

    external: External
    said: Said | None
    needed_by: tuple[str, ...]
    period: str = ""


def put_externals(store: Store, connection: sa.Connection, catalogues: Sequence[Catalogue]) -> None:
    """Makes what these declare the dependencies in force; what was said of them stays."""
    connection.execute(sa.update(externals).values(active=False))
    store.upsert(
        connection,
        externals,
        [
            {
                "period": catalogue.period,
                "name": name,
                "rank": rank,
                "active": True,
                "title": external.title,
                "owner": external.owner,
                "due": external.due,
                "plan": external.plan,
            }
            for catalogue in catalogues
            for rank, (name, external) in enumerate(catalogue.externals.items())
        ],
    )


def external_views(connection: sa.Connection) -> list[ExternalView]:
    """The dependencies in force, in the order of the mapping files."""
    said = said_last(connection)
    needed = defaultdict(list)
    for row in connection.execute(
        sa.select(key_results.c.id, key_results.c.period, key_results.c.definition)
        .where(key_results.c.active)
        .order_by(key_results.c.rank)
    ):
        for need in row.definition["needs"]:
            needed[row.period, need].append(row.id)
    return [
        ExternalView(
            _external(row),
            said.get(row.name),
            tuple(needed[row.period, PREFIX + row.name]),
            row.period,
        )
        for row in connection.execute(
            sa.select(externals)
            .where(externals.c.active)
            .order_by(externals.c.period, externals.c.rank)
        )
    ]


def external_statuses(connection: sa.Connection) -> dict[str, Status]:
    """What each dependency in force means to those who need it, by ``external:NAME``; one of which
    nothing was said is `no_data`.
    """
    said = said_last(connection)
    return {
        PREFIX + name: said[name].state.status if name in said else Status.NO_DATA
        for name in connection.execute(
            sa.select(externals.c.name).where(externals.c.active).distinct()
        ).scalars()
    }


def record_state(
    store: Store,
    name: str,
    state: ExternalState,
    *,
    note: str,
    by: str,
    at: datetime,
    now: datetime,
    timezone: str,
) -> Said:
    """Writes down what `by` says of a dependency as of `at`, marks the key results that need it,
    and tells it in the feed; `timezone` (an IANA name) is for its words.

    What is said of an earlier moment than what holds is kept, and does not replace it. Raises
    NotDeclared, and ValueError for a moment that has not come.
    """
    if at > now:
        raise ValueError(f"got {at.isoformat()}, which has not come yet; expected a moment before")
    with store.write() as connection:
        declared = connection.execute(
            store.locked(
                sa.select(externals)
                .where(externals.c.active, externals.c.name == name)
                .order_by(externals.c.period)
            )
        ).all()
        if not declared:
            raise NotDeclared(f"got {name!r}; expected a dependency that mapping files declare")
        before = said_last(connection).get(name)
        connection.execute(
            sa.insert(external_states).values(
                name=name, state=state.value, note=note, by=by, at=at, recorded_at=now
            )
        )
        said = Said(state, note, by, at, now)
        _mark_needing(store, connection, PREFIX + name)
        append_events(connection, [_told(_external(declared[-1]), before, said, now, timezone)])
        return said


def _told(
    external: External, before: Said | None, said: Said, now: datetime, timezone: str
) -> Event:
    holds = before is None or before.at <= said.at
    was = f" (was {external_words(before.state)})" if holds and before is not None else ""
    as_of = "" if said.at == now else f", as of {clock(said.at, timezone, now)}"
    return Event(
        at=now,
        kind=EventKind.EXTERNAL_SET,
        subject=PREFIX + external.name,
        title=f"{external.title}: {external_words(said.state)}{was}",
        text=f"By {said.by}{as_of}: {said.note}",
        reason="person",
        before=None if before is None else {"state": before.state.value},
        after={"state": said.state.value},
        data={
            "holds": holds,
            "note": said.note,
            "by": said.by,
            "at": said.at.isoformat(),
        },
    )


def _mark_needing(store: Store, connection: sa.Connection, need: str) -> None:
    """Marks the key results that need it; locked in the order in which assessing locks them."""
    found = [
        row.key
        for row in connection.execute(
            sa.select(key_results.c.key, key_results.c.definition)
            .where(key_results.c.active)
            .order_by(key_results.c.key)
        )
        if need in row.definition["needs"]
    ]
    if not found:
        return
    connection.execute(
        store.locked(
            sa.select(key_results.c.key)
            .where(key_results.c.key.in_(found))
            .order_by(key_results.c.key)
        )
    )
    connection.execute(
        sa.update(key_results).where(key_results.c.key.in_(found)).values(dirty=True)
    )


def said_last(connection: sa.Connection, told_by: datetime | None = None) -> Mapping[str, Said]:
    """What holds of each name: of the newest moment, what was said last; of what was written down
    by `told_by` (None: of all).
    """
    newest = (
        sa.func.row_number()
        .over(
            partition_by=external_states.c.name,
            order_by=(external_states.c.at.desc(), external_states.c.id.desc()),
        )
        .label("newest")
    )
    written = sa.select(external_states, newest)
    if told_by is not None:
        written = written.where(external_states.c.recorded_at <= told_by)
    ranked = written.subquery()
    return {
        row.name: Said(ExternalState(row.state), row.note, row.by, row.at, row.recorded_at)
        for row in connection.execute(sa.select(ranked).where(ranked.c.newest == 1))
    }


def _external(row: Any) -> External:
    return External(row.name, row.title, row.owner, row.due, row.plan)
