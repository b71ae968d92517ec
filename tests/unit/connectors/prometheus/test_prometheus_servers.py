"""How the measures fare with servers that answer in part, keep little, or are not Prometheus."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from connectors.base import (
    Batch,
    NotFound,
    Number,
    NumberPlan,
    Plan,
    QueryRefused,
    ScanJob,
    Session,
)
from connectors.prometheus.api import retention_of
from connectors.prometheus.measures import GoodOverTotal, Labels, Query, Range
from tests.contract.faultserver import FaultServer
from tests.unit.connectors.prometheus.tiny_server import NOW, Opener, TinyServer


def ranged(aggregate: Any = "max", window: str = "1 h", **more: Any) -> NumberPlan:
    said = {"query": "load", "aggregate": aggregate, "window": window, **more}
    return Range.model_validate({"measure": "prometheus.range", **said}).plan("src")


def good(window: str = "1 h") -> NumberPlan:
    return GoodOverTotal(
        measure="prometheus.good_over_total", good="good_total", total="all_total", window=window
    ).plan("src")


def labels(window: str | None = "1 h") -> Any:
    return Labels(
        measure="prometheus.labels", query="active == 1", key="cluster", window=window
    ).plan("src")


def soon() -> float:
    return time.monotonic() + 30


def read(session: Session, plan: NumberPlan) -> Number:
    return session.read(plan, NOW, soon())


@dataclass
class Store:
    values: Sequence[str] = ()

    def count(self) -> int:
        return len(self.values)

    def ids(self) -> Iterator[str]:
        return iter(self.values)


def scan(session: Session, known: Sequence[str] = (), **more: Any) -> tuple[Batch, Any]:
    plan = more.pop("plan", labels())
    job = ScanJob(plan.scope, [plan.judge, plan.judge], NOW, soon(), Store(known), **more)
    [batch] = session.scan(job)
    assert batch.timelines[0] == batch.timelines[1]
    return batch, {timeline.object_id: timeline for timeline in batch.timelines[0]}


# ----------------------------------------------------------------------------------- partial answers


@pytest.mark.parametrize(
    "plan",
    [ranged(), good(), Query(measure="prometheus.query", query="up").plan("src")],
    ids=["range", "good over total", "query"],
)
def test_warnings_make_a_number_partial_now_and_then(
    upstream: TinyServer, opened: Opener, plan: NumberPlan
) -> None:
    upstream.warnings = ["a store did not answer"]

    number = read(opened(), plan)
    [then] = opened().history(plan, [NOW - timedelta(days=1)], soon())

    assert number.partial is True
    assert number.raw["warnings"] == ["a store did not answer"]
    assert then.partial is True


@pytest.mark.parametrize("cursor", [None, {}])
def test_in_a_partial_set_nobody_is_told_to_have_left(
    upstream: TinyServer, opened: Opener, cursor: Any
) -> None:
    upstream.at_once = lambda _: ["c1"]
    upstream.warnings = ["a store did not answer"]

    batch, found = scan(opened(), known=["c1", "c2"], cursor=cursor)

    # a full read ends what is not in it, so what is known is said again
    assert set(found) == {"c1", "c2"}
    assert not any(timeline.left for timeline in found.values())
    assert batch.partial is True


def test_in_a_whole_set_who_left_is_told_only_where_nothing_else_ends_them(
    upstream: TinyServer, opened: Opener
) -> None:
    upstream.at_once = lambda _: ["c1"]

    _, changed = scan(opened(), known=["c1", "c2"], cursor={})
    _, full = scan(opened(), known=["c1", "c2"])

    assert changed["c2"].left
    assert set(full) == {"c1"}


# ------------------------------------------------------------------------------------------ emptiness


def test_an_empty_set_is_proven_over_the_same_window(
    upstream: TinyServer, server: FaultServer, opened: Opener
) -> None:
    upstream.at_once = lambda query: 3.0 if '{__name__="active"}' in query else None

    batch, found = scan(opened(), known=["c1"], cursor={})

    assert found["c1"].left
    assert batch.total == 0
    asked = [request.form["query"][0] for request in server.requests]
    assert asked == [
        "count_over_time((count by (cluster) (\nactive == 1\n))[1h:1m])",
        'count_over_time((count({__name__="active"}))[1h:1m])',
    ]


def test_an_empty_set_that_is_not_proven_leaves_everything_as_it_was(
    upstream: TinyServer, opened: Opener
) -> None:
    upstream.at_once = lambda _: None

    with pytest.raises(NotFound, match=r"^src: the query gives nothing, .* of active in the last"):
        scan(opened(), known=["c1"], cursor={})


HOUR_AGO = NOW - timedelta(hours=1)


def away_for_ten_minutes(query: str, moment: float) -> list[str] | float | None:
    """One cluster, and nobody for ten minutes an hour ago."""
    if "count({" in query:
        return 5.0
    return None if 0 <= moment - HOUR_AGO.timestamp() < 600 else ["c1"]


def no_samples_for_ten_minutes(query: str, moment: float) -> list[str] | float | None:
    """The same, and no samples of the metric either."""
    if 0 <= moment - HOUR_AGO.timestamp() < 600:
        return None
    return away_for_ten_minutes(query, moment)


def test_in_a_past_that_is_proven_empty_nobody_was_there(
    upstream: TinyServer, opened: Opener
) -> None:
    upstream.at_once = lambda _: ["c1"]
    upstream.curve = away_for_ten_minutes

    batch, found = scan(opened(), history_since=NOW - timedelta(hours=2), plan=labels(None))

    before, after = found["c1"].verdicts
    assert before.valid_to is not None
    assert after.valid_from - before.valid_to == timedelta(minutes=10)
    assert len(batch.untold) == 1


def test_of_a_past_without_samples_the_set_is_taken_to_have_stayed_and_that_is_said(
    upstream: TinyServer, opened: Opener
) -> None:
    upstream.at_once = lambda _: ["c1"]
    upstream.curve = no_samples_for_ten_minutes

    batch, found = scan(opened(), history_since=NOW - timedelta(hours=2), plan=labels(None))

    [verdict] = found["c1"].verdicts
    assert verdict.valid_to is None
    assert "for 0:10:00 in all there are no samples" in batch.untold[1]


def test_a_partial_past_is_a_partial_set(upstream: TinyServer, opened: Opener) -> None:
    upstream.at_once = lambda _: ["c1"]
    upstream.curve = away_for_ten_minutes
    upstream.warnings = ["a store did not answer"]

    assert scan(opened(), history_since=HOUR_AGO)[0].partial is True


def test_a_past_of_less_than_a_step_is_only_what_is_now(
    upstream: TinyServer, server: FaultServer, opened: Opener
) -> None:
    upstream.at_once = lambda _: ["c1"]

    batch, found = scan(opened(), history_since=NOW - timedelta(seconds=0.1))

    assert found["c1"].verdicts[0].valid_from == NOW
    assert len(batch.untold) == 1
    assert len(server.requests) == 1


# ------------------------------------------------------------------------------------------ retention


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("15d", 15),
        ("100y", 36_500),
        ("1w3d", 10),
        ("2h30m", 2.5 / 24),
        ("15d or 512GiB", 15),
        ("50GiB or 15d", 15),
        ("512GiB", None),
        ("", None),
        ("0s", None),
        ("for ever", None),
        ("9999999d", None),
    ],
)
def test_retention_is_read_as_the_server_writes_it(text: str, days: float | None) -> None:
    assert retention_of(text) == (None if days is None else timedelta(days=days))


def late(_: str, moment: float) -> float | None:
    """Samples of the last ten days."""
    return 5.0 if moment > (NOW - timedelta(days=10)).timestamp() else None


@pytest.mark.parametrize("aggregate", ["max", "min", "last"])
@pytest.mark.parametrize(
    ("told", "set_here", "partial", "words"),
    [
        ("15d", None, True, "the server keeps samples since 2025-12-31 10:30:00 UTC only"),
        ("30d", None, False, "the values begin at 2026-01-05 10:35:00 UTC"),
        (None, None, False, "how long it keeps samples the server does not say"),
        (None, "15 d", True, "the server keeps samples since 2025-12-31"),
        ("30d", "15 d", True, "the server keeps samples since 2025-12-31"),
    ],
)
def test_a_window_that_reaches_beyond_what_is_kept_is_partial_and_says_so(
    upstream: TinyServer,
    opened: Opener,
    aggregate: str,
    told: str | None,
    set_here: str | None,
    partial: bool,
    words: str,
) -> None:
    upstream.curve = late
    upstream.retention = told
    session = opened() if set_here is None else opened(retention=set_here)

    number = read(session, ranged(aggregate, "28 d"))

    assert (number.value, number.partial) == (5.0, partial)
    assert words in number.raw["words"][0]


def test_what_is_kept_is_not_asked_while_nothing_is_missing(
    upstream: TinyServer, server: FaultServer, opened: Opener
) -> None:
    read(opened(), ranged("avg", "7 d", step="5 min"))

    assert {request.path for request in server.requests} == {"/api/v1/query_range"}


# --------------------------------------------------------------------------------------------- values


@pytest.mark.parametrize(
    ("plan", "value"),
    [(ranged(unit="percent"), 0.01), (ranged({"share": "> 0"}), 1.0), (ranged(unit="h"), 3600.0)],
)
def test_a_range_is_in_its_base_unit(opened: Opener, plan: NumberPlan, value: float) -> None:
    assert read(opened(), plan).value == value


def test_a_server_that_moves_the_moments_is_asked_for_each(
    upstream: TinyServer, server: FaultServer, opened: Opener
) -> None:
    upstream.aligned = True
    upstream.at_once = lambda _: 7.0
    plan = Query(measure="prometheus.query", query="up").plan("src")
    moments = [NOW - timedelta(days=n) for n in (3, 2, 1)]

    told = list(opened().history(plan, moments, soon()))

    assert [(number.observed_at, number.value) for number in told] == [(m, 7.0) for m in moments]
    assert server.requests[0].form["nocache"] == ["1"]
    assert [request.path for request in server.requests[1:]] == ["/api/v1/query"] * 3


def test_the_past_of_a_query_with_two_series_is_refused(
    upstream: TinyServer, opened: Opener
) -> None:
    upstream.curve = lambda *_: ["c1", "c2"]
    plan = Query(measure="prometheus.query", query="up").plan("src")

    with pytest.raises(QueryRefused, match="several series at 2026-01-14 10:30 UTC"):
        list(opened().history(plan, [NOW - timedelta(days=1)], soon()))


def test_a_history_of_no_moments_asks_nothing(server: FaultServer, opened: Opener) -> None:
    for plan in (ranged(), good(), Query(measure="prometheus.query", query="up").plan("src")):
        assert list(opened().history(plan, [], soon())) == []

    assert server.requests == []


# ---------------------------------------------------------------------------------------------- links


def shown(link: str | None) -> dict[str, str]:
    assert link is not None
    parts = urlsplit(link)
    assert parts.path == "/graph"
    return {name.removeprefix("g0."): texts[0] for name, texts in parse_qs(parts.query).items()}


@pytest.mark.parametrize(
    ("plan", "expected"),
    [
        (ranged(window="90 d"), {"expr": "load", "tab": "0", "range_input": "90d"}),
        (
            good(),
            {
                "expr": "sum(increase(good_total[1h])) / sum(increase(all_total[1h]))",
                "tab": "1",
            },
        ),
        (labels(), {"expr": "active == 1", "tab": "1"}),
    ],
    ids=["range", "good over total", "labels"],
)
def test_links_lead_to_the_curve_or_the_table(
    opened: Opener, plan: Plan, expected: dict[str, str]
) -> None:
    assert shown(opened().link(plan)) == expected


def test_a_number_leads_to_the_window_that_it_is_made_of(opened: Opener) -> None:
    of_range, of_good = read(opened(), ranged()), read(opened(), good())

    assert shown(of_range.url)["end_input"] == "2026-01-15 10:30:00"
    assert shown(of_range.url)["range_input"] == "1h"
    assert shown(of_good.url)["moment_input"] == "2026-01-15 10:30:00"


def test_a_plan_of_a_past_moment_leads_there(opened: Opener) -> None:
    at = datetime(2025, 12, 31, 23, tzinfo=UTC)
    plans = [
        NumberPlan(plan.source, plan.request, plan.dimension, at)
        for plan in (ranged(), good(), Query(measure="prometheus.query", query="up").plan("src"))
    ]

    curve, *tables = [shown(opened().link(plan)) for plan in plans]

    assert curve["end_input"] == "2025-12-31 23:00:00"
    assert {table["moment_input"] for table in tables} == {"2025-12-31 23:00:00"}
