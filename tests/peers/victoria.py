"""Debian's VictoriaMetrics for the tests: another server of Prometheus's HTTP API."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Self

import httpx

from tests.peers.process import LOOPBACK, Peer, PeerFailed, Process, boot
from tests.plain import NO_TLS

PROGRAM = "victoria-metrics"
BOOT_SECONDS = 60.0
ASK_SECONDS = 30.0


class VictoriaMetrics(Peer):
    """A VictoriaMetrics on a free loopback port, with series in it. A context manager.

    ``series`` are ``{"metric": labels, "samples": [[seconds, value], ...]}``, as sandboxes take
    them.
    """

    def __init__(self, series: Iterable[Mapping[str, Any]]) -> None:
        self.url = ""
        self._series = series
        self._folder: Path | None = None
        self._process: Process | None = None

    def start(self) -> Self:
        """Boot it, put its series in and return this. Raises PeerFailed."""
        folder = self._folder = Path(tempfile.mkdtemp(prefix="syncd-victoria-"))

        def launch(port: int) -> Process:
            argv = [PROGRAM, f"-httpListenAddr={LOOPBACK}:{port}", "-retentionPeriod=100y"]
            argv += [f"-storageDataPath={folder / 'data'}"]
            return Process("victoria-metrics", argv, log=folder / "log", cwd=folder)

        with httpx.Client(timeout=ASK_SECONDS, trust_env=False, verify=NO_TLS) as client:

            def answers(port: int) -> bool:
                try:
                    return client.get(f"http://{LOOPBACK}:{port}/health").status_code == 200
                except httpx.TransportError:
                    return False

            self._process, port = boot(launch, answers, seconds=BOOT_SECONDS)
            self.url = f"http://{LOOPBACK}:{port}"
            self._plant(client)
        return self

    def _plant(self, client: httpx.Client) -> None:
        lines = [
            json.dumps(
                {
                    "metric": one["metric"],
                    "values": [value for _, value in one["samples"]],
                    "timestamps": [round(time * 1000) for time, _ in one["samples"]],
                }
            )
            for one in self._series
        ]
        planted = client.post(f"{self.url}/api/v1/import", content="\n".join(lines))
        flushed = client.get(f"{self.url}/internal/force_flush")
        if not (planted.is_success and flushed.is_success):
            raise PeerFailed(f"import: {planted.status_code} {planted.text[:500]}")

    def stop(self) -> None:
        """End it and remove its folder."""
        if self._process:
            self._process.stop()
            self._process = None
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)
