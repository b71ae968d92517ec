"""Each NetBox measure against planted truth on a real NetBox, and the past that it rebuilds."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.base import Exchange, NumberPlan, Outcome, ScanPlan
from connectors.netbox import connector
from tests.peers.netbox import NetBox
from tests.peers.netbox.watching import (
    Recorder,
    Upstream,
    Watcher,
    World,
    opened,
)

PASS, FAIL, PENDING = Outcome.PASS, Outcome.FAIL, Outcome.PENDING
HOUR = timedelta(hours=1)
MANAGED = {"every": "interfaces", "where": {"mgmt_only": True}, "has": "cable"}
Watch = Callable[..., Watcher]


class Interrupting(Recorder):
    """Does something once, right after so many exchanges of a run."""

    def __init__(self) -> None:
        super().__init__()
        self.after: int | None = None
        self.act: Callable[[], None] = lambda: None

    def exchanged(self, exchange: Exchange) -> None:
        super().exchanged(exchange)
        if len(self.exchanges) == self.after:
            self.after = None
            self.act()


@pytest.fixture(scope="module")
def watch(upstream: Upstream) -> Iterator[Watch]:
    """Starts watching a measure; one session for all, so that filters are proven once."""
    recorder = Recorder()
    session = opened(upstream.url, upstream.token(), recorder)

    def start(measure: Mapping[str, Any]) -> Watcher:
        plan = connector.measures[measure["measure"]].model_validate(measure).plan("netbox")
        assert isinstance(plan, ScanPlan)
        return Watcher(session, plan, recorder)

    yield start
    session.close()


def measure(kind: str, world: World, **options: Any) -> dict[str, Any]:
    return {"measure": f"netbox.{kind}", **world.scope, **options}


def moment() -> datetime:
    """Now; whatever is done next has another time."""
    now = datetime.now(UTC)
    while datetime.now(UTC) - now < timedelta(milliseconds=3):
        pass
    return now


def ago(**time: float) -> str:
    return (datetime.now(UTC) - timedelta(**time)).isoformat()


def journal(world: World, device: int, kind: str, account: str = "admin") -> int:
    return world.upstream.add(
        "extras/journal-entries/",
        account,
        assigned_object_type="dcim.device",
        assigned_object_id=device,
        kind=kind,
        comments="written by a test",
    )


# ---------------------------------------------------------------------------------- completeness


def test_completeness_names_what_each_object_lacks(world: World, watch: Watch) -> None:
    required = [
        {"fields": ["rack", "primary_ip4"]},
        {"when": {"role": world.tag}, "fields": [f"cf.{world.field}", MANAGED]},
    ]
    whole, bare = world.device(rack=world.rack), world.device()
    ports = [world.interface(one, "mgmt0", mgmt_only=True) for one in (whole, bare)]
    world.cable(ports[0], world.interface(world.device(status="planned"), "p1"))
    world.address(whole, ports[0])
    world.upstream.edit("dcim/devices/", whole, custom_fields={world.field: ago(hours=1)})

    seen = watch(measure("completeness", world, required=required)).cycle()

    assert seen.missing(whole) == ()
    cable = "{every: interfaces, where: {mgmt_only: true}, has: cable}"
    assert seen.missing(bare) == ("rack", "primary_ip4", f"cf.{world.field}", cable)


# --------------------------------------------------------------------------------------- latency


def test_latency_to_a_journal_entry_is_pending_until_its_deadline(
    world: World, watch: Watch
) -> None:
    hours = {"in time": 2.0, "late": 30.0, "waiting": 2.0, "overdue": 30.0}
    made = {
        name: world.device(custom_fields={world.field: ago(hours=passed)})
        for name, passed in hours.items()
    }
    for name in ("in time", "late"):
        journal(world, made[name], "info")
        journal(world, made[name], "success")
    journal(world, made["waiting"], "warning")
    asked = measure(
        "latency",
        world,
        **{"from": f"cf.{world.field}", "to": {"journal": "success"}, "within": "24 h"},
    )

    seen = watch(asked).cycle()

    assert {name: seen.says[str(one)][0] for name, one in made.items()} == {
        "in time": PASS,
        "late": FAIL,
        "waiting": PENDING,
        "overdue": FAIL,
    }
    assert seen.cycle().read == []

    journal(world, made["waiting"], "success")
    assert seen.cycle().read == [str(made["waiting"])]
    assert seen.outcome(made["waiting"]) is PASS


def test_who_wrote_the_entry_and_where_an_object_came_from_decide(
    world: World, watch: Watch
) -> None:
    add = world.upstream.add
    world.upstream.account(world.tag, ["extras.journalentry", "dcim.device"])
    tag = add("extras/tags/", name=f"The {world.tag}", slug=world.tag)
    imported, by_hand = world.device(tags=[tag]), world.device()
    journal(world, imported, "success", account=world.tag)
    journal(world, by_hand, "success")
    points = {"from": "created", "to": {"journal": "success"}, "mean": True}

    by = watch(measure("latency", world, **points, to_by=world.tag)).cycle()
    tagged = watch(measure("latency", world, **points, to_tag=[world.tag])).cycle()

    for seen in (by, tagged):
        assert (seen.outcome(imported), seen.outcome(by_hand)) == (PASS, FAIL)
    assert by.missing(by_hand) == ("to_by (it was admin)",)

    world.upstream.edit("dcim/devices/", by_hand, tags=[tag])
    assert tagged.cycle().outcome(by_hand) is PASS


def test_a_date_is_a_moment_too(world: World, watch: Watch) -> None:
    day = f"{world.tag}_day"
    world.upstream.add("extras/custom-fields/", name=day, type="date", object_types=["dcim.device"])
    device = world.device(custom_fields={day: "2026-01-05", world.field: "2026-01-07T06:00:00Z"})
    points = {"from": f"cf.{day}", "to": f"cf.{world.field}", "percentile": 90}

    seen = watch(measure("latency", world, **points)).cycle()

    assert seen.held[str(device)][-1].number == 54 * 3600


# ------------------------------------------------------------------------------------------ keys


def test_keys_are_a_set_and_an_object_without_one_fails(world: World, watch: Watch) -> None:
    one, other, none = world.device(serial="S-1"), world.device(serial="S-2"), world.device()
    world.upstream.edit("dcim/devices/", one, rack=world.rack)

    seen = watch(measure("keys", world, key="serial", required=[{"fields": ["rack"]}])).cycle()

    assert seen.says[str(one)] == (PASS, (), ("S-1",))
    assert seen.says[str(other)] == (FAIL, ("rack",), ("S-2",))
    assert seen.says[str(none)] == (FAIL, ("serial", "rack"), ())


def test_a_key_counts_from_its_first_appearance(world: World, watch: Watch) -> None:
    before = moment()
    device = world.device(serial="S-1")

    seen = watch(measure("keys", world, key="serial", at="first_seen")).cycle()

    verdict = seen.held[str(device)][-1]
    assert before < verdict.valid_from < moment()
    assert (verdict.outcome, verdict.keys) == (PASS, ("S-1",))


# ----------------------------------------------------------------------------------------- drift


def test_drift_from_other_objects_follows_their_changes(world: World, watch: Watch) -> None:
    here, lost = world.device(serial="S-1"), world.device(serial="S-2")
    plan = world.device(
        name=f"{world.tag}-plan", asset_tag="S-1", status="planned", rack=world.rack
    )
    expected = {
        "endpoint": "dcim.devices",
        "filter": {"site": world.tag, "status": "planned"},
        "match": "asset_tag",
        "by": "serial",
        "field": "rack",
    }
    seen = watch(measure("drift", world, field="rack", expected=expected)).cycle()
    assert seen.missing(here) == (f"rack is empty, expected {world.tag}",)
    assert seen.missing(lost) == ("no object of dcim.devices has asset_tag S-2",)

    world.upstream.edit("dcim/devices/", here, rack=world.rack)
    assert seen.cycle().outcome(here) is PASS
    world.upstream.edit("dcim/devices/", plan, rack=None)
    assert seen.cycle().missing(here) == (f"rack is {world.tag}, expected empty",)
    world.upstream.delete("dcim/devices/", plan)
    assert seen.cycle().missing(here) == ("no object of dcim.devices has asset_tag S-1",)
    assert seen.cycle().read == []


# --------------------------------------------------------------------------------------- plugins


def test_a_plugins_list_is_counted_shared_and_compared_like_any_other(
    world: World, watch: Watch
) -> None:
    add = world.upstream.add
    makers = [
        add("dcim/manufacturers/", name=f"{world.tag}-{n}", slug=f"{world.tag}-{n}", description=d)
        for n, d in enumerate(["known", "known", ""])
    ]
    scope = {"endpoint": "plugins.inventory.makers", "filter": {"name__isw": f"{world.tag}-"}}

    share = watch({"measure": "netbox.ratio", **scope, "passing": {"description": "known"}}).cycle()
    drift = watch(
        {"measure": "netbox.drift", **scope, "field": "description", "expected": "known"}
    ).cycle()

    for seen in (share, drift):
        assert [seen.outcome(one) for one in makers] == [PASS, PASS, FAIL]
    world.upstream.edit("dcim/manufacturers/", makers[2], description="known")
    world.upstream.delete("dcim/manufacturers/", makers[0])
    for seen in (share.cycle(), drift.cycle()):
        assert seen.held.keys() == {str(one) for one in makers[1:]}
        assert seen.outcome(makers[2]) is PASS

    count = {"measure": "netbox.count", **scope}
    plan = connector.measures["netbox.count"].model_validate(count).plan("netbox")
    assert isinstance(plan, NumberPlan)
    read = share.session.read(plan, datetime.now(UTC), time.monotonic() + 60)
    assert read.value == 2


# ------------------------------------------------------------------------------- while it happens


def test_what_is_deleted_while_it_is_read_cuts_nothing(
    world: World, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.netbox.reader.PAGE", 2)
    devices = [world.device(serial=f"S-{n}") for n in range(5)]
    for device in devices:
        world.interface(device, "mgmt0", mgmt_only=True)
    seen = watch(measure("completeness", world, required=[{"fields": [MANAGED]}]))
    batches = seen.batches()
    next(batches)

    world.upstream.delete("dcim/devices/", devices[0])  # read already
    world.upstream.delete("dcim/devices/", devices[3])  # not yet
    rest = list(batches)

    read = [int(t.object_id) for batch in rest for t in batch.timelines[0]]
    assert read == [devices[2], devices[4]]
    seen.held = {str(one): () for one in (devices[0], devices[1], *read)}
    seen.cursor = rest[-1].cursor
    assert seen.cycle().held.keys() == {str(devices[n]) for n in (1, 2, 4)}


def test_a_device_deleted_between_its_page_and_its_interfaces_is_left_out(
    world: World, upstream: Upstream, watch: Watch
) -> None:
    stays, goes = world.device(), world.device()
    world.interface(stays, "mgmt0", mgmt_only=True)
    recorder = Interrupting()
    session = opened(upstream.url, upstream.token(), recorder)
    plan = watch(measure("completeness", world, required=[{"fields": [MANAGED]}])).plan
    for _ in range(2):  # the second run proves no filter any more: the third goes as it did
        Watcher(session, plan, recorder).cycle()
    paths = [exchange.path for exchange in recorder.exchanges]
    recorder.after = next(n for n, path in enumerate(paths) if "interfaces" in path)
    recorder.act = lambda: upstream.delete("dcim/devices/", goes)
    assert paths[recorder.after - 1].endswith("/dcim/devices/")

    seen = Watcher(session, plan, recorder).cycle()

    assert upstream.call("GET", f"dcim/devices/?id={goes}")["count"] == 0
    assert seen.outcome(stays) is FAIL
    assert seen.cycle().held.keys() == {str(stays)}
    session.close()


def test_a_smaller_page_than_asked_for_loses_nothing(
    netbox: NetBox, world: World, watch: Watch
) -> None:
    devices = [world.device(serial="S" if n % 2 else "") for n in range(7)]
    asked = measure("completeness", world, required=[{"fields": ["serial", MANAGED]}])
    netbox.configure(MAX_PAGE_SIZE=2)
    try:
        assert len(world.upstream.call("GET", "dcim/devices/?limit=50")["results"]) == 2
        seen = watch(asked).cycle()
        world.upstream.delete("dcim/devices/", devices[0])
        seen.cycle()
        past = watch(asked).history(datetime.now(UTC) - HOUR)
    finally:
        netbox.configure()

    outcomes = {str(one): PASS if n % 2 else FAIL for n, one in enumerate(devices)}
    assert {one: said_[0] for one, said_ in seen.says.items()} == {
        one: outcome for one, outcome in outcomes.items() if one != str(devices[0])
    }
    assert past.timelines.keys() == outcomes.keys()


# ------------------------------------------------------------------------------------ the past


def test_the_past_of_a_completeness_is_what_a_full_read_gave_then(
    world: World, watch: Watch
) -> None:
    required = [
        {"when": {"role": world.tag}, "fields": ["serial", f"cf.{world.field}", "primary_ip4"]},
        {"fields": [MANAGED]},
        {"when": {"parent_device": None}, "fields": ["rack"]},
    ]
    asked = measure("completeness", world, required=required)
    began = moment()
    told = {}

    def keep() -> None:
        says = watch(asked).cycle().says
        told[moment()] = says

    one, other = world.device(serial="S-1", rack=world.rack), world.device()
    keep()
    ports = [world.interface(device, "mgmt0", mgmt_only=True) for device in (one, other)]
    keep()
    cable = world.cable(*ports)
    keep()
    delivered = {"custom_fields": {world.field: "2026-01-05T09:00:00Z"}}
    world.upstream.edit("dcim/devices/", one, **delivered)
    world.address(one, ports[0])
    keep()
    world.upstream.edit("dcim/devices/", one, status="offline")
    keep()
    world.upstream.delete("dcim/cables/", cable)
    world.upstream.edit("dcim/devices/", one, status="active")
    keep()
    world.upstream.delete("dcim/devices/", other)
    keep()

    past = watch(asked).history(began - HOUR)

    assert {at: past.at(at) for at in told} == told
    assert past.at(began) == {}
    assert all("change log begins" in sentence for sentence in past.untold)
