"""What only one kind of upstream can do wrong: the same promises as for the faults of transport, and
where a fault does no harm, the truth.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from syncd.store.engine import Store
from tests.faults.front import Front
from tests.faults.own import EXACT, HELD, LATE, NO_VALUE, PARTIAL, Own
from tests.faults.own_jira import JIRA
from tests.faults.own_netbox import NETBOX
from tests.faults.own_prometheus import PROMETHEUS
from tests.faults.running import (
    Truth,
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
from tests.faults.stage import Stage
from tests.faults.worlds import BROKEN, World, variant, worlds

WORLDS = {world.name: world for world in worlds()}
OWN: dict[str, dict[str, Own]] = {"jira": JIRA, "netbox": NETBOX, "prometheus": PROMETHEUS}
UNKNOWN = {"no_data", "stale"}


def cells() -> Iterator[Any]:
    """Every fault with each of its upstreams and each way of reading."""
    for table in OWN.values():
        for fault, own in table.items():
            for name in own.worlds:
                for how in own.reads or reads(WORLDS[name]):
                    group = pytest.mark.xdist_group(f"faults-{name}")
                    yield pytest.param(name, own, how, marks=group, id=f"{name}-{fault}-{how}")


@pytest.fixture(scope="module")
def stages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str, str], Stage]]:
    with ExitStack() as stack:
        made: dict[tuple[str, str], Stage] = {}

        def stage(name: str, of: str) -> Stage:
            if (name, of) not in made:
                world: World = variant(name, of) if of else WORLDS[name]
                front = stack.enter_context(Front(world.healthy, world.is_page))
                made[name, of] = Stage(world, front, tmp_path_factory.mktemp(name))
                stack.callback(made[name, of].close)
            return made[name, of]

        yield stage


@pytest.mark.parametrize(("name", "own", "how"), list(cells()))
def test_a_fault_of_its_own_is_told_or_does_no_harm_and_the_next_good_run_brings_the_truth(
    stages: Callable[[str, str], Stage], name: str, own: Own, how: str
) -> None:
    stage = stages(name, own.of)
    with stage.store() as store:
        survive(stage, store, own, how)


def survive(stage: Stage, store: Store, own: Own, how: str) -> None:
    """Has a run meet the fault and the next one none, and holds both to what is promised."""
    world, front = stage.world, stage.front
    known, called = stored(store), status(store)

    with lines() as logged:
        world.clock.set(BROKEN)
        front.mend()
        front.breaks(own.fault(world), stage.page(how, own.page))
        with working(world, store, front.url, 20.0, 10.0, how) as cycle:
            report = cycle()
            asked = front.paths
            assert report.error_type == (own.becomes if own.fails else None), failure(store)
            assert report.seconds < 30.0
            assert not any("graphql" in path for path in asked)
            at_the_fault = truth(store, world.clock.now())
            if own.fails:
                assert own.says in (failure(store)[1] or "")
                assert stored(store) == known
                assert status(store) == called
                assert told_of_source(store) == [("source_failing", own.becomes)]
            else:
                assert failure(store) == (None, None)
                assert told_of_source(store) == []
                if own.becomes == HELD:
                    assert stored(store) == known
                    assert status(store) == called

            front.mend()
            moment = world.clock.now()
            world.clock.set(due_at(store))
            assert cycle().error_type is None

    now = world.clock.now()
    told = truth(store, now)
    assert failure(store) == (None, None)
    lasting = [(line["event"], line.get("reason", "")) for line in logged]
    if own.fails:
        assert [event for event, _ in lasting] == ["source.failing", "source.recovered"]
        assert told_of_source(store)[1:] == [("source_recovered", "answers")]
    elif own.becomes == HELD:
        assert [event for event, _ in lasting] == ["number.quarantined", "number.released"]
        assert any(own.says in line.get("words", "") for line in logged)
    elif own.becomes in (PARTIAL, NO_VALUE):
        assert [event for event, _ in lasting] == ["reading.lacking", "reading.whole"]
        assert own.says in lasting[0][1]
        _holds_back(at_the_fault, own, called)
    else:
        assert lasting == []
        if own.becomes == LATE:
            assert at_the_fault.status == called
        else:
            assert own.becomes == EXACT
            sound = stage.never_broken(moment)
            assert (at_the_fault.reading, at_the_fault.status) == (sound.reading, sound.status)
    assert told == stage.never_broken(now)


def _holds_back(at_the_fault: Truth, own: Own, called: str) -> None:
    value, *_, partial = at_the_fault.reading
    if own.becomes == NO_VALUE:
        assert value is None
        assert at_the_fault.status in UNKNOWN
    else:
        assert partial
        assert at_the_fault.status in UNKNOWN | {called}
