"""How the definition of a key result was edited, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from itertools import pairwise

from syncd.model import KeyResult
from syncd.store.read import IndicatorView
from syncd.store.versions import Version
from syncd.surfaces.documents import target_words
from syncd.wording import NOTHING, clock, date, quantity

Edit = Mapping[str, object]

_QUIET = frozenset({"id", "period", "timezone"})
_CALLED = {
    "stale_after_seconds": "stale after",
    "time_off": "time off",
    "duplicate_of": "duplicate of",
    "objective_title": "the objective's title",
    "shown_in": "unit",
    "indicator": "how it is measured",
}


def edits(versions: Sequence[Version], indicator: IndicatorView, now: datetime) -> list[Edit]:
    """The edits of a key result, the newest first: when, and each field with its words before and
    after (both empty where only that it changed can be said).
    """
    found: list[Edit] = []
    for was, became in pairwise(versions):
        old, new = was.key_result, became.key_result
        changed = [
            {
                "name": _CALLED.get(each.name, each.name.replace("_", " ")),
                "before": _said(each.name, old, indicator),
                "after": _said(each.name, new, indicator),
            }
            for each in fields(KeyResult)
            if each.name not in _QUIET and getattr(old, each.name) != getattr(new, each.name)
        ]
        if changed:
            when = clock(became.recorded_at, new.timezone, now)
            found.append({"when": when, "fields": changed})
    return found[::-1]


def _said(name: str, kr: KeyResult, indicator: IndicatorView) -> str:
    match name:
        case "title" | "objective_title" | "team" | "objective":
            return str(getattr(kr, name))
        case "note" | "duplicate_of":
            return str(getattr(kr, name) or NOTHING)
        case "owner":
            return ", ".join(kr.owner) or "nobody"
        case "needs":
            return ", ".join(kr.needs) or NOTHING
        case "target":
            return target_words(kr.target, None, indicator)
        case "start" | "due":
            return date(getattr(kr, name), kr.timezone)
        case "checkpoints":
            return (
                ", ".join(
                    f"{quantity(each.value, indicator.dimension, indicator.unit)} by "
                    f"{date(each.at, kr.timezone)}"
                    for each in kr.checkpoints
                )
                or NOTHING
            )
        case "weight":
            return f"{kr.weight:g}"
    return ""
