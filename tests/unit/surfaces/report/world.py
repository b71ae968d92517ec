"""A small organisation in the middle of its quarter, told day by day: everything a report shows.

All is written by the store's own functions, as a worker would; only the numbers are made up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from connectors.base import Dimension, Number, NumberPlan, UpstreamError
from connectors.errors import ServerFailed
from syncd.clock import ManualClock
from syncd.model import (
    AdjustmentKind,
    Beside,
    Catalogue,
    Checkpoint,
    Combining,
    External,
    ExternalState,
    Indicator,
    KeyResult,
    Objective,
    Status,
    Target,
    TargetType,
)
from syncd.store.adjusting import say
from syncd.store.catalogue import put_in_force
from syncd.store.claims import claim_due
from syncd.store.composing import compose
from syncd.store.engine import Store
from syncd.store.loads import record_refusal
from syncd.store.publish import publish_number, record_failure
from syncd.store.schema import scopes
from tests.store.catalogues import catalogue, combined, key_result, numbered
from tests.store.state import assess_all, say_state

ZONE = "America/Los_Angeles"
BEGINS = datetime(2026, 1, 2, 17, tzinfo=UTC)
NOW = datetime(2026, 2, 20, 20, tzinfo=UTC)
HOSTILE = (
    "Racks | `4` & <b>5</b> *dry* [here](http://evil.example) #set page(fill: red)\n# \u202ewon"
)


def share(name: str, source: str = "netbox") -> Indicator:
    plan = NumberPlan(source, {"query": name}, Dimension.RATIO)
    definition = {"measure": "test.share", "query": name}
    return Indicator(name, "test.share", source, plan, Dimension.RATIO, None, definition)


def count(name: str, source: str = "jira") -> Indicator:
    return numbered(name, query=name, source=source)


COMPLETE, CONFIGS, ZTP, CABLES = share("complete"), share("configs"), share("ztp"), share("cables")
TOOLS = share("tools")
STOCK, LEAKS = count("stock_outs", "prometheus"), count("leaks", "prometheus")
POS, PAGES = share("pos", "jira"), count("pages", "jira")
HIRED_NET, HIRED_PROC = count("hired_networking"), count("hired_procurement")
HIRED = combined("hired", Combining.SUM, HIRED_NET, HIRED_PROC)
EVERY = (
    COMPLETE,
    CONFIGS,
    ZTP,
    CABLES,
    TOOLS,
    STOCK,
    LEAKS,
    POS,
    PAGES,
    HIRED_NET,
    HIRED_PROC,
    HIRED,
)


def at_least(goal: float, stretch: float | None = None) -> Target:
    return Target(TargetType.AT_LEAST, goal=goal, stretch=stretch)


def day(text: str) -> datetime:
    """The end of a day in Los Angeles, in winter."""
    return datetime.fromisoformat(f"{text}T08:00+00:00") + timedelta(days=1, microseconds=-1)


KEY_RESULTS: Sequence[KeyResult] = (
    key_result(
        "dcim-o1-kr1",
        COMPLETE,
        title="NetBox model completeness",
        objective_title="NetBox is the source of truth",
        owner=("DCIM lead",),
        checkpoints=(Checkpoint(day("2026-02-15"), 0.8),),
        note="Adopted from the recommendations of the summary.",
    ),
    key_result(
        "dcim-o2-kr3",
        STOCK,
        title="Nothing runs out of stock",
        objective_title="Assets are tracked without hands",
        owner=(),
        target=Target(TargetType.GUARD, high=0.0),
    ),
    key_result(
        "net-o2-kr1",
        CONFIGS,
        title="Configs generated from NetBox",
        objective_title="CB3 readiness",
        owner=("Networking lead",),
        needs=("dcim-o1-kr1",),
    ),
    key_result(
        "net-o2-kr2",
        ZTP,
        title="ZTP success",
        objective_title="CB3 readiness",
        owner=("Networking lead",),
        target=at_least(0.95),
        needs=("net-o2-kr1",),
    ),
    key_result(
        "net-o2-kr3",
        CABLES,
        title="Cabling validated",
        objective_title="CB3 readiness",
        owner=("Networking lead",),
        needs=("external:ict-cabling",),
    ),
    key_result(
        "net-o5-kr1",
        HIRED_NET,
        title="Hired: deployment lead, deployment engineer",
        objective_title="A staffed deployment team",
        owner=("Networking lead",),
        target=at_least(2.0, stretch=3.0),
        needs=("external:recruiting",),
    ),
    key_result(
        "ops-o1-kr1",
        LEAKS,
        title=HOSTILE,
        objective_title="Fewer | leaks",
        owner=("Ops <lead>",),
        target=Target(TargetType.AT_MOST, goal=1.0),
    ),
    key_result(
        "ops-o1-kr2",
        PAGES,
        title="Operator page volume",
        objective_title="Fewer | leaks",
        owner=("Ops <lead>",),
        target=Target(TargetType.DECREASE, goal=None),
    ),
    key_result(
        "ops-o1-kr3",
        TOOLS,
        title="Tools inventoried",
        objective_title="Fewer | leaks",
        owner=("Ops <lead>",),
    ),
    key_result(
        "proc-o2-kr2",
        POS,
        title="POs and invoices tracked",
        objective_title="Procurement runs on systems",
        owner=("Procurement lead",),
    ),
    key_result(
        "proc-o5-kr1",
        HIRED_PROC,
        title="Hired: sourcing managers",
        objective_title="A team that scales",
        owner=("Procurement lead",),
        target=at_least(4.0),
        needs=("external:recruiting",),
        beside=(Beside("Operator pages", PAGES.fingerprint),),
    ),
    key_result(
        "hiring",
        HIRED,
        title="Hired across the teams",
        team="",
        objective="",
        objective_title="",
        owner=("Head of recruiting",),
        target=at_least(6.0, stretch=7.0),
    ),
)
TITLES = {
    "dcim": "DCIM and networking tooling",
    "net": "Networking",
    "ops": "Ops | organisation",
    "proc": "Procurement",
}
OBJECTIVES = {
    kr.objective: Objective(kr.objective, kr.objective_title, kr.team)
    for kr in KEY_RESULTS
    if kr.team
}
OBJECTIVES["proc-o5"] = replace(
    OBJECTIVES["proc-o5"], joint_team="ops", joint_id="ops-o7", accountable=("Procurement lead",)
)
FINDINGS: Sequence[Mapping[str, Any]] = [
    {
        "rule": "no-owner",
        "title": "A key result without an owner",
        "severity": "warning",
        "subject": "key_result:/dcim-o2-kr3",
        "says": "dcim-o2-kr3 | has no owner",
        "fix": "owner: a person or a role",
        "others": [],
    },
    {
        "rule": "external-without-plan",
        "title": "A dependency outside without a plan",
        "severity": "warning",
        "subject": "external:/ict-cabling",
        "says": "ict-cabling has no plan",
        "fix": "plan: a link",
        "others": [{"subject": "key_result:/net-o2-kr3"}],
    },
]
EXTERNALS = {
    "ict-cabling": External("ict-cabling", "Cabling from the cutsheets", "ICT"),
    "recruiting": External(
        "recruiting", "Recruiting keeps pace", None, day("2026-03-01"), "https://wiki.example.org/r"
    ),
}


def mapping_files(key_results: Sequence[KeyResult]) -> Catalogue:
    found = catalogue(EVERY, key_results)
    return replace(
        found,
        organisation="Infrastructure",
        teams=TITLES,
        externals=EXTERNALS,
        objectives=OBJECTIVES,
        digest=str(len(key_results)),
    )


# What each query says from a day on.
SAID: Mapping[str, Mapping[str, float]] = {
    "complete": {"2026-01-02": 0.30, "2026-01-20": 0.45, "2026-02-06": 0.58, "2026-02-18": 0.62},
    "configs": {"2026-01-02": 0.20, "2026-02-01": 0.55, "2026-02-10": 0.56},
    "ztp": {"2026-01-02": 0.40, "2026-01-25": 0.70, "2026-02-17": 0.86},
    "cables": {"2026-01-02": 0.10, "2026-02-01": 0.52, "2026-02-19": 0.54},
    "stock_outs": {"2026-01-02": 0.0, "2026-02-16": 1.0, "2026-02-17": 0.0},
    "leaks": {"2026-01-02": 3.0, "2026-02-15": 1.0},
    "tools": {"2026-01-02": 0.1, "2026-02-01": 0.2},
    "pages": {"2026-01-02": 40.0},
    "pos": {"2026-01-02": 0.70, "2026-02-05": 0.84},
    "hired_networking": {"2026-01-02": 0.0, "2026-02-04": 1.0},
    "hired_procurement": {"2026-01-02": 0.0, "2026-01-28": 1.0, "2026-02-17": 3.0},
}
LATELY = datetime(2026, 2, 11, 17, tzinfo=UTC)
DOWN_SINCE = datetime(2026, 2, 18, 17, tzinfo=UTC)


class Organisation:
    """A store in which a quarter is told day by day."""

    def __init__(self, url: str) -> None:
        self.store = Store(url)
        self.store.migrate()
        self.clock = ManualClock(BEGINS)

    def put(self, wanted: Catalogue) -> None:
        put_in_force(
            self.store,
            wanted,
            interval_of=lambda _: 3600.0,
            link_of=lambda _: None,
            now=self.clock.now(),
            findings=FINDINGS,
        )

    def measure(self) -> None:
        """Reads what is due and tells what follows; Jira is down since `DOWN_SINCE`."""
        now = self.clock.now()
        for claim in claim_due(
            self.store,
            now=now,
            room=dict.fromkeys(("jira", "netbox", "prometheus"), 100),
            lease_seconds=60,
            full_every_seconds=1e9,
        ):
            query = _query_of(self.store, claim.scope_id)
            if claim.source == "jira" and now >= DOWN_SINCE:
                record_failure(self.store, claim, self.refused(), now=now)
                continue
            partial = query == "cables" and now > datetime(2026, 2, 20, tzinfo=UTC)
            publish_number(
                self.store, claim, Number(_said(query, now), now, partial=partial), now=now
            )
        compose(self.store, now=now)
        assess_all(self.store, self.clock)

    @staticmethod
    def refused() -> UpstreamError:
        return ServerFailed("503 from jira: <maintenance> until *noon*")


def _query_of(store: Store, scope_id: int) -> str:
    with store.read() as connection:
        query: str = connection.execute(
            sa.select(scopes.c.definition).where(scopes.c.id == scope_id)
        ).scalar_one()["query"]
    return query


def _said(query: str, now: datetime) -> float:
    said = SAID[query]
    return next(
        value
        for since, value in sorted(said.items(), reverse=True)
        if datetime.fromisoformat(since).replace(tzinfo=UTC) <= now
    )


def _corrected(store: Store, now: datetime) -> None:
    """What people say of key results: one set by hand, one paused."""
    say(
        store,
        "ops-o1-kr3",
        AdjustmentKind.OVERRIDE,
        by="Grace",
        reason="the vendor | fixed it <today>",
        since=now,
        now=now,
        until=day("2026-03-01") + timedelta(microseconds=1),
        status=Status.ON_TRACK,
    )
    say(
        store,
        "ops-o1-kr1",
        AdjustmentKind.PAUSE,
        by="Ada",
        reason="the room is closed",
        since=now,
        now=now,
        until=day("2026-02-25") + timedelta(microseconds=1),
    )


def told_quarter(folder: Path) -> Organisation:
    """The organisation on 20 February, measured every other day at first, twice a day of late."""
    found = Organisation(f"sqlite:///{folder / 'syncd.db'}")
    found.put(mapping_files([kr for kr in KEY_RESULTS if kr.id != "proc-o2-kr2"]))
    while found.clock.now() <= NOW - timedelta(hours=12):
        now = found.clock.now()
        found.measure()
        if now == BEGINS + timedelta(days=40):
            found.put(mapping_files(KEY_RESULTS))
            say_state(
                found.store,
                "ict-cabling",
                ExternalState.SLIPPED,
                now,
                note="the | vendor is late",
                timezone=ZONE,
            )
            _corrected(found.store, now)
        found.clock.move_to(now + timedelta(hours=48 if now < LATELY else 12))
    found.clock.move_to(NOW - timedelta(minutes=1))
    now = found.clock.now()
    say(
        found.store,
        "dcim-o1-kr1",
        AdjustmentKind.NOTE,
        by="Ada",
        reason="200 racks arrived",
        since=now,
        now=now,
    )
    found.measure()
    record_refusal(found.store, ["dcim.yaml:3 team: got <nothing>"], "bad", NOW)
    found.clock.move_to(NOW)
    return found
