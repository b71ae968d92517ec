"""Whose fault it is when one of several judges of a scope cannot be served."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from connectors.base import Judge, QueryRefused, UpstreamError
from tests.unit.connectors.jira.sandboxes import Served, serving
from tests.unit.connectors.jira.stand_in import job, planned

WORK = "project = PROC"
RACKED = {"sla": "Time to rack"}


@pytest.fixture(params=["cloud", "datacenter"])
def served(request: pytest.FixtureRequest) -> Iterator[Served]:
    with serving(request.param) as found:
        found.put(Racks=2, Region="EU")
        found.put(Racks=3)
        yield found


def judge(name: str, **asked: Any) -> Judge:
    return planned(name, jql=WORK, **asked).judge


def blamed(served: Served, *judges: Judge) -> tuple[frozenset[int], UpstreamError]:
    scope = planned("jira.count", jql=WORK).scope
    with pytest.raises(UpstreamError) as caught:
        list(served.session.scan(job(scope, *judges, now=served.clock.now)))
    return caught.value.judges, caught.value


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("jira.completeness", {"required": [{"fields": ["Colour"]}]}),
        ("jira.sum", {"field": "Colour"}),
        ("jira.sum", {"field": "Region"}),
        ("jira.ratio", {"passing": "Colour = red"}),
        ("jira.duration", {"from": "created", "to": {"status": "Shelved"}, "mean": True}),
        ("jira.duration", {"from": "created", "to": {"status_category": "shelved"}, "mean": True}),
        ("jira.duration", {"to": RACKED, "within": "goal"}),
    ],
    ids=["field", "number", "no number", "query", "status", "category", "sla"],
)
def test_only_the_judge_that_asks_for_what_is_not_there_is_guilty(
    served: Served, name: str, asked: dict[str, Any]
) -> None:
    places, error = blamed(served, judge("jira.sum", field="Racks"), judge(name, **asked))

    assert places == {1}, error


def test_all_that_ask_for_the_same_are_found_one_after_the_other(served: Served) -> None:
    wrong = judge("jira.sum", field="Colour")
    sound = judge("jira.sum", field="Racks")
    worse = judge("jira.mean", field="Colour")

    assert blamed(served, wrong, sound, worse)[0] == {0}
    assert blamed(served, sound, worse)[0] == {1}


def test_a_query_that_is_wrong_for_all_is_the_fault_of_none(served: Served) -> None:
    scope = planned("jira.count", jql="Colour = red").scope
    judges = [judge("jira.sum", field="Racks"), judge("jira.count")]

    with pytest.raises(QueryRefused) as caught:
        list(served.session.scan(job(scope, *judges, now=served.clock.now)))

    assert caught.value.judges == frozenset()
