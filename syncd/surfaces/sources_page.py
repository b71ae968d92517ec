"""The page of the sources: whether they answer, since when, and what is read from each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from syncd.model import EventKind, Failure
from syncd.store.circuits import Circuit, CircuitState, circuits_at
from syncd.store.feed import Wanted, cursor_of, preceding
from syncd.store.read import mapping
from syncd.store.turns import Turn, turns
from syncd.surfaces.page import Visit, age, frame, render
from syncd.surfaces.parameters import zone_in_force
from syncd.wording import NOTHING, cause, clock, duration, size, source_name

_TOLD = (EventKind.SOURCE_FAILING.value, EventKind.SOURCE_RECOVERED.value)
_MOST_TOLD = 50


def sources_page(connection: sa.Connection, visit: Visit) -> str:
    """Every source that is read, the ones that fail with what they said last. Of a moment of the
    past only what was told of them: how each query went is not kept.
    """
    zone, now = zone_in_force(connection), visit.now
    circuits = circuits_at(connection, now)
    past = visit.asked.at is not None
    return render(
        "sources.html",
        **{**frame(connection, mapping(connection), visit), "here": "/sources"},
        read=[]
        if past
        else [
            _source(name, list(found), circuits.get(name, Circuit()), zone, now)
            for name, found in groupby(turns(connection), key=lambda turn: turn.source)
        ],
        told=[
            {
                "cursor": cursor_of(event),
                "when": clock(event.at, zone, visit.then),
                "fails": event.kind is EventKind.SOURCE_FAILING,
                "title": event.title,
                "text": event.text,
            }
            for event in preceding(
                connection,
                Wanted(kinds=_TOLD, until=visit.asked.at),
                before=None,
                limit=_MOST_TOLD,
            )
        ],
    )


def _source(
    name: str, of: Sequence[Turn], circuit: Circuit, zone: str, now: datetime
) -> Mapping[str, Any]:
    failing = [turn for turn in of if turn.failures]
    since = min((turn.failing_since for turn in failing if turn.failing_since), default=None)
    newest = max((turn.last_success_at for turn in of if turn.last_success_at), default=None)
    if since is not None:
        words = f"{len(failing)} of {len(of)} queries fail, since {clock(since, zone, now)}"
        words += _left_alone(circuit, zone, now)
    elif newest is None:
        words = "Not read yet"
    else:
        words = f"Answers; read {age(newest, now)} ago"
    return {
        "name": source_name(name),
        "status": "off_track" if failing else ("no_data" if newest is None else "on_track"),
        "shape": "▲" if failing else ("◌" if newest is None else "●"),
        "words": words,
        "causes": list(dict.fromkeys(_cause(turn) for turn in failing)),
        "failing": [_turn(turn, zone, now) for turn in failing],
        "answering": [_turn(turn, zone, now) for turn in of if not turn.failures],
    }


def _left_alone(circuit: Circuit, zone: str, now: datetime) -> str:
    """That nothing is asked of the source, and until when."""
    if circuit.state is CircuitState.CLOSED:
        return ""
    if circuit.state is CircuitState.HALF_OPEN or circuit.retry_at is None:
        return "; one query finds out if it answers again"
    return f"; left alone until {clock(circuit.retry_at, zone, now)}"


def _cause(turn: Turn) -> str:
    if turn.error_type is None or turn.failing_since is None:
        return ""
    why = Failure(turn.error_type, turn.error_message or "", turn.failing_since)
    return cause(why, turn.source)


def _turn(turn: Turn, zone: str, now: datetime) -> Mapping[str, Any]:
    read, due = turn.last_success_at, turn.next_due_at
    return {
        "indicators": turn.indicators,
        "readers": turn.keys,
        "fails": bool(turn.failures),
        "error": f"{_cause(turn)}: {turn.error_message}" if turn.failures else "",
        "tries": turn.failures,
        "read": "never" if read is None else f"{age(read, now)} ago",
        "next": "now" if due <= now else clock(due, zone, now),
        "every": duration(turn.interval_seconds),
        "took": NOTHING if turn.seconds is None else f"{turn.seconds:.1f} s",
        "requests": NOTHING if turn.requests is None else f"{turn.requests}",
        "size": NOTHING if turn.size_bytes is None else size(turn.size_bytes),
    }
