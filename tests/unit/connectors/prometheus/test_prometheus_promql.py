"""The PromQL that is written and read."""

from __future__ import annotations

import promql_parser
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.prometheus.promql import (
    increase,
    presence_of,
    selector,
    set_of,
    witnesses,
    written,
)


@given(st.integers(1, 10**12))
def test_a_duration_is_read_by_a_parser_as_it_was_meant(milliseconds: int) -> None:
    read = promql_parser.parse_duration(written(milliseconds))

    assert round(read.total_seconds() * 1000) == milliseconds


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [
        (500, "500ms"),
        (90_000, "90s"),
        (3_600_000, "1h"),
        (129_600_000, "36h"),
        (604_800_000, "1w"),
        (61_250, "61s250ms"),
    ],
)
def test_a_duration_is_written_in_its_largest_unit(milliseconds: int, text: str) -> None:
    assert written(milliseconds) == text


@pytest.mark.parametrize(
    "text",
    [
        "http_requests_total",
        'http_requests_total{code!~"5.."}',
        '{__name__="a", b=~"c|d"}',
        ' a{b="}[5m]"} ',
        'a{b="#"} # of all',
    ],
)
def test_a_selector_is_taken_and_its_increase_is_promql(text: str) -> None:
    tree = promql_parser.parse(increase(selector(text), 90_000))

    assert isinstance(tree, promql_parser.AggregateExpr)
    assert isinstance(tree.expr, promql_parser.Call)
    assert tree.expr.func.name == "increase"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "sum(a)",
        "a[5m]",
        "rate(a[5m])",
        "a or b",
        "a offset 5m",
        "a @ 5",
        "a{",
        "1",
        "a) or vector(1",
    ],
)
def test_what_is_no_selector_is_refused_and_says_what_to_write(text: str) -> None:
    with pytest.raises(ValueError, match=r"expected a counter by name .* prometheus\.query"):
        selector(text)


@pytest.mark.parametrize("window", [None, 3_600_000])
@pytest.mark.parametrize("query", ["a == 1", "a # all", "sum by (c) (b) or a", "a\n> 0"])
def test_a_set_is_promql_whatever_the_query_ends_with(query: str, window: int | None) -> None:
    promql_parser.parse(set_of(query, "cluster", window, 60_000))


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("cluster_active == 1", ["cluster_active"]),
        ('info{stack="new"} == 1', ["info"]),
        ("a and on (c) b", ["a", "b"]),
        ("a or b", ["a", "b"]),
        ("a unless b", ["a"]),
        ("(a > 1) unless on (c) (b == 0)", ["a"]),
        ("-sum by (c) (rate(a[5m])) > scalar(b)", ["a", "b"]),
        ("max_over_time((a > 1)[1h:1m]) > 2", ["a"]),
        ("topk(3, a)", ["a"]),
        ('{__name__=~"a|b", c="d"}', ['{__name__=~"a|b"}']),
        ('{c="d"}', ['{c="d"}']),
        ("vector(1)", []),
    ],
)
def test_the_metrics_that_an_empty_answer_is_proven_by(query: str, names: list[str]) -> None:
    found = witnesses(query)

    assert found is not None
    assert list(found) == names


def test_labels_are_left_out_of_what_proves_so_that_none_new_is_an_answer() -> None:
    assert witnesses('info{stack="new"} == 1') == {"info": '{__name__="info"}'}


def test_a_selector_of_labels_alone_proves_with_them_and_quotes_what_must_be() -> None:
    found = witnesses(r'{path=~"\\d+\"x"}')

    assert found is not None
    [proof] = found.values()
    for window in (None, 3_600_000):
        promql_parser.parse(presence_of(proof, window, 60_000))
    tree = promql_parser.parse(proof)
    assert isinstance(tree, promql_parser.VectorSelector)
    assert tree.matchers.matchers[0].value == r"\d+" + '"x'


@pytest.mark.parametrize("query", ["a default 0", "rollup_rate(a[5m])", "a{", 'a{b="c" or d="e"}'])
def test_what_cannot_be_read_proves_nothing(query: str) -> None:
    assert witnesses(query) is None
