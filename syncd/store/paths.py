"""The critical path of a key result, from what is told and what people say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from syncd.assess import Step, World, critical_path
from syncd.store.externals import PREFIX, ExternalView, external_statuses, external_views
from syncd.store.read import KeyResultView, key_result_views


@dataclass(frozen=True)
class Path:
    """What the due date of a key result hangs on, step by step; and all that it needs, the key
    results of its period by id, the dependencies outside as ``external:NAME``.
    """

    view: KeyResultView
    steps: tuple[Step, ...]
    key_results: Mapping[str, KeyResultView]
    externals: Mapping[str, ExternalView]


def path_of(connection: sa.Connection, view: KeyResultView, now: datetime) -> Path:
    """The critical path of a key result at `now`."""
    period = view.key_result.period
    (found,) = paths_of(connection, [view], period, now)
    return found


def paths_of(
    connection: sa.Connection, of: Sequence[KeyResultView], period: str, now: datetime
) -> list[Path]:
    """The critical paths of some key results of one period at `now`."""
    views = {each.key_result.id: each for each in key_result_views(connection, periods=[period])}
    outside = {each.external.name: each for each in external_views(connection)}
    world = World(
        key_results={key: each.key_result for key, each in views.items()},
        externals={name: each.external for name, each in outside.items()},
        told={key: each.assessment for key, each in views.items() if each.assessment is not None},
        states=external_statuses(connection),
    )
    named = {PREFIX + name: each for name, each in outside.items()}
    return [Path(view, critical_path(view.key_result.id, world, now), views, named) for view in of]
