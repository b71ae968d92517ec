"""The page of what hygiene found in the mapping files that are in force."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from syncd.store.read import findings, mapping
from syncd.surfaces.page import Visit, frame, render

SEVERITIES = ("error", "warning", "note")
_WORDS = {"error": "Cannot both be so", "warning": "Left open", "note": "Worth knowing"}
_SHAPES = {"error": "▲", "warning": "◆", "note": "•"}
_STATUS = {"error": "off_track", "warning": "at_risk", "note": "no_data"}


def hygiene_page(connection: sa.Connection, visit: Visit) -> str:
    """Every finding by its rule, the gravest first, each with its place and what mends it; of the
    files that were in force at the moment that is asked about.
    """
    view = mapping(connection, visit.asked.at)
    found = findings(connection, visit.asked.at)
    by_rule: dict[tuple[int, str], list[Mapping[str, Any]]] = defaultdict(list)
    for one in found:
        by_rule[SEVERITIES.index(one["severity"]), one["title"]].append(one)
    return render(
        "hygiene.html",
        **{**frame(connection, view, visit), "here": "/hygiene"},
        load=view,
        total=len(found),
        rules=[
            {
                "title": title,
                "words": _WORDS[SEVERITIES[severity]],
                "shape": _SHAPES[SEVERITIES[severity]],
                "status": _STATUS[SEVERITIES[severity]],
                "findings": [_finding(one) for one in rows],
            }
            for (severity, title), rows in sorted(by_rule.items(), key=lambda item: item[0])
        ],
    )


def _finding(one: Mapping[str, Any]) -> Mapping[str, Any]:
    kind, _, name = one["subject"].partition(":")
    return {
        "says": one["says"],
        "fix": one["fix"],
        "place": f"{one['file']}:{one['line']}",
        "path": one["path"],
        "key_result": name.removeprefix("/") if kind == "kr" else None,
    }
