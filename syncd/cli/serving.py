"""Running a process until it is told to stop."""

from __future__ import annotations

import signal
import threading
from functools import partial
from importlib.metadata import version
from types import FrameType

import structlog

from syncd.intake.access import Access
from syncd.intake.hooks import Concerns, HookPort, Hooks
from syncd.outgoing.courier import Courier
from syncd.process import Assembly, MappingKeeper
from syncd.registry import connectors
from syncd.settings import Installation
from syncd.store.claims import make_due
from syncd.surfaces.app import InstanceInfo, create_app
from syncd.surfaces.serve import WebServer

log = structlog.get_logger(__name__)


def run(assembly: Assembly) -> None:
    """Serves and works until SIGTERM or SIGINT, then drains within the grace period.

    Raises OSError when the address to listen on cannot be had.
    """
    settings = assembly.installation.settings
    stop = threading.Event()

    def told_to_stop(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        log.info("stopping", signal=signal.Signals(number).name)
        stop.set()
        assembly.worker.stop()

    before = {number: signal.signal(number, told_to_stop) for number in STOPPING}
    web = hooks = None
    keeper_thread = couriers = None
    try:
        if settings.role in ("all", "web"):
            host, _, port = settings.listen.rpartition(":")
            info = InstanceInfo(version=version("syncd"), external_url=settings.external_url)
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
                instance=info,
                access=Access(settings.token()),
                hooks=hooks,
            )
            web = WebServer(application, host, int(port))
            log.info("serving", address=web.start())
        if settings.role in ("all", "worker"):
            couriers = Courier(
                assembly.store,
                assembly.clock,
                assembly.installation.destinations(),
                assembly.instruments,
            )
            couriers.register()
            keeper = MappingKeeper(assembly)
            keeper.refresh()
            keeper_thread = threading.Thread(target=keeper.keep, args=(stop,), name="mappings")
            keeper_thread.start()
            couriers.start()
            assembly.worker.run()
        else:
            stop.wait()
    finally:
        stop.set()
        if keeper_thread is not None:
            keeper_thread.join()
        if couriers is not None:
            couriers.stop()
        if web is not None:
            web.stop()
        if hooks is not None:
            hooks.close()
        for number, handler in before.items():
            signal.signal(number, handler)
        log.info("stopped")


def hook_ports(found: Installation) -> dict[str, HookPort]:
    """Where notices come in, by what stands in the address: each source's name, and each kind
    that has a default source. Raises SettingsRefused when a secret is missing.
    """
    ports: dict[str, HookPort] = {}
    for name, source in found.sources.items():
        hook = connectors()[source.kind].hook
        if hook is not None:
            ports[name] = HookPort(name, hook, source.hook_key(name))
    for kind, name in found.defaults.items():
        if name in ports:
            ports.setdefault(kind, ports[name])
    return ports


def _make_due(assembly: Assembly, source: str, concerned: Concerns) -> int:
    return make_due(assembly.store, source, concerned, now=assembly.clock.now())


STOPPING = (signal.SIGTERM, signal.SIGINT)
