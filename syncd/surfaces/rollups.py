"""Roll-ups as JSON documents: objectives, teams and the organisation."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from syncd.assess import RollUp
from syncd.model import Status
from syncd.store.periods import PeriodView
from syncd.store.rolling import RolledUp, rolled_up, rollups
from syncd.surfaces.asked import NOW, Asked, views_asked
from syncd.surfaces.documents import Document
from syncd.surfaces.groups import rollup_words


def rollup_list(
    connection: sa.Connection, shown: Sequence[PeriodView], asked: Asked = NOW
) -> list[Document]:
    """Every roll-up of some periods: objectives, teams, the organisation."""
    return [document for one in rolled(connection, shown, asked) for document in _documents(one)]


def rolled(
    connection: sa.Connection, shown: Sequence[PeriodView], asked: Asked = NOW
) -> list[RolledUp]:
    """Some periods with their key results and what these come to, as they are asked about."""
    if asked.reconstructed:
        views = views_asked(connection, asked, periods=[one.period.id for one in shown])
        return rolled_up(shown, views)
    return rollups(connection, shown, asked.at)


def _documents(one: RolledUp) -> list[Document]:
    period, summed = one.period, one.rollups
    named = {objective.id: objective for objective in period.objectives}
    titles = {v.key_result.objective: v.key_result.objective_title for v in one.views}
    teams = {v.key_result.objective: v.key_result.team for v in one.views}
    found = []
    for key, rollup in summed.objectives.items():
        objective = named.get(key)
        found.append(
            {
                "level": "objective",
                "id": key,
                "title": titles[key] if objective is None else objective.title,
                "team": teams[key],
                "joint_team": None if objective is None else objective.joint_team,
                "joint_id": None if objective is None else objective.joint_id,
                **_numbers(rollup, period.id),
            }
        )
    for team, rollup in summed.teams.items():
        title = period.teams.get(team, team)
        found.append({"level": "team", "id": team, "title": title, **_numbers(rollup, period.id)})
    whole = {"level": "organisation", "id": "", "title": period.organisation}
    return [*found, {**whole, **_numbers(summed.organisation, period.id)}]


def _numbers(rollup: RollUp, period: str) -> Document:
    return {
        "period": period,
        "progress": rollup.progress,
        "expected": rollup.expected,
        "pace": rollup.pace,
        "unknown_share": rollup.unknown_share,
        "counted": rollup.counted,
        "counts": {
            status.value: rollup.counts[status] for status in Status if status in rollup.counts
        },
        "text": rollup_words(rollup),
    }
