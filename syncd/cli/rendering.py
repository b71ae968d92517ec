"""Processes beside a server that make what it answers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from functools import partial
from importlib.metadata import version
from multiprocessing.connection import Connection

from starlette.types import ASGIApp

from syncd.cli.call import set_up_log
from syncd.nursery import Nursery, may_fork
from syncd.settings import Installation, Settings
from syncd.store.engine import Store
from syncd.surfaces.app import InstanceInfo, create_rendered_app, create_scraped_app
from syncd.surfaces.renderers import Asked, Pools, Renderers, work_with


class Kind(StrEnum):
    """What a renderer makes."""

    ANSWERS = "answers"
    METRICS = "metrics"


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
        Renderers(nursery, Kind.ANSWERS, settings.renderers), Renderers(nursery, Kind.METRICS, 1)
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
    """A renderer, until it is let go of."""
    set_up_log(found)
    store = Store(found.settings.database())
    instance = instance_of(found.settings)

    def application(asked: Asked) -> ASGIApp:
        if Kind(kind) is Kind.METRICS:
            return create_scraped_app(store, asked, instance, lambda: asked.own)
        return create_rendered_app(store, asked, instance)

    work_with(connection, store, application)
