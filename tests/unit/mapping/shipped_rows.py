"""Each shipped key result as a row: what is wanted, by when, by whom, measured where, after what."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from syncd.model import Catalogue, Indicator, KeyResult, Target, TargetType, parts_of

TABLE = Path(__file__).with_name("shipped_catalogue.txt")
_ZONE = ZoneInfo("America/Los_Angeles")


def table() -> dict[str, str]:
    """The rows that were agreed on, by id: hand-kept, from the catalogue of the quarter."""
    lines = TABLE.read_text(encoding="utf-8").splitlines()
    rows = [line for line in lines if line and not line.startswith("#")]
    return {_cells(row)[0]: " | ".join(_cells(row)[1:]) for row in rows}


def _cells(row: str) -> list[str]:
    return [cell.strip() for cell in row.split("|")]


def row(catalogue: Catalogue, key_result: KeyResult) -> str:
    """The row that the catalogue has for the key result."""
    return " | ".join(
        (
            _wanted(key_result.target),
            _day(key_result.due),
            ", ".join(key_result.owner) or "nobody",
            " ".join(sorted(_kinds(catalogue, catalogue.indicators[key_result.indicator]))),
            " ".join(sorted(key_result.needs)) or "-",
        )
    )


def _kinds(catalogue: Catalogue, indicator: Indicator) -> set[str]:
    parts = parts_of(indicator.plan)
    if not parts:
        return {indicator.measure.partition(".")[0]}
    return set().union(*(_kinds(catalogue, catalogue.indicators[part]) for part in parts))


def _day(moment: datetime) -> str:
    return f"{moment.astimezone(_ZONE):%m-%d}"


def _wanted(target: Target | None) -> str:
    if target is None:
        return "nothing"
    if target.type is TargetType.MILESTONES:
        return ", ".join(f"{step.name} {_day(step.at)}" for step in target.milestones)
    words: list[str] = [target.type.value]
    if target.type is TargetType.GUARD:
        words += [f"{target.low if target.low is not None else ''}..{target.high:g}"]
    elif target.by is not None:
        words += ["by", f"{target.by:g}" + (" of the start" if target.by_relative else "")]
    elif target.type is not TargetType.BOOLEAN:
        words += ["tbd" if target.goal is None else f"{target.goal:g}"]
    if target.start is not None:
        words += ["from", f"{target.start:g}"]
    if target.start_period is not None:
        words += ["from", target.start_period]
    if target.stretch is not None:
        words += ["stretch", f"{target.stretch:g}"]
    if target.held_for_seconds:
        words += ["held", f"{target.held_for_seconds:g}"]
    return " ".join(words)
