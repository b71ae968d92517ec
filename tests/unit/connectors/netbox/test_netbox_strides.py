"""Long lists are read in strides over their ids, two at once; nothing is lost or read twice by it."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from datetime import timedelta
from typing import cast

import pytest

from connectors.base import Batch
from connectors.netbox.api import LIGHT_PAGE as PAGE
from connectors.transport.meter import metered
from tests.contract.faultserver import FaultServer, Reply, Request
from tests.unit.connectors.netbox.stand_in import DEVICES, NOW, StandIn, Watcher, watching

COMPLETE = {
    "measure": "netbox.completeness",
    "endpoint": "dcim.devices",
    "required": [{"fields": ["serial"]}],
}
MANY = 3 * PAGE + 7


def dense(chance: random.Random) -> list[int]:
    return list(range(1, MANY + 1))


def sparse(chance: random.Random) -> list[int]:
    return sorted(chance.sample(range(1, 90_000), MANY))


def in_heaps(chance: random.Random) -> list[int]:
    """All but two in the first hundredth of the ids that there are."""
    return [1, *range(4_000, 4_000 + MANY - 2), 900_000]


class Watched(StandIn):
    """Counts lists of devices, and those that end their connection, and does something at each."""

    def __init__(self) -> None:
        super().__init__()
        self.lists_asked = 0
        self.parted = 0
        self.then: Callable[[int], object] = str
        self._counting = threading.Lock()

    def __call__(self, request: Request) -> Reply:
        if request.path == DEVICES and int(request.query["limit"][0]) > 1:
            with self._counting:
                self.lists_asked += 1
                self.parted += request.headers.get("connection") == "close"
                number = self.lists_asked
            self.then(number)
        return super().__call__(request)

    def fill(self, numbers: list[int]) -> None:
        self.device(0)
        (pattern,) = self.lists[DEVICES]
        self.lists[DEVICES] = [{**pattern, "id": number} for number in numbers]


@pytest.fixture
def upstream() -> Watched:
    return Watched()


@pytest.fixture
def watcher(upstream: Watched) -> Iterator[Watcher]:
    with FaultServer(upstream) as running:
        watched = watching(running.url, COMPLETE)
        yield watched
        watched.session.close()


def text(numbers: list[int]) -> list[str]:
    return [str(number) for number in numbers]


@pytest.mark.parametrize("version", ["4.7", "4.5", "4.0"])
@pytest.mark.parametrize("spread", [dense, sparse, in_heaps])
def test_every_object_is_read_once_in_the_order_of_the_ids(
    upstream: Watched, watcher: Watcher, version: str, spread: Callable[[random.Random], list[int]]
) -> None:
    numbers = spread(random.Random(1))
    upstream.version = version
    upstream.fill(numbers)

    assert watcher.turn() == text(numbers)


def test_two_pages_are_asked_for_at_once(upstream: Watched, watcher: Watcher) -> None:
    upstream.fill(dense(random.Random(1)))
    both_are_there = threading.Barrier(2, timeout=20)
    upstream.then = lambda number: number > 2 or both_are_there.wait()

    watcher.turn()

    assert not both_are_there.broken


@pytest.mark.parametrize("spread", [dense, sparse])
def test_no_more_pages_are_asked_for_than_a_walk_takes_by_a_few(
    upstream: Watched, watcher: Watcher, spread: Callable[[random.Random], list[int]]
) -> None:
    upstream.promises = True
    upstream.fill(spread(random.Random(1)))

    watcher.turn()

    assert upstream.lists_asked <= -(-MANY // PAGE) + 2


def test_connections_end_now_and_then_lest_one_worker_reads_it_all(
    upstream: Watched, watcher: Watcher
) -> None:
    upstream.fill(list(range(1, 8 * PAGE)))

    watcher.turn()

    assert (upstream.lists_asked, upstream.parted) == (8, 2)


def test_what_is_asked_beside_is_counted_for_the_run(upstream: Watched, watcher: Watcher) -> None:
    upstream.fill(dense(random.Random(1)))

    with metered() as meter:
        watcher.turn()

    assert meter.requests == len(watcher.asked)


def test_a_server_that_knows_no_upper_bound_is_read_once_all_the_same(
    upstream: Watched, watcher: Watcher
) -> None:
    numbers = sparse(random.Random(2))
    upstream.ignored = {"id__lte"}
    upstream.fill(numbers)

    assert watcher.turn() == text(numbers)


def test_a_server_with_smaller_pages_is_read_once_all_the_same(
    upstream: Watched, watcher: Watcher
) -> None:
    numbers = sparse(random.Random(3))
    upstream.largest_page = 90
    upstream.fill(numbers)

    assert watcher.turn() == text(numbers)


def test_what_comes_and_goes_meanwhile_moves_nothing_else(
    upstream: Watched, watcher: Watcher
) -> None:
    numbers = dense(random.Random(1))
    upstream.fill(numbers)

    def move(asked: int) -> None:
        if asked == 3:  # when the first two are read
            rows = upstream.lists[DEVICES]
            newer = {**rows[0], "id": MANY + 5}
            upstream.lists[DEVICES] = [row for row in rows if row["id"] != MANY - 3] + [newer]

    upstream.then = move

    assert watcher.turn() == text([*(n for n in numbers if n != MANY - 3), MANY + 5])


def test_a_read_that_was_cut_goes_on_after_the_last_object(
    upstream: Watched, watcher: Watcher
) -> None:
    numbers = sparse(random.Random(4))
    upstream.fill(numbers)
    with closing(cast("Generator[Batch]", watcher.session.scan(watcher.job(NOW)))) as begun:
        first = next(batch for batch in begun if batch.resume is not None)

    rest = list(watcher.session.scan(watcher.job(NOW + timedelta(minutes=1), first.resume)))

    told = [line.object_id for batch in (first, *rest) for line in batch.timelines[0]]
    assert told == text(numbers)
    assert threading.active_count() < 20, "threads end with the read"
