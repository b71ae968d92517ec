"""Folders of mapping files, loaded and examined."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from syncd.hygiene import Finding, examine
from syncd.mapping import Loaded
from tests.unit.mapping.stand_in_measures import load_folder

HERE = Path(__file__).parent
GOOD = HERE / "good"
BEFORE = HERE / "before"
SHIPPED = Path(__file__).parents[3] / "mappings" / "q1-2026"


def sound(folder: Path) -> Loaded:
    """What the folder says; it has no faults."""
    loaded = load_folder(folder)
    assert loaded.faults == ()
    return loaded


def examined(folder: Path) -> Sequence[Finding]:
    """What hygiene finds in the folder."""
    loaded = sound(folder)
    assert loaded.catalogue is not None
    return examine(loaded.catalogue, loaded.places)
