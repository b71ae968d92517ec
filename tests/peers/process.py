"""Server processes of a test run: started on a free loopback port, waited for, stopped as a group."""

from __future__ import annotations

import atexit
import contextlib
import os
import pwd
import signal
import socket
import subprocess
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Self

from tests.waiting import until

LOOPBACK = "127.0.0.1"
POLL_SECONDS = 0.05
STOP_SECONDS = 10.0
BOOT_ATTEMPTS = 5
TAIL_LINES = 40
# What PostgreSQL, Redis, Prometheus and gunicorn write when somebody else has the port.
PORT_TAKEN = ("address already in use", "connection in use")


class PeerFailed(RuntimeError):
    """A test server did not start, did not answer, or refused what it was asked."""


class PortTaken(PeerFailed):
    """The picked port was taken by another program between the picking and the boot."""


def free_port() -> int:
    """A TCP port that nobody on loopback listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def unprivileged_user(*names: str) -> str | None:
    """The first of these users that exists, for a server that refuses root; None if we are not root.

    Raises PeerFailed when we are root and none of them exists.
    """
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    for name in names:
        if name in known:
            return name
    raise PeerFailed(f"running as root, and none of the users {', '.join(names)} exists")


def tail(log: Path, lines: int = TAIL_LINES) -> str:
    """The last lines of a log file, or a remark that it is empty."""
    try:
        text = log.read_text(errors="replace")
    except FileNotFoundError:
        text = ""
    return "\n".join(text.splitlines()[-lines:]) or "(nothing was logged)"


def finish(
    argv: Sequence[str | os.PathLike[str]],
    *,
    seconds: float,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    user: str | None = None,
    feed: bytes | None = None,
) -> bytes:
    """What a short-lived program printed to its standard output.

    ``seconds`` bounds its run, ``feed`` is its standard input. Raises PeerFailed with the end of
    what it printed when it fails or takes too long.
    """
    shown = " ".join(str(word) for word in argv)
    try:
        done = subprocess.run(
            argv,
            input=feed if feed is not None else b"",
            capture_output=True,
            timeout=seconds,
            env=env,
            cwd=cwd,
            user=user,
            extra_groups=[] if user else None,
            check=False,
        )
    except FileNotFoundError as error:
        raise PeerFailed(f"`{argv[0]}` is not there: `make peers` installs it") from error
    except subprocess.TimeoutExpired as error:
        raise PeerFailed(f"`{shown}` took more than {seconds:g} s") from error
    if done.returncode != 0:
        printed = (done.stdout[-3000:] + done.stderr[-6000:]).decode(errors="replace")
        raise PeerFailed(f"`{shown}` ended with {done.returncode}:\n{printed}")
    return done.stdout


class Process:
    """One running server in a process group of its own, with its output in a log file."""

    def __init__(
        self,
        name: str,
        argv: Sequence[str | os.PathLike[str]],
        *,
        log: Path,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        user: str | None = None,
    ) -> None:
        """Start ``argv`` as ``user`` (ours when None). Raises PeerFailed if it cannot be run."""
        self.name = name
        self.log = log
        with log.open("wb") as sink:
            try:
                self._child = subprocess.Popen(
                    argv,
                    stdin=subprocess.DEVNULL,
                    stdout=sink,
                    stderr=subprocess.STDOUT,
                    env=env,
                    cwd=cwd,
                    user=user,
                    extra_groups=[] if user else None,
                    start_new_session=True,
                )
            except FileNotFoundError as error:
                raise PeerFailed(f"`{argv[0]}` is not there: `make peers` installs it") from error
        # A test run that dies between start and stop leaves no server behind.
        atexit.register(self.stop)

    @property
    def pid(self) -> int:
        """The process id, which is its group's id too."""
        return self._child.pid

    @property
    def running(self) -> bool:
        """Whether the process is still there."""
        return self._child.poll() is None

    def wait_until(self, ready: Callable[[], bool], *, seconds: float) -> None:
        """Return when ``ready()`` is true, asking every 50 ms for at most ``seconds``.

        Raises PortTaken when the process ended because of its port, PeerFailed with the tail of
        its log when it ended otherwise or is not ready in time.
        """

        def there() -> bool:
            self._goes_on()  # asked first: another process may answer at its port
            return ready()

        until(
            there,
            lambda: f"{self.name} was not ready after {seconds:g} s:\n{tail(self.log)}",
            seconds=seconds,
            every=POLL_SECONDS,
            raises=PeerFailed,
        )

    def _goes_on(self) -> None:
        if not self.running:
            written = tail(self.log)
            kind = PortTaken if any(p in written.lower() for p in PORT_TAKEN) else PeerFailed
            code = self._child.returncode
            raise kind(f"{self.name} ended with {code} while booting:\n{written}")

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End the whole process group: ``how`` first, SIGKILL for what is left after 10 s."""
        atexit.unregister(self.stop)
        if self.running:
            self._signal(how)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._child.wait(STOP_SECONDS)
        # Also when the leader has ended: a child of it may have outlived it.
        self._signal(signal.SIGKILL)
        self._child.wait()

    def _signal(self, how: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._child.pid, how)


class Peer(ABC):
    """A server of the tests, as a context manager: started, and stopped also where its start
    fails half-way.
    """

    @abstractmethod
    def start(self) -> Self:
        """Boot it and return this."""

    @abstractmethod
    def stop(self) -> None:
        """End what was started, however far that came."""

    def __enter__(self) -> Self:
        try:
            return self.start()
        except BaseException:
            self.stop()
            raise

    def __exit__(self, *what: object) -> None:
        self.stop()


def boot(
    start: Callable[[int], Process], ready: Callable[[int], bool], *, seconds: float
) -> tuple[Process, int]:
    """A started and ready process and its port.

    ``start(port)`` launches it, ``ready(port)`` tells whether it answers; both are tried again
    with another port when this one was taken meanwhile. Raises PeerFailed as
    ``Process.wait_until`` does.
    """
    for left in range(BOOT_ATTEMPTS - 1, -1, -1):
        port = free_port()
        process = start(port)
        try:
            process.wait_until(lambda port=port: ready(port), seconds=seconds)  # type: ignore[misc]
        except PortTaken:
            process.stop()
            if not left:
                raise
        except BaseException:
            process.stop()
            raise
        else:
            return process, port
    raise AssertionError("unreachable")
