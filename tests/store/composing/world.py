"""What the tests of this folder share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from connectors.base import ScanPlan
from syncd.clock import ManualClock
from syncd.model import Catalogue, Evidence, Indicator, Status
from syncd.store import read
from syncd.store.assessing import assessing
from syncd.store.engine import Store
from tests.store.catalogues import covering, key_result, keyed

InForce = Callable[[Catalogue], None]
ACTIVE = keyed("active", scope="clusters")
BOARD = keyed("board", scope="tickets", source="jira")
COVERED = covering("covered", ACTIVE, BOARD)
KR = key_result("mrkt-o2-kr1", COVERED)


def view(store: Store, name: str) -> read.IndicatorView:
    with store.read() as connection:
        found = {one.name: one for one in read.indicator_views(connection)}
    return found[name]


def value(store: Store, name: str) -> float | None:
    reading = view(store, name).reading
    assert reading is not None, f"{name} has no reading"
    return reading.value


def evidence_of_the_only_one(store: Store, clock: ManualClock) -> Evidence:
    with assessing(store, now=clock.now() + timedelta(days=1)) as work:
        (candidate,) = work.candidates.values()
    return candidate.evidence


def scope_of(indicator: Indicator) -> str:
    assert isinstance(indicator.plan, ScanPlan)
    return indicator.plan.scope.fingerprint


def told(store: Store) -> Status:
    with store.read() as connection:
        (one,) = read.key_result_views(connection)
    assert one.assessment is not None
    return one.assessment.status
