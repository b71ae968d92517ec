"""What a due date hangs on, as JSON and in words: the API, the page and the terminal show it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from syncd.assess import Basis, Step
from syncd.model import ENDED, Status
from syncd.store.paths import Path
from syncd.surfaces.documents import Document, moment
from syncd.wording import date, duration, external_words, listed, status_words


def path_document(path: Path, now: datetime) -> Document:
    """The critical path of a key result, and all that it needs itself."""
    kr, told = path.view.key_result, path.view.assessment
    return {
        "id": kr.id,
        "title": kr.title,
        "status": "no_data" if told is None else told.status.value,
        "due_at": moment(kr.due),
        "due_text": date(kr.due, kr.timezone, now),
        "needs": [need_document(path, need, now) for need in kr.needs],
        "steps": [
            {
                **need_document(path, step.id, now),
                "landing_at": moment(step.landing),
                "basis": step.basis.value,
                "slack_seconds": step.slack_seconds,
                "unknown": list(step.unknown),
                "text": step_words(step, kr.timezone, now),
            }
            for step in path.steps
        ],
    }


def need_document(path: Path, need: str, now: datetime) -> dict[str, Any]:
    """Something that is needed: a key result, or a dependency outside with what was said of it."""
    view, outside = path.key_results.get(need), path.externals.get(need)
    timezone = path.view.key_result.timezone
    if view is not None:
        kr, told = view.key_result, view.assessment
        status = Status.NO_DATA if told is None else told.status
        return {
            "id": need,
            "title": kr.title,
            "status": status.value,
            "status_text": status_words(status),
            "due_at": moment(kr.due),
            "due_text": date(kr.due, timezone, now),
            "by": None,
            "note": None,
        }
    said = None if outside is None else outside.said
    due = None if outside is None else outside.external.due
    return {
        "id": need,
        "title": need if outside is None else outside.external.title,
        "status": (Status.NO_DATA if said is None else said.state.status).value,
        "status_text": external_words(None if said is None else said.state),
        "due_at": moment(due),
        "due_text": None if due is None else date(due, timezone, now),
        "by": None if said is None else said.by,
        "note": None if said is None else said.note,
    }


def step_words(step: Step, timezone: str, now: datetime) -> str:
    """When it is there and with what slack, from what that is known, and what is not."""
    words = _landing(step, timezone, now)
    if step.slack_seconds is not None:
        words += f", {_slack(step.slack_seconds)}"
    if step.unknown:
        words += f"; of {listed(step.unknown)} beside it nothing is known"
    return words


def _landing(step: Step, timezone: str, now: datetime) -> str:
    day = "" if step.landing is None else date(step.landing, timezone, now)
    if step.basis is Basis.FORECAST:
        return f"lands on {day} at this pace"
    if step.basis is Basis.PROMISED:
        return f"promised for {day}"
    if step.basis is Basis.UNKNOWN:
        return f"nothing is known of it but its due date {day}" if day else "nothing is known of it"
    if step.status in ENDED or step.status is Status.MISSED:
        return f"does not come: it is {status_words(step.status)}"
    return "does not come at this pace"


def _slack(seconds: float) -> str:
    if abs(seconds) < 1:
        return "with no time to spare"
    words = duration(_rough(abs(seconds)))
    return f"{words} to spare" if seconds > 0 else f"{words} too late"


def _rough(seconds: float) -> float:
    """Whole units of the largest of which there are two: nobody plans by the second."""
    unit = next((unit for unit in (86_400, 3600, 60) if seconds >= 2 * unit), 1)
    return round(seconds / unit) * unit


def path_lines(document: Mapping[str, Any]) -> Sequence[str]:
    """The same as a tree of text, the key result first."""
    lines = [f"{document['title']} ({document['id']}), due {document['due_text']}"]
    for depth, step in enumerate(document["steps"]):
        due = f", due {step['due_text']}" if step["due_text"] else ""
        said = f"; {step['by']} says: {step['note']}" if step["note"] else ""
        lines.append(
            f"{'   ' * depth}└─ {step['title']} ({step['id']}){due}: {step['status_text']}; "
            f"{step['text']}{said}"
        )
    if not document["steps"]:
        waits = "all that it needs is there" if document["needs"] else "it needs nothing"
        lines.append(f"└─ {waits}")
    return lines
