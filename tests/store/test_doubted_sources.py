"""From a source that says what cannot be, through connector and worker, to what is told of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.base import Connector, Dimension, Plan, SilentObserver, SourceConfig
from connectors.jira import connector as jira
from connectors.jira.measures import Count
from connectors.netbox import connector as netbox
from connectors.netbox.measures import Count as NetBoxCount
from connectors.prometheus import connector as prometheus
from connectors.prometheus.measures import Query
from syncd.clock import ManualClock
from syncd.demo.jira import JiraSandbox, Seed
from syncd.demo.netbox import NetBoxSandbox
from syncd.demo.prometheus import PrometheusSandbox
from syncd.model import Catalogue, Indicator, Plausible, Status
from syncd.store import read
from syncd.store.accepting import accept
from syncd.store.catalogue import put_in_force
from syncd.store.engine import Store
from syncd.worker import Worker
from tests.peers import world
from tests.store.catalogues import START, catalogue, key_result
from tests.store.made import made
from tests.store.test_faulty import Silent

FIVE = timedelta(minutes=5)
ISSUES = 1000
TOKEN = "nbt_abcdefghijkl.s3cr3t4741s3cr3t4741s3cr3t4741s3cr3t4741"


@dataclass
class Watched:
    """A store of one number, a worker that reads it every five minutes, and their clock."""

    store: Store
    clock: ManualClock
    worker: Worker
    indicator: Indicator

    def run(self, times: int = 1) -> None:
        for _ in range(times):
            self.clock.move_to(self.clock.now() + FIVE)
            reports = self.worker.cycle()
            assert [report.error_type for report in reports] == [None] * len(reports)

    @property
    def value(self) -> float | None:
        (view,) = self._views()
        return None if view.reading is None else view.reading.value

    @property
    def doubt(self) -> str | None:
        (view,) = self._views()
        return None if view.quarantine is None else view.quarantine.doubt.kind.value

    @property
    def told(self) -> tuple[Status, str | None]:
        with self.store.read() as connection:
            (view,) = read.key_result_views(connection)
        assert view.assessment is not None
        return view.assessment.status, view.assessment.doubt

    @property
    def feed(self) -> list[str]:
        with self.store.read() as connection:
            events = reversed(read.feed(connection))
            return [e.reason for e in events if e.kind.value.startswith("number_")]

    def _views(self) -> list[read.IndicatorView]:
        with self.store.read() as connection:
            return read.indicator_views(connection)


@pytest.fixture
def watch(tmp_path: Path) -> Iterator[Callable[..., Watched]]:
    """Watches what a connector reads of a plan at an address."""
    opened: list[Any] = []

    def do(
        connector: Connector,
        plan: Plan,
        url: str,
        clock: ManualClock,
        secrets: dict[str, str],
        plausible: Plausible,
        **options: Any,
    ) -> Watched:
        kind = connector.kind
        config = SourceConfig(name=kind, kind=kind, url=url, secrets=secrets, options=options)
        session = connector.open(config, SilentObserver())
        indicator = Indicator(
            "watched", f"{kind}.x", kind, plan, Dimension.COUNT, None, {"x": 1}, plausible=plausible
        )
        what: Catalogue = catalogue([indicator], [key_result("ops-o1-kr1", indicator)])
        store = made(tmp_path / "syncd.db")
        put_in_force(
            store, what, interval_of=lambda _: 300.0, link_of=lambda _: None, now=clock.now()
        )
        worker = Worker(store, clock, {kind: session}, observer=Silent())
        worker.work_on(what)
        opened.extend((worker, store))
        return Watched(store, clock, worker, indicator)

    yield do
    for one in opened:
        one.close()


@pytest.fixture
def issues(watch: Callable[..., Watched]) -> Iterator[tuple[JiraSandbox, Watched]]:
    """A thousand issues, counted."""
    clock = ManualClock(START)
    seed = world.jira_seed()
    seed["issues"] = [
        {
            "key": f"PROC-{number}",
            "created": "2025-12-31T08:00:00Z",
            "reporter": "u-reader",
            "fields": {"issuetype": "Task", "summary": "x", "status": "To Do"},
        }
        for number in range(1, ISSUES + 1)
    ]
    with JiraSandbox(Seed.model_validate(seed), clock.now, flavour="datacenter", token="t") as site:
        plan = Count(measure="jira.count", jql="project = PROC").plan("jira")
        yield (
            site,
            watch(
                jira, plan, site.url, clock, {"token": "t"}, Plausible(confirm=2),
                flavour="datacenter",
            ),
        )  # fmt: skip


def hide(site: JiraSandbox, many: int) -> None:
    for number in range(1, many + 1):
        site.hide_issue(f"PROC-{number}")


def test_a_permission_lost_on_most_issues_is_not_believed_and_comes_back(
    issues: tuple[JiraSandbox, Watched],
) -> None:
    site, seen = issues
    seen.run()
    hide(site, 900)

    seen.run()
    assert (seen.value, seen.doubt, seen.told) == (1000, "shrink", (Status.ON_TRACK, "shrink"))

    for number in range(1, 901):
        site.show_issue(f"PROC-{number}")
    seen.run()
    assert (seen.value, seen.doubt) == (1000, None)
    assert seen.feed == ["shrink", "in_bounds"]


def test_what_stays_so_is_confirmed_by_the_next_runs(
    issues: tuple[JiraSandbox, Watched],
) -> None:
    site, seen = issues
    seen.run()
    hide(site, 900)

    seen.run(2)
    assert seen.value == 1000
    seen.run()

    assert (seen.value, seen.doubt) == (100, None)
    assert seen.feed == ["shrink", "confirmed"]


def test_a_person_accepts_it_and_the_next_run_tells_it(
    issues: tuple[JiraSandbox, Watched],
) -> None:
    site, seen = issues
    seen.run()
    hide(site, 900)
    seen.run()

    accept(
        seen.store, seen.indicator.fingerprint, by="Ada", reason="archived", now=seen.clock.now()
    )
    seen.worker.cycle()  # it is due at once

    assert seen.value == 1000  # this is no new moment, so no new run
    seen.run()
    assert (seen.value, seen.feed) == (100, ["shrink", "accepted"])


def test_a_counter_that_runs_backwards_is_held_back(watch: Callable[..., Watched]) -> None:
    clock = ManualClock(START)
    says = [5000, 5100, 40, 60, 90]
    samples = [[(START + n * FIVE).timestamp(), value] for n, value in enumerate([5000, *says])]
    series = [{"metric": {"__name__": "tokens_total"}, "samples": samples}]
    with PrometheusSandbox({"series": series}, clock.now) as site:
        plan = Query(measure="prometheus.query", query="tokens_total").plan("prometheus")
        seen = watch(prometheus, plan, site.url, clock, {}, Plausible(counter=True, confirm=2))
        told = []
        for _ in says:
            seen.run()
            told.append(seen.value)

    assert told == [5000, 5100, 5100, 5100, 90]
    assert seen.feed == ["counter", "confirmed"]


def test_a_count_of_netbox_that_shrinks_is_held_back(watch: Callable[..., Watched]) -> None:
    clock = ManualClock(world.NOW)
    seed = world.netbox_seed()
    for device in seed["devices"]:
        at = (world.NOW + 1.5 * FIVE).strftime("%Y-%m-%dT%H:%M:%SZ")
        device["changes"] = [{"at": at, "by": "alice", "set": {"status": "offline"}}]
    with NetBoxSandbox(seed, clock.now, token=TOKEN) as site:
        plan = NetBoxCount(
            measure="netbox.count", endpoint="dcim.devices", filter={"status": "active"}
        ).plan("netbox")
        limits = Plausible(shrink_ratio=0.3, confirm=2)
        seen = watch(netbox, plan, site.url, clock, {"token": TOKEN}, limits)
        told = []
        for _ in range(4):
            seen.run()
            told.append(seen.value)

    assert told[0] is not None
    assert told[0] > 4
    assert told == [told[0], told[0], told[0], 0]
    assert seen.feed == ["shrink", "confirmed"]
