"""Each NetBox measure against planted truth on a real NetBox, and the past that it rebuilds."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.base import Outcome, ScanPlan, Session
from connectors.netbox import connector
from tests.peers.netbox import NetBox
from tests.peers.netbox.watching import (
    Recorder,
    Upstream,
    Watcher,
    World,
    new_world,
    opened,
)

PASS, FAIL, PENDING = Outcome.PASS, Outcome.FAIL, Outcome.PENDING
HOUR = timedelta(hours=1)
Watch = Callable[..., Watcher]


@pytest.fixture(scope="module")
def upstream(netbox: NetBox) -> Iterator[Upstream]:
    served = Upstream(netbox.url, netbox.token)
    yield served
    served.close()


@pytest.fixture
def world(upstream: Upstream) -> World:
    return new_world(upstream)


@pytest.fixture
def watch(upstream: Upstream) -> Iterator[Watch]:
    sessions: list[Session] = []

    def start(measure: Mapping[str, Any]) -> Watcher:
        recorder = Recorder()
        session = opened(upstream.url, upstream.token(), recorder)
        sessions.append(session)
        plan = connector.measures[measure["measure"]].model_validate(measure).plan("netbox")
        assert isinstance(plan, ScanPlan)
        return Watcher(session, plan, recorder)

    yield start
    for session in sessions:
        session.close()


def moment() -> datetime:
    """Now, with some room to what was done before and what is done next."""
    time.sleep(0.005)
    now = datetime.now(UTC)
    time.sleep(0.005)
    return now


def measure(kind: str, world: World, **options: Any) -> dict[str, Any]:
    return {"measure": f"netbox.{kind}", **world.scope, **options}


# ------------------------------------------------------------------------------------ the past


MANAGED = {"every": "interfaces", "where": {"mgmt_only": True}, "has": "cable"}


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
        told[moment()] = watch(asked).cycle().says

    one, other = world.device(serial="S-1", rack=world.rack), world.device()
    keep()
    ports = [world.interface(device, "mgmt0", mgmt_only=True) for device in (one, other)]
    keep()
    cable = world.cable(*ports)
    keep()
    delivered = {"custom_fields": {world.field: "2026-01-05T09:00:00Z"}}
    world.upstream.edit("dcim/devices/", one, **delivered)
    address = world.upstream.add(
        "ipam/ip-addresses/",
        address="10.1.2.3/32",
        assigned_object_type="dcim.interface",
        assigned_object_id=ports[0],
    )
    world.upstream.edit("dcim/devices/", one, primary_ip4=address)
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
