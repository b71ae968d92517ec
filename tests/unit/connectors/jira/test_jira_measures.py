from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from connectors.base import Aggregation, Dimension, ScanPlan
from connectors.jira import connector
from connectors.jira.judges import Complete, Passing, Present, Requirement


def plan(name: str, **query: Any) -> ScanPlan:
    made = connector.measures[name].model_validate({"measure": name} | query).plan("jira-cloud")
    assert isinstance(made, ScanPlan)
    return made


def refusal(name: str, **query: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        connector.measures[name].model_validate({"measure": name} | query)
    return str(caught.value)


def test_a_count_counts_the_issues_of_its_scope() -> None:
    made = plan("jira.count", jql=" project = PLAT AND labels = monorepo ")

    assert made.scope.source == "jira-cloud"
    assert made.scope.definition == {"kind": "jira", "jql": "project = PLAT AND labels = monorepo"}
    assert made.judge == Present()
    assert (made.aggregate.how, made.dimension) == (Aggregation.COUNT, Dimension.COUNT)


def test_a_ratio_is_a_share_of_its_scope() -> None:
    made = plan("jira.ratio", jql="project = CE", passing="statusCategory = Done")

    assert made.judge == Passing("statusCategory = Done")
    assert (made.aggregate.how, made.dimension) == (Aggregation.SHARE, Dimension.RATIO)


def test_completeness_is_a_share_of_its_scope() -> None:
    made = plan(
        "jira.completeness",
        board=12,
        required=[
            {"fields": ["PO number"]},
            {"when": {"issuetype": "Purchase", "labels": None}, "fields": ["Invoice number"]},
        ],
    )

    assert made.scope.definition == {"kind": "jira", "board": 12}
    assert made.judge == Complete(
        (
            Requirement(("PO number",)),
            Requirement(("Invoice number",), {"issuetype": "Purchase", "labels": None}),
        )
    )
    assert (made.aggregate.how, made.dimension) == (Aggregation.SHARE, Dimension.RATIO)


def test_measures_over_one_query_share_a_scope() -> None:
    count = plan("jira.count", jql="project = CE")
    ratio = plan("jira.ratio", jql="project = CE\n", passing="labels = cka")

    assert count.scope.fingerprint == ratio.scope.fingerprint


@pytest.mark.parametrize("query", [{}, {"jql": "project = CE", "board": 1}])
def test_a_scope_is_a_query_or_a_board(query: dict[str, Any]) -> None:
    assert "expected exactly one" in refusal("jira.count", **query)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"jql": "project = CE ORDER BY rank"}, "ORDER BY"),
        ({"jql": 'summary ~ "rack'}, "jql: |-"),
        ({"jql": "status in (A"}, "balanced brackets"),
        ({"jql": ""}, "empty query"),
        ({"board": 0}, "greater than 0"),
        ({"jql": "a = b", "boards": 1}, "Extra inputs"),
    ],
)
def test_a_scope_that_cannot_be_right_is_refused(query: dict[str, Any], words: str) -> None:
    assert words in refusal("jira.count", **query)


def test_what_passes_is_checked_like_the_scope() -> None:
    assert "ORDER BY" in refusal("jira.ratio", jql="a = b", passing="c = d order by id")
    assert "Field required" in refusal("jira.ratio", jql="a = b")


@pytest.mark.parametrize(
    "required",
    [
        [],
        [{"fields": []}],
        [{"fields": [" "]}],
        [{"when": {"a": "b"}}],
        ["PO number"],
        [{"fields": ["a"], "where": {}}],
        [{"fields": ["a"], "when": {"b": {"c": 1}}}],
    ],
)
def test_requirements_without_fields_are_refused(required: list[Any]) -> None:
    assert "required" in refusal("jira.completeness", jql="a = b", required=required)


def test_values_of_a_condition_keep_their_kind() -> None:
    when = {"Racks": 3, "Paid": True, "Region": ["EU", None], "Note": None, "Ratio": 0.5, "N": "3"}
    made = plan("jira.completeness", jql="a = b", required=[{"when": when, "fields": ["x"]}])

    judge = made.judge
    assert isinstance(judge, Complete)
    kept = judge.required[0].when
    assert [(word, repr(value)) for word, value in kept.items()] == [
        (word, repr(value)) for word, value in when.items()
    ]


def test_titles_are_evidence_only_when_asked_for() -> None:
    assert plan("jira.count", jql="a = b", evidence="titles").judge == Present(titles=True)
    assert plan("jira.count", jql="a = b", evidence="keys").judge == Present()


def test_titles_are_kept_apart_from_what_others_read_of_the_same_issues() -> None:
    titles = plan("jira.count", jql="a = b", evidence="titles")

    assert titles.scope == plan("jira.ratio", jql="a = b", passing="c = d", evidence="titles").scope
    assert titles.scope != plan("jira.count", jql="a = b").scope
