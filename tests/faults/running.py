"""One cell of the matrix: a worker on a real store, before, while and after its upstream breaks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from structlog.testing import capture_logs

from connectors.base import NumberPlan, SilentObserver
from syncd.measuring import RunReport
from syncd.model import EventKind
from syncd.store import read
from syncd.store.catalogue import put_in_force
from syncd.store.engine import Store
from syncd.store.schema import objects, readings, scopes, verdict_sets, verdicts
from syncd.worker import Worker, WorkerSettings
from tests.faults.front import Front
from tests.faults.worlds import World

FULL_EVERY_SECONDS = {"full": 60.0, "changes": 1e7, "number": 60.0}
"""Each run reads everything, page by page; or what changed since the last one."""


def reads(world: World) -> tuple[str, ...]:
    """How the world is read: in full and by what changed, or by asking for a number."""
    return ("number",) if isinstance(world.plan, NumberPlan) else ("full", "changes")


class Nobody:
    def ran(self, report: RunReport) -> None:
        pass

    def turned(self, seconds: float) -> None:
        pass


@contextmanager
def working(
    world: World,
    store: Store,
    url: str,
    run_seconds: float = 60.0,
    silence_seconds: float = 30.0,
    how: str = "full",
) -> Iterator[Callable[[], RunReport]]:
    """Calls one cycle of a worker whose source is at this address; its one run is returned."""
    worker = Worker(
        store,
        world.clock,
        {world.source: world.open(url, SilentObserver(), silence_seconds)},
        observer=Nobody(),
        settings=WorkerSettings(
            run_seconds=run_seconds, full_every_seconds=FULL_EVERY_SECONDS[how], pool=1
        ),
    )
    worker.work_on(world.catalogue)

    def cycle() -> RunReport:
        (report,) = worker.cycle()
        return report

    try:
        yield cycle
    finally:
        worker.close()


def begin(world: World, store: Store, front: Front) -> None:
    """The last good run before anything breaks."""
    put_in_force(
        store,
        world.catalogue,
        interval_of=lambda _: 300.0,
        link_of=lambda _: None,
        now=world.clock.now(),
    )
    front.mend()
    with working(world, store, front.url) as cycle:
        assert cycle().error_type is None


def stored(store: Store) -> Mapping[str, Any]:
    """All that only a whole run may change, row by row."""
    with store.read() as connection:
        found = {
            table.name: sorted(map(repr, connection.execute(sa.select(table))))
            for table in (verdicts, objects, readings)
        }
        kept = sa.select(scopes.c.cursor, scopes.c.last_success_at, scopes.c.last_full_at)
        found["scopes"] = list(map(repr, connection.execute(kept)))
        filled = sa.select(verdict_sets.c.filled, verdict_sets.c.known_since)
        found["sets"] = list(map(repr, connection.execute(filled)))
    return found


@dataclass(frozen=True)
class Truth:
    """What is told: the reading, what holds of each object, and what the key result is called."""

    reading: Any
    holding: Any
    present: Any
    status: str


def truth(store: Store, now: datetime) -> Truth:
    """What the store tells at this moment, however it came to know it."""
    with store.read() as connection:
        (view,) = read.indicator_views(connection)
        of = view.reading
        assert of is not None
        holds = sa.select(
            verdicts.c.object_id, verdicts.c.outcome, verdicts.c.number, verdicts.c.missing
        ).where(
            verdicts.c.valid_from <= now,
            sa.or_(verdicts.c.valid_to.is_(None), verdicts.c.valid_to > now),
        )
        known = sa.select(objects.c.object_id, objects.c.label, objects.c.present)
        return Truth(
            (of.value, of.numerator, of.denominator, of.objects, of.pending, view.partial),
            sorted(map(repr, connection.execute(holds))),
            sorted(map(repr, connection.execute(known))),
            status(store),
        )


def status(store: Store) -> str:
    """What the one key result is called."""
    with store.read() as connection:
        (view,) = read.key_result_views(connection)
    assert view.assessment is not None
    return view.assessment.status.value


def failure(store: Store) -> tuple[str | None, str | None]:
    """The type and the words of what the indicator fails by, as its page and its API say."""
    with store.read() as connection:
        (view,) = read.indicator_views(connection)
    return view.error_type, view.error_message


def told_of_source(store: Store) -> list[tuple[str, str | None]]:
    """What the feed says of the source, in order, with the reason."""
    kinds = (EventKind.SOURCE_FAILING, EventKind.SOURCE_RECOVERED)
    with store.read() as connection:
        events = [one for one in read.feed(connection, limit=100) if one.kind in kinds]
    events.sort(key=lambda one: one.position or 0)
    return [(one.kind.value, one.reason) for one in events]


def due_at(store: Store) -> datetime:
    """When the scope is tried again."""
    with store.read() as connection:
        moment: datetime = connection.execute(sa.select(scopes.c.next_due_at)).scalar_one()
    return moment


@contextmanager
def lines() -> Iterator[list[Any]]:
    """The lines of the log that anybody reads: those above `debug`."""
    found: list[Any] = []
    with capture_logs() as logged:
        yield found
    found += [one for one in logged if one["log_level"] != "debug"]
