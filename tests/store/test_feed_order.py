"""The order of the feed: what a reader that resumes at a position can rely on."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from syncd.model import Event, EventKind
from syncd.store import read
from syncd.store.engine import Store
from syncd.store.events import append_events
from tests.store.catalogues import START

WRITERS, TURNS, EVENTS = 4, 15, 3


def event(words: str) -> Event:
    return Event(START, EventKind.SOURCE_FAILING, "netbox", words, "why", "timeout")


def positions(store: Store, after: int = 0) -> list[int]:
    with store.read() as connection:
        found = read.feed(connection, after=after, limit=10_000)
    return [one.position for one in found if one.position is not None]


def test_a_position_is_seen_only_when_all_before_it_are(store: Store) -> None:
    """Two writers; the first has its position and has not committed when the second wants one."""
    has_position, may_commit, second_done = threading.Event(), threading.Event(), threading.Event()

    def first() -> None:
        with store.write() as connection:
            append_events(connection, [event("first")])
            has_position.set()
            assert may_commit.wait(20)

    def second() -> None:
        assert has_position.wait(20)
        with store.write() as connection:
            append_events(connection, [event("second")])
        second_done.set()

    with ThreadPoolExecutor(2) as pool:
        running = [pool.submit(first), pool.submit(second)]
        assert has_position.wait(20)
        seen_meanwhile = positions(store)
        overtook = second_done.wait(0.3)
        may_commit.set()
        for one in running:
            one.result()

    with store.read() as connection:
        titles = [one.title for one in read.feed(connection, after=0)]
    assert (seen_meanwhile, overtook) == ([], False)
    assert titles == ["first", "second"]


def test_a_reader_that_resumes_misses_nothing_of_many_writers(store: Store) -> None:
    def write(name: int) -> None:
        for turn in range(TURNS):
            with store.write() as connection:
                append_events(connection, [event(f"{name}.{turn}.{n}") for n in range(EVENTS)])

    seen: list[int] = []
    with ThreadPoolExecutor(WRITERS) as pool:
        running = [pool.submit(write, name) for name in range(WRITERS)]
        while not all(one.done() for one in running):
            seen += positions(store, after=seen[-1] if seen else 0)
        for one in running:
            one.result()
    seen += positions(store, after=seen[-1] if seen else 0)

    assert seen == list(range(1, WRITERS * TURNS * EVENTS + 1))


def test_events_of_a_transaction_that_fails_leave_no_gap(store: Store) -> None:
    with store.write() as connection:
        append_events(connection, [event("told")])
    with pytest.raises(ZeroDivisionError), store.write() as connection:
        append_events(connection, [event("never told")])
        raise ZeroDivisionError

    with store.write() as connection:
        append_events(connection, [event("told too")])

    assert positions(store) == [1, 2]
