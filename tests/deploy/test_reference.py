"""The pages of docs/reference that are made are what they are made of."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from deploy.reference.commands import commands
from deploy.reference.errors import UPSTREAM
from deploy.reference.outputs import FOLDER, pages
from deploy.reference.settings import MORE
from deploy.site import ROOT
from syncd.model import EventKind
from syncd.settings.file import SettingsFile
from syncd.settings.process import Settings
from syncd.settings.sources import SourceSetting
from syncd.surfaces.api.application import openapi
from syncd.surfaces.api.models.meanings import MEANINGS

FEED = (ROOT / "docs" / "guide" / "feed.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", pages(), ids=lambda path: path.name)
def test_a_page_is_what_it_is_made_of(path: Path) -> None:
    """`python -m deploy.generate` writes it anew."""
    assert path.read_text(encoding="utf-8") == pages()[path]


def test_every_command_and_each_of_its_options_is_told_with_its_help() -> None:
    page = (FOLDER / "commands.md").read_text(encoding="utf-8")

    assert len(list(commands())) > 30
    for path, command in commands():
        assert f"\n## `{path}`\n" in page
        assert command.help, path
        for one in command.params:
            assert one.help, (path, one.name)
            assert all(f"`{word}" in page for word in one.opts if word.startswith("-"))


def test_every_key_of_settings_and_mapping_files_says_what_it_means() -> None:
    for name in ("settings.md", "keys.md"):
        rows = [
            re.split(r" (?<!\\)\| ", line.strip("| "))
            for line in (FOLDER / name).read_text(encoding="utf-8").splitlines()
            if line.startswith("| `")
        ]

        assert len(rows) > 50
        assert [row[0] for row in rows if not any(cell.endswith(".") for cell in row[1:])] == []


def test_more_is_said_only_of_settings_that_there_are() -> None:
    there = {*Settings.model_fields, *SettingsFile.model_fields, *SourceSetting.model_fields}

    assert set(MORE) <= there


def test_the_guide_to_the_feed_tells_of_every_kind_of_event_and_of_no_other() -> None:
    table = FEED.split("## What is told")[1].split("\n## ")[0]
    rows = [line.split(" | ")[0] for line in table.splitlines() if line.startswith("| `")]

    assert sorted(re.findall(r"`(\w+)`", " ".join(rows))) == sorted(EventKind)


def test_every_key_of_the_api_says_what_it_means_and_no_meaning_is_of_none() -> None:
    models = openapi()["components"]["schemas"].values()
    keys = [one for model in models for one in model.get("properties", {}).items()]
    told = [(name, said.get("description")) for name, said in keys]

    assert len(told) > 600
    assert [name for name, description in told if not description] == []
    assert [name for name, words in MEANINGS.items() if (name, words) not in told] == []


def test_every_error_of_a_source_has_its_row() -> None:
    page = (FOLDER / "errors.md").read_text(encoding="utf-8")

    assert len(UPSTREAM) == 12
    assert all(f"| `{one.error_type}` | " in page for one in UPSTREAM)
