"""What people say, as JSON documents: dependencies outside, and notes, pauses and overrides.

The API serves them, the command line prints them. Moments are ISO 8601 in UTC; what nobody said
is null.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from syncd.store.adjusting import AdjustmentView, adjustment_views
from syncd.store.externals import ExternalView, Said
from syncd.store.told import externals_known
from syncd.surfaces.asked import zone_in_force
from syncd.surfaces.documents import Document, moment, said_document
from syncd.wording import date


def external_list(connection: sa.Connection, at: datetime | None = None) -> list[Document]:
    """Every dependency in force with what was said of it last, at `at` (None: now)."""
    zone = zone_in_force(connection)
    return [_external(view, zone) for view in externals_known(connection, at)]


def _external(view: ExternalView, zone: str) -> Document:
    external, said = view.external, view.said
    return {
        "name": external.name,
        "period": view.period,
        "title": external.title,
        "owner": external.owner,
        "due_at": moment(external.due),
        "due_text": None if external.due is None else date(external.due, zone),
        "plan": external.plan,
        "needed_by": list(view.needed_by),
        **(_NOTHING if said is None else state_document(said)),
    }


def state_document(said: Said) -> Document:
    """What was said of a dependency: it is so since `since`."""
    return {
        "state": said.state.value,
        "note": said.note,
        "by": said.by,
        "since": moment(said.at),
        "recorded_at": moment(said.recorded_at),
    }


def adjustment_list(
    connection: sa.Connection,
    *,
    now: datetime,
    of: str | None = None,
    told_by: datetime | None = None,
) -> list[Document]:
    """All that was ever said of a key result (None: of every one), oldest first, with what was
    withdrawn and what is over; `told_by`: by that moment.
    """
    found = adjustment_views(connection, None if of is None else [of], told_by=told_by)
    return [adjustment_document(view, now) for view in found]


def adjustment_document(view: AdjustmentView, now: datetime) -> Document:
    """What was said of a key result, and what became of it."""
    withdrawn = view.withdrawn
    return {
        **(said_document(view.said, view.timezone, now) or {}),
        "key_result": view.key_result.rpartition("/")[2],
        "key": view.key_result,
        "in_force": view.in_force_at(now),
        "withdrawn_at": None if withdrawn is None else moment(withdrawn.at),
        "withdrawn_by": None if withdrawn is None else withdrawn.by,
        "withdrawn_reason": None if withdrawn is None else withdrawn.reason,
    }


_NOTHING: Document = dict.fromkeys(("state", "note", "by", "since", "recorded_at"))
