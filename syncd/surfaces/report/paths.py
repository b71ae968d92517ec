"""What due dates hang on: the critical paths that do not hold, from need to need."""

from __future__ import annotations

from collections.abc import Sequence

from syncd.assess import Basis, Step, World, critical_path
from syncd.surfaces.paths import step_words
from syncd.surfaces.report.document import Path, PathStep
from syncd.surfaces.report.risks import Web
from syncd.wording import date


def paths_of(web: Web, shown: Sequence[str]) -> list[Path]:
    """The paths on which the first need comes too late for its dependant, or never; those that come
    latest first. One that is a part of a longer one is told with that.
    """
    world = _world(web)
    found = {key: critical_path(key, world, web.material.now) for key in shown}
    late = {key: steps for key, steps in found.items() if steps and _is_late(steps[0])}
    within = {step.id for steps in late.values() for step in steps}
    ends = [key for key in late if key not in within]
    ends.sort(key=lambda key: (late[key][0].slack_seconds is not None, _slack(late[key][0]), key))
    return [_path(web, key, late[key]) for key in ends]


def _world(web: Web) -> World:
    material = web.material
    return World(
        key_results={key: view.key_result for key, view in web.views.items()},
        externals={view.external.name: view.external for view in material.externals.values()},
        told={
            key: view.assessment for key, view in web.views.items() if view.assessment is not None
        },
        states={
            key: view.said.state.status
            for key, view in material.externals.items()
            if view.said is not None
        },
    )


def _is_late(step: Step) -> bool:
    return step.basis is Basis.NEVER or (step.slack_seconds is not None and step.slack_seconds < 0)


def _slack(step: Step) -> float:
    return step.slack_seconds or 0.0


def _path(web: Web, key: str, steps: Sequence[Step]) -> Path:
    kr = web.views[key].key_result
    return Path(
        key=key,
        title=kr.title,
        team=web.team(key),
        due=date(kr.due, kr.timezone, web.material.now),
        steps=[
            PathStep(
                key=step.id.removeprefix("external:"),
                title=web.title(step.id),
                words=step_words(step, kr.timezone, web.material.now),
            )
            for step in steps
        ],
    )
