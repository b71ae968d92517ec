"""What a session finds in a Jira for what is asked of it, on Cloud and on Data Center."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any, Literal

import pytest

from connectors.checkup import Checkup, Wanted
from connectors.jira.examining import version_said
from tests.unit.connectors.jira.sandboxes import Served, serving
from tests.unit.connectors.jira.stand_in import planned


@pytest.fixture(params=["cloud", "datacenter"])
def served(request: pytest.FixtureRequest) -> Iterator[Served]:
    flavour: Literal["cloud", "datacenter"] = request.param
    with serving(flavour) as found:
        found.put(Racks=4)
        found.put(Racks=2)
        yield found


def examined(served: Served, **measures: tuple[str, dict[str, Any]]) -> dict[str, list[Any]]:
    """Level, words and mend of what is found, by what it is about."""
    deadline = time.monotonic() + 30
    wanted = [Wanted(name, planned(kind, **more)) for name, (kind, more) in measures.items()]
    identity = served.session.identify(deadline)
    found: dict[str, list[Any]] = {}
    for one in served.session.examine(Checkup(wanted, identity, served.clock.now, deadline)):
        found.setdefault(one.about, []).append((one.level.value, one.says, one.fix))
    return found


BOUGHT = ("jira.sum", {"jql": "project = PROC", "field": "Racks"})


def test_queries_boards_and_fields_that_are_there_are_well(served: Served) -> None:
    found = examined(served, bought=BOUGHT, on_board=("jira.count", {"board": 7}))

    assert found["issues"] == [("ok", "2 of 2 queries and boards find 4 issues", "")]
    assert found["fields"] == [("ok", "known: Racks", "")]


def test_a_board_that_is_not_seen_is_a_problem_of_the_board(served: Served) -> None:
    found = examined(served, bought=BOUGHT, on_board=("jira.count", {"board": 99}))

    problem = found["issues"][0]
    assert problem[0] == "problem"
    assert problem[1].startswith("board 99, for on_board: ")
    assert "read:board-scope.admin:jira-software" in problem[2]
    assert found["issues"][1][:2] == ("ok", "1 of 2 queries and boards find 2 issues")


def test_a_project_that_is_not_seen_asks_for_the_permission_to_browse_it(served: Served) -> None:
    found = examined(served, secret=("jira.count", {"jql": "project = SECRET"}))

    ((level, says, fix),) = found["issues"]
    assert level == "problem"
    assert "query project = SECRET, for secret" in says
    assert "Browse Projects" in fix


def test_a_query_that_finds_nothing_may_be_empty_or_hidden(served: Served) -> None:
    found = examined(served, none=("jira.count", {"jql": "project = CE"}))

    ((level, says, _),) = found["issues"]
    assert level == "unknown"
    assert "may not see its project" in says


def test_issues_that_are_named_are_looked_for_by_their_keys(served: Served) -> None:
    def milestones(key: str) -> tuple[str, dict[str, Any]]:
        return ("jira.milestones", {"issues": {"first": key}})

    assert examined(served, one=milestones("PROC-1"))["issues"][0][0] == "ok"
    assert examined(served, one=milestones("PROC-77"))["issues"][0][0] == "problem"


def test_a_field_that_is_not_there_is_named_with_what_asks_for_it(served: Served) -> None:
    found = examined(
        served, bought=BOUGHT, wrong=("jira.sum", {"jql": "project = PROC", "field": "Shelves"})
    )

    problem, known = found["fields"]
    assert problem[0] == "problem"
    assert problem[1].startswith("wrong: ")
    assert "Shelves" in problem[1]
    assert known[1] == "known: Racks"


def test_an_agreement_asks_for_a_service_desk(served: Served) -> None:
    agreed = (
        "jira.duration",
        {
            "jql": "project = PROC",
            "from": "created",
            "to": {"sla": "Time to done"},
            "within": "1 d",
        },
    )

    # the sandbox is a Jira without one
    ((level, says, fix),) = examined(served, agreed=agreed)["service desk"]
    assert (level, "no service desk" in says, "agent" in fix) == ("problem", True, True)
    assert "service desk" not in examined(served, bought=BOUGHT)


@pytest.mark.parametrize(
    ("flavour", "told", "level"),
    [
        ("cloud", "1001.0.0-SNAPSHOT", "ok"),
        ("datacenter", "8.13.2", "problem"),
        ("datacenter", "8.14.0", "unknown"),
        ("datacenter", "9.12.2", "unknown"),
    ],
)
def test_a_version_is_judged_by_its_flavour(
    flavour: Literal["cloud", "datacenter"], told: str, level: str
) -> None:
    assert next(version_said(flavour, told, None)).level.value == level


def test_a_timezone_that_is_not_told_is_not_known() -> None:
    told = {zone: list(version_said("cloud", "1", zone))[1].level.value for zone in (None, "UTC")}

    assert told == {None: "unknown", "UTC": "ok"}
