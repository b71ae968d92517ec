"""Roll-ups as metrics: families for each level, so that a sum over one counts nothing twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from syncd.assess import RollUp
from syncd.store.rolling import RolledUp
from syncd.surfaces.metrics.family import Family

_LEVELS = (
    ("objective", ("objective", "team", "period")),
    ("team", ("team", "period")),
    ("organisation", ("period",)),
)
_TOLD: tuple[tuple[str, str, Callable[[RollUp], float | None]], ...] = (
    ("progress_ratio", "Mean progress of what is known, 0 to 1.", lambda one: one.progress),
    ("expected_ratio", "Mean progress expected of the same by now.", lambda one: one.expected),
    (
        "unknown_ratio",
        "How much of the weight is not known, 0 to 1.",
        lambda one: one.unknown_share,
    ),
)

FAMILIES = tuple(
    Family(f"syncd_{level}_{name}", words, labels)
    for level, labels in _LEVELS
    for name, words, _ in _TOLD
)


def samples(periods: Sequence[RolledUp]) -> Iterator[str]:
    """The samples of each of `FAMILIES`."""
    found: dict[str, list[tuple[tuple[str, ...], RollUp]]] = {level: [] for level, _ in _LEVELS}
    for one in periods:
        period = one.period.id
        team_of = {v.key_result.objective: v.key_result.team for v in one.views}
        found["objective"] += [
            ((key, team_of[key], period), rollup) for key, rollup in one.rollups.objectives.items()
        ]
        found["team"] += [((key, period), rollup) for key, rollup in one.rollups.teams.items()]
        found["organisation"].append(((period,), one.rollups.organisation))
    declared = iter(FAMILIES)
    for level, _ in _LEVELS:
        for _, _, value_of in _TOLD:
            family = next(declared)
            yield "".join(family.line(labels, value_of(rollup)) for labels, rollup in found[level])
