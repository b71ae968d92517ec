"""Whose fault it is when one of several judges of a scope cannot be served."""

from __future__ import annotations

import time
from typing import Any

import pytest

from connectors.base import FilterIgnored, ScanJob, UpstreamError
from tests.unit.connectors.netbox.sandboxed import (
    SCOPE,
    Upstream,
    Watcher,
    at,
    opened,
    planned,
    surroundings,
    text,
)

SOUND = {"measure": "netbox.completeness", "required": [{"fields": ["serial"]}]}
SEED = {
    **surroundings(),
    "devices": [
        {
            "id": 1,
            "name": "c-1",
            "site": "s1",
            "role": "compute",
            "device_type": "x1",
            "status": "active",
            "created": text(10),
        }
    ],
}


def blamed(*measures: dict[str, Any], scope: dict[str, Any] = SCOPE) -> UpstreamError:
    plans = [planned({**scope, **measure}) for measure in measures]
    judges = [plan.judge for plan in plans]
    with Upstream(SEED) as upstream:
        upstream.moment = at(50)
        session = opened(upstream.url)
        known = Watcher(session, plans[0])
        job = ScanJob(plans[0].scope, judges, at(50), time.monotonic() + 30, known)
        with pytest.raises(UpstreamError) as caught:
            list(session.scan(job))
        session.close()
    return caught.value


@pytest.mark.parametrize(
    "wrong",
    [
        {"measure": "netbox.completeness", "required": [{"fields": ["cf.colour"]}]},
        {"measure": "netbox.ratio", "passing": {"cf_colour": "red"}},
        {
            "measure": "netbox.drift",
            "field": "status",
            "expected": {
                "endpoint": "plugins.planner.plans",
                "match": "name",
                "by": "name",
                "field": "wanted",
            },
        },
    ],
    ids=["field", "filter", "other side"],
)
def test_only_the_judge_that_asks_for_what_is_not_there_is_guilty(wrong: dict[str, Any]) -> None:
    error = blamed(SOUND, wrong)

    assert error.judges == {1}, error


def test_a_filter_that_is_wrong_for_all_is_the_fault_of_none() -> None:
    scope = {**SCOPE, "filter": {"cf_colour": "red"}}

    error = blamed(SOUND, {"measure": "netbox.keys", "key": "serial"}, scope=scope)

    assert isinstance(error, FilterIgnored)
    assert error.judges == frozenset()
