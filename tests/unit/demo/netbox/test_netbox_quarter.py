"""The demo's quarter of NetBox tells the story that it promises."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connectors.base import (
    Judge,
    Outcome,
    ScanJob,
    ScanPlan,
    Session,
    SilentObserver,
    SourceConfig,
    Timeline,
)
from connectors.netbox import connector
from syncd.demo.netbox import NetBoxSandbox
from syncd.demo.netbox.quarter import SITES, quarter_seed

TOKEN = "nbt_quarterquart." + "q" * 40
COMPLETENESS = {
    "measure": "netbox.completeness",
    "endpoint": "dcim.devices",
    "filter": {"site": list(SITES), "status": "active"},
    "required": [
        {"fields": ["serial", "asset_tag", "rack", "primary_ip4"]},
        {"when": {"parent_device": None}, "fields": ["position"]},
        {
            "when": {"role": ["server", "compute"]},
            "fields": [
                "cf.delivered_at",
                {"every": "interfaces", "where": {"mgmt_only": True}, "has": "cable"},
            ],
        },
    ],
}
LATENCY = {
    "measure": "netbox.latency",
    "endpoint": "dcim.devices",
    "filter": {"site": list(SITES), "cf_delivered_at__empty": False},
    "from": "cf.delivered_at",
    "to": "first_seen",
    "to_by": ["svc-atlas", "svc-asn"],
    "within": "24 h",
}


@cache
def seed() -> dict[str, Any]:
    return quarter_seed()


def evening(month: int, day: int) -> datetime:
    midnight = datetime(2026, month, day, tzinfo=ZoneInfo("America/Los_Angeles"))
    return midnight + timedelta(days=1, seconds=-1)


class Nothing:
    """A store that holds nothing yet."""

    def count(self) -> int:
        return 0

    def ids(self) -> Iterator[str]:
        return iter(())


def outcomes(session: Session, measure: dict[str, Any], now: datetime) -> list[Outcome]:
    """What a full read says at a moment, as the worker would get it."""
    plan = connector.measures[measure["measure"]].model_validate(measure).plan("netbox")
    assert isinstance(plan, ScanPlan)
    judges: list[Judge] = [plan.judge]
    job = ScanJob(plan.scope, judges, now, time.monotonic() + 60, Nothing())
    timelines: list[Timeline] = [
        timeline
        for batch in session.scan(job)
        for by_judge in batch.timelines
        for timeline in by_judge
    ]
    return [
        verdict.outcome
        for timeline in timelines
        for verdict in timeline.verdicts
        if verdict.valid_from <= now and (verdict.valid_to is None or now < verdict.valid_to)
    ]


def share(found: list[Outcome]) -> float:
    return found.count(Outcome.PASS) / (found.count(Outcome.PASS) + found.count(Outcome.FAIL))


class Story:
    """The sandbox on a day of the quarter, read by the real connector."""

    def __init__(self) -> None:
        self.now = evening(1, 1)
        self.sandbox = NetBoxSandbox(seed(), lambda: self.now, token=TOKEN)

    def measured(self, measure: dict[str, Any], month: int, day: int) -> list[Outcome]:
        self.now = evening(month, day)
        config = SourceConfig("netbox", "netbox", self.sandbox.url, secrets={"token": TOKEN})
        session = connector.open(config, SilentObserver())
        try:
            return outcomes(session, measure, self.now)
        finally:
            session.close()


@pytest.fixture(scope="module")
def story() -> Iterator[Story]:
    told = Story()
    with told.sandbox:
        yield told


@pytest.mark.parametrize(
    ("month", "day", "least", "most"),
    [(1, 1, 0.38, 0.42), (2, 15, 0.74, 0.79), (2, 28, 0.83, 0.87), (3, 31, 0.92, 0.94)],
)
def test_completeness_rises_and_misses_its_checkpoints(
    story: Story, month: int, day: int, least: float, most: float
) -> None:
    assert least <= share(story.measured(COMPLETENESS, month, day)) <= most


def test_about_600_devices_are_counted_in_the_end(story: Story) -> None:
    assert 560 <= len(story.measured(COMPLETENESS, 3, 31)) <= 640


@pytest.mark.parametrize(("month", "day"), [(1, 31), (3, 31)])
def test_about_93_percent_are_tracked_in_time(story: Story, month: int, day: int) -> None:
    assert 0.91 <= share(story.measured(LATENCY, month, day)) <= 0.95


def test_some_are_entered_by_hand_and_some_are_deleted() -> None:
    ours = [each for each in seed()["devices"] if each["site"] in SITES]

    assert sum(each["created_by"] == "alice" for each in ours) > 5
    assert sum("deleted_at" in each for each in ours) == 12


def test_the_same_number_tells_the_same_story_and_another_one_another() -> None:
    assert quarter_seed(2026) == seed()
    assert quarter_seed(7) != seed()


def test_nothing_happens_to_a_device_before_it_is_created_nor_after_the_quarter() -> None:
    last = date(2026, 4, 12)
    for device in seed()["devices"]:
        times = [device["created"], *(change["at"] for change in device["changes"])]
        assert times == sorted(times)
        assert datetime.fromisoformat(times[-1]).date() < last
