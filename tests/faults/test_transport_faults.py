"""Whatever breaks between syncd and an upstream, on whichever page of a run: nothing that was known
is lost or changed, no key result turns good or bad by it, and the next good run brings the truth.

The contract (`tests/contract`) holds each connector to the errors; this holds the whole way of a run
to what they do to a store. `docs/reference/faults.md` is made of the same table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path

import pytest

from syncd.store.engine import Store
from tests.faults.front import BIG_BYTES, Big, Front, unanswered_url
from tests.faults.running import (
    Truth,
    begin,
    due_at,
    failure,
    lines,
    status,
    stored,
    told_of_source,
    truth,
    working,
)
from tests.faults.table import PAGES, TABLE, Broken
from tests.faults.worlds import BEFORE, BROKEN, World, worlds
from tests.peers.postgres import Postgres
from tests.store.made import made

WORLDS = {world.name: world for world in worlds()}


class Stage:
    """A world with its front, a store as it was before the fault, and what a store that never saw
    one tells at later moments.
    """

    def __init__(self, world: World, front: Front, folder: Path) -> None:
        self.world = world
        self.front = front
        self._folder = folder
        self._twins: dict[datetime, Truth] = {}
        world.clock.set(BEFORE)
        path = folder / "before.db"
        store = made(path)
        begin(world, store, front)
        store.close()
        self._before = path.read_bytes()
        self.pages = front.pages
        assert self.pages >= 3

    @contextmanager
    def store(self, name: str) -> Iterator[Store]:
        """A copy of the store as it was before the fault, in a file of this name."""
        path = self._folder / name
        path.write_bytes(self._before)
        store = Store(f"sqlite:///{path}")
        try:
            yield store
        finally:
            store.close()
            for file in self._folder.glob(f"{name}*"):
                file.unlink()

    def page(self, named: str) -> int:
        return {"first": 1, "middle": (self.pages + 1) // 2, "last": self.pages}[named]

    def never_broken(self, now: datetime) -> Truth:
        """What a store tells at this moment that never saw a fault."""
        if now not in self._twins:
            self.front.mend()
            self.world.clock.set(now)
            with self.store("twin") as store, working(self.world, store, self.front.url) as cycle:
                assert cycle().error_type is None
                self._twins[now] = truth(store, now)
        return self._twins[now]


def cells() -> Iterator[pytest.ParameterSet]:
    """Every fault with every connector: on a middle page of all, and on the first and the last of
    one of them, in turn (of all, among the long tests). Where no connection comes about, none does
    on the first page either.
    """
    for place, (fault, broken) in enumerate(TABLE.items()):
        for number, name in enumerate(WORLDS):
            for page in PAGES if broken.fault else PAGES[:1]:
                turn = {"first": 0, "middle": None, "last": 2}[page]
                covered = turn is None or not broken.fault or (place + number) % 4 == turn
                marks = [pytest.mark.xdist_group(f"faults-{name}")]
                marks += [] if covered else [pytest.mark.long]
                yield pytest.param(name, fault, page, marks=marks, id=f"{name}-{fault}-{page}")


@pytest.fixture(scope="module")
def stages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Stage]]:
    """The stage of each world, set up once and only where it is asked for."""
    with ExitStack() as stack:
        made_ones: dict[str, Stage] = {}

        def stage(name: str) -> Stage:
            if name not in made_ones:
                world = WORLDS[name]
                front = stack.enter_context(Front(world.healthy, world.is_page))
                made_ones[name] = Stage(world, front, tmp_path_factory.mktemp(name))
            return made_ones[name]

        yield stage


@pytest.mark.parametrize(("name", "fault", "page"), list(cells()))
def test_a_fault_changes_nothing_that_is_known_and_the_next_good_run_brings_the_truth(
    stages: Callable[[str], Stage], name: str, fault: str, page: str
) -> None:
    stage = stages(name)
    with stage.store("cell") as store:
        survive(stage, store, TABLE[fault], page)


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("jira-cloud", "reset mid-body"),
        ("jira-datacenter", "401"),
        ("netbox", "502"),
        ("prometheus", "never answers"),
    ],
)
def test_the_same_holds_on_postgresql(
    stages: Callable[[str], Stage], postgres: Postgres, name: str, fault: str
) -> None:
    stage = stages(name)
    store = Store(postgres.create_database())
    try:
        store.migrate()
        stage.world.clock.set(BEFORE)
        begin(stage.world, store, stage.front)
        survive(stage, store, TABLE[fault], "middle")
    finally:
        store.close()


def survive(stage: Stage, store: Store, broken: Broken, page: str) -> None:
    """Has a run meet the fault and the next one none, and holds both to what is promised."""
    world, front = stage.world, stage.front
    known, called = stored(store), status(store)
    error_type, says = broken.becomes(world.name)

    with lines() as logged:
        world.clock.set(BROKEN)
        with ExitStack() as stack:
            program = broken.fault() if broken.fault else None
            url = front.url
            if program is None:
                url = stack.enter_context(unanswered_url(broken.unanswered))
            else:
                front.breaks(program, stage.page(page))
            meets = working(world, store, url, broken.seconds, broken.silence_seconds)
            report = stack.enter_context(meets)()

        assert report.error_type == error_type
        assert report.seconds < broken.seconds + 10.0
        told_type, told_words = failure(store)
        assert told_type == error_type
        assert says in (told_words or "")
        assert stored(store) == known
        assert status(store) == called
        assert told_of_source(store) == [("source_failing", error_type)]
        if isinstance(program, Big):
            assert program.sent_bytes < BIG_BYTES / 4
        wait = (due_at(store) - BROKEN).total_seconds()
        assert wait == max(300.0, broken.waits_seconds)

        front.mend()
        world.clock.set(due_at(store))
        with working(world, store, front.url) as cycle:
            assert cycle().error_type is None

    assert truth(store, world.clock.now()) == stage.never_broken(world.clock.now())
    assert failure(store) == (None, None)
    assert [line["event"] for line in logged] == ["source.failing", "source.recovered"]
    assert logged[0]["error_type"] == error_type
    assert told_of_source(store)[1:] == [("source_recovered", "answers")]
