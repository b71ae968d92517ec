"""Whatever breaks between syncd and an upstream, on whichever page of a run: nothing that was known
is lost or changed, no key result turns good or bad by it, and the next good run brings the truth.

The contract (`tests/contract`) holds each connector to the errors; this holds the whole way of a run
to what they do to a store. `docs/reference/faults.md` is made of the same table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from syncd.store.engine import Store
from tests.faults.doors import Certified, Named, unanswered_url
from tests.faults.front import BIG_BYTES, Big, Front
from tests.faults.running import (
    begin,
    due_at,
    failure,
    lines,
    reads,
    status,
    stored,
    told_of_source,
    truth,
    working,
)
from tests.faults.stage import PAGES, Stage
from tests.faults.table import TABLE, Broken
from tests.faults.worlds import BEFORE, BROKEN, World, worlds
from tests.peers.postgres import Postgres

WORLDS = {world.name: world for world in worlds()}


def cells() -> Iterator[Any]:
    """Every fault with every connector, on each page of a run that reads everything and of one that
    reads what changed: one of those in turn, the others among the long tests.
    """
    for place, fault in enumerate(TABLE):
        for number, (name, world) in enumerate(WORLDS.items()):
            spots = list(product(reads(world), PAGES))
            for turn, (how, page) in enumerate(spots):
                marks = [pytest.mark.xdist_group(f"faults-{name}")]
                if turn != (place + 2 * number) % len(spots):
                    marks.append(pytest.mark.long)
                named = f"{name}-{fault}-{how}-{page}"
                yield pytest.param(name, fault, how, page, marks=marks, id=named)


@contextmanager
def staged(world: World, front: Front, folder: Path, like: Stage | None) -> Iterator[Stage]:
    with front:
        stage = Stage(world, front, folder, like)
        yield stage
        stage.close()


@pytest.fixture(scope="module")
def stages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str, str], Stage]]:
    """The stage of each world by the kind of its door, set up once and only where it is asked for."""
    with ExitStack() as stack:
        made_ones: dict[tuple[str, str], Stage] = {}
        names = ExitStack()

        def stage(name: str, door: str = "") -> Stage:
            if (name, door) not in made_ones:
                world, folder = WORLDS[name], tmp_path_factory.mktemp(name)
                like = stage(name) if door else None
                how: Named | Certified | None = None
                if door == "no name":
                    how = names.enter_context(Named())
                elif door == "no TLS":
                    how = Certified(folder)
                    world = replace(world, verify=str(how.authority))
                front = Front(world.healthy, world.is_page, how)
                made_ones[name, door] = stack.enter_context(staged(world, front, folder, like))
            return made_ones[name, door]

        with names:
            yield stage


@pytest.mark.parametrize(("name", "fault", "how", "page"), list(cells()))
def test_a_fault_changes_nothing_that_is_known_and_the_next_good_run_brings_the_truth(
    stages: Callable[..., Stage], name: str, fault: str, how: str, page: str
) -> None:
    broken = TABLE[fault]
    later = broken.unanswered and page != "first"
    stage = stages(name, broken.unanswered if later and broken.unanswered != "refused" else "")
    with stage.store() as store:
        survive(stage, store, broken, how, page)


@pytest.mark.parametrize(
    ("name", "fault", "how"),
    [
        ("jira-cloud", "reset mid-body", "changes"),
        ("jira-datacenter", "401", "full"),
        ("netbox", "502 as HTML", "changes"),
        ("prometheus", "never answers", "number"),
    ],
)
def test_the_same_holds_on_postgresql(
    stages: Callable[..., Stage], postgres: Postgres, name: str, fault: str, how: str
) -> None:
    stage = stages(name)
    store = Store(postgres.create_database())
    try:
        store.migrate()
        stage.world.clock.set(BEFORE)
        begin(stage.world, store, stage.front)
        survive(stage, store, TABLE[fault], how, "middle")
    finally:
        store.close()


def survive(stage: Stage, store: Store, broken: Broken, how: str, page: str) -> None:
    """Has a run meet the fault and the next one none, and holds both to what is promised."""
    world, front = stage.world, stage.front
    known, called = stored(store), status(store)

    with lines() as logged:
        world.clock.set(BROKEN)
        with ExitStack() as stack:
            program = broken.fault() if broken.fault else None
            url, number = front.url, stage.page(how, page)
            if program is not None:
                front.breaks(program, number)
            elif page == "first":
                url = stack.enter_context(unanswered_url(broken.unanswered))
            else:
                front.shuts(number)
            meets = working(world, store, url, broken.seconds, broken.silence_seconds, how)
            report = stack.enter_context(meets)()

        assert report.error_type == broken.error_type
        assert report.seconds < broken.seconds + 10.0
        told_type, told_words = failure(store)
        assert told_type == broken.error_type
        assert broken.says in (told_words or "")
        assert stored(store) == known
        assert status(store) == called
        assert told_of_source(store) == [("source_failing", broken.error_type)]
        if isinstance(program, Big):
            assert program.sent_bytes < BIG_BYTES / 4
        wait = (due_at(store) - BROKEN).total_seconds()
        assert wait == max(300.0, broken.waits_seconds)

        front.mend()
        world.clock.set(due_at(store))
        with working(world, store, front.url, how=how) as cycle:
            report = cycle()
            assert report.error_type is None
            assert how == "number" or report.full is (how == "full")

    told = truth(store, world.clock.now())
    assert failure(store) == (None, None)
    assert [line["event"] for line in logged] == ["source.failing", "source.recovered"]
    assert logged[0]["error_type"] == broken.error_type
    assert told_of_source(store)[1:] == [("source_recovered", "answers")]
    assert told == stage.never_broken(world.clock.now())
