"""What signals ask for is done, whatever they interrupt, and nothing is held up by it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from syncd.signals import obeying

SECONDS = 60.0
SENDING = """
import os, signal, time
while True:
    os.kill(os.getppid(), signal.SIGUSR1)
    time.sleep(0.0005)
"""
ENOUGH = 1500
"""Signals; where handlers did it all, one of the first dozens found the lock taken."""


@contextmanager
def sent_at_any_moment() -> Iterator[None]:
    """Signals to this process from another: in the midst of whatever it is at."""
    sender = subprocess.Popen([sys.executable, "-S", "-c", SENDING])
    try:
        yield
    finally:
        sender.kill()
        sender.wait()


def until(so: Callable[[], object]) -> None:
    end = time.monotonic() + SECONDS
    while not so():
        assert time.monotonic() < end
        time.sleep(0.001)


@pytest.mark.timeout(120)
def test_whoever_waits_for_an_event_is_woken_by_a_signal_whatever_it_is_at() -> None:
    asked = threading.Event()
    told = woken = 0

    def tell(one: signal.Signals) -> None:
        nonlocal told
        told += 1
        asked.set()

    with obeying({signal.SIGUSR1: tell}), sent_at_any_moment():
        while told < ENOUGH:
            woken += asked.wait(0)
            asked.clear()

    assert woken


@pytest.mark.timeout(120)
def test_a_line_that_is_written_for_a_signal_is_whole_and_so_is_the_one_it_interrupts(
    tmp_path: Path,
) -> None:
    lock, file = threading.RLock(), tmp_path / "log"  # as handlers of `logging` have one
    told = 0
    with file.open("w") as stream:

        def write(line: str) -> None:
            with lock:
                stream.write(f"{line}\n")
                stream.flush()

        def tell(one: signal.Signals) -> None:
            nonlocal told
            told += 1
            write(one.name)

        with obeying({signal.SIGUSR1: tell}), sent_at_any_moment():
            while told < ENOUGH:
                write("at work")

    assert set(file.read_text().splitlines()) == {"at work", "SIGUSR1"}


def test_each_signal_has_its_own_call_made_in_their_order() -> None:
    told: list[str] = []
    asked = {
        signal.SIGUSR1: lambda one: told.append(f"first {one.name}"),
        signal.SIGUSR2: lambda one: told.append(f"second {one.name}"),
    }
    with obeying(asked):
        os.kill(os.getpid(), signal.SIGUSR2)
        until(lambda: len(told) == 1)
        os.kill(os.getpid(), signal.SIGUSR1)
        until(lambda: len(told) == 2)

    assert told == ["second SIGUSR2", "first SIGUSR1"]


def test_what_signals_did_before_is_back_afterwards_and_what_was_asked_is_done() -> None:
    told: list[str] = []
    before = signal.signal(signal.SIGUSR1, lambda *_: told.append("before"))
    try:
        with obeying({signal.SIGUSR1: lambda _: told.append("while it lasts")}):
            os.kill(os.getpid(), signal.SIGUSR1)
        assert told == ["while it lasts"]

        os.kill(os.getpid(), signal.SIGUSR1)
        until(lambda: len(told) == 2)

        assert told[1] == "before"
    finally:
        signal.signal(signal.SIGUSR1, before)
