"""Running a process until it is told to stop."""

from __future__ import annotations

import errno
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from typing import Final

import sqlalchemy as sa
import structlog
from starlette.applications import Starlette

from connectors.quantity import parse_duration
from syncd.cli.ports import hook_ports
from syncd.cli.rendering import instance_of
from syncd.cli.renewing import renewals
from syncd.compactor import Compactor
from syncd.intake.access import Access
from syncd.intake.hooks import Concerns, Hooks
from syncd.intake.reading import Reading
from syncd.intake.tokens import StoredTokens
from syncd.loading import load_again
from syncd.outgoing.courier import Courier
from syncd.plan.editing import plan_of_edits
from syncd.process import Assembly, MappingKeeper, worker_settings
from syncd.retention import compacting_every, keep_of
from syncd.settings import Settings
from syncd.signals import obeying
from syncd.store.claims import make_due
from syncd.store.clock import watched
from syncd.surfaces.admission import Limits
from syncd.surfaces.app import create_app
from syncd.surfaces.guard import Door
from syncd.surfaces.renderers import Pools
from syncd.surfaces.serve import WebServer
from syncd.watch import Watch
from syncd.worker import TICK_SECONDS

log = structlog.get_logger(__name__)


_UNSERVED: Final = {
    errno.EADDRINUSE: "another program has this port; end it, or take another one: "
    "--listen HOST:PORT (SYNCD_LISTEN, SYNCD_METRICS_LISTEN)",
    errno.EADDRNOTAVAIL: "this machine has no such address; 0.0.0.0:PORT is all that it has",
    errno.EACCES: "this user may not; take a port above 1023",
}


def unserved(error: OSError, listen: str) -> str:
    """Where nothing could be served, why, and what to do. `listen`: where it was to be, if `error`
    does not say so itself.

    >>> unserved(OSError(errno.EACCES, "0.0.0.0:80: Permission denied"), "0.0.0.0:80")
    '0.0.0.0:80: Permission denied: this user may not; take a port above 1023'
    """
    fix = _UNSERVED.get(error.errno or 0)
    return f"{listen}: {error}" if fix is None else f"{error.strerror}: {fix}"


