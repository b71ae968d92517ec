"""Instant vectors and their operators: how elements find each other, and what becomes of labels."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from syncd.demo.prometheus.arithmetic import ARITHMETIC, COMPARISONS
from syncd.demo.prometheus.series import Labels

NAME = "__name__"


class ExecutionError(Exception):
    """The query is PromQL and cannot be answered."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One element of an instant vector."""

    labels: Labels
    value: float


Vector = list[Sample]


@dataclass(frozen=True, slots=True)
class Matching:
    """By which labels the elements of two vectors belong together."""

    on: bool = False
    labels: tuple[str, ...] = ()

    def key(self, labels: Labels) -> Labels:
        """What two elements must share."""
        return only(labels, self.labels) if self.on else without(labels, (NAME, *self.labels))

    def result(self, labels: Labels) -> Labels:
        """The labels of the element that two become."""
        return only(labels, self.labels) if self.on else without(labels, self.labels)


def computed(operator: str, a: float, b: float) -> float:
    """The value of an operator between two numbers; a comparison gives 1 or 0."""
    if operator in ARITHMETIC:
        return ARITHMETIC[operator](a, b)
    return float(COMPARISONS[operator](a, b))


def with_scalar(
    operator: str, vector: Vector, scalar: float, as_bool: bool, *, swapped: bool
) -> Vector:
    """Each element with the scalar; `swapped` when the scalar stands left."""
    found = []
    for each in vector:
        a, b = (scalar, each.value) if swapped else (each.value, scalar)
        if operator in ARITHMETIC or as_bool:
            found.append(Sample(without(each.labels, (NAME,)), computed(operator, a, b)))
        elif COMPARISONS[operator](a, b):
            found.append(each)
    return unique(found)


def set_operation(operator: str, left: Vector, right: Vector, matching: Matching) -> Vector:
    """What `and`, `or` and `unless` leave."""
    there = {matching.key(each.labels) for each in right}
    if operator == "and":
        return [each for each in left if matching.key(each.labels) in there]
    if operator == "unless":
        return [each for each in left if matching.key(each.labels) not in there]
    here = {matching.key(each.labels) for each in left}
    return unique([*left, *(each for each in right if matching.key(each.labels) not in here)])


def one_to_one(
    operator: str, left: Vector, right: Vector, matching: Matching, as_bool: bool
) -> Vector:
    """Each element with its partner. Raises ExecutionError when one has several."""
    partners: dict[Labels, Sample] = {}
    for each in right:
        key = matching.key(each.labels)
        if key in partners:
            raise ExecutionError(
                f"found duplicate series for the match group {_braced(key)} on the right "
                f"hand-side of the operation: [{_braced(each.labels)}, "
                f"{_braced(partners[key].labels)}];many-to-many matching not allowed: matching "
                "labels must be unique on one side"
            )
        partners[key] = each
    matched: set[Labels] = set()
    found = []
    for each in left:
        key = matching.key(each.labels)
        if key not in partners:
            continue
        other = partners[key].value
        labels = each.labels
        if operator in ARITHMETIC or as_bool:
            value = computed(operator, each.value, other)
            labels = without(labels, (NAME,))
        elif COMPARISONS[operator](each.value, other):
            value = each.value
        else:
            continue
        if key in matched:
            raise ExecutionError(
                "multiple matches for labels: many-to-one matching must be explicit "
                "(group_left/group_right)"
            )
        matched.add(key)
        found.append(Sample(matching.result(labels), value))
    return unique(found)


def only(labels: Labels, names: Iterable[str]) -> Labels:
    """The labels of these names."""
    wanted = frozenset(names)
    return tuple(pair for pair in labels if pair[0] in wanted)


def without(labels: Labels, names: Iterable[str]) -> Labels:
    """The labels of other names."""
    unwanted = frozenset(names)
    return tuple(pair for pair in labels if pair[0] not in unwanted)


def unique(vector: Vector) -> Vector:
    """The vector itself. Raises ExecutionError when two elements have the same labels."""
    if len({each.labels for each in vector}) < len(vector):
        raise ExecutionError("vector cannot contain metrics with the same labelset")
    return vector


def _braced(labels: Labels) -> str:
    name = dict(labels).get(NAME, "")
    inside = ", ".join(f'{key}="{value}"' for key, value in labels if key != NAME)
    return f"{name}{{{inside}}}"
