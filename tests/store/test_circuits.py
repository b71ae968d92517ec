"""A source that fails as a whole is left alone, and tried by one run alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from connectors.base import Number, QueryRefused, RateLimited, ServerFailed, TimedOut, UpstreamError
from syncd.clock import ManualClock
from syncd.model import Catalogue, Status
from syncd.store import read
from syncd.store.circuits import (
    FAILURES,
    FIRST_WAIT,
    LONGEST_WAIT,
    CircuitState,
    circuits_at,
)
from syncd.store.claims import Claim, claim_due, release
from syncd.store.engine import Store
from syncd.store.publish import publish_number, record_failure
from tests.store.catalogues import catalogue, key_result, numbered
from tests.store.state import assess_all

InForce = Callable[[Catalogue], None]
Claims = Callable[[], list[Claim]]
DOWN = ServerFailed("jira: the server failed (503)")
TICKETS = [numbered(f"tickets-{n}", query=f"tickets-{n}", source="jira") for n in range(6)]
GOODS = numbered("goods")
KEY_RESULTS = [key_result(f"ce-o1-kr{n}", indicator) for n, indicator in enumerate(TICKETS, 1)]


@pytest.fixture(autouse=True)
def put(in_force: InForce) -> None:
    in_force(catalogue([*TICKETS, GOODS], KEY_RESULTS))


@pytest.fixture
def few(store: Store, clock: ManualClock) -> Callable[[int], list[Claim]]:
    """Claims at most so many of Jira's scopes."""

    def take(most: int) -> list[Claim]:
        return claim_due(
            store, now=clock.now(), room={"jira": most}, lease_seconds=60, full_every_seconds=1e9
        )

    return take


@pytest.fixture
def fail(store: Store, clock: ManualClock) -> Callable[..., None]:
    def do(*claims: Claim, error: UpstreamError = DOWN) -> None:
        for one in claims:
            record_failure(store, one, error, now=clock.now())

    return do


@pytest.fixture
def answer(store: Store, clock: ManualClock) -> Callable[[Claim], None]:
    def do(claim: Claim) -> None:
        publish_number(store, claim, Number(1.0, clock.now()), now=clock.now())

    return do


def state(store: Store, now: datetime) -> CircuitState:
    with store.read() as connection:
        found = circuits_at(connection, now).get("jira")
    return CircuitState.CLOSED if found is None else found.state


def retry_in(store: Store, now: datetime) -> timedelta:
    with store.read() as connection:
        retry_at = circuits_at(connection, now)["jira"].retry_at
    assert retry_at is not None
    return retry_at - now


def sources_of(claims: list[Claim]) -> list[str]:
    return sorted(claim.source for claim in claims)


def test_so_many_failures_in_a_row_open_it_and_one_fewer_do_not(
    store: Store,
    clock: ManualClock,
    few: Callable[[int], list[Claim]],
    fail: Callable[..., None],
) -> None:
    fail(*few(FAILURES - 1))
    before = state(store, clock.now())

    fail(*few(1))

    assert (before, state(store, clock.now())) == (CircuitState.CLOSED, CircuitState.OPEN)


def test_while_it_is_open_nothing_is_asked_of_this_source_and_everything_of_others(
    clock: ManualClock,
    few: Callable[[int], list[Claim]],
    claim: Claims,
    fail: Callable[..., None],
) -> None:
    fail(*few(FAILURES))
    clock.advance(seconds=FIRST_WAIT.total_seconds() - 1)

    assert sources_of(claim()) == ["prometheus"]


def test_what_was_not_asked_fails_for_the_same_reason(
    store: Store,
    clock: ManualClock,
    few: Callable[[int], list[Claim]],
    claim: Claims,
    fail: Callable[..., None],
) -> None:
    fail(*few(FAILURES))
    claim()
    clock.advance(hours=2)
    assess_all(store, clock)

    with store.read() as connection:
        (source,) = [one for one in read.sources(connection) if one.name == "jira"]
        told = [view.assessment for view in read.key_result_views(connection)]
    assert (source.scopes, source.failing) == (6, 6)
    assert source.error_message == str(DOWN)
    assert {one.error_type for one in told if one} == {"server_error"}
    assert {one.status for one in told if one} == {Status.NO_DATA}


