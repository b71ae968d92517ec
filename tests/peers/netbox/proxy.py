"""A proxy on loopback before a server, whose connections break when a test says so."""

from __future__ import annotations

import contextlib
import socket
import threading
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit


class BreakingProxy:
    """Passes bytes on, in both directions. After `break_after(n)` answers stop after so many more
    bytes and every connection is reset, until `mend()`.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._target = (parts.hostname or "", parts.port or 80)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._lock = threading.Lock()
        self._left: int | None = None
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []

    def break_after(self, answered: int) -> None:
        """From so many bytes of answers on, nothing comes through."""
        with self._lock:
            self._left = answered

    def mend(self) -> None:
        """Lets everything through again."""
        with self._lock:
            self._left = None

    def __enter__(self) -> Self:
        self._run(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, e: BaseException | None, tb: TracebackType | None
    ) -> None:
        # closing alone does not wake the thread that waits in accept()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._hang_up(set(self._open))
        for thread in self._threads:
            thread.join(10)

    def _run(self, work: object, *arguments: object) -> None:
        assert callable(work)
        thread = threading.Thread(target=work, args=arguments)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            pair = {client, socket.create_connection(self._target)}
            (server,) = pair - {client}
            self._open |= pair
            self._run(self._pass_on, client, server, False)
            self._run(self._pass_on, server, client, True)

    def _pass_on(self, source: socket.socket, sink: socket.socket, answers: bool) -> None:
        with contextlib.suppress(OSError):
            while chunk := source.recv(65536):
                passed = self._passed(chunk) if answers else chunk
                sink.sendall(passed)
                if len(passed) < len(chunk):
                    break
        self._hang_up({source, sink})

    def _passed(self, chunk: bytes) -> bytes:
        with self._lock:
            if self._left is None:
                return chunk
            passed = chunk[: self._left]
            self._left -= len(passed)
            return passed

    def _hang_up(self, ends: set[socket.socket]) -> None:
        for end in ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
