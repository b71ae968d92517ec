"""Fixtures that boot real servers. Everything is imported lazily: unit tests do not pay for it.

The servers live as long as the session, and each of pytest-xdist's workers has a session of its own.
`--dist loadgroup` keeps the tests of a file on one worker, for the fixtures that they share, and all
that use the one NetBox (10 s to boot, 600 MB) on another, through the groups that are set below. A file
whose tests share nothing may set groups of its own. NetBox begins: it takes longest, and would
otherwise be what a run waits for at its end.
"""

from __future__ import annotations

import gc
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from tests.examples import examples
from tests.memory import prefer_memory

if TYPE_CHECKING:
    from tests.peers.netbox import NetBox
    from tests.peers.postgres import Postgres
    from tests.peers.prometheus import Prometheus

# How long an example takes is the machine's affair: no timing is asserted.
settings.register_profile("any machine", deadline=None, max_examples=examples(40))
settings.load_profile("any machine")

DEAREST = (
    "netbox",
    "crashes",
    "tests/soak/test_soak.py",
    "tests/unit/demo/test_quarter_told.py",
    "tests/peers/test_pages_in_a_browser.py",
    "tests/peers/test_replicas.py",
    "tests/unit/surfaces/test_api_conformance.py",
)
"""Groups of few tests that take a minute or more, the longest first."""

LEFT_SECONDS = 5.0
"""How long a thread that was told to end may take for it."""
OF_SERVERS = ("process_request_thread", "serve_forever", "AnyIO worker thread", "Sandbox:")
"""Threads of servers that many tests share, whichever of these begins them."""

PEERS = {"postgres", "netbox", "prometheus_server"}


def pytest_configure(config: pytest.Config) -> None:
    """Have pytest-xdist take groups in the order of the tests (its own is by their number alone), and
    temporary files be in memory; pytest-xdist's workers do as the process that starts them.
    """
    prefer_memory()
    if hasattr(config.option, "loadscopereorder"):
        config.option.loadscopereorder = False


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark a test that talks to real servers, and group those that share a server or a file.

    Here and not when all are collected: pytest-xdist reads the groups before this file could.
    """
    used = PEERS.intersection(getattr(item, "fixturenames", ()))
    if used:
        item.add_marker(pytest.mark.peers)
    if item.config.pluginmanager.hasplugin("xdist") and not item.get_closest_marker("xdist_group"):
        shared = "netbox" if "netbox" in used else item.nodeid.partition("::")[0]
        item.add_marker(pytest.mark.xdist_group(shared))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest groups first, and those of few tests that take long before many that do not:
    else a run waits for one of them at its end.
    """
    groups = {item: str(one.args[0]) for item in items for one in item.iter_markers("xdist_group")}
    sizes = Counter(groups.values())

    def place(item: pytest.Item) -> tuple[int, int]:
        group = groups.get(item, "")
        dear = DEAREST.index(group) if group in DEAREST else len(DEAREST)
        return dear, -sizes[group]

    items.sort(key=place)


def pytest_collection_finish() -> None:
    """Have the garbage collector leave alone what was loaded and collected: it lives to the end, and
    looking through it again and again took a tenth of the time.
    """
    gc.collect()
    gc.freeze()


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Notice where groups are asked for and not kept: each worker would start servers of its own."""
    if getattr(item.config.option, "loadgroup", False) and "@" not in item.nodeid:
        pytest.exit(f"{item.nodeid} is in no group: pytest-xdist does not fit this pytest", 3)


@pytest.fixture(autouse=True)
def _no_thread_left() -> Iterator[None]:
    """Fail a test that leaves a thread behind for which Python would wait at its end. What fixtures
    of a file or a session have begun is theirs to end, and so are tests that begin such servers.
    """
    before = set(threading.enumerate())
    yield

    def begun() -> list[threading.Thread]:
        return [
            it
            for it in threading.enumerate()
            if it not in before and not it.daemon and not any(one in it.name for one in OF_SERVERS)
        ]

    for thread in begun():
        thread.join(LEFT_SECONDS)
    assert begun() == [], "threads are left behind"


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL cluster; ``create_database()`` gives the address of a fresh empty database."""
    from tests.peers.postgres import Postgres

    with Postgres() as server:
        yield server


@pytest.fixture(scope="session")
def netbox(postgres: Postgres) -> Iterator[NetBox]:
    """A NetBox server, empty when the session starts: tests that care call ``reset()`` first."""
    from tests.peers.netbox import NetBox

    with NetBox(postgres) as server:
        yield server


@pytest.fixture(scope="session")
def prometheus_server() -> Iterator[Callable[..., Prometheus]]:
    """A function that boots a Prometheus (same arguments as the class); all end with the session."""
    from tests.peers.prometheus import Prometheus

    started: list[Prometheus] = []

    def start(*args: object, **options: object) -> Prometheus:
        server = Prometheus(*args, **options)  # type: ignore[arg-type]
        started.append(server)
        return server.start()

    yield start
    for server in started:
        server.stop()
