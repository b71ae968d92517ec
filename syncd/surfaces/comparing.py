"""Two sets compared, as JSON documents: the keys that a side lacks, and who holds them."""

from __future__ import annotations

from collections.abc import Sequence

from connectors.base import Outcome
from syncd.compose import Key, Member
from syncd.store.explaining import CoverageView, Explanation
from syncd.surfaces.documents import OBJECTS, Document, moment
from syncd.surfaces.links import web_link

ALL = "all"
EXTRA = "extra"
"""The keys that only the searched side has."""


def compared(found: Explanation) -> CoverageView | None:
    """How two sets differ; None for what compares none, and where nothing is known of a side."""
    if any(part.reading is None for part in found.parts):
        return None
    return found.coverage


def listed_keys(found: Explanation, which: str) -> Sequence[Key] | None:
    """The keys of a comparison that were asked for; None where there is no comparison."""
    coverage = compared(found)
    if coverage is None:
        return None
    if which == EXTRA:
        return coverage.extra
    return [key for key in coverage.counted if which == ALL or key.state is Outcome(which)]


def coverage_document(found: Explanation) -> Document | None:
    """How two sets differ, in numbers, and which keys are held twice."""
    coverage = compared(found)
    if coverage is None:
        return None
    return {
        "of": coverage.of,
        "in": coverage.inside,
        "missing_there": len(coverage.missing),
        "missing_here": len(coverage.extra),
        "twice_of": [key_document(key) for key in coverage.twice_of[:OBJECTS]],
        "twice_in": [key_document(key) for key in coverage.twice_inside[:OBJECTS]],
    }


def key_document(key: Key) -> Document:
    """A key of a comparison, and who holds it on either side. It reads like an object too."""
    holder = (key.of or key.inside)[0]
    return {
        "id": key.key,
        "label": key.key,
        "url": web_link(holder.url),
        "outcome": None if key.state is None else key.state.value,
        "since": moment(min(member.since for member in (key.of or key.inside))),
        "number": None,
        "missing": [],
        "due_at": moment(key.due),
        "of": [_holder(member) for member in key.of],
        "in": [_holder(member) for member in key.inside],
    }


def _holder(member: Member) -> Document:
    return {
        "id": member.object_id,
        "label": member.label,
        "url": web_link(member.url),
        "outcome": member.outcome.value,
        "since": moment(member.since),
        "missing": list(member.missing),
    }
