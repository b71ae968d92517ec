"""Reading only what changed gives what reading everything gives, whatever happens in between."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.base import ServerFailed
from tests.examples import examples
from tests.unit.connectors.netbox.sandboxed import (
    BEGAN,
    HOURS,
    SCOPE,
    Upstream,
    Watcher,
    at,
    counted,
    histories,
    holding,
    opened,
    planned,
)

MANAGED = {"every": "interfaces", "where": {"mgmt_only": True}, "has": "cable"}
REQUIRED = [
    {"fields": ["serial", "cf.live_at"]},
    {"when": {"role": "compute"}, "fields": ["primary_ip4", MANAGED]},
    {"when": {"tags": ["import"]}, "fields": ["asset_tag"]},
]
NESTED = [{"when": {"parent_device": None, "tags": ["import"]}, "fields": ["asset_tag"]}]
PLANNED = {"endpoint": "plugins.planner.plans", "match": "name", "by": "name", "field": "wanted"}

REBUILT: dict[str, dict[str, Any]] = {
    "completeness": {"measure": "netbox.completeness", "required": REQUIRED},
    "ratio": {"measure": "netbox.ratio", "passing": {"has_primary_ip": True, "tag": "import"}},
    "completeness of what is nested": {"measure": "netbox.completeness", "required": NESTED},
    "keys": {"measure": "netbox.keys", "key": "serial", "required": [{"fields": ["asset_tag"]}]},
    "drift": {"measure": "netbox.drift", "field": "cf.source", "expected": "x"},
    "keys in time": {"measure": "netbox.keys", "key": "serial", "at": "cf.live_at"},
    "complete keys in time": {
        "measure": "netbox.keys",
        "key": "serial",
        "at": "cf.live_at",
        "required": [{"fields": ["asset_tag"]}],
    },
    "latency": {
        "measure": "netbox.latency",
        "from": "created",
        "to": "cf.live_at",
        "to_tag": "import",
        "within": "24 h",
    },
    "open latency": {
        "measure": "netbox.latency",
        "from": "cf.live_at",
        "to": "first_seen",
        "percentile": 90,
    },
}
FOLLOWED = REBUILT | {
    "drift from a plugin": {"measure": "netbox.drift", "field": "status", "expected": PLANNED},
    "latency to the journal": {
        "measure": "netbox.latency",
        "from": "first_seen",
        "to": {"journal": "success"},
        "to_by": "svc",
        "within": "48 h",
    },
}
FILTERS: list[dict[str, Any]] = [
    {"site": ["s1", "s2"], "status": "active"},
    {"site": "s1", "has_primary_ip": True},
    {"tag": "import", "role__n": "switch"},
    {"cf_source": "x"},
    {"cf_live_at__empty": False, "status__n": "offline"},
    {"name__isw": "c-", "serial__empty": False, "site_id": [1, 3]},
    {"asset_tag": None},
]
MOMENTS = st.lists(st.integers(1, HOURS), min_size=2, max_size=4, unique=True).map(sorted)
BREAKS = st.lists(st.one_of(st.none(), st.integers(0, 12)), min_size=4, max_size=4)
THOROUGH = settings(
    max_examples=examples(10),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@pytest.mark.parametrize("name", FOLLOWED)
@THOROUGH
@given(histories(), MOMENTS, BREAKS, st.sampled_from(FILTERS), st.sampled_from([2, 1000]))
def test_following_changes_equals_reading_everything_once_faults_ended(
    name: str,
    seed: dict[str, Any],
    hours: list[int],
    breaks: list[int | None],
    filter_: dict[str, Any],
    page: int,
) -> None:
    plan = planned({**SCOPE, "filter": filter_, **FOLLOWED[name]})
    with Upstream(seed, max_page_size=page) as upstream:
        session = opened(upstream.url)
        followed = Watcher(session, plan)
        for hour, allowed in zip(hours, breaks, strict=False):
            now = upstream.moment = at(hour)
            if allowed is not None:
                upstream.allowed = allowed
                try:
                    followed.turn(now)
                except ServerFailed:
                    upstream.allowed = None
                    continue  # and the next turn finds what this one missed
                upstream.allowed = None
            followed.turn(now)
            assert followed.held.keys() == Watcher(session, plan).turn(now).held.keys()
        now = upstream.moment = at(HOURS)
        followed.turn(now)

        everything = Watcher(session, plan).turn(now)

        assert followed.says(now) == everything.says(now)
        assert followed.held.keys() == everything.held.keys()
        session.close()


@pytest.mark.parametrize("name", REBUILT)
@THOROUGH
@given(histories(), MOMENTS, st.sampled_from(FILTERS))
def test_a_rebuilt_moment_is_what_reading_everything_gave_then(
    name: str, seed: dict[str, Any], hours: list[int], filter_: dict[str, Any]
) -> None:
    plan = planned({**SCOPE, "filter": filter_, **REBUILT[name]})
    since = "at" in REBUILT[name] or plan.retrospective
    with Upstream(seed) as upstream:
        session = opened(upstream.url)
        gave = {}
        for hour in hours:
            upstream.moment = at(hour)
            gave[hour] = Watcher(session, plan).turn(at(hour)).says(at(hour), since=since)
        now = upstream.moment = at(HOURS + 1)

        batches = list(Watcher(session, plan).batches(now, since=BEGAN))

        told = {t.object_id: t.verdicts for batch in batches for t in batch.timelines[0]}
        assert {hour: holding(told, at(hour), since=since) for hour in hours} == gave
        assert batches[-1].untold_for(0) == ()
        session.close()


@THOROUGH
@given(histories(), MOMENTS, st.sampled_from(FILTERS))
def test_a_rebuilt_count_is_the_one_that_was_read_then(
    seed: dict[str, Any], hours: list[int], filter_: dict[str, Any]
) -> None:
    plan = counted({**SCOPE, "filter": filter_})
    with Upstream(seed) as upstream:
        session = opened(upstream.url)
        gave = {}
        for hour in hours:
            upstream.moment = at(hour)
            gave[at(hour)] = session.read(plan, at(hour), time.monotonic() + 30).value
        upstream.moment = at(HOURS + 1)

        rebuilt = session.history(plan, list(gave), time.monotonic() + 30)

        assert {number.observed_at: number.value for number in rebuilt} == gave
        session.close()
