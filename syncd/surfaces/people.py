"""What people say, as JSON documents: the state of dependencies outside the key results.

The API serves them, the command line prints them. Moments are ISO 8601 in UTC; what nobody said
is null.
"""

from __future__ import annotations

import sqlalchemy as sa

from syncd.store.externals import ExternalView, Said, external_views
from syncd.surfaces.documents import Document, moment
from syncd.surfaces.parameters import zone_in_force
from syncd.wording import date


def external_list(connection: sa.Connection) -> list[Document]:
    """Every dependency in force with what was said of it last."""
    zone = zone_in_force(connection)
    return [_external(view, zone) for view in external_views(connection)]


def _external(view: ExternalView, zone: str) -> Document:
    external, said = view.external, view.said
    return {
        "name": external.name,
        "title": external.title,
        "owner": external.owner,
        "due_at": moment(external.due),
        "due_text": None if external.due is None else date(external.due, zone),
        "plan": external.plan,
        "needed_by": list(view.needed_by),
        **(_NOTHING if said is None else said_document(said)),
    }


def said_document(said: Said) -> Document:
    """What was said of a dependency: it is so since `since`."""
    return {
        "state": said.state.value,
        "note": said.note,
        "by": said.by,
        "since": moment(said.at),
        "recorded_at": moment(said.recorded_at),
    }


_NOTHING: Document = dict.fromkeys(("state", "note", "by", "since", "recorded_at"))
