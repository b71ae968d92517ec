"""A lock that is had in turn."""

from __future__ import annotations

import threading

from syncd.store.queueing import InTurn

SECONDS = 10.0


def test_who_gives_it_back_does_not_have_it_again_before_those_who_wait() -> None:
    turn, had = InTurn(), []

    def wait(name: str, began: threading.Event) -> None:
        began.set()
        with turn.mine(SECONDS):
            had.append(name)

    others = []
    with turn.mine(SECONDS):
        for name in ("first", "second"):
            began = threading.Event()
            others.append(threading.Thread(target=wait, args=(name, began)))
            others[-1].start()
            assert began.wait(SECONDS)
            while len(turn._waiting) < len(others):
                others[-1].join(0.01)
    with turn.mine(SECONDS):
        had.append("again")
    for other in others:
        other.join()

    assert had == ["first", "second", "again"]


def test_who_has_waited_long_enough_is_told_so_and_takes_nobodys_turn() -> None:
    turn = InTurn()
    with turn.mine(SECONDS), turn.mine(0.01) as mine:
        assert not mine

    with turn.mine(SECONDS) as mine:
        assert mine
