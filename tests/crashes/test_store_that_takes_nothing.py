"""A disk that is full, a store that is read-only, a server that is gone: what is known is served,
what is wrong is said, nothing is half written, and the exact truth follows by itself.
"""

from __future__ import annotations

import itertools
import resource
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from syncd.store.engine import Store
from tests.crashes.installation import Installation, Running, told
from tests.crashes.wholeness import Wholeness
from tests.peers.postgres import Postgres

pytestmark = pytest.mark.xdist_group("crashes")

TURNS = 3
"""So often a worker has tried in vain before anything is mended."""


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    with Postgres() as found:
        yield found


def looked_at(installation: Installation) -> Wholeness:
    """The store as it is now, which is whole."""
    whole = Wholeness(installation.inbox.bodies.keys)
    store = Store(installation.database_url)
    with store.read() as connection:
        whole.look(connection)
    store.close()
    return whole


def at_work(installation: Installation) -> Running:
    """One that has told something of everything."""
    running = installation.begin()
    running.until(running.ready, "it is ready")
    running.until(lambda: len(told(running)) == len(installation.truth()), "everything is known")
    running.until(lambda: None not in told(running).values(), "everything is measured")
    return running


def tried_in_vain(running: Running) -> None:
    """Returns after some turns that broke off, of which one line tells."""
    before = len(running.lines("worker.store_away"))
    running.until(
        lambda: len(running.lines("worker.store_away")) >= before + TURNS, "it tries again"
    )
    told = [line for line in running.log if '"store.' in line]
    assert len(told) == 1, "one line, however often and whoever tries\n" + "".join(told)


def says_so(running: Running, words: str) -> None:
    """Everything that it serves is served, and says what is wrong."""
    ready = running.get("/readyz")
    assert ready.status_code == 200
    assert words in ready.json()["reasons"][0]
    assert "syncd_store_writable 0.0" in running.get("/metrics").text
    for page in ("/", "/kr/now-o1-kr1", "/sources"):
        text = running.get(page).raise_for_status().text
        assert words in text, running.lines("store.failing")[-1]
    assert words in running.lines("store.failing")[-1]["words"]


def told_in_turn(running: Running) -> None:
    """Each standstill is told and its end too: once, or once more where a server that was away is
    back and cannot be written.
    """
    found = sorted(
        running.lines("store.failing") + running.lines("store.recovered"),
        key=lambda line: line["timestamp"],
    )
    troubles = [line.get("trouble") for line in found]  # None: it is over
    assert troubles[0] is not None
    assert troubles[-1] is None
    for before, after in itertools.pairwise(troubles):
        assert (before is None) != (after is None) or before == "away" != after, troubles


def goes_on(installation: Installation, running: Running, before: Wholeness) -> None:
    """By itself, to the exact truth; nothing that was told is gone or told twice."""
    running.until(lambda: running.lines("store.recovered"), "it goes on by itself")
    installation.come_to_rest(running)
    assert running.get("/readyz").json() == {"ready": True, "reasons": []}
    assert "syncd_store_writable 1.0" in running.get("/metrics").text
    assert "cannot be written" not in running.get("/").text
    assert running.end() == 0
    told_in_turn(running)
    after = looked_at(installation)
    assert before.told.items() <= after.told.items()
    letters = set(after.told.values())
    assert set(installation.inbox.bodies) <= letters
    if letters - set(installation.inbox.bodies):  # told as it ended: the next one delivers them
        running = installation.begin()
        running.until(lambda: letters <= set(installation.inbox.bodies), "all is delivered")
        assert running.end() == 0


def test_a_full_disk_stops_no_reader_and_costs_nothing_but_the_time(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'syncd.db'}"
    with Installation(tmp_path, url, more={"SYNCD_LOG_LEVEL": "debug"}) as installation:
        running = at_work(installation)
        _, most = resource.prlimit(running.pid, resource.RLIMIT_FSIZE)

        resource.prlimit(running.pid, resource.RLIMIT_FSIZE, (0, most))
        running.until(lambda: running.lines("store.failing"), "it is met")
        tried_in_vain(running)
        known = told(running)
        before = looked_at(installation)
        tried_in_vain(running)

        says_so(running, "the disk takes nothing more: it is full")
        assert told(running) == known
        assert looked_at(installation).told == before.told
        resource.prlimit(running.pid, resource.RLIMIT_FSIZE, (most, most))
        goes_on(installation, running, before)


def test_a_file_that_may_not_be_written_is_served_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "store" / "syncd.db"
    url = f"sqlite:///{file}"
    with Installation(tmp_path, url, more={"SYNCD_LOG_LEVEL": "debug"}) as installation:
        running = at_work(installation)
        assert running.end() == 0
        before = looked_at(installation)

        file.chmod(0o444)
        running = installation.begin()
        running.until(lambda: running.lines("store.failing"), "it is met")
        says_so(running, "it is read-only; let this user write the file")
        assert len(told(running)) == len(installation.truth())

        assert running.end() == 0
        assert looked_at(installation).told == before.told
        for one in file.parent.iterdir():  # SQLite makes those beside it as it is
            one.chmod(0o644)
        running = installation.begin()
        installation.come_to_rest(running)
        assert not running.lines("store.failing")
        assert running.end() == 0


def test_a_folder_in_which_sqlite_cannot_keep_its_log_is_refused_with_what_to_do(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "store"
    folder.mkdir(mode=0o555)
    with Installation(tmp_path, f"sqlite:///{folder / 'syncd.db'}") as installation:
        running = installation.begin()

        assert running.wait() == 2

        assert "let it read and write the file and its folder" in "".join(running.log)


def test_a_database_that_turns_read_only_is_served_as_it_is_until_it_turns_back(
    tmp_path: Path, server: Postgres
) -> None:
    url, name = server.create_database("turns"), "turns"
    with Installation(tmp_path, url, more={"SYNCD_LOG_LEVEL": "debug"}) as installation:
        running = at_work(installation)

        server.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
        server.disconnect(name)
        unwritable = "syncd_store_writable 0.0"
        running.until(lambda: unwritable in running.get("/metrics").text, "it is met")
        before = looked_at(installation)
        says_so(running, "it is read-only")

        server.execute(f"ALTER DATABASE {name} RESET default_transaction_read_only")
        goes_on(installation, running, before)


@pytest.mark.parametrize(
    "seconds", [0.0, pytest.param(150.0, marks=[pytest.mark.long, pytest.mark.timeout(600)])]
)
def test_a_server_that_is_gone_costs_nothing_but_the_time(
    tmp_path: Path, server: Postgres, seconds: float
) -> None:
    url = server.create_database(f"gone_{seconds:.0f}")
    with Installation(tmp_path, url, more={"SYNCD_LOG_LEVEL": "debug"}) as installation:
        running = at_work(installation)
        before = looked_at(installation)

        server.halt()
        halted = time.monotonic()
        tried_in_vain(running)
        while time.monotonic() - halted < seconds:
            tried_in_vain(running)

        ready = running.get("/readyz")
        assert ready.status_code == 503
        assert "does not answer" in ready.json()["reasons"][0]
        assert running.get("/livez").is_success
        for page in ("/", "/api/v1/krs", "/feed.json", "/metrics"):
            answer = running.get(page)
            assert answer.status_code == 503
            assert answer.headers["retry-after"]
        asked = running.get("/").headers["x-request-id"]
        said = running.lines("surface.store_away")[-1]["run_id"]
        assert said == asked, "also where a renderer says it"
        server.go_on()
        goes_on(installation, running, before)
