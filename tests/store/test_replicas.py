"""Several workers on one PostgreSQL: what one of them has, the others leave to it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from connectors.base import Turn
from connectors.transport.pace import SharedPace
from syncd.clock import ManualClock
from syncd.judging import judge_due
from syncd.measuring import RunReport
from syncd.model import Catalogue
from syncd.store import read
from syncd.store.claims import Claim, claim_due, release
from syncd.store.clock import clock_of
from syncd.store.engine import Store
from syncd.store.leases import Leases, renew
from syncd.store.rates import SharedRates
from syncd.store.schema import key_results, scopes
from syncd.worker import Worker, WorkerSettings
from tests.peers.postgres import Postgres
from tests.store.catalogues import catalogue, key_result, numbered
from tests.store.upstream import Upstream
from tests.waiting import until

SECONDS = 30.0
RATE = 40.0


@pytest.fixture
def store_url(postgres: Postgres, made_once: str) -> str:
    return postgres.create_database(template=made_once)


@pytest.fixture
def another(store_url: str) -> Iterator[Store]:
    """The same store, as another replica has it."""
    opened = Store(store_url)
    yield opened
    opened.close()


def due(store: Store, clock: ManualClock, *, room: int = 9, at_once: int | None = None) -> int:
    """How many scopes it claims."""
    return len(claims(store, clock, room=room, at_once=at_once))


def claims(
    store: Store, clock: ManualClock, *, room: int = 9, at_once: int | None = None
) -> list[Claim]:
    return claim_due(
        store,
        now=clock.now(),
        room={"prometheus": room},
        lease_seconds=60,
        full_every_seconds=86_400,
        at_once=None if at_once is None else {"prometheus": at_once},
    )


@pytest.fixture
def six(in_force: Callable[[Catalogue], None]) -> None:
    in_force(catalogue([numbered(f"n{one}", query=f"up{one}") for one in range(6)], []))


@pytest.mark.usefixtures("six")
class TestClaims:
    def test_there_are_no_more_runs_of_a_source_at_once_than_it_is_asked_with_at_most(
        self, store: Store, another: Store, clock: ManualClock
    ) -> None:
        assert due(store, clock, room=3, at_once=4) == 3
        assert due(another, clock, room=3, at_once=4) == 1
        assert due(store, clock, room=3, at_once=4) == 0

    def test_what_a_dead_worker_had_returns_with_the_end_of_its_lease(
        self, store: Store, another: Store, clock: ManualClock
    ) -> None:
        due(store, clock, at_once=4)
        clock.advance(seconds=59)
        assert due(another, clock, at_once=4) == 0

        clock.advance(seconds=1)

        assert due(another, clock, at_once=4) == 4

    def test_two_that_claim_at_the_same_moment_count_each_other(
        self, store: Store, another: Store, clock: ManualClock
    ) -> None:
        taken = []
        start = threading.Barrier(2)

        def claim(replica: Store) -> None:
            start.wait(SECONDS)
            taken.append(due(replica, clock, at_once=4))

        threads = [threading.Thread(target=claim, args=(one,)) for one in (store, another)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()

        assert sum(taken) == 4

    def test_a_lease_that_is_renewed_is_nobody_elses(
        self, store: Store, another: Store, clock: ManualClock
    ) -> None:
        held = claims(store, clock)
        release(store, held[0], now=clock.now())
        clock.advance(seconds=50)

        until = clock.now() + timedelta(seconds=60)
        renewed = renew(store, [one.token for one in held], until=until)
        clock.advance(seconds=50)

        assert renewed == {one.token for one in held[1:]}
        assert due(another, clock) == 1


class Quiet:
    def ran(self, report: RunReport) -> None:
        pass

    def turned(self, seconds: float) -> None:
        pass


class TestALongRun:
    """One that takes longer than the lease it began with."""

    def test_is_not_taken_over_while_its_worker_lives(
        self,
        store: Store,
        another: Store,
        clock: ManualClock,
        in_force: Callable[[Catalogue], None],
    ) -> None:
        wanted = catalogue([numbered("goods")], [])
        in_force(wanted)
        go_on, asked = threading.Event(), []

        def slowly(moment: datetime) -> float:
            asked.append(moment)
            go_on.wait(SECONDS)
            return 1.0

        upstream = Upstream(number=slowly)
        settings = WorkerSettings(lease_seconds=1.0)
        workers = []
        for replica in (store, another):
            made = Worker(
                replica, clock, {"prometheus": upstream}, observer=Quiet(), settings=settings
            )
            made.work_on(wanted)
            workers.append(made)
        try:
            workers[0].step()
            for _ in range(3):
                clock.advance(seconds=0.9)
                until(lambda: lease_until(another) == clock.now() + timedelta(seconds=1))
                workers[1].step()
            go_on.set()
        finally:
            for one in workers:
                one.close()

        assert len(asked) == 1
        with store.read() as connection:
            (view,) = read.indicator_views(connection)
        assert view.reading is not None


def lease_until(store: Store) -> datetime | None:
    with store.read() as connection:
        found: datetime | None = connection.execute(sa.select(scopes.c.lease_until)).scalar_one()
    return found


def test_a_lease_that_cannot_be_renewed_ends_by_itself(store: Store, clock: ManualClock) -> None:
    claim = Claim(
        scope_id=1,
        fingerprint="f",
        source="prometheus",
        kind="number",
        token="t",
        lease_until=clock.now() + timedelta(seconds=1.5),
        interval_seconds=60.0,
        sets={},
        cursor=None,
        resume=None,
    )

    with Leases(store, clock, seconds=0.8).kept(claim, most_seconds=0) as lease:
        held = lease.holds()
        until(lambda: not lease.holds())

    assert held


class TestAssessing:
    @pytest.fixture(autouse=True)
    def chain(self, in_force: Callable[[Catalogue], None]) -> None:
        goods = numbered("goods")
        in_force(
            catalogue(
                [goods],
                [
                    key_result("c-o1-kr1", goods, needs=("b-o1-kr1",)),
                    key_result("b-o1-kr1", goods, needs=("a-o1-kr1",)),
                    key_result("a-o1-kr1", goods),
                    key_result("alone-o1-kr1", goods),
                ],
            )
        )

    def test_leaves_what_another_has_and_what_that_follows_from_to_it(
        self, store: Store, another: Store, clock: ManualClock
    ) -> None:
        key = key_results.c.id
        with another.write() as connection:
            mine = sa.select(key).where(key == "b-o1-kr1")
            connection.execute(another.locked(mine)).all()
            meanwhile = judge_due(store, now=clock.now())
            told = judged_at(store)
        after = judge_due(store, now=clock.now())

        assert meanwhile == 2
        assert sorted(told) == ["alone-o1-kr1", "c-o1-kr1"], "c follows from b, not b from c"
        assert after == 3, "c again, because it follows from what was left"
        assert judge_due(another, now=clock.now()) == 0


def judged_at(store: Store) -> list[str]:
    with store.read() as connection:
        return [
            view.key_result.id
            for view in read.key_result_views(connection)
            if view.assessment is not None
        ]


@dataclass
class Counting:
    """Rates that are shared, and how often they were asked for turns."""

    rates: SharedRates
    asked: int = 0

    def reserve(self, source: str, rate_per_second: float, count: int) -> Sequence[Turn]:
        self.asked += 1
        return self.rates.reserve(source, rate_per_second, count)


class TestRates:
    def test_of_one_source_hold_for_all_who_ask_it(self, store: Store, another: Store) -> None:
        began = time.monotonic()
        paces = [SharedPace("netbox", RATE, SharedRates(one)) for one in (store, another)]
        turns: list[Turn] = []

        def ask(pace: SharedPace) -> None:
            turns.extend(pace.take(SECONDS) for _ in range(int(RATE)))

        threads = [threading.Thread(target=ask, args=(one,)) for one in paces for _ in range(2)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()

        comes = sorted(turn.comes_at - began for turn in turns)
        assert all(n + 1 <= RATE * (at + 1.0) + 1 for n, at in enumerate(comes))
        assert comes[-1] < 5.0, "and nothing of them is lost"

    def test_turns_are_fetched_several_at_a_time_by_who_asks_far_below_the_rate(
        self, store: Store
    ) -> None:
        counting = Counting(SharedRates(store))
        pace = SharedPace("netbox", 1000.0, counting)

        for _ in range(60):
            pace.take(SECONDS)
            time.sleep(0.005)

        assert counting.asked < 30

    def test_of_two_sources_are_apart(self, store: Store) -> None:
        rates = SharedRates(store)
        rates.reserve("netbox", 1.0, 100)

        (turn,) = rates.reserve("jira", 1.0, 1)

        assert turn.comes_at <= time.monotonic()

    def test_a_turn_passes_soon(self, store: Store) -> None:
        (turn,) = SharedRates(store).reserve("netbox", 10.0, 1)

        assert turn.passes_at - turn.comes_at <= 1.0


def test_the_time_is_the_servers(store: Store, postgres: Postgres) -> None:
    clock = clock_of(store)

    ((told,),) = postgres.execute("SELECT clock_timestamp()")

    assert abs((clock.now() - told).total_seconds()) < 5.0
    assert clock.now().tzinfo is UTC
