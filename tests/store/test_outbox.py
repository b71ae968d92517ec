"""Letters: written with their events, claimed once, kept until delivered, given up and sent again."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from syncd.clock import ManualClock
from syncd.model import Event, EventKind
from syncd.store.engine import Store
from syncd.store.events import append_events
from syncd.store.outbox import (
    GONE,
    Bag,
    claim_letters,
    dead_letters,
    depths,
    failed,
    pause,
    postpone,
    register,
    send_again,
    settle,
)
from tests.store.catalogues import START

OPS = "webhook:ops"


@pytest.fixture
def ready(store: Store, clock: ManualClock) -> Store:
    register(store, [OPS], clock.now())
    return store


def tell(store: Store, *names: str) -> None:
    with store.write() as connection:
        append_events(
            connection,
            [Event(START, EventKind.SOURCE_FAILING, "x", name, "t", "timeout") for name in names],
        )


def claim(store: Store, clock: ManualClock, target: str = OPS, **more: object) -> Bag | None:
    options = {"most": 100, "lease_seconds": 60.0, "together": False, **more}
    return claim_letters(store, target, now=clock.now(), **options)  # type: ignore[arg-type]


def titles(bag: Bag | None) -> list[str]:
    return [] if bag is None else [letter.event.title for letter in bag.letters]


def waiting(store: Store, target: str = OPS) -> tuple[int, int]:
    with store.read() as connection:
        depth = depths(connection)[target]
    return depth.waiting, depth.dead


def test_a_letter_is_written_for_each_target_with_the_event(
    store: Store, clock: ManualClock
) -> None:
    tell(store, "before anybody listens")
    register(store, [OPS, "notify:lead"], clock.now())

    tell(store, "one", "two")

    assert titles(claim(store, clock)) == ["one", "two"]
    assert titles(claim(store, clock, "notify:lead")) == ["one", "two"]


def test_an_event_that_is_not_committed_has_no_letter(ready: Store, clock: ManualClock) -> None:
    with pytest.raises(ZeroDivisionError), ready.write() as connection:
        append_events(
            connection, [Event(START, EventKind.MISSED, "x", "never", "t", "date_passed")]
        )
        raise ZeroDivisionError

    assert waiting(ready) == (0, 0)


def test_a_letter_is_claimed_by_one_and_comes_back_when_its_holder_dies(
    ready: Store, clock: ManualClock
) -> None:
    tell(ready, "one")
    first = claim(ready, clock)

    meanwhile = claim(ready, clock)
    clock.advance(seconds=61)
    second = claim(ready, clock)

    assert (titles(first), titles(meanwhile), titles(second)) == (["one"], [], ["one"])
    assert first is not None
    settle(ready, first)
    assert waiting(ready) == (1, 0), "who lost its lease settles nothing"


def test_many_couriers_take_each_letter_once(ready: Store, clock: ManualClock) -> None:
    tell(ready, *(f"{n}" for n in range(40)))
    found: list[str] = []
    lock = threading.Lock()

    def work() -> None:
        while (bag := claim(ready, clock, most=3)) is not None:
            settle(ready, bag)
            with lock:
                found.extend(titles(bag))

    with ThreadPoolExecutor(4) as pool:
        for one in [pool.submit(work) for _ in range(4)]:
            one.result()

    assert sorted(found, key=int) == [f"{n}" for n in range(40)]
    assert waiting(ready) == (0, 0)


def test_a_failed_letter_waits_and_does_not_hold_up_the_others(
    ready: Store, clock: ManualClock
) -> None:
    tell(ready, "bad", "good")
    bag = claim(ready, clock, most=1)
    assert bag is not None

    failed(ready, bag, "answered 500", until=clock.now() + timedelta(seconds=10), now=clock.now())

    assert titles(claim(ready, clock)) == ["good"]
    clock.advance(seconds=10)
    again = claim(ready, clock)
    assert again is not None
    assert [(one.event.title, one.attempts) for one in again.letters] == [("bad", 1)]


def test_the_depth_says_what_fails_and_since_when_a_letter_could_be_sent(
    ready: Store, clock: ManualClock
) -> None:
    began = clock.now()
    tell(ready, "bad", "good")
    bag = claim(ready, clock, most=1)
    assert bag is not None
    failed(ready, bag, "answered 500", until=began + timedelta(seconds=10), now=began)
    other = claim(ready, clock)
    assert other is not None

    with ready.read() as connection:
        both = depths(connection)[OPS]
    settle(ready, other)
    with ready.read() as connection:
        one = depths(connection)[OPS]

    assert (both.waiting, both.failing) == (2, 1)
    assert (one.waiting, one.failing, one.due_at) == (1, 1, began + timedelta(seconds=10))


def test_nothing_is_sent_to_a_target_that_is_paused(ready: Store, clock: ManualClock) -> None:
    tell(ready, "one")
    pause(ready, OPS, until=clock.now() + timedelta(seconds=30))

    assert claim(ready, clock) is None
    clock.advance(seconds=30)
    assert titles(claim(ready, clock)) == ["one"]


def test_what_waits_comes_together_where_it_is_sent_as_one(
    ready: Store, clock: ManualClock
) -> None:
    tell(ready, "first")
    bag = claim(ready, clock, together=True)
    assert bag is not None
    postpone(ready, bag, until=clock.now() + timedelta(hours=1))
    nothing = claim(ready, clock, together=True)
    clock.advance(hours=1)
    tell(ready, "second")

    both = claim(ready, clock, together=True)

    assert nothing is None
    assert titles(both) == ["first", "second"]


def test_a_dead_letter_is_listed_and_sent_again(ready: Store, clock: ManualClock) -> None:
    tell(ready, "one", "two")
    bag = claim(ready, clock)
    assert bag is not None
    failed(ready, bag, "answered 410", until=None, now=clock.now())

    with ready.read() as connection:
        dead = dead_letters(connection, OPS)
    assert [(one.event.title, one.attempts, one.error) for one in dead] == [
        ("one", 1, "answered 410"),
        ("two", 1, "answered 410"),
    ]
    assert (claim(ready, clock), waiting(ready)) == (None, (0, 2))

    done = send_again(ready, target=None, position=dead[1].event.position, now=clock.now())

    assert (done, titles(claim(ready, clock)), waiting(ready)) == (1, ["two"], (1, 1))


def test_what_waits_for_a_target_that_is_named_no_longer_is_given_up(
    ready: Store, clock: ManualClock
) -> None:
    tell(ready, "one")

    register(ready, [], clock.now())
    tell(ready, "two")

    with ready.read() as connection:
        (dead,) = dead_letters(connection)
    assert (dead.event.title, dead.error) == ("one", GONE)
    assert send_again(ready, target=OPS, position=None, now=clock.now()) == 0
