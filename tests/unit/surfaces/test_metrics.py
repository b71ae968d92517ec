"""What a Prometheus server reads."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families as text_format

from connectors.base import Budget, Exchange, RateLimited
from syncd.model import Checkpoint, Combining, Ending, Milestone, Status, Target, TargetType
from syncd.store.circuits import FAILURES, count_failure
from syncd.store.claims import claim_due
from syncd.store.outbox import claim_letters, failed, register
from syncd.store.publish import record_failure
from tests.peers.prometheus import promtool_check_metrics
from tests.store.catalogues import (
    START,
    by_hand,
    catalogue,
    combined,
    key_result,
    numbered,
    scanned,
)
from tests.store.state import assess_all
from tests.unit.surfaces.conftest import HOSTILE, Site, publish_all, put


def samples(body: str, name: str) -> dict[tuple[str, ...], float]:
    return {
        tuple(v for _, v in sorted(sample.labels.items())): sample.value
        for family in text_format(body)
        for sample in family.samples
        if sample.name == name
    }


def test_promtool_has_nothing_against_the_exposition(told: Site) -> None:
    assert promtool_check_metrics(told.metrics().text) == []


def test_openmetrics_is_served_to_who_asks_for_it(told: Site) -> None:
    answer = told.metrics(Accept="application/openmetrics-text; version=1.0.0")

    assert answer.headers["content-type"].startswith("application/openmetrics-text")
    families = {family.name for family in openmetrics(answer.text)}  # type: ignore[no-untyped-call]
    assert {"syncd_kr_status", "syncd_kr", "syncd_runs"} <= families


def test_a_scraper_that_takes_gzip_gets_it(told: Site) -> None:
    answer = told.metrics(**{"Accept-Encoding": "gzip"})

    assert answer.headers["content-encoding"] == "gzip"
    assert "syncd_kr_status" in answer.text


def test_exactly_one_status_holds_of_each_key_result(told: Site) -> None:
    body = told.metrics().text

    found = samples(body, "syncd_kr_status")
    assert len(found) == 2 * len(Status)
    assert sum(found.values()) == 2
    assert found["dcim-o2-kr3", "dcim-o2", Status.NO_DATA.value, "dcim"] == 1


def test_what_is_unknown_has_no_series(told: Site) -> None:
    body = told.metrics().text

    for name in ("syncd_kr_value", "syncd_kr_progress_ratio"):
        assert samples(body, name) == {("dcim-o1-kr1", "dcim-o1", "dcim"): 0.75}
    assert list(samples(body, "syncd_indicator_value").values()) == [0.75]


def test_texts_of_a_key_result_stand_in_an_info_metric(told: Site) -> None:
    (family,) = (f for f in text_format(told.metrics().text) if f.name == "syncd_kr_info")

    assert {sample.labels["title"] for sample in family.samples} == {
        HOSTILE,
        "Title of dcim-o2-kr3",
    }
    assert {(one.labels["indicator"], one.labels["link"]) for one in family.samples} == {
        ("completeness", "https://netbox.example.org/?q"),
        ("out_of_stock", "https://netbox.example.org/?q"),
    }


# ------------------------------------------------------------------------------ what alerts ask for

KR = ("dcim-o1-kr1", "dcim-o1", "dcim")


def judged(site: Site, **more: Any) -> str:
    """The exposition after three of four devices were found complete."""
    scan = scanned("completeness")
    put(site, catalogue([scan], [key_result("dcim-o1-kr1", scan, **more)]))
    publish_all(site)
    return site.metrics().text


def test_the_next_checkpoint_is_told_with_the_progress_it_asks_for(site: Site) -> None:
    first, second = (Checkpoint(START + timedelta(days=n), n / 100) for n in (30, 60))

    body = judged(site, checkpoints=(second, first))

    assert samples(body, "syncd_kr_next_checkpoint_timestamp_seconds") == {KR: first.at.timestamp()}
    assert samples(body, "syncd_kr_next_checkpoint_ratio") == {KR: 0.3}


def test_a_checkpoint_that_has_passed_gives_way_to_the_next(site: Site) -> None:
    first, second = (Checkpoint(START + timedelta(days=n), n / 100) for n in (30, 60))
    judged(site, checkpoints=(first, second))

    site.clock.move_to(first.at + timedelta(minutes=1))
    assess_all(site.store, site.clock)

    assert samples(site.metrics().text, "syncd_kr_next_checkpoint_ratio") == {KR: 0.6}


def test_the_next_milestone_is_a_checkpoint_too(site: Site) -> None:
    steps = tuple(Milestone(f"step {n}", START + timedelta(days=10 * n)) for n in (1, 2, 3, 4))

    body = judged(site, target=Target(TargetType.MILESTONES, milestones=steps))

    assert samples(body, "syncd_kr_next_checkpoint_timestamp_seconds") == {
        KR: steps[0].at.timestamp()
    }
    assert samples(body, "syncd_kr_next_checkpoint_ratio") == {KR: 0.25}


GUARD = Target(TargetType.GUARD, low=0.5)
TO_COME = (Checkpoint(START + timedelta(days=30), 0.6),)
GIVEN_UP = Ending(START, "nobody needs it")


@pytest.mark.parametrize(
    "more",
    [{}, {"target": GUARD, "checkpoints": TO_COME}, {"ending": GIVEN_UP, "checkpoints": TO_COME}],
    ids=["nothing was promised", "a guard", "given up"],
)
def test_where_nothing_more_is_to_come_there_is_no_next_checkpoint(
    site: Site, more: dict[str, Any]
) -> None:
    body = judged(site, **more)

    assert samples(body, "syncd_kr_next_checkpoint_timestamp_seconds") == {}
    assert samples(body, "syncd_kr_next_checkpoint_ratio") == {}


@pytest.mark.parametrize(("low", "breached"), [(0.7, 0.0), (0.8, 1.0)])
def test_a_breached_guard_is_told_as_such(site: Site, low: float, breached: float) -> None:
    body = judged(site, target=Target(TargetType.GUARD, low=low))

    assert samples(body, "syncd_kr_guard_breached") == {KR: breached}


@pytest.mark.parametrize("page", [True, False])
def test_whether_it_may_page_somebody_is_told(site: Site, page: bool) -> None:
    assert samples(judged(site, page=page), "syncd_kr_page") == {KR: float(page)}


def test_an_outbox_tells_what_fails_and_how_long_a_letter_is_overdue(site: Site) -> None:
    register(site.store, ["webhook:ops"], site.clock.now())
    judged(site, target=Target(TargetType.AT_LEAST, goal=0.5))
    site.clock.advance(seconds=90)

    body = site.metrics().text

    waiting = samples(body, "syncd_outbox_depth")["webhook:ops",]
    assert waiting > 0
    assert samples(body, "syncd_outbox_failing_letters") == {("webhook:ops",): 0}
    # a minute passes in `judged` after the letters were written
    assert samples(body, "syncd_outbox_overdue_seconds") == {("webhook:ops",): 150}


def test_a_letter_that_must_wait_is_not_overdue(site: Site) -> None:
    register(site.store, ["webhook:ops"], site.clock.now())
    judged(site, target=Target(TargetType.AT_LEAST, goal=0.5))
    now = site.clock.now()
    bag = claim_letters(
        site.store, "webhook:ops", now=now, most=100, lease_seconds=9.0, together=True
    )
    assert bag is not None

    failed(site.store, bag, "answered 500", until=now + timedelta(hours=1), now=now)

    body = site.metrics().text
    assert samples(body, "syncd_outbox_overdue_seconds") == {("webhook:ops",): 0}
    assert samples(body, "syncd_outbox_failing_letters")["webhook:ops",] == len(bag.letters)


def test_a_key_result_is_told_with_each_source_it_is_measured_in(site: Site) -> None:
    one, other = scanned("completeness"), numbered("out_of_stock")
    both = combined("both", Combining.SUM, one, other)
    given = by_hand("given")
    put(
        site,
        catalogue(
            [one, other, both, given],
            [
                key_result("dcim-o1-kr1", one),
                key_result("dcim-o1-kr2", both),
                key_result("dcim-o1-kr3", given),
            ],
        ),
    )

    found = samples(site.metrics().text, "syncd_kr_source")

    assert found == {
        ("dcim-o1-kr1", "netbox"): 1,
        ("dcim-o1-kr2", "netbox"): 1,
        ("dcim-o1-kr2", "prometheus"): 1,
    }


def test_a_source_that_is_left_alone_says_so_and_until_when(told: Site) -> None:
    circuit = "syncd_source_circuit"
    before = samples(told.metrics().text, circuit)
    told.clock.advance(hours=2)
    (claim,) = claim_due(
        told.store,
        now=told.clock.now(),
        room={"netbox": 1},
        lease_seconds=60,
        full_every_seconds=86_400,
    )
    refused = RateLimited("netbox: slower", retry_after_seconds=60.0)
    with told.store.write() as connection:
        for _ in range(FAILURES - 1):
            count_failure(told.store, connection, "netbox", "another", refused, told.clock.now())

    record_failure(told.store, claim, refused, now=told.clock.now())

    body = told.metrics().text
    found = samples(body, circuit)
    assert before["netbox", "closed"] == 1
    assert (found["netbox", "closed"], found["netbox", "open"]) == (0, 1)
    retry = samples(body, "syncd_source_retry_timestamp_seconds")
    assert retry["netbox",] == told.clock.now().timestamp() + 60


def test_what_a_source_says_is_left_of_its_limit_has_a_series_once_it_said_so(told: Site) -> None:
    name = "syncd_source_rate_limit_remaining"
    silent = samples(told.metrics().text, name)

    told.instruments.exchanged(
        Exchange("netbox", "GET", "/", 200, None, 0.1, 9, 1, budget=Budget(42, 100))
    )

    assert silent == {}
    assert samples(told.metrics().text, name) == {("netbox",): 42}
