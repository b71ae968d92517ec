"""Numbers combined, between publishing and assessing, by one process and by several."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
import sqlalchemy as sa

from connectors.base import Number
from syncd.clock import ManualClock
from syncd.model import GOOD, Combining, Indicator, Target, TargetType
from syncd.store import read
from syncd.store.claims import claim_whole
from syncd.store.composing import compose
from syncd.store.engine import Store
from syncd.store.manual import record_manual
from syncd.store.publish import begin, publish_number, publish_scan
from syncd.store.schema import indicators
from tests.store.catalogues import (
    START,
    Answer,
    by_hand,
    catalogue,
    combined,
    holds,
    key_result,
    numbered,
    scanned,
)
from tests.store.composing.world import (
    ACTIVE,
    BOARD,
    COVERED,
    InForce,
    evidence_of_the_only_one,
    scope_of,
    told,
    value,
    view,
)
from tests.store.conftest import Fill
from tests.store.state import assess_all, waits_for_a_lock
from tests.store.test_publish import COMPLETE


class TestCombinations:
    def test_of_compositions_are_made_parts_first(
        self, store: Store, clock: ManualClock, in_force: InForce, fill: Fill
    ) -> None:
        goods = numbered("goods")
        lowest = combined("lowest", Combining.MINIMUM, COVERED, goods)
        twice = combined("twice", Combining.SUM, lowest, lowest)
        # put in force in the wrong order, whatever the fingerprints are
        in_force(catalogue([twice, lowest, goods, COVERED, BOARD, ACTIVE], []))
        fill(ACTIVE, [holds("1", "a"), holds("2", "b")])
        fill(BOARD, [holds("t", "a")])
        give(store, clock, 0.75)

        compose(store, now=clock.now())

        assert value(store, "lowest") == 0.5
        assert value(store, "twice") == 1.0

        give(store, clock, 0.25)
        compose(store, now=clock.now())

        assert value(store, "twice") == 0.5, "a part of a part has changed"

    def test_with_a_number_that_a_person_gives_grow_stale_when_the_first_part_does(
        self, store: Store, clock: ManualClock, in_force: InForce
    ) -> None:
        goods, said = numbered("goods"), by_hand("said", stale_after=timedelta(days=14))
        total = combined("total", Combining.SUM, goods, said)
        in_force(catalogue([goods, said, total], [key_result("a-1", total, target=AT_LEAST_ONE)]))
        record_manual(
            store, "said", 2.0, note=None, by="lead", at=START - timedelta(days=3), now=clock.now()
        )
        give(store, clock, 1.0)
        compose(store, now=clock.now())
        assess_all(store, clock)

        assert told(store) in GOOD
        evidence = evidence_of_the_only_one(store, clock)
        assert evidence.reading is not None
        assert evidence.reading.observed_at == START - timedelta(days=3)
        assert (
            evidence.stale_after_seconds == (timedelta(days=3) + timedelta(hours=1)).total_seconds()
        )

    def test_a_changed_one_is_told_when_it_has_a_reading(
        self, store: Store, clock: ManualClock, in_force: InForce
    ) -> None:
        goods, more = numbered("goods"), numbered("more", query="more")
        before = combined("total", Combining.SUM, goods, goods)
        in_force(catalogue([goods, before], [key_result("a-1", before)]))
        give(store, clock, 2.0)
        compose(store, now=clock.now())
        after = combined("total", Combining.SUM, goods, more)

        in_force(catalogue([goods, more, after], [key_result("a-1", after)]))
        compose(store, now=clock.now())
        with store.read() as connection:
            (waiting,) = read.key_result_views(connection)
        give(store, clock, 3.0)
        compose(store, now=clock.now())
        with store.read() as connection:
            (there,) = read.key_result_views(connection)

        assert waiting.previous_definition
        assert waiting.indicator.reading is not None
        assert waiting.indicator.reading.value == 4.0
        assert not there.previous_definition
        assert there.indicator.reading is not None
        assert there.indicator.reading.value == 6.0


AT_LEAST_ONE = Target(TargetType.AT_LEAST, goal=1.0)


def give(store: Store, clock: ManualClock, number: float) -> None:
    """All numbers read this value now."""
    with store.read() as connection:
        fingerprints = [
            row.fingerprint
            for row in connection.execute(
                sa.text("SELECT fingerprint FROM scopes WHERE kind = 'number' AND active")
            )
        ]
    for fingerprint in fingerprints:
        claim = claim_whole(store, fingerprint, now=clock.now(), lease_seconds=60)
        assert claim is not None
        publish_number(store, claim, Number(number, clock.now()), now=clock.now())


class Finisher(threading.Thread):
    """A replica that has read a side, and publishes and composes when the other one does too."""

    def __init__(
        self,
        replica: Store,
        clock: ManualClock,
        start: threading.Barrier,
        side: Indicator,
        keys: list[str],
    ) -> None:
        super().__init__()
        self.failure: BaseException | None = None
        self._replica = replica
        self._clock = clock
        self._start = start
        self._side = side
        self._last = Answer([holds(key, key) for key in keys]).last()

    def run(self) -> None:
        now = self._clock.now()
        try:
            claim = claim_whole(self._replica, scope_of(self._side), now=now, lease_seconds=60)
            assert claim is not None
            begin(self._replica, claim)
            self._start.wait(timeout=30)
            publish_scan(self._replica, claim, (COMPLETE,), self._last, observed_at=now, now=now)
            compose(self._replica, now=now)
        except BaseException as error:  # noqa: BLE001  told by the test
            self.failure = error


class TestReplicas:
    """Two of them finish the two sides of one coverage at the same moment."""

    @pytest.fixture
    def another(self, store_url: str) -> Iterator[Store]:
        opened = Store(store_url)
        yield opened
        opened.close()

    @pytest.mark.usefixtures("covered")
    def test_do_not_miss_each_others_side(
        self, store: Store, another: Store, clock: ManualClock
    ) -> None:
        for turn in range(12):
            keys = [f"{turn}-{n}" for n in range(4)]
            start = threading.Barrier(2)
            both = [
                Finisher(store, clock, start, ACTIVE, keys),
                Finisher(another, clock, start, BOARD, keys[: turn % 4]),
            ]
            for one in both:
                one.start()
            for one in both:
                one.join()

            failures = [one.failure for one in both if one.failure is not None]
            assert failures == []
            found = view(store, "covered")
            newest = found.partial or found.reading
            assert newest is not None, f"turn {turn}"
            assert newest.numerator == turn % 4, f"turn {turn}"
            clock.advance(minutes=5)

    @pytest.mark.usefixtures("covered")
    @pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)  # SQLite has one writer
    def test_a_side_published_while_another_composes_is_composed_after(
        self, store: Store, another: Store, clock: ManualClock, fill: Fill
    ) -> None:
        fill(ACTIVE, [holds("1", "a")])
        fill(BOARD, [])
        compose(store, now=clock.now())
        publisher = threading.Thread(target=fill, args=(BOARD, [holds("t", "a")]))

        with composing_by_hand(another) as has_locked:
            assert has_locked
            publisher.start()
            waits_for_a_lock(store)
        publisher.join()

        assert compose(store, now=clock.now()) == 1
        assert value(store, "covered") == 1.0


@contextmanager
def composing_by_hand(replica: Store) -> Iterator[bool]:
    """A composing transaction that has locked the coverage, and takes its time."""
    with replica.write() as connection:
        mine = sa.select(indicators).where(indicators.c.fingerprint == COVERED.fingerprint)
        row = connection.execute(replica.locked(mine)).one()
        yield row is not None
        connection.execute(
            sa.update(indicators)
            .where(indicators.c.fingerprint == COVERED.fingerprint)
            .values(dirty=False)
        )


def test_a_measured_indicator_is_never_composed(
    store: Store, clock: ManualClock, in_force: InForce, fill: Fill
) -> None:
    plain, said = scanned("plain"), by_hand("said")
    in_force(catalogue([plain, said], []))
    fill(plain, [])

    assert compose(store, now=clock.now()) == 0
