"""The guide to a new measure: a class and its name are all of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.contract.face_depot import healthy
from tests.contract.faultserver import FaultServer
from tests.unit.test_new_connector import Place, commands

GUIDES = Path(__file__).parents[2] / "docs" / "guide"
GUIDE = (GUIDES / "new-measure.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    found: list[str] = re.findall(rf"^```{language}\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)
    return found


@pytest.fixture
def depot() -> Iterator[FaultServer]:
    with FaultServer(healthy) as server:
        yield server


@pytest.fixture
def place(tmp_path: Path, depot: FaultServer) -> Place:
    """The connector's guide with this one's class, name and key result added; installed."""
    place = Place(tmp_path, depot.url)
    shown, name = blocks("python")
    (written,) = blocks("yaml")
    measures = tmp_path / "syncd-depot" / "syncd_depot" / "measures.py"
    measures.write_text(f"{measures.read_text()}\n\n{shown}")
    connector = measures.with_name("__init__.py")
    connector.write_text(
        connector.read_text()
        .replace("Level, Tested", "Level, Tested, Untested")
        .replace('"depot.tested": Tested', f'"depot.tested": Tested, {name}')
    )
    team = tmp_path / "mappings" / "spares.yaml"
    mapping = yaml.safe_load(team.read_text())
    more = {"id": "spares-o1-kr3", "title": "Few wait", "owner": "Spares lead"}
    mapping["objectives"][0]["key_results"].append(more | yaml.safe_load(written))
    team.write_text(yaml.safe_dump(mapping, sort_keys=False))
    place.do(commands()[0])
    return place


def test_its_numbers_and_objects_are_told_and_what_it_looks_at_is_read_once(
    place: Place, depot: FaultServer
) -> None:
    told = json.loads(place.do("syncd --config settings.yaml --mappings mappings once --json"))

    assert {one["id"]: one["value"] for one in told} == {
        "spares-o1-kr1": 42.0,
        "spares-o1-kr2": 0.5,
        "spares-o1-kr3": 1.0,
    }
    assert [request.path for request in depot.requests].count("/api/parts") == 1


def test_editors_know_it(place: Place) -> None:
    assert '"depot.untested"' in place.do("syncd schema")


@pytest.mark.parametrize("link", re.findall(r"\]\(([^)#:]+)\)", GUIDE))
def test_the_links_of_the_guide_lead_somewhere(link: str) -> None:
    assert (GUIDES / link).exists()
