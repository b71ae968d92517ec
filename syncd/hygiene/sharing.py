"""Rules about what is there twice."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from syncd.hygiene.finding import Hit
from syncd.hygiene.written import Written, is_rollup
from syncd.mapping import Subject
from syncd.model import KeyResult

T = TypeVar("T")


def shared_indicator(written: Written) -> Iterator[Hit]:
    """Key results that read one indicator and are not declared to be one result. A roll-up counts
    in no mean, so it may read what a key result reads.
    """
    owned = [it for it in written.originals if not is_rollup(it)]
    for first, *others in _alike(owned, lambda it: it.indicator):
        first, others = _declarer_first(written, [first, *others])
        indicator = written.read_by(first)
        called = f" ({indicator.name})" if indicator.name else ""
        for other in others:
            yield Hit(
                written.key_result(other.id),
                f"{other.id} reads the indicator of {first.id}{called}, and neither is declared "
                "the duplicate of the other",
                f"duplicate_of: {first.id} if they are one result, or an indicator that shows the "
                "difference",
                key="indicator",
                others=(written.key_result(first.id),),
            )


def same_title(written: Written) -> Iterator[Hit]:
    """Key results, or objectives, that have one title and no declared bond."""
    yield from _same_title_of_key_results(written)
    yield from _same_title_of_objectives(written)


def _same_title_of_key_results(written: Written) -> Iterator[Hit]:
    for first, *others in _alike(written.originals, lambda it: _plain(it.title)):
        for other in others:
            # of those that read one indicator as well, `shared_indicator` speaks
            if other.indicator != first.indicator:
                yield _titled(
                    written.key_result(other.id),
                    written.key_result(first.id),
                    other.title,
                    f"duplicate_of: {first.id} if they are one result, or a title that shows the "
                    "difference",
                )


def _same_title_of_objectives(written: Written) -> Iterator[Hit]:
    bound = _bound_objectives(written)
    objectives = written.catalogue.objectives.values()
    for first, *others in _alike(objectives, lambda it: _plain(it.title)):
        for other in others:
            if frozenset((first.id, other.id)) in bound:
                continue
            once = f"write it once, with joint_with: {{team: {other.team}, as: {other.id}}}"
            yield _titled(
                written.objective(other.id),
                written.objective(first.id),
                other.title,
                f"{'one objective' if other.team == first.team else once}, or a title that shows "
                "the difference",
            )


def declared_duplicate(written: Written) -> Iterator[Hit]:
    """Results that two teams have, as declared."""
    for key_result in written.running:
        if key_result.duplicate_of is None:
            continue
        other = written.catalogue.key_results[key_result.duplicate_of]
        yield Hit(
            written.key_result(key_result.id),
            f"{key_result.id} is the same result as {other.id}: it counts once and has two owners, "
            f"{_owner(other)} and {_owner(key_result)}",
            "leave it to one of the teams; or, if they are different, say where one ends and the "
            "other begins, and measure each",
            key="duplicate_of",
            others=(written.key_result(other.id),),
        )


def _titled(subject: Subject, other: Subject, title: str, fix: str) -> Hit:
    says = f"{subject.name} has the title of {other.name}: {title}"
    return Hit(subject, says, fix, key="title", others=(other,))


def _alike(them: Iterable[T], of: Callable[[T], str]) -> Iterable[list[T]]:
    """The groups for which `of` gives the same, in their order; most of them have one member."""
    groups: dict[str, list[T]] = {}
    for it in them:
        groups.setdefault(of(it), []).append(it)
    return groups.values()


def _declarer_first(
    written: Written, them: Sequence[KeyResult]
) -> tuple[KeyResult, list[KeyResult]]:
    """The key result in whose file the indicator is declared, or else the first; and the rest."""
    name = written.read_by(them[0]).name
    home = None if name is None else written.places[written.indicator(name)].file
    first = next(
        (it for it in them if written.places[written.key_result(it.id)].file == home), them[0]
    )
    return first, [it for it in them if it is not first]


def _bound_objectives(written: Written) -> set[frozenset[str]]:
    """Pairs of objectives one of which repeats a key result of the other, as declared."""
    of = {it.id: it.objective for it in written.catalogue.key_results.values()}
    return {
        frozenset((it.objective, of[it.duplicate_of]))
        for it in written.running
        if it.duplicate_of is not None
    }


def _owner(key_result: KeyResult) -> str:
    return f"{key_result.team} ({', '.join(key_result.owner) or 'nobody'})"


def _plain(title: str) -> str:
    """The title without what does not tell titles apart: case, spaces and signs."""
    return " ".join(re.findall(r"\w+", title.casefold()))
