"""The Prometheus connector's measures on real servers, against truth worked out by hand."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from connectors.base import (
    Batch,
    NotFound,
    Number,
    NumberPlan,
    PlanContext,
    QueryRefused,
    ScanJob,
    Session,
    SourceConfig,
)
from connectors.prometheus import connector
from connectors.prometheus.measures import GoodOverTotal, Labels, Query, Range
from syncd.demo.prometheus import PrometheusSandbox
from tests.contract.faces import Recorder
from tests.peers.victoria import VictoriaMetrics

if TYPE_CHECKING:
    from tests.peers.prometheus import Prometheus

MINUTE, HOUR, DAY = 60, 3600, 86_400
START = 1_767_225_600  # 2026-01-01T00:00:00Z
END = START + 14 * DAY
NOW = datetime.fromtimestamp(END, UTC)


def at(seconds: float) -> datetime:
    """So long after the first sample."""
    return datetime.fromtimestamp(START + seconds, UTC)


def steady(first: int, last: int, value: Callable[[int], float]) -> list[list[float]]:
    """A sample each minute, `first` and `last` included; `value` is given the minute."""
    minutes = range(first // MINUTE, last // MINUTE + 1)
    return [[START + MINUTE * minute, value(minute)] for minute in minutes]


def wave(minute: int) -> float:
    """Every value from 0 to 99 once in 100 minutes, in no order."""
    return float(minute * 37 % 100)


def counter(minute: int) -> float:
    """Ten more each minute, and begun anew at minute 3000."""
    return 10.0 * (minute if minute < 3000 else minute - 3000)


def counter_of_bad(minute: int) -> float:
    """One more each minute, and begun anew at minute 3000."""
    return counter(minute) / 10


def series(name: str, samples: list[list[float]], **labels: str) -> dict[str, Any]:
    return {"metric": {"__name__": name, **labels}, "samples": samples}


SEED: dict[str, Any] = {
    "series": [
        series("wave", steady(0, 14 * DAY, wave)),
        # a load test of two hours on the third day, by two programs one after the other
        series("load_nodes", steady(2 * DAY, 2 * DAY + HOUR, lambda m: m % 60 * 100.0), run="a"),
        series(
            "load_nodes",
            steady(2 * DAY + HOUR + 10 * MINUTE, 2 * DAY + 2 * HOUR, lambda _: 9999.0),
            run="b",
        ),
        series("late", steady(12 * DAY, 14 * DAY, lambda _: 5.0)),
        series("twins", steady(0, HOUR, lambda _: 1.0), side="left"),
        series("twins", steady(0, HOUR, lambda _: 2.0), side="right"),
        series("requests_total", steady(0, 14 * DAY, counter), code="200"),
        series("requests_total", steady(0, 14 * DAY, counter_of_bad), code="500"),
        series("cluster_active", steady(0, 14 * DAY, lambda _: 1.0), cluster="c1", zone="a"),
        series("cluster_active", steady(0, 14 * DAY, lambda _: 1.0), cluster="c1", zone="b"),
        series("cluster_active", steady(0, 14 * DAY - 40 * MINUTE, lambda _: 1.0), cluster="c2"),
        series("cluster_active", steady(0, 13 * DAY, lambda _: 1.0), cluster="c3"),
        series("cluster_active", steady(0, 14 * DAY, lambda _: 0.0), cluster="c4"),
        # there, away for a day, and back
        series(
            "cluster_active",
            steady(0, 14 * DAY, lambda m: float(not 3 * DAY <= m * MINUTE < 4 * DAY)),
            cluster="c5",
        ),
        series("unlabelled", steady(0, 14 * DAY, lambda _: 1.0), cluster="c1"),
        series("unlabelled", steady(0, 14 * DAY, lambda _: 1.0), host="h1"),
    ]
}


def openmetrics() -> str:
    """The seed's samples, each metric's together, as promtool imports them."""
    lines = []
    for one in SEED["series"]:
        labels = dict(one["metric"])
        name = labels.pop("__name__")
        inside = ",".join(f'{key}="{value}"' for key, value in labels.items())
        lines += [f"{name}{{{inside}}} {value:g} {moment}" for moment, value in one["samples"]]
    return "\n".join([*lines, "# EOF", ""])


@pytest.fixture(scope="module")
def real(prometheus_server: Callable[..., Prometheus]) -> str:
    return prometheus_server(history=openmetrics()).url


@pytest.fixture(scope="module")
def sandbox() -> Iterator[str]:
    with PrometheusSandbox(SEED, lambda: NOW) as running:
        yield running.url


@pytest.fixture(scope="module")
def victoria() -> Iterator[str]:
    with VictoriaMetrics(SEED["series"]) as running:
        yield running.url


@pytest.fixture(params=["real", "sandbox", pytest.param("victoria", marks=pytest.mark.peers)])
def url(request: pytest.FixtureRequest) -> str:
    """Each test holds on the real server, on the sandbox with the same samples, and on
    VictoriaMetrics, which is another program with the same API.
    """
    found: str = request.getfixturevalue(request.param)
    return found


@dataclass
class Opened:
    """A session and what it asked."""

    session: Session
    recorder: Recorder

    def read(self, plan: NumberPlan, now: datetime = NOW) -> Number:
        return self.session.read(plan, now, time.monotonic() + 60)

    def history(self, plan: NumberPlan, moments: Sequence[datetime]) -> list[Number]:
        return list(self.session.history(plan, moments, time.monotonic() + 60))

    @property
    def asked(self) -> list[str]:
        return [exchange.path.rpartition("/")[2] for exchange in self.recorder.exchanges]


@pytest.fixture
def opened(url: str) -> Iterator[Opened]:
    recorder = Recorder()
    session = connector.open(SourceConfig("prom", "prometheus", url), recorder)
    yield Opened(session, recorder)
    session.close()


def ranged(query: str, aggregate: Any, window: str, **more: Any) -> NumberPlan:
    model = Range.model_validate(
        {
            "measure": "prometheus.range",
            "query": query,
            "aggregate": aggregate,
            "window": window,
            **more,
        }
    )
    return model.plan("prom", CONTEXT)


CONTEXT = PlanContext("UTC", at(0).date(), at(89 * DAY).date())


def test_each_server_is_identified(opened: Opened) -> None:
    identity = opened.session.identify(time.monotonic() + 60)

    assert identity.account == "anonymous"
    assert identity.version


# -------------------------------------------------------------------------------------------- range


@pytest.mark.parametrize(
    ("aggregate", "value"),
    [
        ("avg", 49.5),
        ("max", 99.0),
        ("min", 0.0),
        ("last", wave(14 * DAY // MINUTE)),
        ({"percentile": 95}, 94.0),
        ({"percentile": 50}, 49.0),
        ({"percentile": 100}, 99.0),
        ({"percentile": 0.5}, 0.0),
        ({"share": "> 89"}, 0.1),
        ({"share": "== 7"}, 0.01),
        ({"share": "< 0"}, 0.0),
    ],
)
def test_a_range_is_aggregated_as_worked_out_by_hand(
    opened: Opened, aggregate: Any, value: float
) -> None:
    # 500 minutes hold each value five times
    number = opened.read(ranged("wave", aggregate, "500 min", step="1 min"))

    assert number.value == pytest.approx(value, abs=1e-12)
    assert (number.partial, number.raw["points"], number.raw["points_of_window"]) == (
        False,
        500,
        500,
    )
    assert opened.asked == ["query_range"]


def test_a_share_says_of_how_many_moments_it_holds(opened: Opened) -> None:
    number = opened.read(ranged("wave", {"share": ">= 90"}, "500 min", step="1 min"))

    assert (number.numerator, number.denominator) == (50.0, 500.0)


def test_the_highest_of_a_load_test_is_found_wherever_in_the_period_it_was(
    opened: Opened,
) -> None:
    number = opened.read(ranged("load_nodes / 10000", "max", "period", unit="ratio"))

    assert number.value == 0.9999
    assert number.partial is False
    assert "there is nothing at the beginning of the window" in number.raw["words"][0]
    assert number.raw["first"] == "2026-01-03 00:00:00 UTC"


def test_a_mean_over_a_window_that_begins_before_the_samples_is_partial_and_says_since_when(
    opened: Opened,
) -> None:
    number = opened.read(ranged("late", "avg", "8 d"))

    assert number.value == 5.0
    assert number.partial is True
    assert "the values begin at 2026-01-13 00:00:00 UTC" in number.raw["words"][0]
    assert "there are values for 25 % of the window" in number.raw["words"][1]


def test_how_much_of_the_window_must_be_known_can_be_declared(opened: Opened) -> None:
    assert opened.read(ranged("late", "avg", "8 d", known="20 %")).partial is False
    assert opened.read(ranged("late", "max", "8 d", known="50 %")).partial is True


def test_a_window_with_no_value_at_all_is_no_data(opened: Opened) -> None:
    number = opened.read(ranged("nothing", "avg", "1 h"))

    assert number.value is None
    assert number.raw["words"] == ["the query has no value in the window"]


def test_two_series_at_once_are_refused_and_said_when(opened: Opened) -> None:
    with pytest.raises(QueryRefused, match=r"several series at 2026-01-01 00:0. UTC .*\(they diff"):
        opened.read(ranged("twins", "max", "1 h"), at(HOUR))


def test_more_points_than_the_server_gives_at_once_are_asked_for_in_parts(opened: Opened) -> None:
    plan = ranged("wave", {"share": "> 89"}, "14 d", step="1 min")

    number = opened.read(plan)

    assert number.raw["points"] == 14 * 24 * 60
    assert number.value == pytest.approx(2016 / 20160)
    assert opened.asked == ["query_range", "query_range"]


def test_a_period_is_read_no_further_than_its_end(opened: Opened) -> None:
    plan = Range(
        measure="prometheus.range", query="wave", aggregate="last", window="period", step="1 min"
    ).plan("prom", PlanContext("America/Los_Angeles", at(DAY).date(), at(2 * DAY).date()))

    number = opened.read(plan)

    assert number.raw["from"] == "2026-01-02 08:00:00 UTC"
    assert number.raw["until"] == "2026-01-04 08:00:00 UTC"
    assert number.value == wave((3 * DAY + 8 * HOUR) // MINUTE)


def test_before_a_period_has_begun_there_is_no_data_and_nothing_is_asked(opened: Opened) -> None:
    number = opened.read(ranged("wave", "max", "period"), at(-HOUR))

    assert number.value is None
    assert "the window begins at 2026-01-01 00:00:00 UTC" in number.raw["words"][0]
    assert opened.asked == []


@pytest.mark.parametrize(
    "plan",
    [
        ranged("wave", {"percentile": 95}, "1 d"),
        ranged("wave", "avg", "3 h", step="90 s"),
        ranged("load_nodes", "max", "period"),
        ranged("late", "avg", "8 d"),
        ranged("wave", {"share": "> 89"}, "10 min", step="1 min"),
    ],
    ids=["percentile", "avg", "period", "late", "short"],
)
def test_the_history_of_a_range_is_what_reading_then_would_have_given(
    opened: Opened, plan: NumberPlan
) -> None:
    moments = [at(DAY * n + 8 * HOUR + 12.345) for n in range(14)]

    told = opened.history(plan, moments)
    asked = len(opened.asked)
    read = [opened.read(plan, moment) for moment in moments]

    assert told == [number for number in read if number.value is not None]
    assert told
    assert asked < len(moments)


def test_a_server_that_keeps_less_than_the_window_says_so(
    prometheus_server: Callable[..., Prometheus],
) -> None:
    ending = time.time() // DAY * DAY
    lines = [f"recent {1 + n % 2} {ending - 2 * DAY + 600 * n:.0f}" for n in range(288)]
    server = prometheus_server(history="\n".join([*lines, "# EOF", ""]), retention="15d")
    session = connector.open(SourceConfig("prom", "prometheus", server.url), Recorder())
    plan = ranged("recent", "max", "30 d")

    number = session.read(plan, datetime.fromtimestamp(ending, UTC), time.monotonic() + 60)
    session.close()

    assert number.value == 2.0
    assert number.partial is True
    assert "the server keeps samples since" in number.raw["words"][0]
    assert "the values begin at" in number.raw["words"][0]


# ---------------------------------------------------------------------------------- good over total


def good(window: str = "1 d", **more: str | bool) -> NumberPlan:
    said = {"good": 'requests_total{code!~"5.."}', "total": "requests_total"} | more
    model = {"measure": "prometheus.good_over_total", "window": window, **said}
    return GoodOverTotal.model_validate(model).plan("prom", CONTEXT)


def test_good_over_total_counts_through_a_counter_that_began_anew(opened: Opened) -> None:
    # minute 3000, where both begin anew, lies within
    number = opened.read(good("1 d"), at(3000 * MINUTE + 12 * HOUR))

    assert number.value == pytest.approx(10 / 11)
    assert number.partial is False
    # the fall to zero hides one step of 1440
    assert number.denominator == pytest.approx(11 * 1440, rel=1e-3)
    assert number.numerator == pytest.approx(10 * 1440, rel=1e-3)
    assert opened.asked == ["query"] * 3


def test_a_good_counter_that_never_counted_is_none_good_where_its_metric_is_there(
    opened: Opened,
) -> None:
    number = opened.read(good(good='requests_total{code="204"}'))

    assert (number.value, number.numerator) == (0.0, 0.0)
    assert "the counters of good have no increase" in number.raw["words"][0]


def test_whether_none_was_good_is_unknown_where_its_metric_is_gone(opened: Opened) -> None:
    plan = good(good='no_such_total{code="200"}')
    moments = [at(DAY * n + 7.5) for n in range(3, 6)]

    number = opened.read(plan)

    assert (number.value, number.numerator, number.denominator) == (None, None, None)
    assert 'no samples of no_such_total{code="200"} in the window' in number.raw["words"][0]
    assert "absent_is_none: true" in number.raw["words"][0]
    assert opened.history(plan, moments) == []


def test_a_metric_that_is_not_there_is_none_good_where_that_was_said(opened: Opened) -> None:
    plan = good(good='no_such_total{code="200"}', absent_is_none=True)
    moments = [at(DAY * n + 7.5) for n in range(3, 6)]

    assert opened.read(plan).value == 0.0
    assert [number.value for number in opened.history(plan, moments)] == [0.0, 0.0, 0.0]


def test_the_past_knows_none_good_from_a_metric_that_is_gone(opened: Opened) -> None:
    moments = [at(DAY * n + 7.5) for n in range(3, 6)]

    told = opened.history(good(good='requests_total{code="204"}'), moments)

    assert [number.value for number in told] == [0.0, 0.0, 0.0]


@pytest.mark.parametrize("total", ["no_such_total", 'requests_total{code="204"}', "late"])
def test_nothing_counted_is_no_data(opened: Opened, total: str) -> None:
    number = opened.read(good(total=total))

    assert (number.value, number.numerator, number.denominator) == (None, None, None)
    assert number.raw["words"]


def test_more_good_than_total_is_partial_and_said(opened: Opened) -> None:
    number = opened.read(good(good="requests_total", total='requests_total{code="500"}'))

    assert number.value == pytest.approx(11)
    assert number.partial is True
    assert "good is no part of total" in number.raw["words"][0]


def test_a_window_from_before_the_first_count_is_named(opened: Opened) -> None:
    number = opened.read(good("28 d"))

    assert number.value == pytest.approx(10 / 11)
    assert "there is nothing at the beginning of the window" in number.raw["words"][0]


def test_a_selector_with_a_remark_is_asked_as_it_is_meant(opened: Opened) -> None:
    assert opened.read(good(good='requests_total{code="200"}  # "all" but 5xx')).value == (
        opened.read(good()).value
    )


@pytest.mark.parametrize("window", ["36 h", "period"])
def test_the_history_of_good_over_total_is_what_reading_then_would_have_given(
    opened: Opened, window: str
) -> None:
    moments = [at(DAY * n + 7.5) for n in range(14)]

    told = opened.history(good(window), moments)
    asked = len(opened.asked)
    read = [opened.read(good(window), moment) for moment in moments]

    expected = [number for number in read if number.value is not None]
    assert len(told) == len(expected) == 13
    for one, other in zip(told, expected, strict=True):
        assert one.value == pytest.approx(other.value)
        assert (one.observed_at, one.partial, one.url) == (
            other.observed_at,
            other.partial,
            other.url,
        )
    if window != "period":
        # three queries, and once how long the server keeps samples: asked, and by its clock
        assert asked in (4, 5)  # VictoriaMetrics does not say, and is not asked for its clock


# ------------------------------------------------------------------------------------------- labels


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


# ------------------------------------------------------------------------------------------ history


def query(text: str) -> NumberPlan:
    return Query(measure="prometheus.query", query=text).plan("prom")


@pytest.mark.parametrize(
    "text",
    ["wave", "sum(increase(requests_total[6h]))", "load_nodes", "time() % 1000", "late", "2"],
)
def test_the_history_of_a_query_is_what_reading_then_would_have_given(
    opened: Opened, text: str
) -> None:
    daily = [at(DAY * n + 33.007) for n in range(13)]
    # the clocks change, and then it is hourly
    moments = [*daily, *(at(12 * DAY + 23 * HOUR + HOUR * n) for n in range(20))]

    told = opened.history(query(text), moments)
    asked = len(opened.asked)
    read = [opened.read(query(text), moment) for moment in moments]

    assert [(n.observed_at, n.value) for n in told] == [
        (n.observed_at, n.value) for n in read if n.value is not None
    ]
    assert told
    assert asked <= 3


def test_a_long_history_is_asked_for_in_parts_of_what_the_server_gives(opened: Opened) -> None:
    moments = [at(MINUTE * n) for n in range(11_500)]

    told = opened.history(query("wave"), moments)

    assert [number.value for number in told] == [wave(n) for n in range(11_500)]
    assert opened.asked == ["query_range", "query_range"]


def test_the_very_limit_of_points_is_taken_by_the_server(opened: Opened) -> None:
    opened.history(query("wave"), [at(MINUTE * n) for n in range(11_000)])

    assert opened.asked == ["query_range"]


def test_unknown_values_are_left_out_of_a_history(opened: Opened) -> None:
    told = opened.history(query("wave / wave"), [at(MINUTE * n) for n in range(101)])

    # wave is 0 at minutes 0 and 100: NaN
    assert len(told) == 99
    assert all(number.value is not None and math.isfinite(number.value) for number in told)