def run(assembly: Assembly, pools: Pools | None = None) -> None:
    """Serves and works until SIGTERM or SIGINT, then drains within the grace period. On SIGHUP it
    looks at once for mapping files and secrets that have changed. By `pools` processes beside
    this one make what is read (None: this one does).

    Raises OSError when the address to listen on cannot be had.
    """
    settings = assembly.installation.settings
    stop = threading.Event()
    watch: Watch | None = None

    def told_to_stop(told: signal.Signals) -> None:
        log.info("stopping", signal=told.name)
        stop.set()
        assembly.worker.stop()

    def told_to_look(told: signal.Signals) -> None:
        log.info("looking_again", signal=told.name)
        if watch is not None:
            watch.now()

    obeyed = ExitStack()
    access = Access(settings.token(), tokens=StoredTokens(assembly.store, assembly.clock))
    looks: list[Callable[[], object]] = []
    hooks = couriers = compactor = None
    webs: list[WebServer] = []
    tells_time = watched(assembly.clock, assembly.instruments.clock_is_off)
    try:
        obeyed.enter_context(
            obeying(dict.fromkeys(STOPPING, told_to_stop) | {signal.SIGHUP: told_to_look})
        )
        # before anybody is told: a machine that is wrong must not say that it is right
        tells_time()
        if settings.role in ("all", "web"):
            hooks = Hooks(
                hook_ports(assembly.installation),
                partial(_make_due, assembly),
                assembly.clock,
                assembly.instruments,
            )
            application = create_app(
                assembly.store,
                assembly.clock,
                own_metrics=assembly.instruments.registry,
                instance=instance_of(settings),
                door=_door(assembly, access),
                apart=settings.metrics_listen is not None,
                limits=_limits(settings, pools),
                pools=pools,
                sample=assembly.instruments.process.sample,
                observer=assembly.instruments,
                hooks=hooks,
                planner=partial(
                    plan_of_edits,
                    assembly.store,
                    assembly.clock,
                    partial(load_again, assembly.installation),
                    interval_of=assembly.installation.every.seconds,
                    settings=worker_settings(settings),
                ),
            )
            for web, what in _servers(settings, application, pools):
                webs.append(web)
                log.info("serving", address=web.start(), what=what)
            if settings.who_reads() is Reading.TOKEN and not access.anybody():
                log.warning("access.nobody", fix="syncd token create NAME")
        if settings.role in ("all", "worker"):
            couriers = Courier(
                assembly.store,
                assembly.clock,
                assembly.installation.destinations(),
                assembly.instruments,
                lease_seconds=parse_duration(settings.lease),
            )
            begun(couriers.register, stop)
            keeper = MappingKeeper(assembly)
            begun(keeper.refresh, stop)
            looks.append(keeper.look)
            couriers.start()
            compactor = Compactor(
                assembly.store,
                assembly.clock,
                keep_of(settings),
                compacting_every(settings),
            )
            compactor.start()
        # secrets first: the mapping may want a source whose token is new
        looks.insert(0, renewals(assembly, access, hooks, couriers, webs).look)
        looks.insert(0, tells_time)
        watch = Watch(looks, parse_duration(settings.reload_every))
        watch.start()
        if settings.role in ("all", "worker"):
            assembly.worker.run()
        else:
            stop.wait()
    finally:
        stop.set()
        if watch is not None:
            watch.stop()
        if compactor is not None:
            compactor.stop()
        if couriers is not None:
            couriers.stop()
        for web in webs:
            web.stop()
        if hooks is not None:
            hooks.close()
        obeyed.close()
        log.info("stopped")


def begun(begin: Callable[[], object], stop: threading.Event) -> None:
    """Does what must be done before work begins, again and again while the store is away; not once
    `stop` is set. Who is ready must not end because a database restarts just then.
    """
    while not stop.is_set():
        try:
            begin()
        except sa.exc.DBAPIError as error:
            log.debug("begin.store_away", error=str(error.orig))
            stop.wait(TICK_SECONDS)
        else:
            return


def _door(assembly: Assembly, access: Access) -> Door:
    settings = assembly.installation.settings
    proxy = None if settings.proxy is None else settings.proxy.proxy()
    return Door(
        access,
        settings.who_reads(),
        proxy,
        settings.external_url,
        assembly.instruments.refused,
    )


def _limits(settings: Settings, pools: Pools | None) -> Limits:
    if pools is not None:
        at_once, rest = pools.answers.count, 0.0
    else:
        at_once, rest = (1, 1.0) if settings.role == "all" else (2, 0.0)
    return Limits(
        at_once=at_once,
        rest=rest,
        requests=settings.most_requests,
        requests_each=settings.most_requests_each,
        streams=settings.most_streams,
        streams_each=settings.most_streams_each,
    )


def _servers(
    settings: Settings, application: Starlette, pools: Pools | None
) -> Iterator[tuple[WebServer, str]]:
    """The servers of a process, each with what it serves; metrics and probes first: they say that
    the other is not up yet.
    """
    sender = None if pools is None else pools.sender
    if settings.metrics_listen is not None:
        host, _, port = settings.metrics_listen.rpartition(":")
        apart = WebServer(application.state.apart, host, int(port), sender=sender)
        yield apart, "metrics and probes"
    host, _, port = settings.listen.rpartition(":")
    web = WebServer(application, host, int(port), certificate=settings.certificate(), sender=sender)
    yield web, "everything"


def _make_due(assembly: Assembly, source: str, concerned: Concerns) -> int:
    return make_due(assembly.store, source, concerned, now=assembly.clock.now())


STOPPING = (signal.SIGTERM, signal.SIGINT)
