"""What those who help are shown is what is there: samples, editors' settings, and what `make` alone tells."""

from __future__ import annotations

import inspect
import json
import re
import subprocess
from pathlib import Path

import pytest

from connectors.quantity import parse_duration

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


def sample(under: str) -> str:
    """The block of code that follows these words."""
    found = re.search(rf"{re.escape(under)}.*?\n```\w+\n(.*?)^```", GUIDE, re.DOTALL | re.MULTILINE)
    assert found is not None, under
    return found[1]


def test_the_docstring_is_one_of_ours() -> None:
    doc = inspect.getdoc(parse_duration) or ""

    shown = inspect.cleandoc(sample("**A docstring**").split('"""')[1])
    assert shown.splitlines()[0] in doc
    assert '>>> parse_duration("24 h")' in doc


def test_the_test_is_one_of_ours() -> None:
    name = re.search(r"def (test_\w+)\(", sample("**A test**"))

    assert name is not None
    texts = (path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    assert any(f"def {name[1]}(" in text for text in texts)


def test_the_line_of_the_changelog_stands_in_it() -> None:
    line = sample("gets a line in `CHANGELOG.md`")

    assert line in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_the_decision_is_one_and_each_says_what_would_change_it_or_came_before_that() -> None:
    first, *rest = sample("**A decision**").splitlines()
    number = re.match(r"# (\d+)\. ", first)

    assert number is not None
    (path,) = (ROOT / "docs" / "decisions").glob(f"{int(number[1]):04}-*.md")
    text = path.read_text(encoding="utf-8")
    assert [line for line in (first, *rest) if line != "..." and line not in text] == []


def test_make_alone_tells_each_target_that_is_there_for_people() -> None:
    # by `make test` it is a make within a make, which tells of its folder
    words = ["make", "--no-print-directory"]
    told = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    phony = re.search(r"^\.PHONY: (.*?[^\\])\n", MAKEFILE, re.MULTILINE | re.DOTALL)

    assert phony is not None
    targets = phony[1].replace("\\\n", " ").split()
    lines = {line.split()[1]: line.split(maxsplit=2)[2] for line in told.splitlines()}
    assert set(lines) == set(targets)
    assert [name for name, words in lines.items() if len(words) < 10] == []


@pytest.mark.parametrize("path", [".vscode/settings.json", ".vscode/extensions.json"])
def test_an_editor_is_told_of_files_that_are_there(path: str) -> None:
    text = (ROOT / path).read_text(encoding="utf-8")
    said = json.loads(text)

    schemas = said.get("yaml.schemas", {})
    for schema, files in schemas.items():
        assert (ROOT / schema).is_file(), schema
        assert all(any(ROOT.glob(one)) for one in files), files
    folders = [
        *said.get("python.testing.pytestArgs", ()),
        *said.get("python.analysis.extraPaths", ()),
    ]
    assert all((ROOT / one).is_dir() for one in folders)


def test_an_editor_uses_the_tools_that_make_check_uses() -> None:
    said = json.loads((ROOT / ".vscode" / "settings.json").read_text(encoding="utf-8"))
    wanted = json.loads((ROOT / ".vscode" / "extensions.json").read_text(encoding="utf-8"))
    venv = re.search(r"^VENV := (\S+)$", MAKEFILE, re.MULTILINE)

    assert venv is not None
    assert said["python.defaultInterpreterPath"] == f"${{workspaceFolder}}/{venv[1]}/bin/python"
    assert said["[python]"]["editor.defaultFormatter"] in wanted["recommendations"]
    for tool in ("ruff", "mypy"):
        assert re.search(rf"^\t\$\(BIN\)/{tool}\b", MAKEFILE, re.MULTILINE)
        assert any(tool in one for one in wanted["recommendations"])


def test_an_editor_breaks_lines_where_ruff_does() -> None:
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    length = re.search(r"^line-length = (\d+)$", project, re.MULTILINE)

    assert length is not None
    assert f"max_line_length = {length[1]}\n" in (ROOT / ".editorconfig").read_text()
