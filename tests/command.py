"""The command `syncd` for tests: its words, environment, streams and end are real.

It is forked from a Python that has loaded its libraries already (`tests/warm.py`): starting it anew
for each of some hundred calls takes minutes. Tests whose subject is the process itself (how it
starts, what it loads, signals, completion by a shell) start one of their own.
"""

from __future__ import annotations

import atexit
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import IO

ROOT = Path(__file__).parents[1]
SECONDS = 120.0


def interruptible() -> None:
    """For `preexec_fn` of a process that is sent SIGINT: whoever was started in the background (as
    `make test &`) ignores it, and so would all that it starts.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Ended(Exception):
    """The Python that commands are forked from is no more."""


class Warm:
    """A Python with everything loaded; one call at a time. `more`: modules that it loads besides;
    `preloaded`: variables that must be there when it begins.
    """

    def __init__(self, *more: str, preloaded: Mapping[str, str] | None = None) -> None:
        self._wire, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._lock = threading.Lock()
        environment = {k: v for k, v in os.environ.items() if not k.startswith("SYNCD_")}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.warm", str(other.fileno()), *more],
            cwd=ROOT,
            env=environment | dict(preloaded or {}),
            pass_fds=[other.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
        other.close()

    def call(self, asked: bytes, streams: list[IO[bytes]], seconds: float) -> int:
        """How the command ended, as `subprocess` has it. Raises TimeoutExpired and ends it then."""
        with self._lock:
            child = self.begin(asked, streams)
            try:
                return self.ended(seconds)
            except TimeoutError as error:
                os.kill(child, signal.SIGKILL)
                self.ended(SECONDS)
                raise subprocess.TimeoutExpired(["syncd"], seconds) from error

    def begin(self, asked: bytes, streams: list[IO[bytes]]) -> int:
        """The process id of a command that has begun."""
        self._wire.settimeout(SECONDS)
        socket.send_fds(self._wire, [asked], [each.fileno() for each in streams])
        return self._said()

    def ended(self, seconds: float) -> int:
        """How the command that was begun last ended. Raises TimeoutError while it goes on."""
        self._wire.settimeout(seconds)
        return self._said()

    def _said(self) -> int:
        answer = self._wire.recv(64)
        if not answer:
            raise Ended(f"with status {self._process.wait(SECONDS)}; its errors are above")
        return int(answer)

    def close(self) -> None:
        self._wire.close()
        self._process.wait(SECONDS)


@cache
def _warm() -> Warm:
    found = Warm()
    atexit.register(found.close)
    return found


def syncd(
    *words: str,
    environment: Mapping[str, str],
    folder: Path = ROOT,
    given: str = "",
    seconds: float = SECONDS,
) -> subprocess.CompletedProcess[str]:
    """What `syncd WORDS` printed and how it ended, in this environment alone and this folder, with
    `given` as its input. Raises subprocess.TimeoutExpired after `seconds`.
    """
    call = {"words": words, "environment": dict(environment), "folder": str(folder)}
    with (
        tempfile.TemporaryFile() as stdin,
        tempfile.TemporaryFile() as stdout,
        tempfile.TemporaryFile() as stderr,
    ):
        stdin.write(given.encode())
        stdin.seek(0)
        ended = _warm().call(json.dumps(call).encode(), [stdin, stdout, stderr], seconds)
        stdout.seek(0)
        stderr.seek(0)
        return subprocess.CompletedProcess(
            ["syncd", *words], ended, stdout.read().decode(), stderr.read().decode()
        )
