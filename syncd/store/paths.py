"""The critical path of a key result, from what is told and what people say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    """The critical path of a key result at `now`; `at`: by what was known at that moment."""
    (found,) = paths_of(connection, [view], view.key_result.period, now, at)
    return found


def paths_of(
    connection: sa.Connection,
    of: Sequence[KeyResultView],
    period: str,
    now: datetime,
    at: datetime | None = None,
) -> list[Path]:
    """The critical paths of some key results of one period at `now`; `at`: by what was known at
    that moment, as it is of a period that is closed.
    """
    known = next((view.closed.at for view in of if view.closed is not None), at)
    views = {
        each.key_result.id: each for each in key_results_known(connection, known, periods=[period])
    }
    outside = {
        each.external.name: each
        for each in externals_known(connection, known)
        if each.period == period
    }
    world = World(
        key_results={key: each.key_result for key, each in views.items()},
        externals={name: each.external for name, each in outside.items()},
        told={key: each.assessment for key, each in views.items() if each.assessment is not None},
        states={
            PREFIX + name: Status.NO_DATA if each.said is None else each.said.state.status
            for name, each in outside.items()
        },
    )
    named = {PREFIX + name: each for name, each in outside.items()}
    return [Path(view, critical_path(view.key_result.id, world, now), views, named) for view in of]
