"""What `make capacity` measures is measured, on sizes that cost nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.capacity import __main__ as capacity

GUIDE = Path(__file__).parents[2] / "docs" / "guide" / "capacity.md"


@pytest.mark.parametrize(("key_results", "objects"), [(3, 0), (1, 700)])
def test_each_size_gives_its_numbers(
    monkeypatch: pytest.MonkeyPatch, key_results: int, objects: int
) -> None:
    monkeypatch.setattr(capacity, "TURNS", 2)

    found = capacity.measured(key_results, objects)

    assert (found["key_results"], found["objects"]) == (key_results, objects)
    assert found["readings_a_second"] > 0
    assert found["memory_bytes"] > found["store_bytes"] > 0
    assert found["scrape_bytes"] > 1000 * key_results


def test_the_guide_has_a_row_for_each_size() -> None:
    text = GUIDE.read_text(encoding="utf-8")

    assert "`make capacity`" in text
    assert all(f"| {size} |" in text for size in capacity.KEY_RESULTS)
    assert all(f"| {size:,} |" in text for size in capacity.OBJECTS)
