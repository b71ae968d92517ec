"""The examples of the README and of the way to a first number work as they stand."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from syncd.mapping import load
from syncd.registry import connectors, measures
from syncd.settings import load_settings

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
START = (ROOT / "docs" / "guide" / "start.md").read_text(encoding="utf-8")


def blocks(page: str, language: str) -> list[str]:
    """A page's code blocks of a language, without the indentation they stand at."""
    found = re.findall(rf"^( *)```{language}\n(.*?)^ *```", page, re.MULTILINE | re.DOTALL)
    return [
        "".join(line.removeprefix(indent) for line in body.splitlines(keepends=True))
        for indent, body in found
    ]


@pytest.mark.parametrize("page", [README, START], ids=["README", "start"])
def test_the_settings_and_the_mapping_of_the_page_are_accepted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, page: str
) -> None:
    settings, organisation, team = blocks(page, "yaml")
    (tmp_path / "settings.yaml").write_text(settings)
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "organisation.yaml").write_text(organisation)
    (folder / "team.yaml").write_text(team)
    for name in ("JIRA_USER", "JIRA_TOKEN", "NETBOX_TOKEN"):
        monkeypatch.setenv(name, "x")

    installation = load_settings(connectors(), {"config": tmp_path / "settings.yaml"})
    loaded = load(
        folder,
        measures=measures(),
        sources=installation.kinds,
        default_sources=installation.defaults,
    )

    assert [str(fault) for fault in loaded.faults] == []
    assert loaded.catalogue is not None
    assert loaded.catalogue.key_results


@pytest.mark.parametrize("target", re.findall(r"^make (\w+)", README, re.MULTILINE))
def test_the_make_targets_of_the_readme_exist(target: str) -> None:
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE)
