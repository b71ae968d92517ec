"""What a package says that others may use is there, and found where it is said to be."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = [
    ".".join(path.parent.relative_to(ROOT).parts)
    for room in ("syncd", "connectors")
    for path in sorted((ROOT / room).rglob("__init__.py"))
    if "__all__" in path.read_text(encoding="utf-8")
]


@pytest.mark.parametrize("package", PACKAGES)
def test_all_that_a_package_exports_is_there(package: str) -> None:
    module = import_module(package)

    assert len(module.__all__) == len(set(module.__all__))
    assert [name for name in module.__all__ if getattr(module, name, None) is None] == []