def test_when_its_time_has_come_one_run_is_let_through(
    store: Store,
    clock: ManualClock,
    few: Callable[[int], list[Claim]],
    claim: Claims,
    fail: Callable[..., None],
) -> None:
    fail(*few(FAILURES))
    claim()
    clock.advance(minutes=10)

    probe = few(10)

    assert len(probe) == 1
    assert state(store, clock.now()) is CircuitState.HALF_OPEN
    assert few(10) == []


def test_a_source_that_still_fails_is_left_alone_twice_as_long_up_to_a_bound(
    store: Store, clock: ManualClock, few: Callable[[int], list[Claim]], fail: Callable[..., None]
) -> None:
    fail(*few(FAILURES))
    waits = [retry_in(store, clock.now())]
    for _ in range(7):
        clock.advance(hours=2)
        fail(*few(10))
        waits.append(retry_in(store, clock.now()))

    assert waits[:3] == [FIRST_WAIT, FIRST_WAIT * 2, FIRST_WAIT * 4]
    assert waits[-2:] == [LONGEST_WAIT, LONGEST_WAIT]


def test_a_source_that_answers_again_is_asked_for_all_that_failed_at_once(
    store: Store,
    clock: ManualClock,
    few: Callable[[int], list[Claim]],
    claim: Claims,
    fail: Callable[..., None],
    answer: Callable[[Claim], None],
) -> None:
    fail(*few(FAILURES))
    claim()
    clock.advance(minutes=10)

    answer(few(10)[0])

    assert state(store, clock.now()) is CircuitState.CLOSED
    assert len(few(10)) == 5


def test_an_answer_between_failures_begins_the_count_anew(
    store: Store,
    clock: ManualClock,
    few: Callable[[int], list[Claim]],
    fail: Callable[..., None],
    answer: Callable[[Claim], None],
) -> None:
    claims = few(6)
    fail(*claims[:2])
    answer(claims[2])
    fail(*claims[3:5])

    assert state(store, clock.now()) is CircuitState.CLOSED


def test_a_refused_query_is_an_answer_of_the_source(
    store: Store, clock: ManualClock, few: Callable[[int], list[Claim]], fail: Callable[..., None]
) -> None:
    fail(*few(6), error=QueryRefused("jira: the query was refused (400)"))

    assert state(store, clock.now()) is CircuitState.CLOSED


def test_runs_that_were_under_way_when_it_opened_do_not_make_it_wait_longer(
    store: Store, clock: ManualClock, few: Callable[[int], list[Claim]], fail: Callable[..., None]
) -> None:
    fail(*few(6), error=TimedOut("jira: no answer within 30 s"))

    assert retry_in(store, clock.now()) == FIRST_WAIT


def test_a_source_that_asks_for_more_time_gets_it(
    store: Store, clock: ManualClock, few: Callable[[int], list[Claim]], fail: Callable[..., None]
) -> None:
    fail(*few(FAILURES), error=RateLimited("jira: slower", retry_after_seconds=3600.0))

    assert retry_in(store, clock.now()) == timedelta(hours=1)


def test_a_probe_that_is_given_back_leaves_the_place_to_another(
    store: Store, clock: ManualClock, few: Callable[[int], list[Claim]], fail: Callable[..., None]
) -> None:
    fail(*few(FAILURES))
    clock.advance(minutes=10)
    (probe,) = few(10)

    release(store, probe, now=clock.now())

    assert len(few(10)) == 1


def test_a_probe_whose_worker_died_is_given_up_with_its_lease(
    clock: ManualClock, few: Callable[[int], list[Claim]], fail: Callable[..., None]
) -> None:
    fail(*few(FAILURES))
    clock.advance(minutes=10)
    few(10)
    clock.advance(minutes=10)

    assert len(few(10)) == 1
