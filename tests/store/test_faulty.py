"""Something is wrong with one judge of a scope: the others are read as if it was not there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from connectors.base import Outcome, QueryRefused, TimedOut, Timeline, Verdict
from syncd.backfill import backfill
from syncd.clock import ManualClock
from syncd.measuring import RunReport
from syncd.model import Catalogue, Status
from syncd.store import read
from syncd.store.engine import Store
from syncd.worker import Worker
from tests.store.catalogues import START, catalogue, holds, key_result, scanned
from tests.store.upstream import Upstream

SERIALS = scanned("serials", judge="serial")
RACKS = scanned("racks", judge="rack")
PLACES = scanned("places", judge="place")
ALL = catalogue(
    [SERIALS, RACKS, PLACES],
    [key_result(f"dcim-o1-kr{n}", one) for n, one in enumerate((SERIALS, RACKS, PLACES), 1)],
)
NO_RACK = QueryRefused('jira: Jira has no field "Rack" that this account may see')
NO_PLACE = QueryRefused('jira: Jira has no field "Place" that this account may see')


class Silent:
    def ran(self, report: RunReport) -> None:
        pass

    def turned(self, seconds: float) -> None:
        pass


@pytest.fixture
def upstream() -> Upstream:
    failing = holds("d2", outcome=Outcome.FAIL)
    return Upstream(timelines={"devices": [holds("d1"), failing]}, wrong={"rack": NO_RACK})


@pytest.fixture
def worker(
    store: Store, clock: ManualClock, upstream: Upstream, in_force: Callable[[Catalogue], None]
) -> Iterator[Worker]:
    in_force(ALL)
    made = Worker(store, clock, {"netbox": upstream}, observer=Silent())
    made.work_on(ALL)
    yield made
    made.close()


def views(store: Store) -> dict[str | None, read.IndicatorView]:
    with store.read() as connection:
        return {one.name: one for one in read.indicator_views(connection)}


def values(store: Store) -> dict[str | None, float | None]:
    return {
        name: None if one.reading is None else one.reading.value
        for name, one in views(store).items()
    }


def judges_of(upstream: Upstream) -> list[list[str]]:
    return [[judge.definition["judge"] for judge in job.judges] for job in upstream.jobs]


def test_only_the_guilty_one_fails_and_says_why(store: Store, worker: Worker) -> None:
    (report,) = worker.cycle()

    assert values(store) == {"serials": 0.5, "racks": None, "places": 0.5}
    errors = {name: one.error_message for name, one in views(store).items()}
    assert errors == {"serials": None, "racks": str(NO_RACK), "places": None}
    assert (report.error_type, report.faulty) == (None, 1)
    with store.read() as connection:
        (source,) = read.sources(connection)
        told = {one.key_result.id: one.assessment for one in read.key_result_views(connection)}
    assert source.failing_since is None
    guilty, other = told["dcim-o1-kr2"], told["dcim-o1-kr1"]
    assert guilty is not None
    assert other is not None
    assert (guilty.status, guilty.error_type) == (Status.NO_DATA, "query_refused")
    assert other.error_type is None


def test_each_of_two_guilty_ones_has_its_own_error(
    store: Store, worker: Worker, upstream: Upstream
) -> None:
    upstream.wrong["place"] = NO_PLACE

    worker.cycle()

    assert values(store)["serials"] == 0.5
    assert views(store)["racks"].error_message == str(NO_RACK)
    assert views(store)["places"].error_message == str(NO_PLACE)


def test_the_guilty_one_is_tried_ever_more_rarely_and_the_others_read_only_changes(
    worker: Worker, clock: ManualClock, upstream: Upstream
) -> None:
    worker.cycle()
    upstream.jobs.clear()

    for _ in range(4):
        clock.advance(minutes=5)
        worker.cycle()

    everybody = sorted(["serial", "rack", "place"])
    healthy = sorted(["serial", "place"])
    tried = [sorted(judges) for judges in judges_of(upstream)]
    # after 5 minutes, and after 10 more
    assert tried == [everybody, healthy, healthy, everybody, healthy, healthy]
    assert all(job.cursor is not None for job in upstream.jobs if len(job.judges) == 2)


def test_what_is_mended_is_filled_by_reading_everything_again(
    store: Store, worker: Worker, clock: ManualClock, upstream: Upstream
) -> None:
    worker.cycle()
    upstream.wrong.clear()
    upstream.timelines["devices"] = [holds("d2", outcome=Outcome.FAIL)]
    upstream.jobs.clear()

    clock.advance(minutes=5)
    worker.cycle()

    assert [job.cursor for job in upstream.jobs] == [None]
    assert values(store) == {"serials": 0.0, "racks": 0.0, "places": 0.0}
    assert [one.error_message for one in views(store).values()] == [None] * 3


def test_what_was_measured_before_the_fault_stays_and_grows_stale(
    store: Store, worker: Worker, clock: ManualClock, upstream: Upstream
) -> None:
    upstream.wrong.clear()
    worker.cycle()
    upstream.wrong["rack"] = NO_RACK
    upstream.timelines["devices"] = [holds("d1")]
    clock.advance(minutes=5)
    upstream.timelines["devices"] = [holds("d1"), holds("d2")]

    worker.cycle()

    assert values(store) == {"serials": 1.0, "racks": 0.5, "places": 1.0}
    guilty = views(store)["racks"]
    assert guilty.reading is not None
    assert guilty.reading.observed_at == guilty.last_success_at == START
    assert views(store)["serials"].last_success_at == clock.now()


def test_a_guilty_one_says_when_it_is_tried_again(
    store: Store, worker: Worker, clock: ManualClock
) -> None:
    for _ in range(2):
        worker.cycle()
        clock.advance(minutes=5)

    due = {name: one.next_due_at for name, one in views(store).items()}

    assert due["racks"] == clock.now() + timedelta(minutes=5)
    assert due["serials"] == clock.now()


def test_a_deadline_that_passes_says_nothing_of_the_guilty_one(
    store: Store, worker: Worker, clock: ManualClock, upstream: Upstream
) -> None:
    upstream.wrong.clear()
    deadline = START + timedelta(minutes=7)
    verdicts = (
        Verdict(START, deadline, Outcome.PASS),
        Verdict(deadline, None, Outcome.FAIL),
    )
    upstream.timelines["devices"] = [Timeline("d1", None, verdicts), holds("d2")]
    worker.cycle()
    upstream.wrong["rack"] = NO_RACK
    clock.advance(minutes=5)
    worker.cycle()
    read_until_then = len(upstream.jobs)

    clock.advance(minutes=3)
    worker.cycle()

    assert len(upstream.jobs) == read_until_then
    assert values(store) == {"serials": 0.5, "racks": 1.0, "places": 0.5}


def test_what_fails_for_all_of_them_is_the_failure_of_the_source(
    store: Store, worker: Worker, upstream: Upstream
) -> None:
    upstream.wrong.clear()
    upstream.fails = TimedOut("netbox: no answer within 30 s")

    (report,) = worker.cycle()

    assert (report.error_type, report.faulty) == ("timeout", 0)
    with store.read() as connection:
        (source,) = read.sources(connection)
    assert source.error_type == "timeout"
    assert {one.error_type for one in views(store).values()} == {"timeout"}


def test_when_all_are_guilty_each_says_why(
    store: Store, worker: Worker, clock: ManualClock, upstream: Upstream
) -> None:
    upstream.wrong |= {"place": NO_PLACE, "serial": QueryRefused("jira: no Serial")}

    worker.cycle()
    clock.advance(minutes=5)
    worker.cycle()

    errors = {name: one.error_message for name, one in views(store).items()}
    assert errors == {
        "serials": "jira: no Serial",
        "racks": str(NO_RACK),
        "places": str(NO_PLACE),
    }


def test_a_history_is_rebuilt_without_the_guilty_one(
    store: Store, worker: Worker, clock: ManualClock, upstream: Upstream
) -> None:
    clock.advance(days=10)

    done = backfill(store, clock, {"netbox": upstream}, ALL, since=START)

    assert {one.name: one.error for one in done} == {
        "serials": None,
        "racks": str(NO_RACK),
        "places": None,
    }
    written = {one.name: one.written for one in done}
    assert written["serials"] == written["places"] == 9
    assert written["racks"] == 0


def test_the_feed_tells_once_that_one_is_at_fault_and_once_that_it_is_measured_again(
    store: Store, worker: Worker, clock: ManualClock, upstream: Upstream
) -> None:
    for _ in range(3):
        worker.cycle()
        clock.advance(hours=1)
    upstream.wrong.clear()
    for _ in range(2):
        worker.cycle()
        clock.advance(hours=1)

    with store.read() as connection:
        found = [one for one in read.feed(connection) if one.kind.startswith("indicator_")]
    failing, again = sorted(found, key=lambda one: one.position or 0)
    assert (failing.kind, failing.subject, failing.reason) == (
        "indicator_failing",
        "racks",
        "query_refused",
    )
    assert failing.title == "racks cannot be measured"
    assert failing.text == str(NO_RACK)
    assert failing.data["key_results"] == ["dcim-o1-kr2"]
    assert (again.kind, again.subject) == ("indicator_recovered", "racks")
    assert again.text == "It could not be for 3 h."
