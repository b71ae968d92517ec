"""What is free goes back to the system, also where large answers came on many threads."""

from __future__ import annotations

import subprocess
import sys

import pytest

LARGE_ANSWERS = """
import threading
from syncd.heap import give_back_what_is_free

{begin}

def memory():
    return int(open("/proc/self/statm").read().split()[1]) * 4096 / 1e6

def read():
    for _ in range(3):
        bytearray(24_000_000)
        # a small one beside it, as what was read of an answer
        kept.append(bytearray(20_000))
        parts = [bytearray(600_000) for _ in range(30)]
        del parts
    barrier.wait()

kept, barrier = [], threading.Barrier(8)
before = memory()
threads = [threading.Thread(target=read) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(memory() - before)
"""


def megabytes_kept(begin: str) -> float:
    done = subprocess.run(
        [sys.executable, "-c", LARGE_ANSWERS.format(begin=begin)],
        check=True,
        capture_output=True,
        text=True,
    )
    return float(done.stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's allocator is meant")
def test_large_answers_on_many_threads_leave_nothing_behind() -> None:
    assert megabytes_kept("give_back_what_is_free()") < 30 < megabytes_kept("")


GROWING = """
import gc
import weakref
from syncd.heap import look_for_circles_rarely

{begin}

class Circle:
    def __init__(self):
        self.itself = self

before = gc.get_stats()[2]["collections"]
circle = weakref.ref(Circle())
kept = [[number] for number in range(1_000_000)]
print(gc.get_stats()[2]["collections"] - before, circle() is None)
"""


def looked_for(begin: str) -> tuple[int, bool]:
    """How often everything was looked through while a million objects came to stay, and whether a
    circle that nobody had any more was freed meanwhile.
    """
    done = subprocess.run(
        [sys.executable, "-c", GROWING.format(begin=begin)],
        check=True,
        capture_output=True,
        text=True,
    )
    times, freed = done.stdout.split()
    return int(times), freed == "True"


def test_what_comes_to_stay_is_not_looked_through_again_and_again() -> None:
    usually, _ = looked_for("")
    rarely, freed = looked_for("look_for_circles_rarely()")

    assert usually > 3
    assert rarely == 0
    assert freed
