"""What refers to what: ids used once, needs that exist, no circles."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from syncd.mapping.document import Document
from syncd.mapping.fault import Location
from syncd.wording import nearest

EXTERNAL = "external:"
"""What begins the reference to a dependency outside the key results."""


@dataclass(frozen=True)
class Spot:
    """A place in a file that faults can be noted at."""

    document: Document
    where: Location

    def __str__(self) -> str:
        return f"{self.document.name}:{self.document.line(self.where)}"


@dataclass
class Names:
    """Names of one kind, each declared in one place. `noun` is what faults call them."""

    noun: str
    places: dict[str, Spot] = field(default_factory=dict)

    def declare(self, name: str, document: Document, where: Location) -> bool:
        """True when the name is new; else notes the fault, which names both places."""
        first = self.places.get(name)
        if first is None:
            self.places[name] = Spot(document, where)
            return True
        document.fault(
            where,
            f'"{name}" a second time (first at {first})',
            f"{self.noun} that is used once, across all files",
            "give one of them another name, or take it out",
        )
        return False


@dataclass(frozen=True)
class Need:
    """One entry of `needs`: who needs what, and where it is written."""

    dependant: str
    needed: str
    place: Spot


def check_needs(
    needs: Iterable[Need],
    key_results: Iterable[str],
    externals: Iterable[str],
    objectives: Iterable[str],
    *,
    whole: bool,
    inherited: Iterable[Need] = (),
) -> None:
    """Notes needs that do not exist (unless some files could not be read: `whole` False), and
    circles, through the needs that duplicates have from what they repeat (`inherited`) too.
    """
    every = list(needs)
    known, outside, above = set(key_results), set(externals), set(objectives)
    for need in every:
        if need.needed in known or not whole:
            continue
        name = need.needed.removeprefix(EXTERNAL)
        document, where = need.place.document, need.place.where
        if need.needed.startswith(EXTERNAL):
            if name in outside:
                continue
            close = nearest(name, outside)
            document.fault(
                where,
                f'"{need.needed}", which is not declared',
                "external: and a name declared in the organisation file",
                f"{EXTERNAL}{close}"
                if close
                else f"external: {{{name or 'NAME'}: {{title: ...}}}} in the organisation file",
            )
        elif need.needed in outside:
            document.fault(
                where,
                f'"{need.needed}", a dependency outside the key results',
                "external: before its name",
                f"{EXTERNAL}{need.needed}",
            )
        else:
            close = nearest(need.needed, [*known, *(EXTERNAL + it for it in outside)])
            what = "an objective" if need.needed in above else "which is no key result"
            document.fault(
                where,
                f'"{need.needed}", {what}',
                "the id of a key result, or external: and a declared name",
                close or "correct the id, or take it out",
            )
    _check_circles([*every, *inherited])


def _check_circles(needs: list[Need]) -> None:
    graph: dict[str, list[Need]] = {}
    for need in needs:
        graph.setdefault(need.dependant, []).append(need)
    told: set[tuple[str, ...]] = set()
    for start in sorted(graph):
        circle = _shortest_circle(start, graph)
        if not circle:
            continue
        names = [need.dependant for need in circle]
        least = names.index(min(names))
        rotated = tuple(names[least:] + names[:least])
        if rotated in told:
            continue
        told.add(rotated)
        first = circle[least]
        first.place.document.fault(
            first.place.where,
            f"a circle: {' -> '.join((*rotated, rotated[0]))}",
            "needs that end somewhere",
            "take one of these needs out",
        )


def _shortest_circle(start: str, graph: Mapping[str, list[Need]]) -> list[Need]:
    """The needs that lead from `start` back to it, or none."""
    came: dict[str, Need] = {}
    waiting = deque([start])
    while waiting:
        here = waiting.popleft()
        for need in graph.get(here, []):
            if need.needed == start:
                circle = [need]
                while circle[0].dependant != start:
                    circle.insert(0, came[circle[0].dependant])
                return circle
            if need.needed not in came:
                came[need.needed] = need
                waiting.append(need.needed)
    return []
