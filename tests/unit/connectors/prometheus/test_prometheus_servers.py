"""How the measures fare with servers that answer in part, keep little, or are not Prometheus."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
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
    SilentObserver,
    SourceConfig,
)
from connectors.prometheus import connector
from connectors.prometheus.api import retention_of
from connectors.prometheus.measures import GoodOverTotal, Labels, Query, Range
from tests.contract.faces import QUICK
from tests.contract.faultserver import FaultServer, Reply, Request, json_reply

NOW = datetime(2026, 1, 15, 10, 30, 0, 250_000, tzinfo=UTC)


@dataclass
class TinyServer:
    """Answers instant queries with `at_once` and range queries with the value of `curve` (None:
    no sample) at each moment; a list is a vector with one cluster each.
    """

    at_once: Callable[[str], float | list[str] | None] = lambda _: 1.0
    curve: Callable[[str, float], float | list[str] | None] = lambda *_: 1.0
    warnings: list[str] = field(default_factory=list)
    retention: str | None = "15d"
    aligned: bool = False

    def __call__(self, request: Request) -> Reply:
        form = {name: values[0] for name, values in request.form.items()}
        if request.path == "/api/v1/status/runtimeinfo" and self.retention is not None:
            data = {"storageRetention": self.retention}
            return json_reply({"status": "success", "data": data})
        if request.path == "/api/v1/query":
            moment = float(form.get("time", f"{NOW.timestamp()}"))
            if form["query"] == "time()":
                return self._success("scalar", [moment, f"{moment}"])
            return self._success("vector", self._vector(self.at_once(form["query"]), moment))
        if request.path == "/api/v1/query_range":
            return self._success("matrix", self._matrix(form))
        # as Mimir answers for what it has not
        return Reply(404, b"404 page not found\n", "text/plain; charset=utf-8")

    def _success(self, kind: str, result: Any) -> Reply:
        body: dict[str, Any] = {"status": "success", "data": {"resultType": kind, "result": result}}
        if self.warnings:
            body["warnings"] = self.warnings
        return json_reply(body)

    def _vector(self, said: float | list[str] | None, moment: float) -> list[Any]:
        if said is None:
            return []
        if isinstance(said, list):
            return [{"metric": {"cluster": name}, "value": [moment, "1"]} for name in said]
        return [{"metric": {}, "value": [moment, f"{said}"]}]

    def _matrix(self, form: dict[str, str]) -> list[Any]:
        start, end, step = (round(float(form[name]) * 1000) for name in ("start", "end", "step"))
        if self.aligned:
            start, end = start // step * step, end // step * step
        lines: dict[str, list[Any]] = {}
        for moment in range(start, end + 1, step):
            said = self.curve(form["query"], moment / 1000)
            for name in said if isinstance(said, list) else [] if said is None else [""]:
                value = "1" if isinstance(said, list) else f"{said}"
                lines.setdefault(name, []).append([moment / 1000, value])
        return [
            {"metric": {"cluster": name} if name else {}, "values": values}
            for name, values in lines.items()
        ]


@pytest.fixture
def upstream() -> TinyServer:
    return TinyServer()


@pytest.fixture
def server(upstream: TinyServer) -> Iterator[FaultServer]:
    with FaultServer(upstream) as running:
        yield running


Opener = Callable[..., Session]


@pytest.fixture
def opened(server: FaultServer) -> Iterator[Opener]:
    sessions: list[Session] = []

    def open_one(**options: str) -> Session:
        config = SourceConfig("src", "prometheus", server.url, limits=QUICK, options=options)
        sessions.append(connector.open(config, SilentObserver()))
        return sessions[-1]

    yield open_one
    for session in sessions:
        session.close()


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


@pytest.mark.parametrize(("told", "partial"), [("15d", True), ("90d", False)])
def test_counters_that_were_not_there_at_the_beginning_of_the_window(
    upstream: TinyServer, opened: Opener, told: str, partial: bool
) -> None:
    upstream.at_once = lambda query: None if query.startswith("count(") else 8.0
    upstream.retention = told

    number = read(opened(), good("28 d"))

    assert (number.value, number.partial) == (1.0, partial)
    assert number.raw["words"]


# --------------------------------------------------------------------------------------------- values


@pytest.mark.parametrize(
    ("counted", "value", "partial"),
    [
        ((900.0, 1000.0), 0.9, False),
        ((1000.0000000001, 1000.0), 1.0, False),
        ((1001.0, 1000.0), 1.001, True),
        ((None, 1000.0), 0.0, False),
        ((None, None), None, False),
        ((5.0, None), None, False),
        ((0.0, 0.0), None, False),
    ],
)
def test_good_over_total(
    upstream: TinyServer,
    opened: Opener,
    counted: tuple[float | None, float | None],
    value: float | None,
    partial: bool,
) -> None:
    upstream.at_once = lambda query: (
        1.0 if query.startswith("count(") else counted["all_total" in query]
    )

    number = read(opened(), good())

    assert (number.value, number.partial) == (value, partial)


def test_good_and_total_are_asked_for_the_same_moment(server: FaultServer, opened: Opener) -> None:
    read(opened(), good())

    asked = [(request.form["query"][0], request.form["time"][0]) for request in server.requests]
    assert asked == [
        ("sum(increase(good_total[1h]))", "1768473000.250"),
        ("sum(increase(all_total[1h]))", "1768473000.250"),
        ("count(all_total)", "1768469400.250"),
    ]


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
