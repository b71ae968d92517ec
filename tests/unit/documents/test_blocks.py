"""Every file that README and docs show is taken by what reads such files.

A page whose blocks a test of its own runs is named here with that test, so that none is left out.
"""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from deploy.site import ROOT
from syncd.mapping import load
from syncd.mapping.shape import FILES
from syncd.outgoing.message import read_template
from syncd.registry import connectors, measures
from syncd.settings import load_settings
from syncd.settings.file import SettingsFile
from tests.unit.documents.snippets import Block, blocks

RUN_BY = {
    "CONTRIBUTING.md": "tests/unit/test_contributing.py",
    "README.md": "tests/unit/test_readme.py",
    "docs/guide/start.md": "tests/unit/test_readme.py",
    "docs/guide/kubernetes.md": "tests/deploy/test_guide.py",
    "docs/guide/measures.md": "tests/unit/mapping/test_measures_guide.py",
    "docs/guide/new-connector.md": "tests/unit/test_new_connector.py",
    "docs/guide/new-measure.md": "tests/unit/test_new_measure.py",
    "docs/guide/new-surface.md": "tests/unit/surfaces/test_new_surface.py",
    "docs/guide/promql.md": "tests/peers/test_promql_guide.py",
    "docs/guide/settings.md": "tests/unit/settings/test_settings.py",
    "docs/guide/tokens.md": "tests/store/test_doctor_postgres.py",
    "docs/reference/mapping.md": "tests/unit/mapping/test_reference.py",
}
OTHERS_PROGRAMS = {
    "docs/guide/access.md": "scrape_configs:",  # Prometheus's own file
    "docs/guide/feed.md": "new EventSource(",  # a browser; tests/peers/test_feed_in_a_browser.py has one
    "docs/guide/pages.md": "[![",  # Markdown of another page
}
TAKEN_HERE = [
    block
    for block in blocks("yaml", "json", "python", "js", "toml", "sql", "promql", "markdown")
    if block.place.partition("#")[0] not in RUN_BY
    and not block.text.startswith(OTHERS_PROGRAMS.get(block.place.partition("#")[0], "\0"))
]
SOURCES = "sources: {own: {kind: prometheus, url: 'http://prometheus.example.org'}}\n"
ORGANISATION = {"organisation": "Infrastructure", "period": "2026-Q1", "timezone": "UTC"}


@pytest.mark.parametrize("block", TAKEN_HERE, ids=lambda block: block.place)
def test_a_block_is_taken_by_what_reads_it(
    block: Block, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if block.language == "json":
        assert json.loads(block.text)
    elif block.language == "python":
        assert ast.parse(block.text).body
    else:
        assert block.language == "yaml", "a language that no test reads: name the one that does"
        _is_read(block, tmp_path, monkeypatch)


def _is_read(block: Block, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = set(YAML(typ="safe").load(block.text))
    if keys <= {*SettingsFile.model_fields}:
        for name in re.findall(r"\{env: (\w+)\}", block.text):
            monkeypatch.setenv(name, "x")
        path = folder / "settings.yaml"
        path.write_text(block.text if "sources" in keys else SOURCES + block.text)
        assert load_settings(connectors(), {"config": path}).sources
        return
    known = FILES["organisation"].model_fields
    assert keys <= {field.alias or name for name, field in known.items()}
    head = "".join(f"{key}: {value}\n" for key, value in ORGANISATION.items() if key not in keys)
    (folder / "organisation.yaml").write_text(head + block.text)
    loaded = load(folder, measures=measures(), sources={}, default_sources={})
    assert [str(fault) for fault in loaded.faults] == []


def test_the_template_of_the_guide_is_one(tmp_path: Path) -> None:
    (template,) = [one.text for one in blocks("") if one.place.startswith("docs/guide/notific")]
    (tmp_path / "own.txt").write_text(template)

    assert {"title", "body"} <= set(read_template(tmp_path / "own.txt").blocks)


@pytest.mark.parametrize(("page", "test"), RUN_BY.items())
def test_a_page_that_is_run_elsewhere_is(page: str, test: str) -> None:
    assert (ROOT / page).is_file()
    assert Path(page).name in (ROOT / test).read_text(encoding="utf-8")


def test_nothing_is_left_out_as_anothers_that_is_not_there() -> None:
    for page, begins in OTHERS_PROGRAMS.items():
        found = [one for one in blocks("yaml", "js", "markdown") if one.place.startswith(page)]
        assert any(one.text.startswith(begins) for one in found), page
