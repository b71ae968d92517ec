"""Where what waits for what stands on paper."""

from __future__ import annotations

from graphlib import CycleError
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.surfaces.graph import HEIGHT, WIDTH, layout

Needs = dict[str, list[str]]


@st.composite
def needs(draw: st.DrawFn) -> Needs:
    """Each node needs some that come before it, so there is no circle."""
    names = [f"n{number}" for number in range(draw(st.integers(0, 12)))]
    return {
        name: draw(st.lists(st.sampled_from([*names[:number], "outside"]), max_size=4))
        for number, name in enumerate(names)
    }


@given(needs())
def test_what_is_needed_stands_left_of_what_needs_it(wanted: Needs) -> None:
    graph = layout(wanted)

    x = {node.id: node.x for node in graph.nodes}
    assert all(x[edge.needed] + WIDTH < x[edge.by] for edge in graph.edges)
    assert {(edge.needed, edge.by) for edge in graph.edges} == {
        (need, node) for node, found in wanted.items() for need in found
    }


@given(needs())
def test_no_two_boxes_touch_and_all_are_on_the_paper(wanted: Needs) -> None:
    graph = layout(wanted)

    assert {node.id for node in graph.nodes} == {*wanted, *(n for f in wanted.values() for n in f)}
    for one, other in combinations(graph.nodes, 2):
        apart = abs(one.x - other.x) > WIDTH or abs(one.y - other.y) > HEIGHT
        assert apart, (one, other)
    for node in graph.nodes:
        assert 0 <= node.x <= graph.width - WIDTH
        assert 0 <= node.y <= graph.height - HEIGHT


def test_who_is_needed_by_one_only_stands_beside_it() -> None:
    graph = layout({"b1": ["a1"], "b2": ["a2"], "b3": ["a3"], "c": ["b3", "b1", "b2"]})

    y = {node.id: node.y for node in graph.nodes}
    assert [y[f"a{n}"] for n in "123"] == [y[f"b{n}"] for n in "123"]


def test_edges_that_would_cross_are_untangled() -> None:
    graph = layout({"p": ["b", "c"], "q": ["a"], "r": ["a", "b"]})

    y = {node.id: node.y for node in graph.nodes}
    ends = [(y[edge.needed], y[edge.by]) for edge in graph.edges]
    assert all((a - c) * (b - d) >= 0 for (a, b), (c, d) in combinations(ends, 2))


def test_what_needs_nothing_stands_right_before_the_first_that_needs_it() -> None:
    graph = layout({"last": ["middle", "late"], "middle": ["first"]})

    x = {node.id: node.x for node in graph.nodes}
    assert x["late"] == x["middle"] > x["first"]


def test_a_circle_is_refused() -> None:
    with pytest.raises(CycleError):
        layout({"a": ["b"], "b": ["a"]})


def test_nothing_is_an_empty_sheet() -> None:
    graph = layout({})

    assert (graph.nodes, graph.width, graph.height) == ([], 0.0, 0.0)
