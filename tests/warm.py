"""A Python that has loaded what syncd is made of, and becomes the command, again and again.

Each request is a fork: the child is given its own arguments, environment, folder and standard
streams, and then is `python -m syncd` to its end. Loading takes a second, forking some milliseconds.
Nothing of `syncd.cli` is loaded beforehand: consoles look at the environment when they are made.

`tests/command.py` asks for the commands; whoever starts this may name more to be loaded.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import runpy
import signal
import socket
import sys
import threading

LOADED = (
    "holidays",
    "importlib.metadata",
    "rich.live",
    "rich.progress",
    "rich.table",
    "typer",
    "connectors.jira.session",
    "connectors.netbox.client",
    "connectors.prometheus.client",
    "syncd.backfill",
    "syncd.mapping.effective",
    "syncd.mapping.json_schema",
    "syncd.plan",
    "syncd.process",
    "syncd.settings.file",
    "syncd.surfaces.documents",
    "syncd.surfaces.report",
    "syncd.surfaces.rollups",
)
MOST_BYTES = 200_000
STREAMS = 3


def forked(wire: socket.socket) -> bool:
    """Serves requests; True in a child that has become the call of one, False when nobody asks
    any more.
    """
    while True:
        asked, descriptors, _, _ = socket.recv_fds(wire, MOST_BYTES, STREAMS)
        if not asked:
            return False
        child = os.fork()
        if child == 0:
            wire.close()
            become(json.loads(asked), descriptors)
            return True
        for each in descriptors:
            os.close(each)
        wire.send(str(child).encode())
        _, status = os.waitpid(child, 0)
        wire.send(str(os.waitstatus_to_exitcode(status)).encode())


def become(call: dict[str, object], descriptors: list[int]) -> None:
    """Makes this process what the call asks for, short of running it."""
    words, environment, folder = call["words"], call["environment"], call["folder"]
    assert isinstance(words, list)
    assert isinstance(environment, dict)
    assert isinstance(folder, str)
    for number, each in enumerate(descriptors):
        os.dup2(each, number)
        os.close(each)
    sys.stdin = sys.__stdin__ = os.fdopen(0, encoding="utf-8")  # type: ignore[misc]
    sys.stdout = sys.__stdout__ = os.fdopen(1, "w", encoding="utf-8")  # type: ignore[misc]
    sys.stderr = sys.__stderr__ = os.fdopen(  # type: ignore[misc]
        2, "w", encoding="utf-8", errors="backslashreplace", buffering=1
    )
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    sys.path[0] = folder
    sys.argv[:] = ["syncd", *words]
    signal.signal(signal.SIGINT, signal.default_int_handler)


if __name__ == "__main__":
    for each in (*LOADED, *sys.argv[2:]):
        importlib.import_module(each)
    assert threading.active_count() == 1, "a fork would lose the other threads"
    gc.freeze()
    if forked(socket.socket(fileno=int(sys.argv[1]))):
        runpy.run_module("syncd", run_name="__main__", alter_sys=True)
