"""What an account must see in NetBox for what is asked, and how far back the change log must go."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.checkup import Finding, Level, Wanted
from connectors.netbox import connector
from connectors.netbox.rights import Log, endpoints_of, log_reaches

NOW = datetime(2026, 2, 15, tzinfo=UTC)
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)


def wanted(measure: str, **options: Any) -> Wanted:
    asked = {"measure": f"netbox.{measure}", "endpoint": "dcim.devices", **options}
    plan = connector.measures[asked["measure"]].model_validate(asked).plan("netbox")
    return Wanted(measure, plan, every_seconds=300.0, since=BEGAN)


COMPLETE = wanted(
    "completeness",
    required=[{"fields": ["serial", "site.region", {"every": "interfaces", "has": "cable"}]}],
)
LATENCY = wanted("latency", **{"from": "created", "to": "first_seen"}, within="24 h")


@pytest.mark.parametrize(
    ("one", "endpoints"),
    [
        (wanted("count"), {"dcim.devices"}),
        (wanted("completeness", required=[{"fields": ["serial", "rack"]}]), {"dcim.devices"}),
        (COMPLETE, {"dcim.devices", "dcim.sites", "dcim.interfaces", "dcim.cables"}),
        (
            wanted("latency", **{"from": "created", "to": {"journal": "success"}}, within="1 d"),
            {"dcim.devices", "extras.journal-entries"},
        ),
    ],
    ids=["count", "plain", "parts", "journal"],
)
def test_the_endpoints_are_those_that_a_measure_reads(one: Wanted, endpoints: set[str]) -> None:
    assert endpoints_of(one) == endpoints


def told(oldest: Log | None, *each: Wanted) -> list[Finding]:
    return list(log_reaches(oldest, each, NOW))


def test_a_log_that_was_never_pruned_holds_everything() -> None:
    (found,) = told(Log(1, NOW - timedelta(minutes=1)), LATENCY)

    assert found.level is Level.OK


def test_a_pruned_log_must_reach_to_the_beginning_of_the_period_for_first_seen() -> None:
    (found,) = told(Log(77, BEGAN + timedelta(days=1)), COMPLETE, LATENCY)

    assert found.level is Level.WARNING
    assert found.says.count("latency") == 1
    assert "completeness" not in found.says
    assert "CHANGELOG_RETENTION to 46 days" in found.fix
    assert told(Log(77, BEGAN), LATENCY)[0].level is Level.OK


def test_what_does_not_ask_for_first_seen_only_needs_the_last_turns() -> None:
    daily = replace(wanted("count"), every_seconds=timedelta(days=1).total_seconds())
    two_turns = timedelta(days=2, minutes=10)

    assert told(Log(77, NOW - two_turns), daily)[0].level is Level.OK
    assert told(Log(77, NOW - two_turns + timedelta(minutes=1)), daily)[0].level is Level.WARNING


def test_a_log_younger_than_any_that_is_pruned_holds_what_turns_look_for() -> None:
    """Its first numbers may have gone to changes that were rolled back."""
    assert told(Log(2, NOW - timedelta(minutes=1)), COMPLETE)[0].level is Level.OK


def test_an_empty_log_tells_nothing_of_how_long_it_is_kept() -> None:
    assert [one.level for one in told(None, LATENCY)] == [Level.UNKNOWN]
