"""Every dependency has a reason, written down; and what is said to be needed is used."""

from __future__ import annotations

import ast
import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "decisions" / "0067-each-dependency-has-its-reason.md"
MODULES = {
    "google-re2": "re2",
    "prometheus-client": "prometheus_client",
    "psycopg": "psycopg",
    "python-dateutil": "dateutil",
    "opentelemetry-exporter-otlp-proto-http": "opentelemetry.exporter",
    "opentelemetry-sdk": "opentelemetry.sdk",
    "vl-convert-python": "vl_convert",
}
"""What is imported, where that is not the package's own name."""
UNSEEN = {
    "tzdata": "zoneinfo looks for it where the system has no time zones",
    "psycopg": "SQLAlchemy loads it by the database's URL",
}
"""What no line imports."""


@cache
def project() -> dict[str, Any]:
    found: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return found


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[\[<>=~!; ]", one, maxsplit=1)[0] for one in requirements}


def told(section: str) -> list[tuple[str, ...]]:
    """The rows of a section's table."""
    text = PAGE.read_text(encoding="utf-8").split(f"\n## {section}\n")[1].split("\n## ")[0]
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| ")]
    return [tuple(row) for row in rows if row[0] not in ("package", "extra", "---")]


def test_what_is_always_installed_has_its_reason_and_nothing_else_has() -> None:
    assert {row[0] for row in told("Always")} == names(project()["dependencies"])


def test_extras_have_theirs() -> None:
    extras = project()["optional-dependencies"]
    wanted = {(extra, one) for extra in {*extras} - {"dev"} for one in names(extras[extra])}

    assert {row[:2] for row in told("Extras")} == wanted


def test_what_only_development_needs_has_its() -> None:
    assert {row[0] for row in told("Development")} == names(
        project()["optional-dependencies"]["dev"]
    )


@pytest.mark.parametrize("section", ["Always", "Extras", "Development"])
def test_each_row_says_for_what(section: str) -> None:
    assert [row for row in told(section) if len(row[-1]) < 5] == []


@cache
def imported() -> frozenset[str]:
    """All that the code of syncd and of its connectors imports, with the packages it is in."""
    found = set()
    for top in ("syncd", "connectors"):
        for path in (ROOT / top).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import):
                    found |= {one.name for one in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                    found |= {node.module, *(f"{node.module}.{one.name}" for one in node.names)}
    return frozenset(found)


@pytest.mark.parametrize(
    "package",
    sorted({row[0] for row in told("Always")} | {row[1] for row in told("Extras")}),
)
def test_what_is_installed_is_used(package: str) -> None:
    module = MODULES.get(package, package.replace("-", "_"))

    used = any(one == module or one.startswith(f"{module}.") for one in imported())
    assert used is (package not in UNSEEN), UNSEEN.get(package)
