"""Debian's Alertmanager for the tests, and a receiver of what it delivers."""

from __future__ import annotations

import json
import queue
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from tests.peers.process import LOOPBACK, PeerFailed, Process, boot
from tests.plain import NO_TLS

BOOT_SECONDS = 60.0


@dataclass(frozen=True)
class Delivered:
    """One alert that reached a receiver: `status` is firing or resolved."""

    receiver: str
    status: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]


class Receiver:
    """Takes webhooks of Alertmanager on a loopback port. A context manager."""

    def __init__(self) -> None:
        self._found: queue.Queue[Delivered] = queue.Queue()
        self.seen: list[Delivered] = []
        found = self._found

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                for alert in body["alerts"]:
                    told = (alert["status"], alert["labels"], alert["annotations"])
                    found.put(Delivered(body["receiver"], *told))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *words: object) -> None:
                pass

        self._server = ThreadingHTTPServer((LOOPBACK, 0), Handler)
        self.url = f"http://{LOOPBACK}:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever)

    def wait_for(self, wanted: Callable[[Delivered], bool], *, seconds: float) -> Delivered:
        """The first of this kind that came or comes. Raises PeerFailed after so many seconds
        without one.
        """
        for one in self.seen:
            if wanted(one):
                return one
        until = time.monotonic() + seconds
        while True:
            try:
                one = self._found.get(timeout=max(until - time.monotonic(), 0.01))
            except queue.Empty:
                seen = "\n".join(map(str, self.seen)) or "nothing"
                raise PeerFailed(f"not delivered within {seconds:g} s; came: {seen}") from None
            self.seen.append(one)
            if wanted(one):
                return one

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, e: BaseException | None, tb: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class Alertmanager:
    """An Alertmanager on a free loopback port with this configuration. A context manager; ``url``
    has no slash at its end.
    """

    def __init__(self, config: Mapping[str, Any]) -> None:
        self._config = config
        self._folder: Path | None = None
        self._process: Process | None = None
        self.url = ""

    def __enter__(self) -> Self:
        folder = self._folder = Path(tempfile.mkdtemp(prefix="syncd-alertmanager-"))
        config = folder / "alertmanager.yml"
        # JSON is YAML too.
        config.write_text(json.dumps(self._config))

        def launch(port: int) -> Process:
            argv = ["prometheus-alertmanager", f"--config.file={config}"]
            argv += [f"--storage.path={folder / 'data'}", "--cluster.listen-address="]
            argv += [f"--web.listen-address={LOOPBACK}:{port}"]
            return Process("alertmanager", argv, log=folder / "log", cwd=folder)

        self._process, port = boot(launch, _answers, seconds=BOOT_SECONDS)
        self.url = f"http://{LOOPBACK}:{port}"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, e: BaseException | None, tb: TracebackType | None
    ) -> None:
        if self._process:
            self._process.stop()
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)


def _answers(port: int) -> bool:
    try:
        return httpx.get(
            f"http://{LOOPBACK}:{port}/-/ready", trust_env=False, verify=NO_TLS
        ).is_success
    except httpx.TransportError:
        return False
