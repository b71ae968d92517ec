"""Processes beside a server that make what it answers."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from functools import partial
from importlib.metadata import version
from multiprocessing.connection import Connection

from syncd.cli.call import set_up_log
from syncd.nursery import Nursery, may_fork
from syncd.settings import Installation, Settings
from syncd.store.engine import Store
from syncd.surfaces.app import InstanceInfo, create_rendered_app
from syncd.surfaces.metrics import reader_of
from syncd.surfaces.renderers import Following, Pools, Renderers, publish_with, work_with
from syncd.surfaces.sender import Sender, send_with


class Kind(StrEnum):
    """What a renderer makes."""

    ANSWERS = "answers"
    METRICS = "metrics"
    SENDER = "sender"
    """It makes nothing: it sends."""


NICENESS = {Kind.ANSWERS: 3, Kind.METRICS: 10, Kind.SENDER: 0}
"""Where there is too little processor, the worker comes first: twice as often as who makes answers,
and nine times as often as who makes metrics, for whom nobody waits.
"""


@contextmanager
def rendering(found: Installation) -> Iterator[Pools | None]:
    """The renderers that the settings ask for; None where there are to be none, or can be none. To
    be called before the process has threads.
    """
    settings = found.settings
    if settings.role == "worker" or not settings.renderers or not may_fork():
        yield None
        return
    nursery = Nursery(partial(_work, found))
    begun = Pools(
        Renderers(nursery, Kind.ANSWERS, settings.renderers),
        Following(partial(nursery.begin, Kind.METRICS)),
        Sender(partial(nursery.begin, Kind.SENDER)),
    )
    try:
        yield begun
    finally:
        begun.close()
        nursery.close()


def instance_of(settings: Settings) -> InstanceInfo:
    """Who serves, as the settings say."""
    return InstanceInfo(
        version=version("syncd"),
        external_url=settings.external_url,
        traced=settings.traces == "all",
    )


def _work(found: Installation, kind: str, connection: Connection) -> None:
    """A renderer or sender, until it is let go of."""
    os.nice(NICENESS[Kind(kind)])
    set_up_log(found)
    if kind == Kind.SENDER:
        send_with(connection)
        return
    # A worker tries again by itself. Somebody who asks for a page would be told that it failed.
    store = Store(found.settings.database(), idle_seconds=0.0)
    instance = instance_of(found.settings)

    if Kind(kind) is Kind.METRICS:
        publish_with(connection, partial(reader_of, store, version=instance.version))
    else:
        work_with(connection, store, lambda clock: create_rendered_app(store, clock, instance))
