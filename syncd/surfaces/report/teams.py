"""Each team's part: how it stands in a sentence, and its key results under their objectives."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from syncd.assess import RollUp
from syncd.model import BAD, ENDED, GOOD, UNKNOWN
from syncd.store.read import KeyResultView
from syncd.surfaces.report.document import Bar, Group, Objective, Team
from syncd.surfaces.report.groups import bar_words, shares
from syncd.surfaces.report.lines import line_of
from syncd.surfaces.report.material import Material, status_of
from syncd.wording import listed


def group_of(title: str, views: Sequence[KeyResultView], rolled: RollUp | None) -> Group:
    """Key results as one line: how many of each status, and the mean of their progress (`rolled`
    None: there is nothing to make it of).
    """
    bar = _bar(rolled)
    done, expected = bar_words(bar)
    return Group(
        title=title,
        shares=shares(views),
        of=len(views),
        bar=bar,
        done=done,
        expected=expected,
        unknown="" if rolled is None else _unknown_words(rolled.unknown_share),
    )


def _bar(rolled: RollUp | None) -> Bar:
    return Bar(None, None) if rolled is None else Bar(rolled.progress, rolled.expected)


def team_of(material: Material, team: str, views: Sequence[KeyResultView]) -> Team:
    """A team's part; `views` are its key results, those it shares with another team included."""
    title = material.team_title(team)
    group = group_of(title, views, material.rolled.teams.get(team))
    groups: dict[str, list[KeyResultView]] = {}
    for view in views:
        groups.setdefault(view.key_result.objective, []).append(view)
    return Team(
        key=team,
        title=title,
        overview=_overview(group, views),
        group=group,
        objectives=[_objective(material, team, key, its) for key, its in groups.items()],
    )


def _objective(
    material: Material, team: str, key: str, views: Sequence[KeyResultView]
) -> Objective:
    known = material.objectives.get(key)
    done, _ = bar_words(_bar(material.rolled.objectives.get(key)))
    joint = ""
    shown = key
    if known is not None and known.joint_team is not None:
        other = known.joint_team if known.team == team else known.team
        answers = f"; {listed(known.accountable)} answers for it" if known.accountable else ""
        joint = f"joint with {material.team_title(other)}{answers}"
        if known.team != team and known.joint_id:
            shown = known.joint_id
    return Objective(
        key=shown,
        title=views[0].key_result.objective_title,
        done=done,
        lines=[line_of(material, view) for view in views],
        joint=joint,
    )


def _overview(group: Group, views: Sequence[KeyResultView]) -> str:
    """How the team stands, in one sentence or two."""
    statuses = Counter(status_of(view.assessment) for view in views)
    said = []
    for words, kinds in (
        ("on track or achieved", GOOD),
        ("behind", BAD),
        ("cannot be told", UNKNOWN),
        ("no longer counted", ENDED),
    ):
        count = sum(statuses[status] for status in kinds)
        if count:
            said.append(f"{count} {words}")
    plural = "" if group.of == 1 else "s"
    first = f"{group.of} key result{plural}: {', '.join(said)}."
    if group.bar.done is None:
        return f"{first} How far they are cannot be told."
    wanted = "" if group.bar.expected is None else f" where {group.expected} was expected"
    unknown = f", {group.unknown}" if group.unknown else ""
    return f"{first} Together they are {group.done} done{wanted}{unknown}."


def _unknown_words(share: float) -> str:
    """How much of the weight is not in the mean; empty: all is."""
    if share <= 0:
        return ""
    percent = f"{share * 100:.0f}" if share >= 0.005 else "under 1"
    return f"{percent} % unknown"
