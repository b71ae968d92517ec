"""What the sandbox Prometheus answers, and what it refuses.

That its numbers are Prometheus's is proven against the real server in `tests/peers`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from syncd.demo.prometheus import PrometheusSandbox
from syncd.demo.prometheus.arithmetic import quantile, written
from syncd.demo.prometheus.promql import Engine, Value
from syncd.demo.prometheus.series import Computed, Listed, Point, Series
from tests.plain import NO_TLS

T0 = 1_769_932_800
NOW = datetime.fromtimestamp(T0 + 600, UTC)
SEED: dict[str, Any] = {
    "series": [
        {
            "metric": {"__name__": "up", "job": "a"},
            "samples": [[T0 + 60 * n, 1] for n in range(20)],
        },
        {
            "metric": {"__name__": "up", "job": "b"},
            "samples": [[T0, 1], [T0 + 540, None]],
        },
        {"metric": {"__name__": "old"}, "samples": [[T0, 5]]},
    ]
}


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with httpx.Client(trust_env=False, verify=NO_TLS) as made:
        yield made


@pytest.fixture(scope="module")
def sandbox() -> Iterator[PrometheusSandbox]:
    with PrometheusSandbox(SEED, lambda: NOW) as running:
        yield running


def ask(
    client: httpx.Client, sandbox: PrometheusSandbox, query: str, **form: str
) -> httpx.Response:
    return client.post(f"{sandbox.url}/api/v1/query", data={"query": query, **form})


def test_without_a_time_a_query_is_answered_at_the_clocks_moment(
    client: httpx.Client, sandbox: PrometheusSandbox
) -> None:
    answer = ask(client, sandbox, 'up{job="a"}')

    assert answer.json() == {
        "status": "success",
        "data": {
            "resultType": "vector",
            "result": [{"metric": {"__name__": "up", "job": "a"}, "value": [T0 + 600, "1"]}],
        },
    }


def test_get_and_post_answer_alike(client: httpx.Client, sandbox: PrometheusSandbox) -> None:
    form = {"query": "sum(up)", "time": str(T0 + 60)}
    got = client.get(f"{sandbox.url}/api/v1/query", params=form)

    assert got.json() == ask(client, sandbox, **form).json()


def test_no_data_is_an_empty_vector_and_not_zero(
    client: httpx.Client, sandbox: PrometheusSandbox
) -> None:
    answer = ask(client, sandbox, "sum(nothing)")

    assert answer.json()["data"] == {"resultType": "vector", "result": []}


def test_samples_newer_than_the_clock_are_not_there_yet(
    client: httpx.Client, sandbox: PrometheusSandbox
) -> None:
    late = str(T0 + 1140)

    assert ask(client, sandbox, 'up{job="a"}', time=late).json()["data"]["result"] == []


def test_a_stale_marker_ends_a_series_at_once_and_a_range_skips_it(
    client: httpx.Client, sandbox: PrometheusSandbox
) -> None:
    instant = ask(client, sandbox, 'up{job="b"}', time=str(T0 + 541))
    counted = ask(client, sandbox, 'count_over_time(up{job="b"}[10m])', time=str(T0 + 541))

    assert instant.json()["data"]["result"] == []
    assert counted.json()["data"]["result"][0]["value"][1] == "1"


@pytest.mark.parametrize(("lookback", "found"), [(5, 0), (15, 1)])
def test_the_lookback_can_be_set_and_is_told(
    lookback: int, found: int, client: httpx.Client
) -> None:
    with PrometheusSandbox(SEED, lambda: NOW, lookback=timedelta(minutes=lookback)) as sandbox:
        answer = ask(client, sandbox, "old")
        flags = client.get(f"{sandbox.url}/api/v1/status/flags").json()["data"]

    assert len(answer.json()["data"]["result"]) == found
    assert flags["query.lookback-delta"] == f"{lookback}m"


# ------------------------------------------------------------------------- what has passed


def engine(counted: list[int]) -> Engine:
    """One series with a sample a minute; each look at it is counted."""

    class Counted(Listed):
        def latest(self, first: int, last: int) -> Point | None:
            counted.append(last)
            return super().latest(first, last)

    times = tuple(60_000 * minute for minute in range(60))
    points = tuple((time, float(time // 60_000)) for time in times)
    return Engine([Series((("__name__", "minutes"),), Counted(points, times))])


def values(found: Value) -> list[float]:
    assert isinstance(found, list)
    return [each.value for each in found]


def test_what_a_query_gave_at_a_moment_that_has_passed_is_not_computed_again() -> None:
    counted: list[int] = []
    asked = engine(counted)
    for newest in (600_000, 660_000):
        assert values(asked.evaluate("minutes * 2", 600_000, newest)) == [20.0]

    assert counted == [600_000]


def test_a_moment_to_come_is_computed_anew_until_it_has_passed() -> None:
    asked = engine([])

    before = asked.evaluate("minutes", 600_000, 540_000)
    after = asked.evaluate("minutes", 600_000, 600_000)

    assert (values(before), values(after)) == ([9.0], [10.0])


@pytest.mark.parametrize(
    "query", ["minutes offset -5m", "sum_over_time(minutes[1m] offset -5m)",
              "max_over_time(minutes[1m:1m] offset -5m)"],
)  # fmt: skip
def test_a_query_that_looks_ahead_is_never_kept(query: str) -> None:
    asked = engine([])

    before = asked.evaluate(query, 600_000, 600_000)
    after = asked.evaluate(query, 600_000, 1_200_000)

    assert values(before) != values(after)


def test_the_windows_of_a_subquery_share_the_steps_that_they_have_in_common() -> None:
    counted: list[int] = []
    asked = engine(counted)
    for minute in (20, 21):
        asked.evaluate("max_over_time(minutes[10m:1m])", 60_000 * minute, 3_600_000)

    assert len(counted) == len(set(counted)) == 12


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("topk(1, up)", "the aggregation topk is outside the sandbox"),
        ("histogram_quantile(0.9, up)", "the function histogram_quantile is outside the sandbox"),
        ("absent(up)", "the function absent is outside the sandbox"),
        ("up @ 5", "the modifier @ is outside the sandbox"),
        ("max_over_time(up[5m:])", "a subquery without a step is outside the sandbox"),
        ("up[5m:1m] @ 5", "the modifier @ is outside the sandbox"),
        ("up * on (job) group_left up", "group_left and group_right is outside the sandbox"),
        ("up atan2 up", "the operator atan2 is outside the sandbox"),
        ('up{job="a" or job="b"}', "or between matchers is outside the sandbox"),
    ],
)
def test_promql_beyond_the_sandbox_is_refused_loudly(
    query: str, said: str, client: httpx.Client, sandbox: PrometheusSandbox
) -> None:
    answer = ask(client, sandbox, query)

    assert answer.status_code == 422
    assert answer.json() == {"status": "error", "errorType": "execution", "error": said}


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"query": "sum("}, 'invalid parameter "query": unknown position: parse error: '),
        (
            {"query": "up", "time": "late"},
            'invalid parameter "time": cannot parse "late" to a valid timestamp',
        ),
        (
            {"query": "up", "timeout": "soon"},
            'invalid parameter "timeout": cannot parse "soon" to a valid duration',
        ),
    ],
)
def test_bad_parameters_are_400_bad_data(
    form: dict[str, str], said: str, client: httpx.Client, sandbox: PrometheusSandbox
) -> None:
    answer = client.post(f"{sandbox.url}/api/v1/query", data=form)

    assert (answer.status_code, answer.json()["errorType"]) == (400, "bad_data")
    assert answer.json()["error"].startswith(said)


@pytest.mark.parametrize(
    ("path", "status", "text"),
    [
        ("/-/ready", 200, "Prometheus Server is Ready."),
        ("/api/v1/status/buildinfo", 200, '"version":"2.42.0"'),
        ("/api/v1/status/runtimeinfo", 200, '"storageRetention"'),
        ("/graph?g0.expr=count(up)+%3E+0", 200, "count(up) &gt; 0"),
        ("/api/v1/series", 501, "outside the sandbox"),
        ("/nothing", 404, "404 page not found"),
    ],
)
def test_the_other_addresses(
    path: str, status: int, text: str, client: httpx.Client, sandbox: PrometheusSandbox
) -> None:
    answer = client.get(f"{sandbox.url}{path}")

    assert answer.status_code == status
    assert text in answer.text


def test_a_range_query_gives_the_value_at_each_moment(
    client: httpx.Client, sandbox: PrometheusSandbox
) -> None:
    form = {"query": "sum(old) + time()", "start": str(T0 + 120), "end": str(T0 + 600)}
    answer = client.post(f"{sandbox.url}/api/v1/query_range", data={**form, "step": "2m"})

    # the sample is gone after the look-back of five minutes
    assert answer.json()["data"] == {
        "resultType": "matrix",
        "result": [
            {
                "metric": {},
                "values": [[T0 + 120, str(T0 + 125)], [T0 + 240, str(T0 + 245)]],
            }
        ],
    }


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"end": "late"}, 'invalid parameter "end": cannot parse "late" to a valid timestamp'),
        ({"end": "0"}, 'invalid parameter "end": end timestamp must not be before start time'),
        ({"step": "0"}, 'invalid parameter "step": zero or negative query resolution step'),
        ({"step": "soon"}, 'invalid parameter "step": cannot parse "soon" to a valid duration'),
        ({"step": "0.01"}, "exceeded maximum resolution of 11,000 points per timeseries"),
        ({"query": "up[5m]"}, 'invalid parameter "query": invalid expression type "range vector"'),
        ({"query": '"up"'}, 'invalid parameter "query": invalid expression type "string"'),
    ],
)
def test_a_range_that_cannot_be_is_400_bad_data(
    form: dict[str, str], said: str, client: httpx.Client, sandbox: PrometheusSandbox
) -> None:
    good = {"query": "up", "start": str(T0), "end": str(T0 + 600), "step": "60"}
    answer = client.post(f"{sandbox.url}/api/v1/query_range", data=good | form)

    assert (answer.status_code, answer.json()["errorType"]) == (400, "bad_data")
    assert answer.json()["error"].startswith(said)


@given(st.floats())
def test_a_written_value_reads_back_and_has_no_exponent(value: float) -> None:
    text = written(value)

    assert "e" not in text
    assert float(text) == value or value != value


@given(
    st.integers(0, 10_000),
    st.integers(0, 10_000),
    st.sampled_from([7, 60, 1000]),
)
def test_computed_samples_lie_on_the_grid_and_outside_gaps(
    first: int, length: int, every: int
) -> None:
    shape = Computed(((1000, 0.0), (5000, 8.0)), 8000, every, True, False, ((2000, 3000),))
    times = [time for time, _ in shape.between(first, first + length)]

    assert times == [
        time
        for time in range(max(first, 1000), min(first + length, 8000) + 1)
        if time % every == 0 and not 2000 <= time < 3000
    ]


@given(
    st.integers(0, 10_000),
    st.integers(0, 10_000),
    st.sampled_from([7, 60, 1000]),
)
def test_the_latest_sample_is_the_last_of_those_between(
    first: int, length: int, every: int
) -> None:
    computed = Computed(((1000, 0.0), (5000, 8.0)), 8000, every, True, False, ((2000, 3000),))
    points = tuple(computed.between(0, 10_000))
    listed = Listed(points, tuple(time for time, _ in points))

    between = computed.between(first, first + length)
    expected = between[-1] if between else None
    assert computed.latest(first, first + length) == expected
    assert listed.latest(first, first + length) == expected


@given(st.lists(st.floats(-1e9, 1e9), min_size=1), st.floats(0, 1))
def test_a_quantile_lies_among_the_values(values: list[float], rank: float) -> None:
    found = quantile(rank, values)

    assert min(values) - 1e-6 <= found <= max(values) + 1e-6
    assert quantile(0, values) == min(values)
    assert quantile(1, values) == max(values)


@pytest.mark.parametrize(
    ("series", "said"),
    [
        ([{"metric": {"__name__": "x"}}], "either samples or a function"),
        ([{"metric": {"a": "b"}, "samples": []}], "a metric needs its __name__"),
        ([{"metric": {"__name__": "x"}, "samples": [[2, 1], [1, 1]]}], "must rise"),
        ([{"metric": {"__name__": "x"}, "samples": []}] * 2, "is there twice"),
    ],
)
def test_a_bad_seed_is_refused_at_the_door(series: list[Any], said: str) -> None:
    with pytest.raises((ValidationError, ValueError), match=said):
        PrometheusSandbox({"series": series}, lambda: NOW)
