"""On a real NetBox, under edits that hypothesis makes up and connections that break: following
changes equals reading everything, and a rebuilt moment is what reading everything gave then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from connectors.base import NumberPlan, ScanPlan, Session, UpstreamError
from connectors.netbox import connector
from tests.examples import examples
from tests.peers.netbox import NetBox
from tests.peers.netbox.proxy import BreakingProxy
from tests.peers.netbox.watching import (
    Group,
    Recorder,
    Sayings,
    Upstream,
    World,
    holding,
    new_world,
    opened,
    soon,
)

MANAGED = {"every": "interfaces", "where": {"mgmt_only": True}, "has": "cable"}
MEASURES: list[dict[str, Any]] = [
    {
        "measure": "netbox.completeness",
        "required": [{"fields": ["serial", "primary_ip4"]}, {"fields": [MANAGED]}],
    },
    {"measure": "netbox.ratio", "passing": {"serial": "A", "has_primary_ip": False}},
    {"measure": "netbox.keys", "key": "serial", "required": [{"fields": ["rack"]}]},
    {"measure": "netbox.keys", "key": "serial", "at": "first_seen"},
    {
        "measure": "netbox.keys",
        "key": "serial",
        "at": "DELIVERED",
        "required": [{"fields": ["rack"]}],
    },
    {"measure": "netbox.drift", "field": "rack", "expected": None},
    {"measure": "netbox.latency", "from": "DELIVERED", "to": "first_seen", "within": "1 h"},
    {"measure": "netbox.latency", "from": "first_seen", "to": "DELIVERED", "percentile": 90},
]
"""With DELIVERED for the world's own custom field."""

STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "create",
                "create",
                "fill",
                "empty",
                "deliver",
                "leave",
                "come back",
                "plug",
                "unplug",
                "address",
                "port",
                "unport",
                "delete",
                "break",
                "look",
                "look",
            ]
        ),
        st.integers(0, 5),
    ),
    min_size=8,
    max_size=8,
)
BEGINNING = [("create", 0), ("create", 1)]
"""So that the first step meets somebody."""


@pytest.fixture(scope="module")
def proxy(netbox: NetBox) -> Iterator[BreakingProxy]:
    with BreakingProxy(netbox.url) as breaking:
        yield breaking


@pytest.fixture(scope="module")
def direct(upstream: Upstream) -> Iterator[Session]:
    session = opened(upstream.url, upstream.token(), Recorder())
    yield session
    session.close()


@dataclass
class Hands:
    """People at work: each step is what one of them does to some device."""

    world: World
    devices: list[int] = field(default_factory=list)
    ports: dict[int, list[int]] = field(default_factory=dict)
    cables: dict[int, int] = field(default_factory=dict)

    def do(self, what: str, which: int) -> None:
        if what == "create":
            filled: dict[str, Any] = {"serial": "A", "rack": self.world.rack} if which % 2 else {}
            self.devices.append(self.world.device(**filled))
        elif self.devices:
            act: Callable[[int], None] = getattr(self, f"_{what.replace(' ', '_')}")
            act(self.devices[which % len(self.devices)])

    def _edit(self, device: int, **body: Any) -> None:
        self.world.upstream.edit("dcim/devices/", device, **body)

    def _fill(self, device: int) -> None:
        self._edit(device, serial="A", rack=self.world.rack)

    def _empty(self, device: int) -> None:
        self._edit(device, serial="", rack=None)

    def _deliver(self, device: int) -> None:
        hours = 3 if device % 2 else -3
        when = (datetime.now(UTC) + timedelta(hours=hours)).isoformat()
        self._edit(device, custom_fields={self.world.field: when})

    def _leave(self, device: int) -> None:
        self._edit(device, status="offline")

    def _come_back(self, device: int) -> None:
        self._edit(device, status="active")

    def _port(self, device: int) -> None:
        held = self.ports.setdefault(device, [])
        held.append(self.world.interface(device, f"m{len(held)}", mgmt_only=True))

    def _unport(self, device: int) -> None:
        if held := self.ports.get(device):
            port = held.pop()
            self.cables.pop(port, None)
            self.world.upstream.delete("dcim/interfaces/", port)

    def _plug(self, device: int) -> None:
        self._port(device)
        port = self.ports[device][-1]
        patch = self.world.device(status="planned")
        self.cables[port] = self.world.cable(port, self.world.interface(patch, "p1"))

    def _unplug(self, device: int) -> None:
        for port in self.ports.get(device, ()):
            if (cable := self.cables.pop(port, None)) is not None:
                self.world.upstream.delete("dcim/cables/", cable)
                return

    def _address(self, device: int) -> None:
        self._port(device)
        self.world.address(device, self.ports[device][-1])

    def _delete(self, device: int) -> None:
        self.devices.remove(device)
        self.ports.pop(device, None)
        self.world.upstream.delete("dcim/devices/", device)


@pytest.mark.timeout(600)
@given(STEPS, st.integers(1, 30_000))
@settings(
    max_examples=examples(2),
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)
def test_following_changes_and_rebuilding_the_past_equal_reading_everything(
    upstream: Upstream,
    proxy: BreakingProxy,
    direct: Session,
    steps: list[tuple[str, int]],
    answered: int,
) -> None:
    with new_world(upstream) as world:
        hands = Hands(world)
        plans = planned(hands.world)
        following = opened(proxy.url, upstream.token(), Recorder())
        followed = Group(following, plans)
        began = datetime.now(UTC)
        gave: dict[datetime, Sayings] = {}
        counted: dict[datetime, float | None] = {}

        for what, which in [*BEGINNING, *steps, ("look", 0)]:
            if what == "break":
                proxy.break_after(answered)
                cut = _cut_short(followed)
                proxy.mend()
                assert cut or answered > 1000
            elif what == "look":
                followed.cycle()
                says = Group(direct, plans).cycle().says()
                now = datetime.now(UTC)
                gave[now] = says
                counted[now] = direct.read(count_of(hands.world), now, soon()).value
                assert followed.says() == says
            else:
                hands.do(what, which)
        past = Group(direct, plans).history(began - timedelta(hours=1))
        counts = list(direct.history(count_of(hands.world), list(counted), soon()))
        following.close()

        assert {moment: holding(past, moment, plans) for moment in gave} == gave
        assert {number.observed_at: number.value for number in counts} == counted


def planned(world: World) -> list[ScanPlan]:
    """The plans of all measures over the world's devices."""
    found = []
    for measure in MEASURES:
        asked = {
            name: f"cf.{world.field}" if said == "DELIVERED" else said
            for name, said in {**measure, **world.scope}.items()
        }
        plan = connector.measures[asked["measure"]].model_validate(asked).plan("netbox")
        assert isinstance(plan, ScanPlan)
        found.append(plan)
    return found


def count_of(world: World) -> NumberPlan:
    asked = {"measure": "netbox.count", **world.scope}
    plan = connector.measures["netbox.count"].model_validate(asked).plan("netbox")
    assert isinstance(plan, NumberPlan)
    return plan


def _cut_short(followed: Group) -> bool:
    """Whether the run broke off."""
    try:
        followed.cycle()
    except UpstreamError:
        return True
    return False
