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
