"""Looks are made now and then and at once, whatever becomes of them."""

from __future__ import annotations

import threading

from structlog.testing import capture_logs

from syncd.watch import Watch

SECONDS = 30.0
NEVER = 3600.0


def test_it_looks_in_order_at_once_when_it_is_asked() -> None:
    seen: list[str] = []
    looked = threading.Event()
    watch = Watch([lambda: seen.append("first"), lambda: seen.append("second"), looked.set], NEVER)

    watch.start()
    watch.now()
    looked.wait(SECONDS)
    watch.stop()

    assert seen == ["first", "second"]


def test_it_looks_by_itself_again_and_again() -> None:
    times = threading.Semaphore(0)
    watch = Watch([times.release], 0.01)

    watch.start()
    often = [times.acquire(timeout=SECONDS) for _ in range(3)]
    watch.stop()

    assert often == [True, True, True]


def test_a_look_that_fails_is_logged_and_the_others_are_made() -> None:
    looked = threading.Event()

    def fails() -> None:
        raise ValueError("the store is away")

    with capture_logs() as logs:
        watch = Watch([fails, looked.set], NEVER)
        watch.start()
        watch.now()
        others = looked.wait(SECONDS)
        watch.stop()

    assert others
    assert [one["event"] for one in logs] == ["watch.failed"]


def test_one_that_was_never_started_can_be_stopped() -> None:
    watch = Watch([], NEVER)

    watch.stop()
