"""The page of what waits for what: a drawing, the critical path of one due date, and a list."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from syncd.assess import Basis
from syncd.model import Status
from syncd.store.paths import Path, paths_of
from syncd.store.periods import PeriodView
from syncd.store.read import mapping
from syncd.store.told import key_results_known
from syncd.surfaces.graph import HEIGHT, WIDTH, layout
from syncd.surfaces.page import Visit, frame, render
from syncd.surfaces.paths import need_document, path_document
from syncd.wording import SHAPES, date, status_words


def dependencies_page(
    connection: sa.Connection,
    shown: Sequence[PeriodView],
    visit: Visit,
    *,
    of: str | None,
) -> str:
    """What waits for what in some periods, or waited at the moment that is asked about; `of` is the
    key of the key result whose critical path is drawn, None: of the one that has the least time to
    spare.
    """
    at = visit.asked.at
    drawings = [
        drawing
        for one in shown
        if (drawing := _drawing(connection, one, of, visit.then, at)) is not None
    ]
    waiting = {one["key"] for drawing in drawings for one in drawing["waiting"]}
    (idle,) = [None] if of is None or of in waiting else key_results_known(connection, at, [of])
    return render(
        "dependencies.html",
        **{**frame(connection, mapping(connection), visit), "here": "/dependencies"},
        drawings=drawings,
        idle=None if idle is None else idle.key_result.title,
        box=(WIDTH, HEIGHT),
    )


def _drawing(
    connection: sa.Connection,
    one: PeriodView,
    of: str | None,
    now: datetime,
    at: datetime | None,
) -> Mapping[str, Any] | None:
    """None: nothing in the period waits for anything."""
    known = at if one.closed is None else one.closed.at
    paths = paths_of(connection, one.period.id, now, known)
    if not paths:
        return None
    asked = next((path for path in paths if path.view.key_result.key == of), None)
    chosen = asked or min(paths, key=_urgency)
    graph = layout({path.view.key_result.id: path.view.key_result.needs for path in paths})
    way = [chosen.view.key_result.id, *(step.id for step in chosen.steps)]
    steps = set(zip(way[1:], way, strict=False))
    return {
        "period": one.period.title,
        "graph": graph,
        "nodes": [
            {"at": node, "critical": node.id in way, **_node(chosen, node.id, now)}
            for node in graph.nodes
        ],
        "edges": [
            {"path": edge.path, "critical": (edge.needed, edge.by) in steps}
            for edge in sorted(graph.edges, key=lambda edge: (edge.needed, edge.by) in steps)
        ],
        "chosen": _told(chosen, now),
        "waiting": [_told(path, now) for path in paths],
    }


def _urgency(path: Path) -> float:
    """Seconds to spare at the first step: that never comes before all, what nothing is known of
    after all.
    """
    first = path.steps[0] if path.steps else None
    if first is not None and first.basis is Basis.NEVER:
        return -math.inf
    return math.inf if first is None or first.slack_seconds is None else first.slack_seconds


def _node(path: Path, need: str, now: datetime) -> Mapping[str, Any]:
    """A key result or a dependency outside, as it stands in its box."""
    inside = path.key_results.get(need)
    document = need_document(path, need, now)
    status = Status(document["status"])
    return {
        "title": document["title"],
        "key": None if inside is None else inside.key_result.key,
        "status": status.value,
        "shape": SHAPES[status],
        "words": document["status_text"].capitalize(),
        "due": document["due_text"],
    }


def _told(path: Path, now: datetime) -> Mapping[str, Any]:
    kr, told = path.view.key_result, path.view.assessment
    status = Status.NO_DATA if told is None else told.status
    document = path_document(path, now)
    return {
        "key": kr.key,
        "id": kr.id,
        "title": kr.title,
        "status": status.value,
        "shape": SHAPES[status],
        "words": status_words(status).capitalize(),
        "due": date(kr.due, kr.timezone, now),
        "needs": [{**_node(path, need, now), "id": need} for need in kr.needs],
        "steps": [{**step, **_node(path, step["id"], now)} for step in document["steps"]],
    }
