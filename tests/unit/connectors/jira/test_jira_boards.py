"""Every measure of Jira reads a board as it reads the query of the board's filter."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import pytest

from tests.unit.connectors.jira.sandboxes import Served, serving
from tests.unit.connectors.jira.stand_in import planned

WORK = "project = PROC"
MEASURES: dict[str, tuple[str, dict[str, Any]]] = {
    "count": ("jira.count", {}),
    "ratio": ("jira.ratio", {"passing": "status = Delivered"}),
    "completeness": ("jira.completeness", {"required": [{"fields": ["Racks", "Cluster"]}]}),
    "sum": ("jira.sum", {"field": "Racks"}),
    "mean": ("jira.mean", {"field": "Racks"}),
    "value": ("jira.value", {"field": "Racks"}),
    "done": ("jira.done", {"by": {"weight": "Racks"}}),
    "duration": (
        "jira.duration",
        {"from": "created", "to": {"status": "Delivered"}, "within": "2 h"},
    ),
    "rate": ("jira.rate", {"at": "created", "per": "w", "window": "1 w"}),
    "keys": (
        "jira.keys",
        {"key": "Cluster", "passing": "status = Delivered", "required": [{"fields": ["Racks"]}]},
    ),
}


@pytest.fixture(params=["cloud", "datacenter"])
def served(request: pytest.FixtureRequest) -> Iterator[Served]:
    """Three issues on the board and one that is not; two change as time passes."""
    flavour: Literal["cloud", "datacenter"] = request.param
    with serving(flavour) as found:
        first = found.put(Racks=4, Cluster="c-1")
        found.put(Cluster="c-2")
        third = found.put(Racks=2)
        found.put("CE", Racks=99, Cluster="c-9")
        found.later(hours=1)
        found.jira.edit_issue(first, {"status": "Delivered"})
        found.later(hours=3)
        found.jira.edit_issue(third, {"Cluster": "c-3", "status": "Delivered"})
        found.later(minutes=5)
        yield found


@pytest.mark.parametrize("measure", MEASURES)
def test_a_board_is_read_as_its_filters_query(served: Served, measure: str) -> None:
    kind, options = MEASURES[measure]

    by_board = served.read(planned(kind, board=7, **options)).timelines
    by_query = served.read(planned(kind, jql=WORK, **options)).timelines

    assert {line.label for line in by_board.values()} == {"PROC-1", "PROC-2", "PROC-3"}
    assert {key: line.verdicts for key, line in by_board.items()} == {
        key: line.verdicts for key, line in by_query.items()
    }
