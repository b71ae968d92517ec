"""The critical path of a key result, from what is told and what people say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from syncd.assess import Step, World, critical_path
from syncd.model import Status
from syncd.store.externals import PREFIX, ExternalView
from syncd.store.read import KeyResultView
from syncd.store.told import externals_known, key_results_known


@dataclass(frozen=True)
class Path:
    """What the due date of a key result hangs on, step by step; and all that it needs, the key
    results of its period by id, the dependencies outside as ``external:NAME``.
    """

    view: KeyResultView
    steps: tuple[Step, ...]
    key_results: Mapping[str, KeyResultView]
    externals: Mapping[str, ExternalView]


def path_of(
    connection: sa.Connection, view: KeyResultView, now: datetime, at: datetime | None = None
) -> Path:
    """The critical path of a key result at `now`; `at`: by what was known at that moment, as it is
    of one whose period is closed.
    """
    known = at if view.closed is None else view.closed.at
    web = _Web.read(connection, view.key_result.period, known)
    return web.path(view, now)


def paths_of(
    connection: sa.Connection, period: str, now: datetime, at: datetime | None = None
) -> list[Path]:
    """The same of every key result of a period that needs something, in the order of the mapping
    files.
    """
    web = _Web.read(connection, period, at)
    return [web.path(view, now) for view in web.key_results.values() if view.key_result.needs]


@dataclass(frozen=True)
class _Web:
    """All that may need and be needed in one period."""

    key_results: Mapping[str, KeyResultView]
    externals: Mapping[str, ExternalView]
    world: World

    @classmethod
    def read(cls, connection: sa.Connection, period: str, at: datetime | None) -> _Web:
        views = {
            each.key_result.id: each for each in key_results_known(connection, at, periods=[period])
        }
        outside = {
            each.external.name: each
            for each in externals_known(connection, at)
            if each.period == period
        }
        told = {key: each.assessment for key, each in views.items() if each.assessment is not None}
        world = World(
            key_results={key: each.key_result for key, each in views.items()},
            externals={name: each.external for name, each in outside.items()},
            told=told,
            states={
                PREFIX + name: Status.NO_DATA if each.said is None else each.said.state.status
                for name, each in outside.items()
            },
        )
        return cls(views, {PREFIX + name: each for name, each in outside.items()}, world)

    def path(self, view: KeyResultView, now: datetime) -> Path:
        steps = critical_path(view.key_result.id, self.world, now)
        return Path(view, steps, self.key_results, self.externals)
