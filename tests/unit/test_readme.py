"""The README's examples work as they stand."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from syncd.mapping import load
from syncd.registry import connectors, measures
from syncd.settings import load_settings

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """The README's code blocks of a language, without the indentation they stand at."""
    found = re.findall(rf"^( *)```{language}\n(.*?)^ *```", README, re.MULTILINE | re.DOTALL)
    return [
        "".join(line.removeprefix(indent) for line in body.splitlines(keepends=True))
        for indent, body in found
    ]


def test_the_settings_and_the_mapping_of_the_readme_are_accepted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, organisation, team = blocks("yaml")
    (tmp_path / "settings.yaml").write_text(settings)
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "organisation.yaml").write_text(organisation)
    (folder / "dcim.yaml").write_text(team)
    monkeypatch.setenv("JIRA_USER", "reader@example.org")
    monkeypatch.setenv("JIRA_TOKEN", "x")

    installation = load_settings(connectors(), {"config": tmp_path / "settings.yaml"})
    loaded = load(
        folder,
        measures=measures(),
        sources=installation.kinds,
        default_sources=installation.defaults,
    )

    assert [str(fault) for fault in loaded.faults] == []
    assert loaded.catalogue is not None
    assert list(loaded.catalogue.key_results) == ["dcim-o1-kr1"]


@pytest.mark.parametrize("target", re.findall(r"^make (\w+)", README, re.MULTILINE))
def test_the_make_targets_of_the_readme_exist(target: str) -> None:
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE)


@pytest.mark.parametrize("link", re.findall(r"\]\(([^)#:]+)\)", README))
def test_the_links_of_the_readme_lead_somewhere(link: str) -> None:
    assert (ROOT / link).is_file()
