"""What goes well, and how one knows: objectives that hold, what is reached, what will likely be."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from syncd.model import BAD, ENDED, GOOD, Status
from syncd.store.read import KeyResultView
from syncd.surfaces.page import percent
from syncd.surfaces.report.document import LISTED
from syncd.surfaces.report.going_well import Reached, Safe, Strengths, Whole
from syncd.surfaces.report.groups import shares
from syncd.surfaces.report.lines import falls_short, forecast_of, why
from syncd.surfaces.report.material import Material, distinct, is_roll_up, status_of
from syncd.wording import clock

LIKELY = 0.8
"""From this chance on a goal is told as likely to be reached: the interval of a forecast is wide
enough for as many.
"""


def strengths_of(material: Material, views: Sequence[KeyResultView]) -> Strengths:
    """What goes well among these key results. What is unknown is no strength, and neither is what
    drags behind today, however likely its forecast.
    """
    counted = distinct(views)
    reached, safe = _newest_first(counted), _safe(material, counted)
    return Strengths(
        whole=_whole(material, counted),
        reached=[_reached(material, view) for view in reached[:LISTED]],
        safe=safe[:LISTED],
        reached_left=max(0, len(reached) - LISTED),
        safe_left=max(0, len(safe) - LISTED),
    )


def _whole(material: Material, views: Sequence[KeyResultView]) -> list[Whole]:
    """The objectives of which every key result that still counts is known to be on course, and none
    late at this pace; those furthest ahead of their line first. A single key result says no more
    than itself.
    """
    groups: dict[str, list[KeyResultView]] = {}
    for view in views:
        if not is_roll_up(view.key_result):
            groups.setdefault(view.key_result.objective, []).append(view)
    found = []
    for key, its in groups.items():
        left = [view for view in its if status_of(view.assessment) not in ENDED]
        if len(left) < 2 or not all(_on_course(view) for view in left):
            continue
        rolled = material.rolled.objectives.get(key)
        done, expected = (rolled.progress, rolled.expected) if rolled else (None, None)
        ahead = (done or 0.0) - (expected or 0.0)
        found.append(
            (
                ahead,
                Whole(
                    key=key,
                    title=its[0].key_result.objective_title,
                    team=material.team_title(its[0].key_result.team),
                    shares=shares(left),
                    done=percent(done),
                    expected=percent(expected),
                ),
            )
        )
    return [one for _, one in sorted(found, key=lambda one: (-one[0], one[1].key))]


def _on_course(view: KeyResultView) -> bool:
    return status_of(view.assessment) in GOOD and falls_short(view) is None


def _newest_first(views: Sequence[KeyResultView]) -> list[KeyResultView]:
    achieved = [view for view in views if status_of(view.assessment) is Status.ACHIEVED]
    return sorted(achieved, key=_since, reverse=True)


def _since(view: KeyResultView) -> datetime:
    return view.assessment.since if view.assessment is not None else view.key_result.start


def _reached(material: Material, view: KeyResultView) -> Reached:
    kr = view.key_result
    return Reached(
        key=kr.id,
        title=kr.title,
        team="" if is_roll_up(kr) else material.team_title(kr.team),
        when=clock(_since(view), kr.timezone, material.now),
        why=why(view.assessment),
    )


def _safe(material: Material, views: Sequence[KeyResultView]) -> list[Safe]:
    """What is on track and will likely be there in time, the likeliest and furthest ahead first."""
    found = []
    for view in views:
        told = view.assessment
        if told is None or told.status is not Status.ON_TRACK or told.raw_status in BAD:
            continue
        if told.forecast is None or told.forecast.chance < LIKELY:
            continue
        kr = view.key_result
        team = "" if is_roll_up(kr) else material.team_title(kr.team)
        order = (-told.forecast.chance, -(told.pace or 0.0), kr.id)
        found.append((order, Safe(kr.id, kr.title, team, forecast_of(view, material.now))))
    return [one for _, one in sorted(found, key=lambda one: one[0])]
