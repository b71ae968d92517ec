"""The upstream objects that a number is made of."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from connectors.base import Outcome
from syncd.store.aggregate import holding
from syncd.store.read import IndicatorView
from syncd.store.schema import indicators, objects, verdicts
from syncd.store.sets import can_tell, set_row
from syncd.store.sides import moment_of


@dataclass(frozen=True)
class ObjectView:
    """One upstream object with the verdict that holds of it at a moment. `place`: where it stands
    among them, by since when the verdict holds.
    """

    object_id: str
    label: str
    url: str | None
    outcome: Outcome
    since: datetime
    number: float | None
    missing: tuple[str, ...]
    keys: tuple[str, ...] = ()
    place: tuple[datetime, str] | None = None


@dataclass(frozen=True)
class ObjectPage:
    """Some of the objects that were asked for, those that hold their verdict longest first, and
    how many there are in all.
    """

    objects: tuple[ObjectView, ...]
    total: int


def missing_counts(
    connection: sa.Connection, indicator: IndicatorView, at: datetime
) -> list[tuple[str, int]]:
    """What objects lack at `at`, the most frequent first: (the author's word, objects)."""
    if indicator.set_id is None:
        return []
    tally: Counter[str] = Counter()
    rows = connection.execute(
        sa.select(verdicts.c.missing).where(
            holding(indicator.set_id, at), verdicts.c.outcome == Outcome.FAIL.value
        )
    )
    for missing in rows.scalars():
        tally.update(missing or ())
    return sorted(tally.items(), key=lambda item: (-item[1], item[0]))


def objects_page(
    connection: sa.Connection,
    fingerprint: str,
    *,
    outcome: Outcome | None,
    now: datetime,
    at: datetime | None = None,
    offset: int = 0,
    after: tuple[datetime, str] | None = None,
    limit: int = 50,
    called: str = "",
    lacks: str = "",
) -> ObjectPage:
    """The objects of which `outcome` (None: any) holds at `at` (None: as it is told now). Empty for
    an indicator that keeps none, and for a moment of which nothing is known. `after`: those behind
    an object's `place`, so that one whose verdict changes meanwhile is not passed over. Only those
    whose name has `called` in it, in whatever case, and that lack `lacks`, the author's word for
    it.
    """
    row = connection.execute(
        sa.select(indicators).where(indicators.c.fingerprint == fingerprint)
    ).first()
    if row is None or row.set_id is None:
        return ObjectPage((), 0)
    moment = row.fixed_at or at or moment_of(connection, row, now)
    if not can_tell(set_row(connection, row.set_id), moment):
        return ObjectPage((), 0)
    which = holding(row.set_id, moment)
    if outcome is not None:
        which = sa.and_(which, verdicts.c.outcome == outcome.value)
    if lacks:
        # A list of words is kept as JSON, in which a word has its marks on both sides.
        words = sa.cast(verdicts.c.missing, sa.Text)
        which = sa.and_(which, words.contains(json.dumps(lacks), autoescape=True))
    if called:
        name = sa.func.coalesce(objects.c.label, verdicts.c.object_id)
        which = sa.and_(which, name.icontains(called, autoescape=True))
    known = sa.and_(objects.c.scope_id == row.scope_id, objects.c.object_id == verdicts.c.object_id)
    beside = verdicts.join(objects, known, isouter=True)
    total = connection.execute(
        sa.select(sa.func.count()).select_from(beside).where(which)
    ).scalar_one()
    found = connection.execute(
        sa.select(verdicts, objects.c.label, objects.c.url)
        .select_from(beside)
        .where(which, *([] if after is None else [_behind(*after)]))
        .order_by(verdicts.c.valid_from, verdicts.c.object_id)
        .limit(limit)
        .offset(offset)
    )
    return ObjectPage(
        tuple(
            ObjectView(
                object_id=one.object_id,
                label=one.label or one.object_id,
                url=one.url,
                outcome=Outcome(one.outcome),
                since=one.began or one.valid_from,
                number=one.number,
                missing=tuple(one.missing or ()),
                keys=tuple(one.keys or ()),
                place=(one.valid_from, one.object_id),
            )
            for one in found
        ),
        int(total),
    )


def _behind(valid_from: datetime, object_id: str) -> sa.ColumnElement[bool]:
    return sa.or_(
        verdicts.c.valid_from > valid_from,
        sa.and_(verdicts.c.valid_from == valid_from, verdicts.c.object_id > object_id),
    )
