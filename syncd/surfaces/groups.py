"""Key results by team, as pages and terminals list them, with what they come to.

A joint objective stands with both its teams, a duplicate says whose it is, and what is of no team
is the organisation's own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from connectors.base import Dimension
from syncd.assess import RollUp
from syncd.model import Objective
from syncd.store.periods import PeriodView
from syncd.store.read import KeyResultView
from syncd.store.rolling import RolledUp
from syncd.wording import date, quantity


@dataclass(frozen=True)
class Shown:
    """A key result in a group, and whose it is besides (empty: nobody else's)."""

    view: KeyResultView
    whose: str


@dataclass(frozen=True)
class Group:
    """A team, or the organisation (`team` empty), which comes last."""

    team: str
    title: str
    rollup: RollUp | None
    shown: Sequence[Shown]


def groups(periods: Sequence[RolledUp]) -> list[Group]:
    """The groups of every period, in the order of the mapping files."""
    return [group for one in periods for group in _groups(one, named=len(periods) > 1)]


def rollup_words(rollup: RollUp | None) -> str:
    """What it comes to, for people: ``64 % done, 60 % expected; 8 % of it cannot be told``."""
    if rollup is None or (rollup.progress is None and not rollup.unknown_share):
        return "nothing counts"
    if rollup.progress is None:
        return "nothing is known yet"
    words = f"{_share(rollup.progress)} done"
    if rollup.expected is not None:
        words += f", {_share(rollup.expected)} expected"
    if rollup.unknown_share:
        words += f"; {_share(rollup.unknown_share)} of it cannot be told"
    return words


def closing_words(one: PeriodView, now: datetime) -> str:
    """That a period was closed, by whom, and what they said, and whence it was imported; empty for
    one that is not closed.
    """
    if one.closed is None:
        return ""
    when = date(one.closed.at, one.period.timezone, now)
    note = f": {one.closed.note}" if one.closed.note else ""
    words = f"{one.period.title} was closed on {when} by {one.closed.by}{note}"
    found = one.closed.imported
    if found is None:
        return words
    taken = date(found.at, one.period.timezone, now)
    exported = date(found.exported_at, one.period.timezone, now)
    return (
        f"{words} · imported on {taken} by {found.by} from {found.store}, "
        f"where {found.exported_by} exported it on {exported}"
    )


def _groups(one: RolledUp, *, named: bool) -> list[Group]:
    period = one.period
    objectives = {objective.id: objective for objective in period.objectives}
    of = {view.key_result.id: view.key_result.team for view in one.views}
    shown: dict[str, list[Shown]] = {team: [] for team in period.teams}
    for view in one.views:
        kr = view.key_result
        whose = _duplicate(kr.duplicate_of, of, period.teams)
        objective = objectives.get(kr.objective)
        if objective is not None and objective.joint_team is not None:
            there = _team(objective.joint_team, period.teams)
            whose = whose or f"joint with {there}, where it is {objective.joint_id}"
        shown.setdefault(kr.team, []).append(Shown(view, whose))
    for objective in period.objectives:
        if objective.joint_team is not None:
            shown.setdefault(objective.joint_team, []).extend(
                _joint(objective, one.views, period.teams)
            )
    suffix = f" · {period.title}" if named or one.closed is not None else ""
    if one.closed is not None:
        suffix += ", closed" if one.closed.imported is None else ", closed, imported"
    own = shown.pop("", [])
    found = [
        Group(team, _team(team, period.teams) + suffix, one.rollups.teams.get(team), krs)
        for team, krs in shown.items()
        if krs
    ]
    return [*found, Group("", period.organisation + suffix, one.rollups.organisation, own)]


def _joint(
    objective: Objective, views: Sequence[KeyResultView], teams: Mapping[str, str]
) -> list[Shown]:
    whose = f"joint with {_team(objective.team, teams)}, where it is {objective.id}"
    return [Shown(view, whose) for view in views if view.key_result.objective == objective.id]


def _duplicate(original: str | None, of: Mapping[str, str], teams: Mapping[str, str]) -> str:
    if original is None:
        return ""
    team = _team(of[original], teams) if of.get(original) else ""
    return f"the same as {original}" + (f" of {team}" if team else "")


def _team(team: str, teams: Mapping[str, str]) -> str:
    return teams.get(team, team)


def _share(ratio: float) -> str:
    return quantity(ratio, Dimension.RATIO, beside=1.0)
