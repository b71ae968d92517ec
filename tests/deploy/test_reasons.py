"""The reasons of events that the pages list are those that the code gives, and no others.

Each place that makes an event is read. Where it says its reason in words, these count; where it takes it from
elsewhere, what it may be is said below, by the very enumeration or table that the code takes it from.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache

import pytest

from connectors.errors import UpstreamError
from deploy.reference.reasons import FURTHER, REASONS, SLIPPING, Further
from deploy.site import ROOT
from syncd.assess.status import Rule
from syncd.model import STATUS_KINDS, DoubtKind, EventKind
from syncd.store import adjusting_events, quarantine_events
from syncd.telling import changes

RULES = {one.name.lower() for one in Rule}
ERRORS = {one.error_type for one in UpstreamError.__subclasses__()}
LISTS = {Further.RULES: RULES, Further.ERRORS: ERRORS, Further.DOUBTS: {*DoubtKind}}
OVERRIDDEN = {EventKind.STATUS_CHANGED, EventKind.ACHIEVED, EventKind.MISSED}
OF_RULES = {
    kind: RULES | ({"override"} if kind in OVERRIDDEN else set()) for kind in STATUS_KINDS
} | {EventKind.DATA_STALE: RULES | ERRORS}
"""What `reason_code` says; tests/unit/telling makes each."""
KINDS = {
    "_BEGINS[said.kind]": set(adjusting_events._BEGINS.values()),
    "_ENDS[said.kind]": set(adjusting_events._ENDS.values()),
}
"""What a kind that is taken from elsewhere may be."""


def reasons(path: str) -> dict[str, set[str]]:
    """What a reason that a file takes from elsewhere may be, by its words."""
    return {
        "error.error_type": ERRORS,
        "doubt.kind.value": {*DoubtKind},
        "how": {*quarantine_events._BECAUSE},
        "'external' if outside else status.value": {"external", *SLIPPING},
        "str(more['cause'])": said(path, r'"cause": "(\w+)"'),
        "reason": said(path, r'_event\(\s*kr,\s*"(\w+)"'),
    }


def said(path: str, pattern: str) -> set[str]:
    return set(re.findall(pattern, (ROOT / path).read_text(encoding="utf-8")))


def made() -> Iterator[tuple[str, ast.expr, ast.expr]]:
    """The file, the kind and the reason of each event that is made."""
    for path in sorted((ROOT / "syncd").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Event":
                given = {one.arg: one.value for one in node.keywords}
                if "kind" in given:
                    yield str(path.relative_to(ROOT)), given["kind"], given["reason"]


def kinds_of(kind: ast.expr, path: str) -> Iterable[EventKind]:
    text = ast.unparse(kind)
    if text.startswith("EventKind."):
        return [EventKind[text.removeprefix("EventKind.")]]
    if text == "kind":  # a name, given one of these before
        source = (ROOT / path).read_text(encoding="utf-8")
        found = [EventKind[one] for one in re.findall(r"EventKind\.(CHECKPOINT\w+)", source)]
        return found or STATUS_KINDS
    return KINDS[text]


def words_of(reason: ast.expr, path: str) -> set[str]:
    if isinstance(reason, ast.Constant):
        return {str(reason.value)}
    if (known := reasons(path).get(ast.unparse(reason))) is not None:
        return known
    assert isinstance(reason, ast.IfExp), f"{path}: say what {ast.unparse(reason)} may be"
    return words_of(reason.body, path) | words_of(reason.orelse, path)


@cache
def given() -> dict[EventKind, set[str]]:
    """The reasons of each kind, as the code gives them."""
    found: dict[EventKind, set[str]] = defaultdict(set)
    for path, kind, reason in made():
        if ast.unparse(kind) == "EventKind(row.kind)":  # read from the store
            continue
        for one in kinds_of(kind, path):
            by_rule = ast.unparse(reason).startswith("reason_code(")
            found[one] |= OF_RULES[one] if by_rule else words_of(reason, path)
    # a note has no end but that somebody takes it back; `reached_late` is a date that was missed and is met
    found[EventKind.NOTE_WITHDRAWN] -= {"ran_out", "replaced"}
    found[EventKind.CHECKPOINT_MISSED] -= {"reached_late"}
    return found


@pytest.mark.parametrize("kind", EventKind)
def test_the_reasons_of_a_kind_are_those_that_the_code_gives(kind: EventKind) -> None:
    listed = {*REASONS[kind], *(one for more in FURTHER.get(kind, ()) for one in LISTS[more])}

    assert listed == given()[kind]


def test_what_slips_is_what_drags_others_along() -> None:
    assert {one.value for one in changes._SLIPS} == {*SLIPPING}


def test_the_guide_names_reasons_of_its_kinds_and_all_of_those_that_it_does_not_leave_open() -> (
    None
):
    guide = (ROOT / "docs" / "guide" / "feed.md").read_text(encoding="utf-8")
    table = guide.split("## What is told")[1].split("\n## ")[0]
    rows = [line.strip("| ").split(" | ") for line in table.splitlines() if line.startswith("| `")]

    assert len(rows) > 15
    for kinds, _, reason in rows:
        told = [EventKind(one) for one in re.findall(r"`(\w+)`", kinds)]
        known = {one for kind in told for one in given()[kind]}
        # what follows a semicolon tells of other kinds
        named = set(re.findall(r"`(\w+)`", reason.partition("; nothing")[0]))
        assert named <= known, (kinds, named - known)
        if reason != "the same" and not any(kind in FURTHER for kind in told):
            assert named == {one for kind in told for one in REASONS[kind]} - {"test"}, kinds
