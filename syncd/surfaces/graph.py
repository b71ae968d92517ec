"""Where the nodes and edges of a graph of needs stand on paper, in user units.

What is needed stands left of what needs it, in columns; within a column nodes stand near what they
are tied to, so that few edges cross. Source: K. Sugiyama, S. Tagawa, M. Toda, "Methods for visual
understanding of hierarchical system structures", 1981 (layers by longest paths, order by
barycentres).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter
from statistics import fmean

SWEEPS = 8
"""How often columns are put in order by their neighbours; more changes little."""

WIDTH, HEIGHT = 310.0, 52.0
COLUMN, ROW = 410.0, 66.0


@dataclass(frozen=True)
class Node:
    """A node with the corner of its box."""

    id: str
    x: float
    y: float


@dataclass(frozen=True)
class Edge:
    """An arrow from what is needed to what needs it, as an SVG path."""

    needed: str
    by: str
    path: str


@dataclass(frozen=True)
class Graph:
    """All nodes and edges, within `width` and `height`."""

    nodes: Sequence[Node]
    edges: Sequence[Edge]
    width: float
    height: float


def layout(needs: Mapping[str, Sequence[str]]) -> Graph:
    """The graph of what needs what: by each node what it needs itself. A node that only others name
    is in it too. Raises graphlib.CycleError for a circle.
    """
    columns = _columns(needs)
    users = _turned(needs)
    place = {node: float(row) for column in columns for row, node in enumerate(column)}
    for sweep in range(SWEEPS):
        left_to_right = sweep % 2 == 0
        for column in columns if left_to_right else reversed(columns):
            beside = needs if left_to_right else users
            # sorted() is stable: who is tied to nothing on that side keeps its row
            column.sort(key=lambda node: _middle(beside.get(node, ()), place, place[node]))
            place |= {node: float(row) for row, node in enumerate(column)}
    tallest = max((len(column) for column in columns), default=0)
    nodes = {
        node: Node(node, number * COLUMN, round((tallest - len(column)) * ROW / 2 + row * ROW, 1))
        for number, column in enumerate(columns)
        for row, node in enumerate(column)
    }
    return Graph(
        nodes=list(nodes.values()),
        edges=[
            Edge(need, node, _curve(nodes[need], nodes[node]))
            for node, wanted in needs.items()
            for need in dict.fromkeys(wanted)
        ],
        width=max(0.0, (len(columns) - 1) * COLUMN + WIDTH) if columns else 0.0,
        height=max(0.0, tallest * ROW - (ROW - HEIGHT)),
    )


def _columns(needs: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """Nodes by the longest way to what needs nothing; those that need nothing stand right before
    the first that needs them.
    """
    order = list(TopologicalSorter(needs).static_order())
    users = _turned(needs)
    depth: dict[str, int] = {}
    for node in order:
        depth[node] = 1 + max((depth[need] for need in needs.get(node, ())), default=-1)
    for node in order:
        if not needs.get(node) and users.get(node):
            depth[node] = min(depth[user] for user in users[node]) - 1
    columns: list[list[str]] = [[] for _ in range(1 + max(depth.values(), default=-1))]
    for node in order:
        columns[depth[node]].append(node)
    return columns


def _turned(needs: Mapping[str, Sequence[str]]) -> Mapping[str, Sequence[str]]:
    users: dict[str, list[str]] = defaultdict(list)
    for node, wanted in needs.items():
        for need in wanted:
            users[need].append(node)
    return users


def _middle(beside: Iterable[str], place: Mapping[str, float], own: float) -> float:
    found = [place[node] for node in beside]
    return fmean(found) if found else own


def _curve(start: Node, end: Node) -> str:
    x1, y1 = start.x + WIDTH, start.y + HEIGHT / 2
    x2, y2 = end.x, end.y + HEIGHT / 2
    bend = round((x2 - x1) / 2, 1)
    return f"M {x1} {y1} C {x1 + bend} {y1} {x2 - bend} {y2} {x2} {y2}"
