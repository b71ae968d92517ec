"""Roll-ups as JSON documents: objectives, teams and the organisation."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from syncd.assess import RollUp
from syncd.model import Objective, Status
from syncd.store.periods import PeriodView
from syncd.store.read import KeyResultView
from syncd.store.rolling import RolledUp, rolled_up, rollups
from syncd.surfaces.asked import NOW, Asked, views_asked
from syncd.surfaces.documents import Document, closed_document, moment
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


def objective_documents(one: RolledUp) -> list[Document]:
    """Every objective of a period with its key results, and what they come to."""
    found: list[Document] = []
    for id_, rollup in one.rollups.objectives.items():
        objective, own = _objective(one, id_), _of_objective(one, id_)
        found.append(
            {
                "id": id_,
                "title": objective.title,
                "team": objective.team,
                "weight": objective.weight,
                "joint_team": objective.joint_team,
                "joint_id": objective.joint_id,
                "accountable": list(objective.accountable),
                "key_results": [view.key_result.key for view in own],
                **_numbers(rollup, one.period.id),
            }
        )
    return found


def team_documents(one: RolledUp) -> list[Document]:
    """Every team of a period with its objectives, shared ones included, and what they come to."""
    objectives = [_objective(one, id_) for id_ in one.rollups.objectives]
    return [
        {
            "id": team,
            "title": one.period.teams.get(team, team),
            "objectives": [it.id for it in objectives if team in (it.team, it.joint_team)],
            "key_results": [v.key_result.key for v in one.views if v.key_result.team == team],
            **_numbers(rollup, one.period.id),
        }
        for team, rollup in one.rollups.teams.items()
    ]


def organisation_document(periods: Sequence[RolledUp], now: datetime) -> Document:
    """The organisation as its newest period names it, and what it comes to in each."""
    newest = periods[-1].period if periods else None
    return {
        "name": None if newest is None else newest.organisation,
        "timezone": None if newest is None else newest.timezone,
        "periods": [
            {
                "title": one.period.title,
                "starts_at": moment(one.period.starts),
                "ends_at": moment(one.period.ends),
                "open": PeriodView(one.period, one.closed).open_at(now),
                "closed": closed_document(one.closed),
                "teams": list(one.period.teams),
                "key_results": len(one.views),
                **_numbers(one.rollups.organisation, one.period.id),
            }
            for one in periods
        ],
    }


def _objective(one: RolledUp, id_: str) -> Objective:
    """As it is declared, or as its key results know it where it is not."""
    for objective in one.period.objectives:
        if objective.id == id_:
            return objective
    first = _of_objective(one, id_)[0].key_result
    return Objective(id_, first.objective_title, first.team)


def _of_objective(one: RolledUp, id_: str) -> list[KeyResultView]:
    return [view for view in one.views if view.key_result.objective == id_]


def _documents(one: RolledUp) -> list[Document]:
    period, summed = one.period, one.rollups
    found: list[Document] = []
    for id_, rollup in summed.objectives.items():
        objective = _objective(one, id_)
        found.append(
            {
                "level": "objective",
                "id": id_,
                "title": objective.title,
                "team": objective.team,
                "joint_team": objective.joint_team,
                "joint_id": objective.joint_id,
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
