"""Edited mapping files tried on a copy of the store: measured, composed and judged by the same code
that will do it when they are applied. Nothing is written to the store itself.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import sqlalchemy as sa

from connectors.base import NumberPlan, ScanPlan, Session
from syncd.clock import ManualClock
from syncd.measuring import RunReport
from syncd.model import Catalogue, Indicator, parts_of
from syncd.plan.definitions import called
from syncd.store.catalogue import measured, plan_fingerprint, put_in_force
from syncd.store.copying import copy_present, make_only_due
from syncd.store.engine import Store
from syncd.store.read import IndicatorView, KeyResultView, indicator_views, key_result_views
from syncd.store.schema import scopes
from syncd.worker import Worker, WorkerSettings

AFTER = timedelta(seconds=1)
"""From the reading that fills a scope to the one that shows what a usual turn costs."""


@dataclass(frozen=True)
class Turn:
    """What reading one scope takes: requests of its last turn (None: not known), seconds from one
    turn to the next, and, of one that is new, the requests of its first.
    """

    source: str
    requests: int | None
    interval_seconds: float
    first_requests: int | None = None

    @property
    def per_day(self) -> float | None:
        """Requests a day; None where a turn's are not known."""
        if self.requests is None or self.interval_seconds <= 0:
            return None
        return self.requests * 86_400 / self.interval_seconds


@dataclass(frozen=True)
class Trial:
    """What is told before and after, by key result; `new`: fingerprints of the indicators that are
    not in force yet; `unread`: why one of them could not be measured; `turns` by scope.
    """

    before: Mapping[str, KeyResultView]
    after: Mapping[str, KeyResultView]
    new: frozenset[str]
    unread: Mapping[str, str] = field(default_factory=dict)
    turns_before: Mapping[str, Turn] = field(default_factory=dict)
    turns_after: Mapping[str, Turn] = field(default_factory=dict)


class _Silent:
    """An observer of runs that keeps nothing."""

    def ran(self, report: RunReport) -> None:
        """Nothing to do."""

    def turned(self, seconds: float) -> None:
        """Nothing to do."""


def try_out(
    running: Store | None,
    catalogues: Sequence[Catalogue],
    sessions: Mapping[str, Session],
    *,
    named: bool,
    interval_of: Callable[[Indicator], float],
    settings: WorkerSettings,
    now: datetime,
) -> Trial:
    """What would be told if `catalogues` were in force at `now`. `running` None: nothing is yet;
    `named`: key results are known by their period too.

    Each new indicator is measured once, from the sources there are sessions for; one that is known
    is judged by what is stored of it.
    """
    with _copy_of(running, now) as store, ExitStack() as stack:
        clock = ManualClock(now)
        worker = Worker(store, clock, sessions, observer=_Silent(), settings=settings)
        stack.callback(worker.release)
        # judged once more as it is, so that what moves by the mere passing of time is no difference
        worker.step()
        with store.read() as connection:
            before = _told(connection, named=named)
            known = {view.fingerprint for view in indicator_views(connection)}
            turns_before = _turns(connection)
        put_in_force(
            store, *catalogues, interval_of=interval_of, link_of=lambda _: None, now=clock.now()
        )
        worker.work_on(*catalogues)
        planned = measured(catalogues)
        new = frozenset(planned) - known
        wanted = _scopes_of(planned, new)
        make_only_due(store, wanted, now=clock.now())
        worker.cycle()
        with store.read() as connection:
            after = _told(connection, named=named)
            views = {view.fingerprint: view for view in indicator_views(connection)}
            first = _turns(connection)
        clock.move_to(now + AFTER)
        make_only_due(store, wanted, now=clock.now())
        worker.cycle()
        with store.read() as connection:
            usual = _turns(connection)
        return Trial(
            before=before,
            after=after,
            new=new,
            unread=_unread(views, new, sessions),
            turns_before=turns_before,
            turns_after={key: _turn(key, turns_before, first, usual, wanted) for key in usual},
        )


@contextmanager
def _copy_of(running: Store | None, now: datetime) -> Iterator[Store]:
    with TemporaryDirectory(prefix="syncd-plan-") as folder:
        store = Store(f"sqlite:///{Path(folder) / 'trial.db'}")
        try:
            store.migrate()
            if running is not None:
                copy_present(running, store, now=now)
            yield store
        finally:
            store.close()


def _told(connection: sa.Connection, *, named: bool) -> dict[str, KeyResultView]:
    return {
        called(view.key_result.id, view.key_result.period, named=named): view
        for view in key_result_views(connection)
    }


def _scopes_of(planned: Mapping[str, Indicator], wanted: Collection[str]) -> set[str]:
    """The fingerprints of the scopes that must be read for these indicators: their own, and those
    of their parts that are wanted too.
    """
    found: set[str] = set()
    frontier: Sequence[str] = sorted(wanted)
    while frontier:
        plans = [planned[one].plan for one in frontier if one in wanted]
        found.update(
            plan_fingerprint(plan) for plan in plans if isinstance(plan, ScanPlan | NumberPlan)
        )
        frontier = [part for plan in plans for part in parts_of(plan)]
    return found


def _unread(
    views: Mapping[str, IndicatorView], new: Collection[str], sessions: Mapping[str, Session]
) -> dict[str, str]:
    """Why new indicators have no reading, in words."""
    found = {}
    for fingerprint in new:
        view = views[fingerprint]
        if view.reading is not None or view.partial is not None:
            continue
        if view.error_type is not None:
            found[fingerprint] = view.error_message or view.error_type
        elif view.kind == "manual":
            found[fingerprint] = "nobody has given a number yet"
        elif view.source and view.source not in sessions:
            found[fingerprint] = "not measured"
        else:
            found[fingerprint] = "a part of it has not been measured"
    return found


def _turns(connection: sa.Connection) -> dict[str, Turn]:
    rows = connection.execute(sa.select(scopes).where(scopes.c.active).order_by(scopes.c.id))
    return {
        row.fingerprint: Turn(row.source, row.last_requests, row.interval_seconds) for row in rows
    }


def _turn(
    key: str,
    before: Mapping[str, Turn],
    first: Mapping[str, Turn],
    usual: Mapping[str, Turn],
    wanted: Collection[str],
) -> Turn:
    """What a scope takes from now on: of a known one what is recorded, of a new one what the trial
    took.
    """
    now = usual[key]
    known = before.get(key)
    requests = now.requests if known is None else known.requests
    return Turn(
        source=now.source,
        requests=requests,
        interval_seconds=now.interval_seconds,
        first_requests=first[key].requests if key in wanted else None,
    )
