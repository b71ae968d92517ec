"""The report, put together from its material. Pure: the same material gives the same report."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from syncd.model import Adjustment
from syncd.store.read import KeyResultView
from syncd.surfaces.report.changes import changes_of
from syncd.surfaces.report.data import data_of
from syncd.surfaces.report.document import Correction, Data, Dependencies, Finding, Report
from syncd.surfaces.report.groups import course
from syncd.surfaces.report.headline import elapsed_of, headline_of
from syncd.surfaces.report.material import Material, distinct, is_roll_up
from syncd.surfaces.report.paths import paths_of
from syncd.surfaces.report.risks import Web, risks_of, waited_for, watch_of
from syncd.surfaces.report.roll_ups import roll_up_of
from syncd.surfaces.report.strengths import strengths_of
from syncd.surfaces.report.teams import group_of, team_of
from syncd.wording import adjustment_words, clock, date


class NoSuchTeam(Exception):
    """The report was asked for a team that no mapping file names; `known` are those it could be."""

    def __init__(self, team: str, known: Sequence[str]) -> None:
        super().__init__(f"there is no team {team!r}")
        self.known = known


def build(material: Material, *, team: str | None = None) -> Report:
    """The report of the organisation, or of one team. Raises NoSuchTeam."""
    in_teams = [view for view in material.views if not is_roll_up(view.key_result)]
    members = _members(material, in_teams)
    if team is not None and team not in members:
        raise NoSuchTeam(team, list(members))
    shown = in_teams if team is None else members[team]
    counted = distinct(shown)
    roll_ups = [view for view in material.views if is_roll_up(view.key_result)]
    told = [*shown, *(roll_ups if team is None else ())]
    keys = [view.key_result.id for view in told]
    web = Web(material)
    risks = risks_of(web, keys)
    changes = changes_of(material, told, whole=team is None)
    data = data_of(material, told)
    period = "" if material.period is None else material.period.title
    elapsed = _gone(shown, material.now)
    scope = None if team is None else material.team_title(team)
    wanted = members if team is None else {team: members[team]}
    return Report(
        organisation=material.organisation,
        period=period,
        scope=scope,
        moment=f"{date(material.now, material.timezone)}, "
        f"{clock(material.now, material.timezone, material.now)} ({material.timezone})"
        + (", as it was told then" if material.told_by is not None else ""),
        elapsed=_elapsed_words(elapsed),
        headline=headline_of(
            counted, changes, risks, elapsed=elapsed, period=period or "the period", scope=scope
        ),
        alarms=_alarms(data),
        groups=[
            group_of(material.team_title(key), views, material.rolled.teams.get(key))
            for key, views in wanted.items()
        ],
        whole=group_of(
            "Together",
            counted,
            material.rolled.organisation if team is None else material.rolled.teams.get(team),
        ),
        course=course(counted, material.past, timezone=material.timezone, now=material.now),
        changes=changes,
        risks=risks,
        watch=watch_of(web, keys),
        strengths=strengths_of(material, told),
        dependencies=_dependencies(web, keys),
        roll_ups=[roll_up_of(web, view) for view in roll_ups] if team is None else [],
        teams=[team_of(material, key, views) for key, views in wanted.items()],
        hygiene=_findings(material, set(keys), whole=team is None),
        data=data,
        corrections=_corrections(material, told),
    )


def _dependencies(web: Web, keys: Sequence[str]) -> Dependencies:
    listed, holding = waited_for(web, keys)
    return Dependencies(listed=listed, holding=holding, paths=paths_of(web, keys))


def _members(material: Material, views: Sequence[KeyResultView]) -> dict[str, list[KeyResultView]]:
    """The key results of each team; those of a joint objective stand with both."""
    found: dict[str, list[KeyResultView]] = {team: [] for team in material.teams}
    for view in views:
        kr = view.key_result
        teams = [kr.team]
        objective = material.objectives.get(kr.objective)
        if objective is not None and objective.joint_team is not None:
            teams.append(objective.joint_team)
        for team in teams:
            found.setdefault(team, []).append(view)
    return {team: its for team, its in found.items() if its}


def _gone(views: Sequence[KeyResultView], now: datetime) -> float | None:
    """How much of the time of these key results is gone; None where there are none."""
    if not views:
        return None
    starts = min(view.key_result.start for view in views)
    return elapsed_of(starts, max(view.key_result.due for view in views), now)


def _elapsed_words(elapsed: float | None) -> str:
    return "" if elapsed is None else f"{elapsed * 100:.0f} % of the time is gone"


def _alarms(data: Data) -> list[str]:
    """What a reader must know before trusting the rest."""
    found = []
    if data.judged_last:
        found.append(
            f"Nothing has been judged since {data.judged_last}: all that follows is as it was then."
        )
    found += [
        f"{one.name} cannot be read ({one.state} since {one.since}); what needs it grows stale."
        for one in data.sources
        if one.good is False
    ]
    if data.refused:
        count = len(data.refused)
        plural = "" if count == 1 else "s"
        found.append(
            f"The newest mapping files were refused ({count} fault{plural}, {data.refused_since}); "
            "the last good ones are in force."
        )
    return found


def _findings(material: Material, shown: set[str], *, whole: bool) -> list[Finding]:
    """What hygiene found, by rule and mend; of a team what is about its own."""
    groups: dict[tuple[str, str, str], list[str]] = {}
    for one in material.findings:
        names = {subject.rpartition("/")[2] for subject in one.subjects}
        if whole or names & shown:
            groups.setdefault((one.severity, one.title, one.fix), []).append(one.says)
    return [Finding(*rule, says=said) for rule, said in groups.items()]


def _corrections(material: Material, views: Sequence[KeyResultView]) -> list[Correction]:
    """What people have said of the key results that is in force; of notes, which are marks at a
    moment, those since the moment from which changes are told.
    """
    return [
        Correction(
            key=view.key_result.id,
            title=view.key_result.title,
            what=adjustment_words(one, view.key_result.timezone, material.now),
            by=one.by,
            reason=one.reason,
            since=clock(one.since, view.key_result.timezone, material.now),
        )
        for view in views
        for one in view.adjustments
        if _in_force(one, material)
    ]


def _in_force(said: Adjustment, material: Material) -> bool:
    if said.until is None:
        return material.since < said.since <= material.now
    return said.since <= material.now < said.until
