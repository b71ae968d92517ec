"""One cycle of the worker: read, publish, compose, assess, in this order."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from connectors.base import Outcome, TimedOut
from syncd.clock import ManualClock
from syncd.measuring import RunReport
from syncd.model import Catalogue, Combining, Status
from syncd.store import read
from syncd.store.assessing import MOST
from syncd.store.circuits import FAILURES
from syncd.store.claims import make_due
from syncd.store.engine import Store
from syncd.store.schema import scopes
from syncd.worker import Worker, WorkerSettings
from tests.store.catalogues import (
    START,
    catalogue,
    combined,
    covering,
    holds,
    key_result,
    keyed,
    numbered,
)
from tests.store.upstream import Upstream
from tests.waiting import until

ACTIVE = keyed("active", scope="clusters")
BOARD = keyed("board", scope="tickets", source="jira")
COVERED = covering("covered", ACTIVE, BOARD, within_seconds=86_400.0)
GOODS = numbered("goods")
LOWEST = combined("lowest", Combining.MINIMUM, COVERED, GOODS)
ALL = catalogue([LOWEST, COVERED, ACTIVE, BOARD, GOODS], [key_result("mrkt-o2-kr1", LOWEST)])


class Reports:
    def __init__(self) -> None:
        self.told: list[RunReport] = []
        self.turns: list[float] = []

    def ran(self, report: RunReport) -> None:
        self.told.append(report)

    def turned(self, seconds: float) -> None:
        self.turns.append(seconds)


@pytest.fixture
def upstream() -> Upstream:
    return Upstream(
        timelines={
            "clusters": [holds("c1", "a"), holds("c2", "b")],
            "tickets": [holds("t1", "a"), holds("t2", "b", outcome=Outcome.FAIL)],
        },
        number=lambda _: 1.0,
    )


@pytest.fixture
def reports() -> Reports:
    return Reports()


@pytest.fixture
def worker(
    store: Store,
    clock: ManualClock,
    upstream: Upstream,
    reports: Reports,
    in_force: Callable[[Catalogue], None],
) -> Iterator[Worker]:
    in_force(ALL)
    made = Worker(
        store,
        clock,
        dict.fromkeys(("netbox", "jira", "prometheus"), upstream),
        observer=reports,
    )
    made.work_on(ALL)
    yield made
    made.close()


def value(store: Store) -> float | None:
    with store.read() as connection:
        (view,) = read.key_result_views(connection)
    assert view.assessment is not None
    return view.assessment.value


def test_what_is_composed_of_what_it_read_is_assessed_in_the_same_cycle(
    store: Store, clock: ManualClock, worker: Worker
) -> None:
    worker.cycle()
    clock.move_to(START + timedelta(days=1))
    worker.cycle()

    assert value(store) == 0.5


def test_a_name_that_looks_like_a_query_is_a_name(
    worker: Worker, upstream: Upstream, store: Store, clock: ManualClock
) -> None:
    query = '" OR 1=1; --'
    upstream.timelines["clusters"] = [holds("c1", query), holds("c2", "b")]
    upstream.timelines["tickets"] = [holds("t1", query)]

    worker.cycle()
    clock.move_to(START + timedelta(days=1))
    worker.cycle()

    with store.read() as connection:
        (covered,) = (one for one in read.indicator_views(connection) if one.name == "covered")
    assert covered.reading is not None
    assert (covered.reading.value, covered.reading.denominator) == (0.5, 2.0)


def test_a_deadline_of_a_coverage_passes_although_nothing_is_read(
    store: Store, clock: ManualClock, worker: Worker, upstream: Upstream
) -> None:
    worker.cycle()
    before = value(store)
    with store.write() as connection:
        later = clock.now() + timedelta(days=30)
        connection.execute(sa.update(scopes).values(next_due_at=later))

    clock.move_to(START + timedelta(days=1))
    reports = worker.cycle()

    assert reports == []
    with store.read() as connection:
        views = {one.name: one for one in read.indicator_views(connection)}
    reading = views["covered"].reading
    assert before == 1.0
    assert reading is not None
    assert (reading.value, reading.observed_at) == (0.5, START)


def test_a_failing_part_is_told_by_name(
    store: Store, clock: ManualClock, worker: Worker, upstream: Upstream
) -> None:
    worker.cycle()
    upstream.fails = TimedOut("jira: no answer within 30 s")
    clock.advance(hours=2)
    worker.cycle()

    with store.read() as connection:
        (view,) = read.key_result_views(connection)
    assert view.assessment is not None
    assert view.assessment.status is Status.STALE
    assert view.assessment.error_type == "timeout"
    assert view.indicator.error_message is not None
    assert view.indicator.error_message.endswith("no answer within 30 s")


def test_the_cost_of_each_run_is_kept(store: Store, worker: Worker) -> None:
    worker.cycle()

    with store.read() as connection:
        costs = connection.execute(
            sa.select(scopes.c.last_seconds, scopes.c.last_requests, scopes.c.last_bytes)
        ).all()
    assert len(costs) == 3
    assert all(seconds >= 0 and (requests, size) == (0, 0) for seconds, requests, size in costs)


def test_a_scope_that_was_made_due_while_it_was_read_is_read_again_in_the_same_cycle(
    store: Store, clock: ManualClock, worker: Worker, upstream: Upstream
) -> None:
    asked = 0

    def noticed(moment: object) -> float:
        nonlocal asked
        asked += 1
        if asked == 1:
            make_due(store, "prometheus", lambda *_: True, now=clock.now())
        return 1.0

    upstream.number = noticed

    reports = worker.cycle()

    assert sorted(report.source for report in reports) == [
        "jira",
        "netbox",
        "prometheus",
        "prometheus",
    ]


def test_each_turn_of_the_loop_says_how_long_it_took(worker: Worker, reports: Reports) -> None:
    worker.step()
    worker.step()

    assert len(reports.turns) == 2
    assert all(0 < seconds < 60 for seconds in reports.turns)


def test_a_source_that_is_down_is_asked_a_few_times_and_all_that_reads_it_says_why(
    store: Store,
    clock: ManualClock,
    worker: Worker,
    upstream: Upstream,
    in_force: Callable[[Catalogue], None],
) -> None:
    tickets = [numbered(f"tickets-{n}", query=f"tickets-{n}", source="jira") for n in range(20)]
    many = catalogue(tickets, [key_result(f"ce-o1-kr{n}", one) for n, one in enumerate(tickets)])
    in_force(many)
    worker.work_on(many)

    def silent(_: datetime) -> float | None:
        raise TimedOut("jira: no answer within 30 s")

    upstream.number = silent

    tried = worker.cycle()
    clock.advance(hours=2)
    worker.assess_due()

    assert FAILURES <= len(tried) < 10
    with store.read() as connection:
        told = [view.assessment for view in read.key_result_views(connection)]
    assert {one.error_type for one in told if one} == {"timeout"}
    assert len(told) == 20


def with_numbers(count: int) -> Catalogue:
    """So many key results, each with a number of its own."""
    numbers = [numbered(f"n{n}", query=f"n{n}") for n in range(count)]
    return catalogue(numbers, [key_result(f"ce-o1-kr{n}", one) for n, one in enumerate(numbers)])


def test_a_step_says_whether_it_left_any_to_assess(
    worker: Worker, in_force: Callable[[Catalogue], None]
) -> None:
    many = with_numbers(MOST + 10)  # more than one transaction takes
    in_force(many)
    worker.work_on(many)

    assert [worker.step(), worker.step()] == [True, False]


def test_what_runs_bring_one_after_the_other_is_judged_together_and_no_run_waits_for_that(
    store: Store,
    clock: ManualClock,
    upstream: Upstream,
    reports: Reports,
    in_force: Callable[[Catalogue], None],
) -> None:
    many = MOST + 10
    found = with_numbers(many)
    in_force(found)
    one_at_a_time = WorkerSettings(pool=1)
    sessions = {"prometheus": upstream}
    worker = Worker(store, clock, sessions, observer=reports, settings=one_at_a_time)
    worker.work_on(found)
    loop = threading.Thread(target=worker.run)
    loop.start()
    try:
        until(lambda: len(reports.told) >= many, "not all are measured", seconds=120)
        turns = len(reports.turns)
    finally:
        worker.stop()
        loop.join()

    assert len(reports.told) == many
    assert turns < many / 3
    with store.read() as connection:
        told = [view.assessment for view in read.key_result_views(connection)]
    assert {one.value for one in told if one} == {1.0}
