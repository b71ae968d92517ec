"""The examples of the reference, told as it says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from syncd.doubting import doubt_of, go_on, is_outside
from syncd.model import Plausible, Quarantine

REFERENCE = Path(__file__).parents[3] / "docs" / "reference" / "judgement.md"
BEGAN = datetime(2026, 2, 20, 10, tzinfo=UTC)


def limits(words: str) -> Plausible:
    found: dict[str, float | int | bool] = {}
    for word in words.split(", "):
        key, _, rest = word.partition(" ")
        match key:
            case "at_most":
                found["high"] = float(rest)
            case "at_least":
                found["low"] = float(rest)
            case "step":
                number, _, unit = rest.partition(" ")
                found["step_relative"] = unit == "%"
                found["step"] = float(number) / (100 if unit else 1)
            case "counter":
                found["counter"] = True
            case _:
                found["confirm"] = int(rest)
    return Plausible(**found)  # type: ignore[arg-type]


def told(said: list[float], held_to: Plausible) -> list[float]:
    """What is told after each run, beginning with 100."""
    good, outside, seen = 100.0, False, None
    found = []
    for run, value in enumerate(said):
        doubt = doubt_of(value, held_to, good, outside=outside)
        after: Quarantine | None = None
        if doubt is not None:
            after = go_on(seen, doubt, BEGAN + run * timedelta(minutes=5), held_to)
        if after is None:
            good, outside = value, is_outside(value, held_to)
        seen = after
        found.append(good)
    return found


def rows() -> list[list[str]]:
    section = REFERENCE.read_text().partition("\n## Doubt\n")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[1:]]


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0])
def test_a_number_is_told_as_the_reference_says(row: list[str]) -> None:
    held_to, said, wanted = row
    numbers = [float(one) for one in said.split(", ")]
    assert told(numbers, limits(held_to)) == [float(one) for one in wanted.split(", ")]


def test_the_reference_has_examples() -> None:
    assert len(rows()) > 5
