"""Two keyed sets and what is made of them, published by hand: what surfaces must be able to show."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from connectors.base import (
    Aggregate,
    Aggregation,
    Batch,
    Dimension,
    Outcome,
    ScanPlan,
    Scope,
    Timeline,
    Verdict,
    judge_fingerprint,
)
from syncd.model import Combination, Combining, Coverage, Indicator, Manual, Part
from syncd.store.claims import claim_due
from syncd.store.composing import compose
from syncd.store.publish import Cost, begin, publish_scan
from tests.store.catalogues import Named, catalogue, key_result
from tests.store.state import assess_all
from tests.unit.surfaces.conftest import Site, put


def keyed(name: str, source: str) -> Indicator:
    plan = ScanPlan(
        Scope(source, {"objects": name}),
        Named(name),
        Aggregate(Aggregation.KEYS),
        Dimension.COUNT,
        keyed=True,
    )
    definition = {"measure": "test.keys", "of": name, "jql": "project = PROC"}
    return Indicator(name, "test.keys", source, plan, Dimension.COUNT, None, definition)


DELIVERED = keyed("delivered_serials", "jira")
TRACKED = keyed("serials_in_netbox", "netbox")
COVERED = Indicator(
    "delivered_in_netbox",
    "coverage",
    None,
    Coverage(DELIVERED.fingerprint, TRACKED.fingerprint, ("trim", "upper")),
    Dimension.RATIO,
    None,
    {"measure": "coverage", "of": "delivered_serials", "in": "serials_in_netbox"},
)
BY_HAND = Indicator(
    "support_coverage",
    "manual",
    None,
    Manual(86_400.0),
    Dimension.RATIO,
    "percent",
    {"measure": "manual", "unit": "percent", "stale_after": "1 d"},
)
WORST = Indicator(
    None,
    "combine",
    None,
    Combination(Combining.MINIMUM, (Part(COVERED.fingerprint), Part(BY_HAND.fingerprint))),
    Dimension.RATIO,
    None,
    {"measure": "combine", "minimum": ["delivered_in_netbox", "support_coverage"]},
)
EVERY = (DELIVERED, TRACKED, COVERED, BY_HAND, WORST)
KEY_RESULTS = (
    key_result("dcim-o2-kr1", COVERED),
    key_result("dcim-o2-kr2", WORST),
    key_result("dcim-o2-kr3", BY_HAND),
)


def put_composed(site: Site) -> None:
    """Puts all of it in force; nothing is read yet."""
    put(site, catalogue(EVERY, KEY_RESULTS))


def held(
    key: str, at: datetime, *, by: str | None = None, outcome: Outcome = Outcome.PASS
) -> Timeline:
    """An object that holds a key since a moment."""
    label = by or f"holder of {key}"
    url = f"https://upstream.example.org/{label.replace(' ', '-')}"
    return Timeline(label, at, (Verdict(at, None, outcome, keys=(key,)),), label=label, url=url)


def publish_sets(site: Site, delivered: Sequence[Timeline], tracked: Sequence[Timeline]) -> None:
    """Reads both sets, in full, now, and tells what follows; then a minute passes."""
    now = site.clock.now()
    sets = {"jira": (DELIVERED, delivered), "netbox": (TRACKED, tracked)}
    for claim in claim_due(
        site.store,
        now=now,
        room={"jira": 1, "netbox": 1},
        lease_seconds=60,
        full_every_seconds=1,
    ):
        indicator, timelines = sets[claim.source]
        begin(site.store, claim)
        assert isinstance(indicator.plan, ScanPlan)
        publish_scan(
            site.store,
            claim,
            (judge_fingerprint(indicator.plan.judge),),
            Batch((tuple(timelines),), cursor={"at": "end"}),
            observed_at=now,
            now=now,
            cost=Cost(seconds=2.34, requests=14, bytes_received=230_400),
        )
    tell(site)
    site.clock.move_to(now + timedelta(minutes=1))


def tell(site: Site) -> None:
    """Composes and assesses what is due."""
    compose(site.store, now=site.clock.now())
    assess_all(site.store, site.clock)
