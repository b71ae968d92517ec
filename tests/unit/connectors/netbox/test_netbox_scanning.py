"""Scanning servers that are old, odd, or whose change log cannot tell everything."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from connectors.base import BadAnswer, FilterIgnored, NumberPlan
from connectors.netbox import connector
from tests.contract.faces import Recorder
from tests.contract.faultserver import FaultServer
from tests.unit.connectors.netbox.stand_in import (
    DEVICES,
    LOG,
    NOW,
    StandIn,
    Watcher,
    opened,
    text,
    watching,
)

COMPLETE = {
    "measure": "netbox.completeness",
    "endpoint": "dcim.devices",
    "required": [{"fields": ["serial"]}],
}
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


@pytest.fixture
def upstream() -> StandIn:
    stand_in = StandIn()
    for number in range(1, 6):
        stand_in.device(number)
        stand_in.logged(100 + number, number, NOW - timedelta(days=1), "create")
    return stand_in


@pytest.fixture
def server(upstream: StandIn) -> Iterator[FaultServer]:
    with FaultServer(upstream) as running:
        yield running


@pytest.fixture
def watcher(server: FaultServer) -> Iterator[Watcher]:
    watched = watching(server.url, COMPLETE)
    yield watched
    watched.session.close()


ALL = ["1", "2", "3", "4", "5"]


@pytest.mark.parametrize("version", ["4.7", "4.6", "4.5", "4.1", "4.0", "3.7"])
@pytest.mark.parametrize("largest_page", [1, 2, 5, 1000])
def test_every_object_is_read_once_whatever_the_version_and_the_page_size(
    upstream: StandIn, watcher: Watcher, version: str, largest_page: int
) -> None:
    upstream.version, upstream.largest_page = version, largest_page

    assert watcher.turn() == ALL
    assert watcher.turn() == []


def test_a_quiet_turn_asks_for_the_log_the_stamps_and_a_count(watcher: Watcher) -> None:
    watcher.turn()

    watcher.turn()

    assert watcher.asked == [LOG, DEVICES, DEVICES]


def test_the_cursor_is_plain_json(watcher: Watcher) -> None:
    watcher.turn()
    watcher.cursor = json.loads(json.dumps(watcher.cursor))

    assert watcher.turn() == []


def test_a_server_that_does_not_page_by_id_is_not_believed(
    upstream: StandIn, watcher: Watcher
) -> None:
    upstream.version, upstream.largest_page, upstream.ignored = "4.5", 2, {"id__gt"}

    with pytest.raises(BadAnswer, match="does not page by id"):
        watcher.turn()


# --------------------------------------------------------------------------------- the change log


def test_a_row_that_was_committed_late_is_found_behind_newer_ones(
    upstream: StandIn, watcher: Watcher
) -> None:
    upstream.logged(120, 1, NOW - MINUTE)
    watcher.turn()

    upstream.device(3, serial="S-3")  # written with its old stamp, as bulk writers may
    upstream.logged(119, 3, NOW - 2 * MINUTE)

    assert watcher.turn() == ["3"]
    assert watcher.turn() == []


def test_a_log_that_was_pruned_past_the_last_turn_means_reading_everything(
    upstream: StandIn, watcher: Watcher
) -> None:
    watcher.turn()

    upstream.lists[LOG] = []
    upstream.lists[DEVICES] = upstream.lists[DEVICES][1:]

    assert watcher.turn() == ALL[1:]
    assert watcher.held == set(ALL[1:])
    assert watcher.turn() == []


def test_pruning_what_lies_before_the_last_turn_loses_nothing(
    upstream: StandIn, watcher: Watcher
) -> None:
    watcher.turn()

    upstream.lists[LOG] = upstream.lists[LOG][-1:]

    assert watcher.turn() == []


def test_without_a_log_stamps_and_counts_still_tell_what_changed(
    upstream: StandIn, watcher: Watcher
) -> None:
    upstream.forbidden = {LOG}
    watcher.turn()

    upstream.device(2, NOW - MINUTE, serial="S-2")
    upstream.lists[DEVICES].pop()

    assert watcher.turn() == ["2"]
    assert watcher.held == {"1", "2", "3", "4"}
    assert LOG not in watcher.asked


def test_a_burst_of_changes_is_read_once_and_then_left_alone(
    upstream: StandIn, watcher: Watcher
) -> None:
    watcher.turn()
    for number in (1, 2, 3):
        upstream.device(number, NOW - MINUTE, serial="S")
        upstream.logged(200 + number, number, NOW - MINUTE)

    assert watcher.turn() == ["1", "2", "3"]
    assert watcher.turn(NOW + MINUTE) == []
    assert watcher.turn(NOW + HOUR) == []


# ------------------------------------------------------------------------------------- the stamps


def test_what_is_saved_without_a_log_row_is_found_by_its_stamp(
    upstream: StandIn, watcher: Watcher
) -> None:
    watcher.turn()

    upstream.device(4, NOW, serial="S-4")

    assert watcher.turn() == ["4"]
    assert watcher.turn() == []


def test_a_server_deaf_to_the_stamp_filter_is_read_whole(
    upstream: StandIn, watcher: Watcher
) -> None:
    upstream.ignored = {"last_updated__gte"}
    watcher.turn()

    assert watcher.turn() == ALL


# --------------------------------------------------------------------------------- full reads, cut


def test_a_cut_read_resumes_and_what_changed_meanwhile_is_read_next(
    upstream: StandIn, watcher: Watcher
) -> None:
    upstream.largest_page = 2
    first = next(watcher.session.scan(watcher.job(NOW)))
    resume = json.loads(json.dumps(first.resume))
    upstream.device(1, NOW, serial="S-1")
    upstream.logged(300, 1, NOW)

    rest = list(watcher.session.scan(watcher.job(NOW, resume)))

    assert [t.object_id for batch in rest for t in batch.timelines[0]] == ["3", "4", "5"]
    watcher.held, watcher.cursor = set(ALL), rest[-1].cursor
    assert watcher.turn() == ["1"]


def test_a_cursor_of_another_judgement_means_reading_everything(
    server: FaultServer, watcher: Watcher
) -> None:
    watcher.turn()
    other = watching(server.url, {**COMPLETE, "required": [{"fields": ["display"]}]})
    other.cursor, other.held = watcher.cursor, {"1", "77"}
    try:
        assert other.turn() == ALL
        assert other.held == set(ALL)
    finally:
        other.session.close()


# ---------------------------------------------------------------------------------- filter checks


def counted(url: str, filter_: dict[str, Any]) -> float | None:
    measure = {"measure": "netbox.count", "endpoint": "dcim.devices", "filter": filter_}
    plan = connector.measures["netbox.count"].model_validate(measure).plan("netbox")
    assert isinstance(plan, NumberPlan)
    session = opened(url, Recorder())
    try:
        return session.read(plan, NOW, time.monotonic() + 30).value
    finally:
        session.close()


@pytest.mark.parametrize(
    ("filter_", "count"),
    [
        ({"status": "active"}, 5),
        ({"status": "planned"}, 0),
        ({"serial__empty": True}, 5),
        ({"serial__empty": "True"}, 5),
        ({"serial__empty": False}, 0),
        ({"status__n": "planned"}, 5),
        ({"status__n": "active"}, 0),
        ({"last_updated__gte": text(NOW - HOUR)}, 0),
    ],
)
def test_an_honoured_filter_is_believed_whatever_it_leaves(
    server: FaultServer, filter_: dict[str, Any], count: int
) -> None:
    assert counted(server.url, filter_) == count


@pytest.mark.parametrize(
    "filter_", [{"status": "active"}, {"serial__empty": True}, {"status__n": "active"}]
)
def test_an_ignored_filter_is_refused(
    upstream: StandIn, server: FaultServer, filter_: dict[str, Any]
) -> None:
    upstream.ignored = set(filter_)

    (name,) = filter_
    with pytest.raises(FilterIgnored, match=f"netbox: NetBox ignores the filter {name} "):
        counted(server.url, filter_)


def test_nothing_can_be_proven_of_an_empty_server_and_nothing_is_remembered(
    upstream: StandIn, server: FaultServer
) -> None:
    devices, upstream.lists[DEVICES] = upstream.lists[DEVICES], []
    upstream.ignored = {"colour"}
    plan = connector.measures["netbox.count"].model_validate(
        {"measure": "netbox.count", "endpoint": "dcim.devices", "filter": {"colour": "red"}}
    )
    number = plan.plan("netbox")
    assert isinstance(number, NumberPlan)
    session = opened(server.url, Recorder())
    try:
        assert session.read(number, NOW, time.monotonic() + 30).value == 0
        upstream.lists[DEVICES] = devices
        with pytest.raises(FilterIgnored):
            session.read(number, NOW, time.monotonic() + 30)
    finally:
        session.close()
