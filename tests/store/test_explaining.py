"""Where a number comes from: query, objects, parts, both missing lists, cost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from connectors.base import Aggregation, Batch, Outcome, TimedOut, judge_fingerprint
from syncd.clock import ManualClock
from syncd.model import Catalogue, Combining, Indicator
from syncd.store.claims import Claim
from syncd.store.composing import compose
from syncd.store.engine import Store
from syncd.store.explaining import Explanation, explain, find, names
from syncd.store.manual import record_manual
from syncd.store.objects import ObjectPage, objects_page
from syncd.store.publish import Cost, begin, publish_scan, record_failure
from tests.store.catalogues import (
    START,
    Named,
    by_hand,
    catalogue,
    combined,
    covering,
    holds,
    judged,
    key_result,
    keyed,
    scanned,
)
from tests.store.conftest import Fill

InForce = Callable[[Catalogue], None]
Claims = Callable[[], list[Claim]]

DEVICES = scanned("completeness")
ACTIVE = keyed("active", scope="clusters")
BOARD = keyed("board", scope="tickets", source="jira")
COVERED = covering("covered", ACTIVE, BOARD, normalise=("lower",))


def explained(
    store: Store, indicator: Indicator, clock: ManualClock, **more: object
) -> Explanation:
    with store.read() as connection:
        found = explain(connection, indicator.fingerprint, now=clock.now(), **more)  # type: ignore[arg-type]
    assert found is not None
    return found


def listed(store: Store, clock: ManualClock, **more: object) -> ObjectPage:
    options = {"outcome": Outcome.FAIL, "now": clock.now()} | more
    with store.read() as connection:
        return objects_page(connection, DEVICES.fingerprint, **options)  # type: ignore[arg-type]


class TestFinding:
    @pytest.fixture(autouse=True)
    def some(self, in_force: InForce) -> None:
        unnamed = scanned("x", scope="racks")
        unnamed = type(unnamed)(**{**vars(unnamed), "name": None})
        in_force(catalogue([DEVICES, unnamed], [key_result("dcim-o1-kr2", unnamed)]))

    def test_by_name_fingerprint_or_the_key_result_that_reads_it(self, store: Store) -> None:
        with store.read() as connection:
            assert find(connection, "completeness", START) == DEVICES.fingerprint
            assert find(connection, DEVICES.fingerprint, START) == DEVICES.fingerprint
            assert find(connection, "dcim-o1-kr2", START) == scanned("x", scope="racks").fingerprint
            assert find(connection, "nobody", START) is None

    def test_all_words_are_listed(self, store: Store) -> None:
        with store.read() as connection:
            assert names(connection) == ["completeness", "dcim-o1-kr2"]


class TestAScan:
    @pytest.fixture(autouse=True)
    def filled(self, store: Store, clock: ManualClock, in_force: InForce, claim: Claims) -> None:
        in_force(catalogue([DEVICES], [key_result("dcim-o1-kr1", DEVICES)]))
        (one,) = claim()
        begin(store, one)
        found = judged(clock.now(), passing=["1"], failing=[f"2{n}" for n in range(5)])
        publish_scan(
            store,
            one,
            [judge_fingerprint(Named("complete"))],
            Batch((tuple(found),), cursor={}),
            observed_at=clock.now(),
            now=clock.now(),
            cost=Cost(2.5, 3, 4096),
        )

    def test_tells_its_query_value_counts_and_cost(self, store: Store, clock: ManualClock) -> None:
        found = explained(store, DEVICES, clock)

        assert found.query == {"objects": "devices"}
        assert found.indicator.link == "https://netbox.example.org/?q"
        assert found.reading is not None
        assert found.reading.value == pytest.approx(1 / 6)
        assert found.counts == {Outcome.PASS: 1, Outcome.FAIL: 5, Outcome.PENDING: 0}
        assert found.lacks == (("serial", 5),)
        assert found.cost == Cost(2.5, 3, 4096)
        assert found.known

    def test_lists_objects_page_by_page(self, store: Store, clock: ManualClock) -> None:
        pages = [listed(store, clock, limit=2, offset=offset) for offset in (0, 2, 4)]

        assert [one.object_id for page in pages for one in page.objects] == [
            "20",
            "21",
            "22",
            "23",
            "24",
        ]
        assert {page.total for page in pages} == {5}
        first = pages[0].objects[0]
        assert (first.label, first.missing, first.since) == ("device 20", ("serial",), START)
        assert first.url == "https://netbox.example.org/20"

    def test_lists_those_that_lack_something_or_are_called_so(
        self, store: Store, clock: ManualClock
    ) -> None:
        assert listed(store, clock, lacks="serial").total == 5
        assert listed(store, clock, lacks="seria").total == 0
        assert [one.label for one in listed(store, clock, called="DEVICE 21").objects] == [
            "device 21"
        ]
        assert listed(store, clock, called="device_21").total == 0

    def test_lists_objects_of_any_outcome(self, store: Store, clock: ManualClock) -> None:
        assert listed(store, clock, outcome=None).total == 6
        assert listed(store, clock, outcome=Outcome.PENDING).total == 0

    def test_knows_nothing_of_what_was_before(self, store: Store, clock: ManualClock) -> None:
        before = START - timedelta(days=1)

        found = explained(store, DEVICES, clock, at=before)

        assert not found.known
        assert found.known_since == START
        assert (found.reading, found.counts, found.lacks) == (None, {}, ())
        assert listed(store, clock, at=before) == ObjectPage((), 0)

    def test_tells_a_moment_of_the_past_as_it_was(
        self, store: Store, clock: ManualClock, fill: Fill
    ) -> None:
        clock.advance(days=1)
        fill(DEVICES, judged(clock.now(), passing=["1", "20", "21", "22", "23", "24"]))

        now, then = (
            explained(store, DEVICES, clock, at=at) for at in (None, START + timedelta(hours=1))
        )

        assert now.reading is not None
        assert then.reading is not None
        assert now.reading.value == 1.0
        assert then.reading.value == pytest.approx(1 / 6)
        assert then.counts[Outcome.FAIL] == 5
        assert now.counts[Outcome.FAIL] == 0

    def test_is_told_as_of_its_last_success_while_it_fails(
        self, store: Store, clock: ManualClock, claim: Claims
    ) -> None:
        clock.advance(hours=1)
        (one,) = claim()
        record_failure(store, one, TimedOut("netbox: no answer"), now=clock.now())

        found = explained(store, DEVICES, clock)

        assert found.at == START
        assert found.indicator.error_message == "netbox: no answer"


class TestACoverage:
    @pytest.fixture(autouse=True)
    def filled(self, store: Store, clock: ManualClock, in_force: InForce, fill: Fill) -> None:
        in_force(catalogue([ACTIVE, BOARD, COVERED], []))
        fill(ACTIVE, [holds("1", "A"), holds("2", "b"), holds("3", "c"), holds("4", "a")])
        fill(BOARD, [holds("t", "b", "x"), holds("u", "c", outcome=Outcome.FAIL)])
        compose(store, now=clock.now())

    def test_lists_what_is_missing_both_ways_and_what_is_held_twice(
        self, store: Store, clock: ManualClock
    ) -> None:
        found = explained(store, COVERED, clock).coverage

        assert found is not None
        assert (found.of, found.inside) == ("active", "board")
        assert [key.key for key in found.missing] == ["a", "c"]
        assert [holder.object_id for holder in found.missing[1].inside] == ["u"], "there, and fails"
        assert [key.key for key in found.extra] == ["x"]
        assert [key.key for key in found.twice_of] == ["a"]
        assert found.twice_inside == ()

    def test_shows_its_parts_with_their_own_age(self, store: Store, clock: ManualClock) -> None:
        parts = explained(store, COVERED, clock).parts

        assert [(part.indicator.name, part.role, part.value) for part in parts] == [
            ("active", "of", 4.0),
            ("board", "in", 2.0),
        ]

    def test_says_nothing_of_what_was_before(self, store: Store, clock: ManualClock) -> None:
        found = explained(store, COVERED, clock, at=START - timedelta(days=1))

        assert found.coverage is not None
        assert found.coverage.missing == ()
        assert found.reading is None


class TestACombination:
    def test_shows_each_part_with_its_value(
        self, store: Store, clock: ManualClock, in_force: InForce
    ) -> None:
        one, other = by_hand("one"), by_hand("other")
        ratio = combined("ratio", Combining.RATIO, one, other)
        in_force(catalogue([one, other, ratio], []))
        record_manual(store, "one", 3.0, note=None, by="x", at=clock.now(), now=clock.now())

        parts = explained(store, ratio, clock).parts

        assert [(part.indicator.name, part.role, part.value) for part in parts] == [
            ("one", "of", 3.0),
            ("other", "over", None),
        ]

    def test_has_neither_query_nor_cost(
        self, store: Store, clock: ManualClock, in_force: InForce
    ) -> None:
        said = by_hand("one")
        in_force(catalogue([said], []))

        found = explained(store, said, clock)

        assert (found.query, found.cost, found.indicator.kind) == (None, None, "manual")


def test_a_fixed_indicator_is_explained_at_its_own_moment(
    store: Store, clock: ManualClock, in_force: InForce, fill: Fill
) -> None:
    moment = START - timedelta(days=9)
    fixed = scanned("then", how=Aggregation.COUNT, retrospective=True, at=moment)
    in_force(catalogue([fixed], []))
    fill(fixed, [holds("1", since=moment - timedelta(days=1)), holds("2", since=START)])

    found = explained(store, fixed, clock)

    assert found.at == moment
    assert found.counts[Outcome.PASS] == 1
