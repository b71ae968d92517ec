"""Processes that benchmarks and the load start, what they use, and how they end."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from tests.peers.process import LOOPBACK, free_port

END_SECONDS = 30.0


class Failed(Exception):
    """A process that is measured, or measures, failed or took too long; the message has the end of
    what it said.
    """


def end(process: subprocess.Popen[Any], seconds: float = END_SECONDS) -> None:
    """Asks a process to end, and kills it after so many seconds."""
    process.terminate()
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def without_settings() -> dict[str, str]:
    """This process's environment without what syncd would take for settings."""
    return {name: value for name, value in os.environ.items() if not name.startswith("SYNCD_")}


@contextmanager
def serving(module: str, *words: str) -> Iterator[Mapping[str, Any]]:
    """A server in a process of its own, that ends with its standard input: what it says first. It
    is another process than those that are measured.
    """
    command = [sys.executable, "-m", module, *words]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            if not line:
                raise Failed(f"{module} ended with {process.wait()} before it served")
            yield {**json.loads(line), "pid": process.pid}
        finally:
            with contextlib.suppress(BrokenPipeError):
                process.stdin.close()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


@contextmanager
def begun(
    folder: Path, source: str, every: str, *, streams: int, store: str | None = None
) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """`syncd run` over the mapping files of a folder and a Prometheus, and where it will listen; it
    writes to `log` there. `store` None: an SQLite file there. So many streams are open at most.
    """
    settings = {
        "sources": {
            "prometheus": {
                "kind": "prometheus",
                "url": source,
                "limits": {"concurrency": 4, "rate": "1000/s"},
            }
        },
        "every": {"default": every},
        # readers come from many addresses, as through a proxy
        "settings": {"proxy": {"trusted": [LOOPBACK]}, "most_streams": streams},
    }
    (folder / "settings.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    listen = f"{LOOPBACK}:{free_port()}"
    environment = {
        **without_settings(),
        "SYNCD_DATABASE_URL": store or f"sqlite:///{folder / 'syncd.db'}",
        "SYNCD_LISTEN": listen,
        "SYNCD_LOG_FORMAT": "json",
        "SYNCD_LOG_LEVEL": "warning",
    }
    words: list[str | Path] = ["--config", folder / "settings.yaml"]
    words += ["--mappings", folder / "mappings", "run"]
    with logged(words, folder / "log", environment) as process:
        yield process, f"http://{listen}"


@contextmanager
def logged(
    words: Sequence[str | Path], log: Path, environment: Mapping[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    """The command `syncd` with these words, which writes to a file and is ended afterwards."""
    command = [sys.executable, "-m", "syncd", *words]
    with log.open("ab") as said:
        process = subprocess.Popen(command, env=environment, stdout=said, stderr=said)
        try:
            yield process
        finally:
            end(process)


# ------------------------------------------------------------------- what other processes use


def cpu_of(pid: int) -> float:
    """Seconds of processor that another process has used; 0 once it has ended."""
    said = told_of(pid, "stat").rpartition(")")[2].split()
    return (int(said[11]) + int(said[12])) / os.sysconf("SC_CLK_TCK") if said else 0.0


def memory_of(pid: int) -> int:
    """Bytes that another process holds, shared pages by share; 0 once it has ended."""
    found = re.search(r"^Pss:\s+(\d+) kB", told_of(pid, "smaps_rollup"), re.MULTILINE)
    return 0 if found is None else int(found[1]) * 1024


def below(pid: int) -> Iterator[int]:
    """Who was begun by a process, and by those."""
    for task in Path(f"/proc/{pid}/task").glob("*"):
        for child in told_of(pid, f"task/{task.name}/children").split():
            yield int(child)
            yield from below(int(child))


def told_of(pid: int, name: str) -> str:
    """What the system says of a process; nothing where that has ended or there is no /proc."""
    try:
        return Path(f"/proc/{pid}/{name}").read_text()
    except OSError:
        return ""
