"""The demo's three upstreams in a process of their own, so that they and what measures them do
not share a processor. Their clock moves when they are told, and not before they have said so.
"""

from __future__ import annotations

import multiprocessing
import secrets
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from multiprocessing.connection import Connection

from syncd.clock import ManualClock
from syncd.demo.jira import JiraSandbox
from syncd.demo.jira.quarter import quarter_seed as jira_quarter
from syncd.demo.netbox import NetBoxSandbox
from syncd.demo.netbox.quarter import quarter_seed as netbox_quarter
from syncd.demo.prometheus import PrometheusSandbox
from syncd.demo.prometheus.quarter import quarter_seed as prometheus_quarter

JIRA_USER = "reader@example.org"
_STOP_SECONDS = 10.0


@dataclass(frozen=True)
class Tokens:
    """What the upstreams let in."""

    jira: str = field(default_factory=lambda: secrets.token_hex(20), repr=False)
    netbox: str = field(
        default_factory=lambda: f"nbt_{secrets.token_hex(6)}.{secrets.token_hex(20)}", repr=False
    )


@dataclass(frozen=True)
class Upstreams:
    """The upstreams as they listen; each is the address of one."""

    jira: str
    netbox: str
    prometheus: str
    tokens: Tokens
    _pipe: Connection = field(repr=False)

    def move_to(self, moment: datetime) -> None:
        """Moves their clock; once this returns they answer as of that moment."""
        self._pipe.send(moment)
        self._pipe.recv()


@contextmanager
def upstreams(start: datetime) -> Iterator[Upstreams]:
    """The upstreams, listening on loopback at `start` until the context ends."""
    context = multiprocessing.get_context("spawn")
    tokens = Tokens()
    ours, theirs = context.Pipe()
    process = context.Process(
        target=_serve, args=(theirs, start, tokens), name="syncd-demo-upstreams", daemon=True
    )
    process.start()
    theirs.close()
    try:
        jira, netbox, prometheus = ours.recv()
        yield Upstreams(jira, netbox, prometheus, tokens, ours)
    finally:
        ours.close()
        process.join(_STOP_SECONDS)
        process.terminate()


def _serve(pipe: Connection, start: datetime, tokens: Tokens) -> None:
    """The other process: serves until the pipe is closed, whoever closes it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the first process is told, and ends this one
    clock = ManualClock(start)
    with ExitStack() as stack:
        jira = JiraSandbox(jira_quarter(), clock.now, token=tokens.jira, user=JIRA_USER)
        netbox = NetBoxSandbox(netbox_quarter(), clock.now, token=tokens.netbox)
        prometheus = PrometheusSandbox(prometheus_quarter(), clock.now)
        for sandbox in (jira, netbox, prometheus):
            stack.enter_context(sandbox)
        pipe.send((jira.url, netbox.url, prometheus.url))
        while True:
            try:
                clock.move_to(pipe.recv())
            except EOFError:
                return
            pipe.send(clock.now())
