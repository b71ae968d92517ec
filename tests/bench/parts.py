"""Every part, by its name, in the order in which the page has them."""

from __future__ import annotations

import importlib
from collections.abc import Sequence

from tests.bench.part import Part

MODULES: Sequence[str] = ("jira",)


def every() -> dict[str, Part]:
    """The parts."""
    found = (importlib.import_module(f"tests.bench.part_{name}").PART for name in MODULES)
    return {part.name: part for part in found}
