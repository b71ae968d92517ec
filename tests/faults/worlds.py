"""The four upstreams of the matrix: a sandbox each, whose truth changes while it is broken."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from connectors.base import Connector, Limits, NumberPlan, Plan, Session, SourceConfig
from connectors.jira import connector as jira
from connectors.jira.measures import RequiredFields
from connectors.netbox import connector as netbox
from connectors.netbox.measures import Completeness as NetBoxCompleteness
from connectors.netbox.required import Requirement
from connectors.prometheus import connector as prometheus
from connectors.prometheus.measures import GoodOverTotal
from syncd.demo.jira import Seed
from syncd.demo.prometheus import PrometheusSandbox
from syncd.model import Catalogue, Indicator
from tests.contract.face_sandboxes import Jira, NetBox, answering
from tests.contract.faultserver import Reply, Request
from tests.peers import world
from tests.store.catalogues import catalogue, key_result

BEFORE = world.NOW
"""The last good run before a fault."""

CHANGED = BEFORE + timedelta(minutes=2)
BROKEN = BEFORE + timedelta(minutes=5)
GONE = BROKEN + timedelta(seconds=1)
TOKEN = "nbt_abcdefghijkl.s3cr3t4741s3cr3t4741s3cr3t4741s3cr3t4741"
USER = "reader@example.org"

LIMITS = Limits(
    connect_seconds=2.0,
    attempts=2,
    backoff_seconds=0.005,
    backoff_max_seconds=0.01,
    body_bytes=1_000_000,
)


class Hands:
    """A clock whose hands are set, backwards too: each cell of the matrix begins at one moment."""

    def __init__(self, moment: datetime) -> None:
        self._moment = moment

    def now(self) -> datetime:
        return self._moment

    def set(self, moment: datetime) -> None:
        self._moment = moment


@dataclass(frozen=True)
class World:
    """One connector and its upstream at the clock's moment. `is_page`: whether a request is for a
    page of the walk (Prometheus: for one of the queries that make the number).
    """

    name: str
    connector: Connector
    plan: Plan
    healthy: Callable[[Request], Reply]
    is_page: Callable[[Request], bool]
    clock: Hands
    secrets: dict[str, str] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    verify: bool | str = True

    @property
    def source(self) -> str:
        return self.connector.kind

    @property
    def catalogue(self) -> Catalogue:
        """One key result, measured by this connector alone."""
        how = "number" if isinstance(self.plan, NumberPlan) else "scan"
        measured = Indicator(
            "measured",
            f"test.{how}",
            self.source,
            self.plan,
            self.plan.dimension,
            None,
            {"of": self.name},
        )
        return catalogue([measured], [key_result("ops-o1-kr1", measured)])

    def open(self, url: str, observer: Any, read_seconds: float) -> Session:
        """A session that tries twice, and gives up after so much silence."""
        config = SourceConfig(
            name=self.source,
            kind=self.source,
            url=url,
            secrets=self.secrets,
            verify=self.verify,
            limits=replace(LIMITS, read_seconds=read_seconds),
            options=self.options,
        )
        return self.connector.open(config, observer)


def worlds() -> list[World]:
    """Jira Cloud and Data Center, NetBox, Prometheus."""
    return [_jira("cloud"), _jira("datacenter"), _netbox(), _prometheus()]


def variant(name: str, of: str) -> World:
    """The world of this name with something else in it that one of its own faults needs."""
    make: dict[str, Callable[[], World]] = {
        "jira-cloud/many": lambda: _jira("cloud", MANY, "BULK", 10),
        "jira-datacenter/many": lambda: _jira("datacenter", MANY, "BULK", 10),
        "jira-cloud/durations": lambda: _jira("cloud", measures=_TRACKED),
        "jira-datacenter/durations": lambda: _jira("datacenter", measures=_TRACKED),
        "netbox/deleted": lambda: _netbox(deleted=8),
    }
    return make[f"{name}/{of}"]()


def _at(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


MANY = 30
_FIELDS = [RequiredFields(fields=["PO number", "Invoice number"])]
_COMPLETE = {"measure": "jira.completeness", "required": _FIELDS}
_TRACKED = {"measure": "jira.duration", "from": "created", "to": {"status": "Done"}}
_TRACKED |= {"within": "1 d"}


def _jira(
    flavour: Any,
    more: int = 0,
    project: str = "PROC",
    page_size: int = 1,
    measures: dict[str, Any] = _COMPLETE,
) -> World:
    """Three purchases, one a page; two lose their invoice and the last gets one: 2 of 3, then 1.
    With `more`, so many in another project, which all lose theirs.
    """
    seed = copy.deepcopy(world.jira_seed())
    purchases = [issue for issue in seed["issues"] if issue["key"].startswith("PROC-")]
    for issue, invoice in zip(purchases, (None, None, "I9"), strict=True):
        issue["changes"] = [
            {"at": _at(CHANGED), "author": "u-reader", "field": "Invoice number", "to": invoice}
        ]
    seed["projects"].append({"key": "BULK", "name": "BULK"})
    seed["issues"] += [{**purchases[0], "key": f"BULK-{n + 1}"} for n in range(more)]
    clock = Hands(BEFORE)
    cloud = flavour == "cloud"
    sandbox = Jira(
        Seed.model_validate(seed),
        clock.now,
        flavour=flavour,
        token=TOKEN,
        user=USER if cloud else None,
        page_size=page_size,
    )
    measure = jira.measures[measures["measure"]]
    plan = measure.model_validate({**measures, "jql": f"project = {project}"}).plan("jira")
    path = "/search/jql" if cloud else "/rest/api/2/search"

    def is_page(request: Request) -> bool:
        """Whether it lists issues; Data Center counts them with a search for none."""
        return request.path.endswith(path) and request.json["maxResults"] != 0

    return World(
        name=f"jira-{flavour}",
        connector=jira,
        plan=plan,
        healthy=answering(sandbox),
        is_page=is_page,
        clock=clock,
        secrets={"token": TOKEN} | ({"user": USER} if cloud else {}),
        options={"flavour": flavour},
    )


def _netbox(deleted: int | None = None) -> World:
    """Eight active devices, three a page; two lose their serial and one gets it: 6 of 8, then 5.
    The device `deleted` goes at the moment `GONE`.
    """
    seed = copy.deepcopy(world.netbox_seed())
    if deleted is not None:
        seed["devices"][deleted - 1] |= {"deleted_at": _at(GONE), "deleted_by": "alice"}
    for number, serial in ((1, ""), (4, "S4"), (7, "")):
        device = seed["devices"][number - 1]
        device["changes"] = [{"at": _at(CHANGED), "by": "alice", "set": {"serial": serial}}]
    clock = Hands(BEFORE)
    plan = NetBoxCompleteness(
        measure="netbox.completeness",
        endpoint="dcim.devices",
        filter={"status": "active", "site": ["stream-1", "cb3-1"]},
        required=[Requirement(fields=["serial", "primary_ip4"])],
    ).plan("netbox")
    return World(
        name="netbox",
        connector=netbox,
        plan=plan,
        healthy=answering(NetBox(seed, clock.now, token=TOKEN, max_page_size=3)),
        is_page=lambda request: "start" in request.query,
        clock=clock,
        secrets={"token": TOKEN},
    )


_COUNTERS: dict[str, Callable[[int], float]] = {
    "good_total": lambda minute: 9.0 * minute,
    "all_total": lambda minute: 10.0 * minute + minute**2 / 100,
}


def _prometheus() -> World:
    """Two counters that grow at different paces: the share changes with every minute."""
    minutes = range(-60, 60 * 25)
    series = [
        {
            "metric": {"__name__": name},
            "samples": [
                [(BEFORE + timedelta(minutes=at)).timestamp(), grows(at + 60)] for at in minutes
            ],
        }
        for name, grows in _COUNTERS.items()
    ]
    clock = Hands(BEFORE)
    plan = GoodOverTotal(
        measure="prometheus.good_over_total", good="good_total", total="all_total", window="30 min"
    ).plan("prometheus")
    return World(
        name="prometheus",
        connector=prometheus,
        plan=plan,
        healthy=answering(PrometheusSandbox({"series": series}, clock.now)),
        is_page=lambda request: request.path.endswith("/api/v1/query"),
        clock=clock,
    )
