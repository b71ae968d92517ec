"""Between publishing and assessing: readings of indicators that are made of others.

Publishing marks what is composed as dirty. Here the dirty ones, and all that is made of them, are
locked and made anew, parts before wholes; what another replica has locked is left to it. Of two
replicas that publish two parts at once, whoever publishes second marks the whole again, and who
composes after that composes from both.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from syncd.compose import Composed, PartReadings, combine, coverage
from syncd.model import Combination, Coverage, Event, Manual
from syncd.store.codec import COMPOSITION, from_json
from syncd.store.engine import Store
from syncd.store.events import Tell, append_events, nobody
from syncd.store.marking import mark_key_results
from syncd.store.readings import Content, to_reading, write_reading
from syncd.store.schema import composition_parts, indicators, readings
from syncd.store.sides import side_of
from syncd.store.together import followers_of, taken_together


def compose(store: Store, *, now: datetime, tell: Tell = nobody) -> int:
    """Makes the readings of all composed indicators that are dirty, or that time moves by `now`,
    in one transaction; returns how many were made. `tell` hears what the feed says of them.
    """
    with store.read() as connection:
        if connection.execute(_due(now).limit(1)).first() is None:
            return 0
    with store.write() as connection:
        parts = _parts_of_all(connection)
        wanted = _due_with_wholes(store, connection, parts, now)
        order = list(parts_first(wanted, parts))
        told = [
            event for fingerprint in order for event in _compose_one(connection, fingerprint, now)
        ]
        mark_key_results(connection, order)
        append_events(connection, told)
    tell(told)
    return len(order)


def next_composition(store: Store) -> datetime | None:
    """When time alone moves the next composed indicator; None: nothing is scheduled."""
    with store.read() as connection:
        moment: datetime | None = connection.execute(
            sa.select(
                sa.func.min(
                    indicators.c.next_transition_at, type_=indicators.c.next_transition_at.type
                )
            ).where(indicators.c.active)
        ).scalar_one()
    return moment


def content_of_composed(composed: Composed) -> Content:
    """What a composed reading says."""
    return Content(
        value=composed.value,
        numerator=composed.numerator,
        denominator=composed.denominator,
        pending=composed.pending,
        objects=composed.objects,
        complete=composed.complete,
        approximate=composed.approximate,
        lower_bound=composed.lower_bound,
        details=composed.details,
    )


def parts_first(wanted: Collection[str], parts: Mapping[str, list[str]]) -> Iterator[str]:
    """The wanted indicators so that each comes after the wanted ones it is made of."""
    seen: set[str] = set()

    def visit(fingerprint: str) -> Iterator[str]:
        if fingerprint in seen:
            return
        seen.add(fingerprint)
        for part in parts.get(fingerprint, ()):
            yield from visit(part)
        if fingerprint in wanted:
            yield fingerprint

    for fingerprint in sorted(wanted):
        yield from visit(fingerprint)


def _parts_of_all(connection: sa.Connection) -> dict[str, list[str]]:
    parts: dict[str, list[str]] = defaultdict(list)
    for row in connection.execute(sa.select(composition_parts).order_by(composition_parts.c.part)):
        parts[row.indicator].append(row.part)
    return dict(parts)


def _due(now: datetime) -> sa.Select[tuple[str]]:
    return sa.select(indicators.c.fingerprint).where(
        indicators.c.active,
        sa.or_(indicators.c.dirty, indicators.c.next_transition_at <= now),
    )


def _due_with_wholes(
    store: Store, connection: sa.Connection, parts: Mapping[str, list[str]], now: datetime
) -> set[str]:
    fingerprint = indicators.c.fingerprint

    def take(query: sa.Select[tuple[str]]) -> Sequence[str]:
        ordered = store.locked(query.order_by(fingerprint), skip=True)
        return connection.execute(ordered).scalars().all()

    active = set(connection.execute(sa.select(fingerprint).where(indicators.c.active)).scalars())
    return taken_together(
        take(_due(now)),
        followers_of({whole: its for whole, its in parts.items() if whole in active}),
        lambda wanted: take(sa.select(fingerprint).where(fingerprint.in_(wanted))),
    )


def _compose_one(connection: sa.Connection, fingerprint: str, now: datetime) -> Sequence[Event]:
    row = connection.execute(
        sa.select(indicators).where(indicators.c.fingerprint == fingerprint)
    ).one()
    plan = from_json(COMPOSITION, row.composition)
    found: Composed | None = None
    if isinstance(plan, Coverage):
        of, inside = (_row(connection, part) for part in (plan.of, plan.inside))
        found = coverage(
            plan,
            side_of(connection, of, plan, now),
            side_of(connection, inside, plan, now),
            now=now,
            memory=row.memory,
        )
    elif isinstance(plan, Combination):
        found = combine(
            plan,
            {part.indicator: _part(connection, part.indicator) for part in plan.parts},
        )
    elif not isinstance(plan, Manual):
        raise TypeError(f"{fingerprint}: got {type(plan).__name__}; expected a composition")
    told: Sequence[Event] = ()
    if found is not None:
        told = write_reading(
            connection, row, content_of_composed(found), observed_at=found.observed_at, now=now
        )
    connection.execute(
        sa.update(indicators)
        .where(indicators.c.fingerprint == fingerprint)
        .values(
            dirty=False,
            next_transition_at=None if found is None else found.next_transition_at,
            memory=row.memory if found is None else found.memory,
        )
    )
    return told


def _part(connection: sa.Connection, fingerprint: str) -> PartReadings:
    row = _row(connection, fingerprint)
    newest = connection.execute(
        sa.select(readings).where(readings.c.id == row.reading_id)
    ).one_or_none()
    return PartReadings(
        name=row.name or row.fingerprint,
        reading=None if newest is None else to_reading(newest, row.observed_at),
        complete=row.partial_reading_id is None,
    )


def _row(connection: sa.Connection, fingerprint: str) -> Any:
    return connection.execute(
        sa.select(indicators).where(indicators.c.fingerprint == fingerprint)
    ).one()
