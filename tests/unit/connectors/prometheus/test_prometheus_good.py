"""How much of what counters counted was good, and when nobody can tell."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from connectors.base import Number, NumberPlan, PlanContext, Session
from connectors.prometheus.measures import GoodOverTotal
from tests.contract.faultserver import FaultServer
from tests.unit.connectors.prometheus.tiny_server import NOW, Opener, TinyServer

GOOD, TOTAL = "sum(increase(good_total[1h]))", "sum(increase(all_total[1h]))"
BEGUN = "count(all_total)"
WITNESS = 'count(count_over_time({__name__="good_total"}[1h]))'
NONE_WAS_GOOD = "the counters of good have no increase in the window: none was good"
ABSENT = (
    "there are no samples of {} in the window, under whatever labels: whether none was good cannot "
    "be told; check the metric's name and its exporter, or say absent_is_none: true"
)
QUARTER = PlanContext(first=date(2026, 1, 1), last=date(2026, 3, 31))


def plan(context: PlanContext | None = None, **said: Any) -> NumberPlan:
    written = {"good": "good_total", "total": "all_total", "window": "1 h", **said}
    measure = GoodOverTotal.model_validate({"measure": "prometheus.good_over_total", **written})
    return measure.plan("src", context or PlanContext())


def soon() -> float:
    return time.monotonic() + 30


def read(session: Session, wanted: NumberPlan | None = None, now: datetime = NOW) -> Number:
    return session.read(wanted or plan(), now, soon())


def said(upstream: TinyServer, **answers: float | None) -> None:
    """Lets the server answer with good, total, begun and witness (each there by default)."""
    given: dict[str, float | None] = {"good": 900.0, "total": 1000.0, "begun": 1.0, "witness": 1.0}
    given |= answers

    def at_once(query: str) -> float | None:
        kinds = {"count(count_over_time(": "witness", "count(": "begun"}
        for start, kind in kinds.items():
            if query.startswith(start):
                return given[kind]
        return given["total" if "all_total" in query else "good"]

    upstream.at_once = at_once
    upstream.curve = lambda query, _: at_once(query)


def asked(server: FaultServer) -> list[str]:
    return [request.form["query"][0] for request in server.requests if request.form]


# ---------------------------------------------------------------------------------------------- now


def test_a_share_is_told_with_what_it_was_made_of(upstream: TinyServer, opened: Opener) -> None:
    said(upstream)

    number = read(opened())

    assert replace(number, url=None) == Number(
        value=0.9,
        observed_at=NOW,
        numerator=900.0,
        denominator=1000.0,
        partial=False,
        raw={
            "good": {"selector": "good_total", "increase": 900.0},
            "total": {"selector": "all_total", "increase": 1000.0},
            "from": "2026-01-15 09:30:00 UTC",
            "until": "2026-01-15 10:30:00 UTC",
        },
    )


@pytest.mark.parametrize(
    ("counted", "value", "partial", "words"),
    [
        ((900.0, 1000.0), 0.9, False, None),
        ((0.0, 1000.0), 0.0, False, None),
        ((1000.0, 1000.0), 1.0, False, None),
        ((1000.0000000001, 1000.0), 1.0, False, None),
        ((1 + 1e-9, 1.0), 1.0, False, None),
        (
            (1001.0, 1000.0), 1.001, True,
            "more was good than was counted at all: good is no part of total",
        ),
        ((None, 1000.0), 0.0, False, NONE_WAS_GOOD),
        ((None, None), None, False, "the counters of total have no increase in the window"),
        ((5.0, None), None, False, "the counters of total have no increase in the window"),
        ((0.0, 0.0), None, False, "nothing was counted in the window"),
        ((None, 0.0), None, False, "nothing was counted in the window"),
        ((1e300, 1e-300), None, False, None),
        (
            (float("nan"), 1000.0), None, False,
            "the increase of the counters of good is no finite number",
        ),
    ],
)  # fmt: skip
def test_good_over_total(
    upstream: TinyServer,
    opened: Opener,
    counted: tuple[float | None, float | None],
    value: float | None,
    partial: bool,
    words: str | None,
) -> None:
    said(upstream, good=counted[0], total=counted[1])

    number = read(opened())

    assert (number.value, number.partial) == (value, partial)
    assert number.raw.get("words") == (None if words is None else [words])
    known = None if value is None else ((counted[0] or 0.0), counted[1])
    assert (number.numerator, number.denominator) == (known or (None, None))


def test_good_and_total_are_asked_for_the_same_moment(server: FaultServer, opened: Opener) -> None:
    read(opened())

    asked_at = [(request.form["query"][0], request.form["time"][0]) for request in server.requests]
    assert asked_at == [
        (GOOD, "1768473000.250"),
        (TOTAL, "1768473000.250"),
        (BEGUN, "1768469400.250"),
    ]


@pytest.mark.parametrize(
    ("wanted", "named"),
    [(plan(), "good_total"), (plan(good='good_total{code="s3cr3t"}'), 'good_total{code="***"}')],
)
def test_whether_none_was_good_cannot_be_told_where_its_metric_is_not_there(
    upstream: TinyServer, server: FaultServer, opened: Opener, wanted: NumberPlan, named: str
) -> None:
    said(upstream, good=None, witness=None)

    number = read(opened(secrets={"token": "s3cr3t"}), wanted)

    assert (number.value, number.partial) == (None, False)
    assert number.raw["words"] == [ABSENT.format(named)]
    assert asked(server)[3:] == [WITNESS]
    assert server.requests[3].form["time"] == ["1768473000.250"]


def test_an_expression_that_names_several_metrics_is_its_own_witness(
    upstream: TinyServer, server: FaultServer, opened: Opener
) -> None:
    said(upstream, good=None, witness=None)

    read(opened(), plan(good='{a="1" or b="2"}'))

    assert asked(server)[3:] == ['count(count_over_time({a="1" or b="2"}[1h]))']


def test_where_absence_was_said_to_mean_none_nobody_looks_for_the_metric(
    upstream: TinyServer, server: FaultServer, opened: Opener
) -> None:
    said(upstream, good=None, witness=None)

    number = read(opened(), plan(absent_is_none=True))

    assert (number.value, number.raw["words"]) == (0.0, [NONE_WAS_GOOD])
    assert WITNESS not in asked(server)


@pytest.mark.parametrize("counted", [(None, 0.0), (None, None), (0.0, 5.0)])
def test_the_metric_is_looked_for_only_where_its_absence_would_matter(
    upstream: TinyServer,
    server: FaultServer,
    opened: Opener,
    counted: tuple[float | None, float | None],
) -> None:
    said(upstream, good=counted[0], total=counted[1])

    read(opened())

    assert asked(server) == [GOOD, TOTAL, BEGUN]


@pytest.mark.parametrize(
    ("told", "partial", "why"),
    [
        (
            "15d", True,
            "the window begins at 2025-12-18 10:30:00 UTC, and the server keeps samples since {only}",
        ),
        (
            "90d", False,
            "there is nothing at the beginning of the window, 2025-12-18 10:30:00 UTC",
        ),
    ],
)  # fmt: skip
def test_counters_that_were_not_there_at_the_beginning_of_the_window(
    upstream: TinyServer, opened: Opener, told: str, partial: bool, why: str
) -> None:
    said(upstream, begun=None)
    upstream.retention = told

    number = read(opened(), plan(window="28 d"))

    assert (number.value, number.partial) == (0.9, partial)
    assert number.raw["words"] == [why.format(only="2025-12-31 10:30:00 UTC only")]


def test_more_good_than_counted_is_partial_also_where_nothing_was_lost(
    upstream: TinyServer, opened: Opener
) -> None:
    said(upstream, good=1001.0, begun=None)
    upstream.retention = "90d"

    assert read(opened(), plan(window="28 d")).partial


@pytest.mark.parametrize("doubtful", ["good_total[", "all_total[", "count(all", "__name__"])
def test_a_warning_beside_any_of_the_answers_makes_the_share_partial(
    upstream: TinyServer, opened: Opener, doubtful: str
) -> None:
    said(upstream, good=None)
    upstream.warnings = ["a store did not answer"]
    upstream.warned = lambda query: doubtful in query

    number = read(opened())
    [then] = opened().history(plan(), [NOW], soon())

    assert number.partial
    assert then.partial
    assert number.raw["warnings"] == then.raw["warnings"] == ["a store did not answer"]


# ---------------------------------------------------------------------------------- then, and periods


def test_the_past_is_what_would_have_been_read_in_three_queries(
    upstream: TinyServer, server: FaultServer, opened: Opener
) -> None:
    moments = [NOW - timedelta(hours=hours) for hours in (3, 2, 1)]
    upstream.at_once = lambda query: 900.0 if "good" in query else 1000.0
    upstream.curve = lambda query, _: 900.0 if "good" in query else 1000.0

    then = list(opened().history(plan(), moments, soon()))
    told = len(server.requests)

    assert then == [read(opened(), now=moment) for moment in moments]
    assert told == 3


def test_what_is_not_known_of_the_past_is_left_out(upstream: TinyServer, opened: Opener) -> None:
    def curve(query: str, moment: float) -> float | None:
        hours = round((NOW.timestamp() - moment) / 3600)
        if query.startswith("count("):
            return 1.0 if hours != 2 else None  # the window before the last one
        if "good" in query:
            return None if hours in (1, 3, 4) else 900.0
        return {1: 1000.0, 2: 1000.0, 3: None, 4: 0.0}.get(hours)

    upstream.curve = curve
    moments = [NOW - timedelta(hours=hours) for hours in (5, 4, 3, 2, 1)]

    then = list(opened().history(plan(absent_is_none=True), moments, soon()))

    assert [(one.observed_at, one.value) for one in then] == [
        (moments[3], 0.9),
        (moments[4], 0.0),
    ]
    assert "words" not in then[0].raw
    assert then[1].raw["words"] == [
        NONE_WAS_GOOD,
        "there is nothing at the beginning of the window, 2026-01-15 08:30:00 UTC",
    ]


def test_of_the_past_only_what_is_in_doubt_is_looked_for(
    upstream: TinyServer, server: FaultServer, opened: Opener
) -> None:
    def curve(query: str, moment: float) -> float | None:
        hours = round((NOW.timestamp() - moment) / 3600)
        if "__name__" in query:
            return 1.0 if hours == 2 else None
        if "good" in query:
            return 900.0 if hours == 3 else None
        return 1000.0

    upstream.curve = curve
    moments = [NOW - timedelta(hours=hours) for hours in (3, 2, 1)]

    then = list(opened().history(plan(), moments, soon()))

    assert [(one.observed_at, one.value) for one in then] == [(moments[0], 0.9), (moments[1], 0.0)]
    witness = server.requests[3].form
    assert witness["query"] == [WITNESS]
    assert (witness["start"], witness["end"]) == (["1768465800.250"], ["1768469400.250"])


def test_a_period_is_read_at_each_moment_over_its_own_length(
    upstream: TinyServer, server: FaultServer, opened: Opener
) -> None:
    said(upstream)
    quarter = plan(QUARTER, window="period")
    moments = [datetime(2026, 1, day, tzinfo=UTC) for day in (1, 2, 3)]

    then = list(opened().history(quarter, moments, soon()))

    assert [(one.observed_at, one.value) for one in then] == [(m, 0.9) for m in moments[1:]]
    assert [query for query in asked(server) if "good" in query] == [
        "sum(increase(good_total[1d]))",
        "sum(increase(good_total[2d]))",
    ]


@pytest.mark.parametrize(
    "now", [datetime(2025, 12, 31, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)]
)
def test_a_period_that_has_not_begun_asks_nothing(
    server: FaultServer, opened: Opener, now: datetime
) -> None:
    session, quarter = opened(), plan(QUARTER, window="period")

    number = read(session, quarter, now)

    assert number == Number(
        None,
        now,
        raw={"words": ["the window begins at 2026-01-01 00:00:00 UTC"]},
        url=session.link(quarter),
    )
    assert server.requests == []


# -------------------------------------------------------------------------------------------- links


@pytest.mark.parametrize(
    ("wanted", "length", "moment"),
    [
        (plan(), "1h", None),
        (replace(plan(), at=datetime(2025, 12, 31, 23, tzinfo=UTC)), "1h", "2025-12-31 23:00:00"),
        (plan(QUARTER, window="period"), "90d", "2026-04-01 00:00:00"),
        (
            replace(plan(QUARTER, window="period"), at=datetime(2026, 1, 3, tzinfo=UTC)),
            "2d",
            "2026-01-03 00:00:00",
        ),
        (
            replace(plan(QUARTER, window="period"), at=datetime(2025, 12, 31, tzinfo=UTC)),
            "1s",
            "2025-12-31 00:00:00",
        ),
    ],
)
def test_a_link_shows_the_share_in_a_table(
    opened: Opener, wanted: NumberPlan, length: str, moment: str | None
) -> None:
    link = opened().link(wanted)

    assert link is not None
    shown = {name: texts[0] for name, texts in parse_qs(urlsplit(link).query).items()}
    when = {} if moment is None else {"g0.moment_input": moment}
    query = f"sum(increase(good_total[{length}])) / sum(increase(all_total[{length}]))"
    assert shown == {"g0.expr": query, "g0.tab": "1", **when}


def test_a_number_leads_to_its_own_moment(upstream: TinyServer, opened: Opener) -> None:
    said(upstream)

    url = read(opened()).url

    assert url is not None
    assert parse_qs(urlsplit(url).query)["g0.moment_input"] == ["2026-01-15 10:30:00"]
