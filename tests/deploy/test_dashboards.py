"""The dashboards that are shipped: what their code makes, and sound as Grafana takes them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from deploy.grafana.files import HERE, dashboards
from deploy.grafana.parts import STATUS_NUMBERS
from syncd.model import Status
from syncd.surfaces.palette import COLOURS

MADE = dashboards()
TEXTS = {path.name: text for path, text in MADE.items() if path.parent == HERE}


@pytest.mark.parametrize("path", MADE, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_what_is_shipped_is_what_the_code_makes(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == MADE[path], "`make deploy` writes it anew"


@pytest.fixture(params=TEXTS)
def board(request: pytest.FixtureRequest) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(TEXTS[request.param])
    return found


def test_every_query_goes_to_the_source_that_is_chosen(board: dict[str, Any]) -> None:
    chosen = {"type": "prometheus", "uid": "${datasource}"}
    (variable,) = [one for one in board["templating"]["list"] if one["name"] == "datasource"]

    assert variable["type"] == "datasource"
    assert {json.dumps(panel["datasource"]) for panel in board["panels"]} == {json.dumps(chosen)}
    assert all(
        one["datasource"] == chosen for one in board["templating"]["list"] if one != variable
    )


def test_panels_do_not_overlap_and_each_has_a_name_of_its_own(board: dict[str, Any]) -> None:
    cells = [
        (x, y)
        for place in (panel["gridPos"] for panel in board["panels"])
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    titles = [panel["title"] for panel in board["panels"] if panel["type"] != "stat"]

    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) == 23
    assert len(titles) == len(set(titles))


def test_each_leads_to_the_others_and_to_syncd(board: dict[str, Any]) -> None:
    links = {(one["type"], one["url"], *one["tags"]) for one in board["links"]}

    assert ("dashboards", "", "syncd") in links
    assert ("link", "https://syncd.example.org") in links
    assert board["tags"] == ["syncd"]


def test_links_to_another_dashboard_lead_to_one_that_is_shipped() -> None:
    shipped = {json.loads(text)["uid"] for text in TEXTS.values()}
    wanted = {part.partition("?")[0] for text in TEXTS.values() for part in text.split('"/d/')[1:]}

    assert wanted
    assert wanted <= shipped


def test_a_status_has_its_own_colour_and_word_wherever_it_is_shown() -> None:
    tables = TEXTS["okr-overview.json"], TEXTS["key-result.json"]

    for status in Status:
        shown = {
            "color": COLOURS[status],
            "index": STATUS_NUMBERS[status],
            "text": status.value.replace("_", " "),
        }
        for text in tables:
            assert shown in mappings(json.loads(text)), status


def mappings(found: Any) -> list[Any]:
    """Every mapping of a value anywhere in a dashboard."""
    if isinstance(found, list):
        return [one for each in found for one in mappings(each)]
    if not isinstance(found, dict):
        return []
    own = list(found["options"].values()) if found.get("type") == "value" else []
    return [*own, *(one for each in found.values() for one in mappings(each))]


def test_a_gap_in_the_data_is_not_drawn_through(board: dict[str, Any]) -> None:
    for panel in board["panels"]:
        if panel["type"] == "timeseries":
            assert panel["fieldConfig"]["defaults"]["custom"]["spanNulls"] is False
