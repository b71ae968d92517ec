"""Roll-ups: the mean of what is known in an objective, a team and the organisation.

What is not known is left out of the mean and shown beside it as a share of the weight, never as 0
or 1. The weights, with a worked example: `docs/reference/judgement.md`.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from syncd.model import ENDED, UNKNOWN, Assessment, KeyResult, Objective, Status


@dataclass(frozen=True)
class RollUp:
    """The weighted mean of progress, 0..1, over the key results that are known; None: none is.

    `expected` is that of the same key results and `pace` the difference. `unknown_share`: how much
    of the weight is not known, 0..1. `counted`: the weight that the mean is made of, where a whole
    objective has its own weight, a team the sum of those, and the organisation 1 for each team.
    `counts`: how many key results have which status, those that have ended included.
    """

    progress: float | None
    expected: float | None
    pace: float | None
    unknown_share: float
    counted: float
    counts: Mapping[Status, int]


@dataclass(frozen=True)
class RollUps:
    """All of them, objectives and teams by id. A joint objective is told once, under its own id,
    and counts in both its teams.
    """

    objectives: Mapping[str, RollUp]
    teams: Mapping[str, RollUp]
    organisation: RollUp


def roll_up(
    key_results: Iterable[KeyResult],
    objectives: Mapping[str, Objective],
    told: Mapping[str, Assessment],
) -> RollUps:
    """The roll-ups of what is told, by ids of key results.

    Key results of no team (the organisation's own) count nowhere. One that was never assessed is
    unknown, an objective that is not in `objectives` weighs 1.
    """
    own = [kr for kr in key_results if kr.team]
    groups = _groups(own, objectives)
    ids = {kr.id for kr in own}
    distinct = [kr for kr in own if kr.duplicate_of not in ids]
    in_teams: dict[str, list[_Group]] = defaultdict(list)
    for group in groups:
        for team in (group.objective.team, group.objective.joint_team):
            if team is not None:
                in_teams[team].append(group)
    once: dict[str, list[_Group]] = defaultdict(list)
    for group in _groups(distinct, objectives):
        once[group.objective.team].append(group)
    return RollUps(
        objectives={group.objective.id: _mean([group], told) for group in groups},
        teams={team: _mean(found, told) for team, found in in_teams.items()},
        organisation=_over_teams(list(once.values()), told),
    )


@dataclass(frozen=True)
class _Group:
    """An objective and its key results."""

    objective: Objective
    key_results: tuple[KeyResult, ...]


@dataclass(frozen=True)
class _Part:
    """A key result in a mean. `progress` None: it is not known."""

    weight: float
    progress: float | None
    expected: float | None


def _groups(key_results: Sequence[KeyResult], objectives: Mapping[str, Objective]) -> list[_Group]:
    found: dict[str, list[KeyResult]] = defaultdict(list)
    for kr in key_results:
        found[kr.objective].append(kr)
    return [
        _Group(objectives.get(key, Objective(key, krs[0].objective_title, krs[0].team)), tuple(krs))
        for key, krs in found.items()
    ]


def _mean(groups: Sequence[_Group], told: Mapping[str, Assessment]) -> RollUp:
    parts = [part for group in groups for part in _parts(group, told)]
    return _rolled(parts, _counts(groups, told))


def _over_teams(teams: Sequence[Sequence[_Group]], told: Mapping[str, Assessment]) -> RollUp:
    """Every team weighs the same, whatever the weights of its objectives."""
    parts: list[_Part] = []
    for groups in teams:
        of_team = [part for group in groups for part in _parts(group, told)]
        whole = math.fsum(part.weight for part in of_team)
        parts += [
            _Part(part.weight / whole, part.progress, part.expected)
            for part in of_team
            if whole > 0
        ]
    return _rolled(parts, _counts([group for groups in teams for group in groups], told))


def _parts(group: _Group, told: Mapping[str, Assessment]) -> list[_Part]:
    """The key results that count, their weights together being that of their objective."""
    counting = [
        (kr.weight, told.get(kr.id))
        for kr in group.key_results
        if not (kr.id in told and told[kr.id].status in ENDED)
    ]
    whole = math.fsum(weight for weight, _ in counting)
    return [
        _Part(
            group.objective.weight * weight / whole,
            one.progress if one is not None and _is_known(one) else None,
            None if one is None else one.expected,
        )
        for weight, one in counting
        if whole > 0
    ]


def _is_known(one: Assessment) -> bool:
    """Whether its progress says how it stands now: an override does not make it known."""
    return one.status not in UNKNOWN and one.raw_status not in UNKNOWN


def _rolled(parts: Sequence[_Part], counts: Mapping[Status, int]) -> RollUp:
    known = [(part.weight, part.progress) for part in parts if part.progress is not None]
    line = [(part.weight, part.expected) for part in parts if part.progress is not None]
    counted = math.fsum(weight for weight, _ in known)
    unknown = math.fsum(part.weight for part in parts if part.progress is None)
    progress, expected = _weighted(known), _weighted(line)
    return RollUp(
        progress=progress,
        expected=expected,
        pace=None if progress is None or expected is None else progress - expected,
        unknown_share=unknown / (counted + unknown) if unknown > 0 else 0.0,
        counted=counted,
        counts=counts,
    )


def _weighted(values: Sequence[tuple[float, float | None]]) -> float | None:
    """The weighted mean; None where there is nothing to weigh, or something has no value."""
    found = [(weight, value) for weight, value in values if value is not None]
    whole = math.fsum(weight for weight, _ in found)
    if len(found) < len(values) or whole <= 0:
        return None
    mean = math.fsum(weight * value for weight, value in found) / whole
    each = [value for _, value in found]
    # Rounding must not put a mean outside of what it is the mean of.
    return min(max(each), max(min(each), mean))


def _counts(groups: Sequence[_Group], told: Mapping[str, Assessment]) -> Mapping[Status, int]:
    statuses = (
        told[kr.id].status if kr.id in told else Status.NO_DATA
        for group in groups
        for kr in group.key_results
    )
    return dict(Counter(statuses))
