"""The demo's sandboxes under the contract: each is the healthy upstream of its own connector."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from connectors.jira import connector as jira
from connectors.jira.measures import Ratio
from connectors.netbox import connector as netbox
from connectors.prometheus import connector as prometheus
from connectors.prometheus.measures import Query
from syncd.demo.jira import JiraSandbox, Seed
from syncd.demo.netbox import NetBoxSandbox
from syncd.demo.prometheus import PrometheusSandbox
from syncd.demo.serving import Request as Asked
from syncd.demo.serving import Sandbox
from tests.contract.face_netbox import COMPLETENESS
from tests.contract.faces import NOW, SOURCE, Face
from tests.contract.faultserver import Reply, Request
from tests.peers import world

JIRA_USER = "reader-s3cr3t@example.org"
JIRA_TOKEN = "jira-s3cr3t-4721"
NETBOX_TOKEN = "nbt_abcdefghijkl.s3cr3t4722s3cr3t4722s3cr3t4722s3cr3t4722"


def earlier(seed: Any) -> Any:
    """The seed a month before, so that all of it has happened by the contract's moment."""
    return json.loads(json.dumps(seed).replace("2026-02-", "2026-01-"))


def answering(sandbox: Sandbox) -> Callable[[Request], Reply]:
    """The sandbox's answers, without its server: the contract's own server breaks them."""

    def healthy(request: Request) -> Reply:
        asked = Asked(
            method=request.method,
            path=request.path,
            query=tuple(parse_qsl(request.raw_query, keep_blank_values=True)),
            headers={name.lower(): value for name, value in request.headers.items()},
            body=request.body,
        )
        answer = sandbox.serve(asked)
        return Reply(answer.status, answer.body, answer.content_type, dict(answer.headers))

    return healthy


def now() -> Any:
    return NOW


class Unserved(Sandbox):
    """A sandbox that answers without listening: the addresses in its answers lead nowhere."""

    @property
    def url(self) -> str:
        return "http://127.0.0.1"


class Jira(Unserved, JiraSandbox):
    pass


class NetBox(Unserved, NetBoxSandbox):
    pass


PAGES = Ratio(
    measure="jira.ratio", jql="project = ONCALL AND issuetype = Page", passing="priority = P0"
).plan(SOURCE)
SERIES = {"series": [{"metric": {"__name__": "up"}, "samples": [[NOW.timestamp() - 30.0, 1.0]]}]}

FACES = [
    Face(
        name="sandbox-jira-cloud",
        connector=jira,
        plan=PAGES,
        healthy=answering(
            Jira(
                Seed.model_validate(earlier(world.jira_seed())),
                now,
                token=JIRA_TOKEN,
                user=JIRA_USER,
            )
        ),
        secrets={"user": JIRA_USER, "token": JIRA_TOKEN},
        options={"flavour": "cloud"},
    ),
    Face(
        name="sandbox-jira-datacenter",
        connector=jira,
        plan=PAGES,
        healthy=answering(
            Jira(
                Seed.model_validate(earlier(world.jira_seed())),
                now,
                token=JIRA_TOKEN,
                flavour="datacenter",
            )
        ),
        secrets={"token": JIRA_TOKEN},
        options={"flavour": "datacenter"},
    ),
    Face(
        name="sandbox-netbox",
        connector=netbox,
        plan=COMPLETENESS,
        healthy=answering(NetBox(earlier(world.netbox_seed()), now, token=NETBOX_TOKEN)),
        secrets={"token": NETBOX_TOKEN},
    ),
    Face(
        name="sandbox-prometheus",
        connector=prometheus,
        plan=Query(measure="prometheus.query", query="sum(up)").plan(SOURCE),
        healthy=answering(PrometheusSandbox(SERIES, now)),
        secrets={"token": "bearer-s3cr3t-4723"},
    ),
]
