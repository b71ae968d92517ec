"""Debian's Prometheus for the tests: planted history, scrapes, queries, and promtool's opinion."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from tests.peers.process import LOOPBACK, Peer, PeerFailed, Process, boot, finish, tail
from tests.plain import NO_TLS
from tests.waiting import until

if TYPE_CHECKING:
    import httpx

BOOT_SECONDS = 60.0
PLANT_SECONDS = 120.0
ASK_SECONDS = 30.0
SCRAPED_SECONDS = 30.0
POLL_SECONDS = 0.1
FOR_EVER = "100y"


def promtool_check_metrics(text: str) -> list[str]:
    """What ``promtool check metrics`` objects to in an exposition; empty when it is fine."""
    try:
        done = subprocess.run(
            ["promtool", "check", "metrics"],
            input=text.encode(),
            capture_output=True,
            timeout=ASK_SECONDS,
            check=False,
        )
    except FileNotFoundError as error:
        raise PeerFailed("`promtool` is not there: `make peers` installs it") from error
    said = (done.stdout + done.stderr).decode().splitlines()
    if done.returncode == 0:
        return []
    return said or [f"promtool ended with {done.returncode} and said nothing"]


class Prometheus(Peer):
    """A Prometheus server on a free loopback port. A context manager; ``url`` has no slash at its end.

    ``scrape`` is the list of scrape configs, ``global_`` overrides the one-second intervals. ``history`` is OpenMetrics text (timestamps in seconds, ``# EOF`` at its end) that
    the server has stored when it starts. ``rules`` are rule files, ``alertmanager`` is the address
    that alerts are sent to. ``flags`` are added to the command line.
    """

    def __init__(
        self,
        scrape: Sequence[Mapping[str, Any]] = (),
        *,
        history: str | None = None,
        rules: Sequence[Path] = (),
        alertmanager: str | None = None,
        global_: Mapping[str, Any] | None = None,
        flags: Sequence[str] = (),
        retention: str = FOR_EVER,
    ) -> None:
        self.url = ""
        self._config: dict[str, Any] = {
            "global": {"scrape_interval": "1s", "evaluation_interval": "1s", **(global_ or {})},
            "scrape_configs": [dict(job) for job in scrape],
            "rule_files": [str(path) for path in rules],
        }
        if alertmanager is not None:
            targets = [{"targets": [alertmanager.removeprefix("http://")]}]
            self._config["alerting"] = {"alertmanagers": [{"static_configs": targets}]}
        self._history = history
        self._retention = retention
        self._flags = [f"--storage.tsdb.retention.time={retention}", *flags]
        self._folder: Path | None = None
        self._process: Process | None = None
        self._http: httpx.Client | None = None

    def start(self) -> Self:
        """Plant the history, boot and return this. Raises PeerFailed with what was printed."""
        import httpx

        folder = self._folder = Path(tempfile.mkdtemp(prefix="syncd-prometheus-"))
        data, config = folder / "data", folder / "prometheus.yml"
        # JSON is YAML too.
        config.write_text(json.dumps(self._config))
        if self._history is not None:
            plain = folder / "history.txt"
            plain.write_text(self._history)
            tool: list[str | os.PathLike[str]] = ["promtool", "tsdb", "create-blocks-from"]
            if self._retention == FOR_EVER:
                # Hundreds of two hours each would take it half a minute to write, and the server
                # another to join. What is to be dropped by its age must be in small ones.
                tool += ["--max-block-duration=1536h"]
            finish([*tool, "openmetrics", "--quiet", plain, data], seconds=PLANT_SECONDS)
        self._http = httpx.Client(timeout=ASK_SECONDS, trust_env=False, verify=NO_TLS)

        def launch(port: int) -> Process:
            argv = ["prometheus", f"--config.file={config}", f"--storage.tsdb.path={data}"]
            argv += [f"--web.listen-address={LOOPBACK}:{port}", "--web.enable-lifecycle"]
            # New targets are otherwise noticed only every five seconds.
            argv += ["--scrape.discovery-reload-interval=100ms"]
            argv += ["--web.enable-remote-write-receiver", *self._flags]
            return Process("prometheus", argv, log=folder / "log", cwd=folder)

        self._process, port = boot(launch, self._answers, seconds=BOOT_SECONDS)
        self.url = f"http://{LOOPBACK}:{port}"
        return self

    def _answers(self, port: int) -> bool:
        import httpx

        assert self._http is not None
        try:
            return self._http.get(f"http://{LOOPBACK}:{port}/-/ready").status_code == 200
        except httpx.TransportError:
            return False

    def get(self, path: str, **params: Any) -> Any:
        """The ``data`` of an answer below ``/api/v1/``. Raises PeerFailed on an error answer."""
        assert self._http is not None, "Prometheus is not started"
        answer = self._http.get(f"{self.url}/api/v1/{path}", params=params)
        if not answer.is_success:
            raise PeerFailed(f"GET {path}: {answer.status_code} {answer.text[:2000]}")
        return answer.json()["data"]

    def query(self, promql: str, *, at: datetime | None = None) -> Any:
        """The ``result`` of an instant query, at an aware time or now."""
        when = {} if at is None else {"time": at.timestamp()}
        return self.get("query", query=promql, **when)["result"]

    def wait_until_scraped(self, *, seconds: float = SCRAPED_SECONDS) -> None:
        """Return when every configured job has targets and all of them were scraped well.

        Raises PeerFailed with the targets' last errors after ``seconds``.
        """
        jobs = {job["job_name"] for job in self._config["scrape_configs"]}
        state: list[str] = []

        def scraped() -> bool:
            targets = self.get("targets", state="active")["activeTargets"]
            state[:] = [f"{t['scrapeUrl']}: {t['health']} {t['lastError']}" for t in targets]
            seen = {target["labels"]["job"] for target in targets}
            return jobs <= seen and all(target["health"] == "up" for target in targets)

        def why() -> str:
            log = tail(self._process.log) if self._process else ""
            told = "; ".join(state) or "no targets"
            return f"not all targets of {sorted(jobs)} are up after {seconds:g} s: {told}\n{log}"

        until(scraped, why, seconds=seconds, every=POLL_SECONDS, raises=PeerFailed)

    def wait_for(self, promql: str, *, seconds: float = SCRAPED_SECONDS) -> Any:
        """The first non-empty result of an instant query. Raises PeerFailed after ``seconds``."""
        said = f"no result of `{promql}` after {seconds:g} s"
        return until(
            lambda: self.query(promql), said, seconds=seconds, every=POLL_SECONDS, raises=PeerFailed
        )

    def stop(self) -> None:
        """End the server and remove its data."""
        if self._process:
            self._process.stop()
            self._process = None
        if self._http is not None:
            self._http.close()
            self._http = None
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)
