"""A throw-away Redis for NetBox, which keeps its cache and its queues there."""

from __future__ import annotations

import shutil
import socket
import tempfile
from pathlib import Path
from typing import Self

from tests.peers.process import LOOPBACK, Peer, PeerFailed, Process, boot

BOOT_SECONDS = 20.0


def ask(port: int, *words: str) -> str:
    """The first line of Redis' answer to one command, such as ``+PONG``; empty if nobody answers."""
    message = f"*{len(words)}\r\n" + "".join(f"${len(w)}\r\n{w}\r\n" for w in words)
    try:
        with socket.create_connection((LOOPBACK, port), timeout=5) as wire:
            wire.sendall(message.encode())
            return wire.recv(256).decode().split("\r\n")[0]
    except OSError:
        return ""


class Redis(Peer):
    """A redis-server on a free loopback port that keeps nothing on disk. A context manager."""

    def __init__(self) -> None:
        self.port = 0
        self._process: Process | None = None
        self._folder: Path | None = None

    def start(self) -> Self:
        """Boot it and return this. Raises PeerFailed with the tail of its log."""
        folder = self._folder = Path(tempfile.mkdtemp(prefix="syncd-redis-"))

        def launch(port: int) -> Process:
            words = ["redis-server", "--port", str(port), "--bind", LOOPBACK]
            words += ["--save", "", "--appendonly", "no", "--dir", str(folder)]
            return Process("redis-server", words, log=folder / "log", cwd=folder)

        self._process, self.port = boot(
            launch, lambda port: ask(port, "PING") == "+PONG", seconds=BOOT_SECONDS
        )
        return self

    def flush(self) -> None:
        """Forget everything. Raises PeerFailed when it does not answer."""
        if (answer := ask(self.port, "FLUSHALL")) != "+OK":
            raise PeerFailed(f"redis-server answered FLUSHALL with {answer!r}")

    def stop(self) -> None:
        """End it and remove its folder."""
        if self._process:
            self._process.stop()
            self._process = None
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)
