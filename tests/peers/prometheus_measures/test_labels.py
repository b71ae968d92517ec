"""Sets of label values, on real servers."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from connectors.base import Batch, NotFound, QueryRefused, ScanJob
from connectors.prometheus.measures import Labels
from tests.peers.prometheus_measures.world import DAY, HOUR, NOW, Opened, at


@dataclass
class Store:
    """What is known of the set."""

    values: set[str] = field(default_factory=set)

    def count(self) -> int:
        return len(self.values)

    def ids(self) -> Iterator[str]:
        return iter(sorted(self.values))


def scan(
    opened: Opened, window: str | None = "1 h", now: datetime = NOW, **more: Any
) -> tuple[Batch, dict[str, Any]]:
    """The batch, and its timelines by object."""
    query = more.pop("query", "cluster_active == 1")
    model = Labels(measure="prometheus.labels", query=query, key="cluster", window=window)
    plan = model.plan("prom")
    known = more.pop("known", Store())
    job = ScanJob(plan.scope, [plan.judge], now, time.monotonic() + 60, known, **more)
    [batch] = opened.session.scan(job)
    return batch, {timeline.object_id: timeline for timeline in batch.timelines[0]}


def test_a_set_holds_who_was_there_within_the_window(opened: Opened) -> None:
    batch, found = scan(opened, "1 h")

    # c2 was last seen 40 minutes ago, c3 a day ago, c4 is not active
    assert set(found) == {"c1", "c2", "c5"}
    [verdict] = found["c2"].verdicts
    assert (verdict.valid_from, verdict.valid_to, verdict.keys) == (NOW, None, ("c2",))
    assert (batch.cursor, batch.partial, batch.total) == ({}, False, 3)


def test_without_a_window_a_set_holds_who_is_there_now(opened: Opened) -> None:
    assert set(scan(opened, None)[1]) == {"c1", "c5"}
    assert set(scan(opened, "30 min")[1]) == {"c1", "c5"}


def test_who_went_away_is_told_to_have_left(opened: Opened) -> None:
    _, found = scan(opened, "1 h", cursor={}, known=Store({"c1", "c3", "c5"}))

    assert {value for value, timeline in found.items() if timeline.left} == {"c3"}
    assert found["c3"].since == NOW


def test_a_set_that_a_comparison_left_empty_is_empty(opened: Opened) -> None:
    batch, found = scan(opened, query="cluster_active == 7", cursor={}, known=Store({"c1"}))

    assert [timeline.left for timeline in found.values()] == [True]
    assert (batch.partial, batch.total) == (False, 0)


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("cluster_actve == 1", "cluster_actve"),
        ("cluster_active == 7 and on (cluster) fsh_up", "fsh_up"),
        ("load_nodes > 0", "load_nodes"),
        ('{__name__=~"no_such.*"}', "no_such"),
        ("vector(1) > 2", "names no metric"),
    ],
)
def test_an_empty_answer_without_samples_behind_it_is_not_believed(
    opened: Opened, query: str, named: str
) -> None:
    with pytest.raises(NotFound, match=named):
        scan(opened, query=query, known=Store({"c1"}))


def test_what_may_rightly_be_missing_does_not_stand_in_the_way(opened: Opened) -> None:
    _, found = scan(opened, query="cluster_active == 7 unless on (cluster) maintenance")

    assert found == {}


def test_series_without_the_label_are_refused(opened: Opened) -> None:
    with pytest.raises(QueryRefused, match="series without the label cluster; fix"):
        scan(opened, query="unlabelled")


def test_metrics_of_several_names_make_one_set(opened: Opened) -> None:
    _, found = scan(
        opened, query='{__name__=~"cluster_active|unlabelled", cluster!=""} == 1 # both'
    )

    assert set(found) == {"c1", "c2", "c5"}


@pytest.mark.parametrize("window", [None, "1 h"])
def test_the_past_of_a_set_is_told_since_when_it_is_wanted(
    opened: Opened, window: str | None
) -> None:
    since = at(2 * DAY)
    batch, found = scan(opened, window, history_since=since)

    grace = timedelta(hours=1) if window else timedelta(0)
    step = timedelta(minutes=2)
    [c1], [c3], [before, after] = (found[value].verdicts for value in ("c1", "c3", "c5"))
    assert {timeline.since for timeline in found.values()} == {since}
    assert (c1.valid_from - since, c1.valid_to) == (step, None)
    # a sample stays valid for five minutes, unless the exporter says that it ends
    assert c3.valid_to is not None
    assert timedelta(0) <= c3.valid_to - at(13 * DAY) - grace <= timedelta(minutes=5) + 2 * step
    assert before.valid_to is not None
    assert timedelta(0) <= before.valid_to - at(3 * DAY) - grace <= step
    assert after.valid_from == at(4 * DAY)
    assert after.valid_to is None
    assert "c4" not in found
    assert "is known to 2m" in batch.untold[0]
    assert len(batch.untold) == 1


def test_a_past_that_the_server_does_not_have_is_named(opened: Opened) -> None:
    batch, found = scan(opened, history_since=at(-5 * DAY))

    assert found["c1"].verdicts[0].valid_from >= at(0)
    assert "the values begin at 2026-01-01 00:" in batch.untold[1]


@pytest.mark.parametrize("hours", [36, 74, 100, 200])
def test_the_past_of_a_set_is_what_a_turn_then_would_have_shown(opened: Opened, hours: int) -> None:
    now = at(hours * HOUR)
    _, past = scan(opened, history_since=at(DAY))
    _, then = scan(opened, now=now)

    held = {
        value
        for value, timeline in past.items()
        for verdict in timeline.verdicts
        if verdict.valid_from <= now and (verdict.valid_to is None or now < verdict.valid_to)
    }
    assert held == set(then)
