"""What is told of mapping files: that they are in force or refused, and what they changed. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from syncd.model import Event, EventKind, KeyResult
from syncd.store.codec import KEY_RESULT, from_json, to_json
from syncd.wording import listed

SUBJECT = "mapping"
MOST_NAMED = 20
_WORDS = {
    "stale_after_seconds": "stale_after",
    "time_off": "time off",
    "duplicate_of": "whose duplicate it is",
    "objective_title": "the objective's title",
    "page": "whether it pages",
    "due": "due date",
}
_QUIET = frozenset({"id", "period", "timezone"})


@dataclass(frozen=True)
class Edits:
    """The key results, by key, that mapping files define anew, no longer, or otherwise than
    before: then with their definition before.
    """

    added: Mapping[str, KeyResult] = field(default_factory=dict)
    removed: Mapping[str, KeyResult] = field(default_factory=dict)
    changed: Mapping[str, tuple[KeyResult, KeyResult]] = field(default_factory=dict)


def edits_of(before: Mapping[str, Any], wanted: Mapping[str, KeyResult]) -> Edits:
    """What differs between the rows of key results and what is wanted now. The definition of a row
    is read anew, so that what a newer version adds to it is no edit of its author's.
    """
    known = {
        key: from_json(KEY_RESULT, row.definition) for key, row in before.items() if row.active
    }
    return Edits(
        added={key: kr for key, kr in wanted.items() if key not in known},
        removed={key: kr for key, kr in known.items() if key not in wanted},
        changed={
            key: (known[key], kr)
            for key, kr in wanted.items()
            if key in known and _differing(known[key], kr)
        },
    )


def edited(edits: Edits, now: datetime, *, first: bool) -> list[Event]:
    """An event for each of them; of the `first` mapping files ever, none."""
    if first:
        return []
    events = [_event(kr, "added", "new in the mapping files", now) for kr in edits.added.values()]
    for was, kr in edits.changed.values():
        names = _differing(was, kr)
        words = listed([_WORDS.get(name, name.replace("_", " ")) for name in names])
        old, new = to_json(KEY_RESULT, was), to_json(KEY_RESULT, kr)
        events.append(
            _event(
                kr,
                "edited",
                f"edited in the mapping files ({words})",
                now,
                before={name: old[name] for name in names},
                after={name: new[name] for name in names},
            )
        )
    events += [
        _event(kr, "removed", "taken out of the mapping files", now)
        for kr in edits.removed.values()
    ]
    return events


def accepted(summary: Mapping[str, Any], edits: Edits, now: datetime) -> Event:
    """Mapping files are in force; how they differ from those before."""
    parts = [
        f"{len(keys)} {word}"
        for word, keys in (
            ("added", edits.added),
            ("edited", edits.changed),
            ("taken out", edits.removed),
        )
        if keys
    ]
    words = f" {', '.join(parts)}." if parts else ""
    counts = f"{summary['key_results']} key results, {summary['indicators']} indicators."
    return Event(
        at=now,
        kind=EventKind.MAPPING_CHANGED,
        subject=SUBJECT,
        title="Mapping in force",
        text=f"{counts}{words}",
        reason="accepted",
        after={"key_results": summary["key_results"], "indicators": summary["indicators"]},
        data={
            "added": sorted(edits.added),
            "edited": sorted(edits.changed),
            "removed": sorted(edits.removed),
        },
    )


def refused(faults: Sequence[str], now: datetime) -> Event:
    """Mapping files were refused; the first faults, which name places in files."""
    text = f"{len(faults)} fault{'s' if len(faults) != 1 else ''}; the last good one stays."
    return Event(
        at=now,
        kind=EventKind.MAPPING_REFUSED,
        subject=SUBJECT,
        title="Mapping refused",
        text=text,
        reason="faults",
        data={"faults": list(faults[:MOST_NAMED]), "count": len(faults)},
    )


def _differing(was: KeyResult, kr: KeyResult) -> list[str]:
    return [
        each.name
        for each in fields(KeyResult)
        if each.name not in _QUIET and getattr(was, each.name) != getattr(kr, each.name)
    ]


def _event(
    kr: KeyResult,
    reason: str,
    words: str,
    now: datetime,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> Event:
    return Event(
        at=now,
        kind=EventKind.MAPPING_CHANGED,
        subject=kr.key,
        title=f"{kr.title}: {words}",
        text=f"{kr.id} was {words}." if reason != "added" else f"{kr.id} is {words}.",
        reason=reason,
        key_result=kr.key,
        team=kr.team or None,
        before=before,
        after=after,
        data={"objective": kr.objective, "owner": list(kr.owner), "indicator": kr.indicator},
    )
