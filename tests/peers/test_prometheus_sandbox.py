"""The sandbox Prometheus answers as Debian's real one does, on the same samples."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from syncd.demo.prometheus import PrometheusSandbox
from syncd.demo.prometheus.arithmetic import written
from syncd.demo.prometheus.series import series_of
from tests.plain import NO_TLS

if TYPE_CHECKING:
    from tests.peers.prometheus import Prometheus

START = 1_769_932_800  # 2026-02-01T08:00:00Z
NOW = START + 7200


def counter(step: float, reset_at: int | None = None, first: float = 0.0) -> list[list[Any]]:
    samples = []
    value = first
    for index in range(121):
        if reset_at == index:
            value = 1.0
        samples.append([START + 60 * index, value])
        value += step
    return samples


SEED: dict[str, Any] = {
    "series": [
        {"metric": {"__name__": "ok_total", "site": "a", "job": "ztp"}, "samples": counter(3)},
        {
            "metric": {"__name__": "ok_total", "site": "b", "job": "ztp"},
            "samples": counter(0.1, reset_at=70, first=1000),
        },
        {
            "metric": {"__name__": "tries_total", "site": "a", "job": "ztp"},
            "samples": counter(4, first=5),
        },
        {"metric": {"__name__": "tries_total", "site": "b", "job": "ztp"}, "samples": counter(0.3)},
        {
            "metric": {"__name__": "gappy", "site": "a"},
            "samples": [s for s in counter(1) if not START + 1800 <= s[0] < START + 3600],
        },
        {"metric": {"__name__": "flat", "site": "a", "item": "cable"}, "samples": counter(0)},
        {"metric": {"__name__": "flat", "site": "b", "item": "optic"}, "samples": counter(0)},
        {
            "metric": {"__name__": "odd", "kind": "nan"},
            "samples": [[START, "NaN"], [START + 60, 2], [START + 120, "NaN"]],
        },
        {"metric": {"__name__": "odd", "kind": "inf"}, "samples": [[START + 60, "+Inf"]]},
        {"metric": {"__name__": "odd", "kind": "minus"}, "samples": [[START + 60, -7.25]]},
        {"metric": {"__name__": "odd", "kind": "small"}, "samples": [[START + 60, 1.5e-7]]},
        {"metric": {"__name__": "odd", "kind": "large"}, "samples": [[START + 60, 1e21]]},
        {
            "metric": {"__name__": "lonely", "site": "a"},
            "samples": [[START + 600.5, 42]],
        },
        {
            "metric": {"__name__": "sparse_total"},
            "samples": [[START + 30, 10], [START + 250, 12], [START + 300, 3], [START + 900, 40]],
        },
        {
            "metric": {"__name__": "made", "of": "a function"},
            "function": {
                "shape": "linear",
                "points": [[START, 0], [START + 3600, 100], [START + 7200, 110]],
                "end": START + 7200,
                "whole": True,
                "gaps": [[START + 900, START + 1500]],
            },
        },
    ]
}

TIMES = [
    START,
    START + 59.999,
    START + 60,
    START + 120,
    START + 300.25,
    START + 900,
    START + 900.5,
    START + 900.501,
    START + 1799,
    START + 2040,
    START + 2041,
    START + 2500,
    START + 4200,
    START + 7200,
]

EXPRESSIONS = """
ok_total
{site="a"}
{__name__=~"ok_total|flat"}
{__name__=~"o.+", site!="b"}
ok_total{site=~"a|b", job!~"x.*"}
ok_total{site=""}
flat{missing=""}
nothing
lonely
lonely offset 10m
lonely offset -10m
gappy
gappy offset 15m
made
odd
sum(ok_total)
sum(ok_total) / sum(tries_total)
sum by (site) (ok_total)
sum by (nothing) (ok_total)
sum by (__name__, site) ({site="a"})
sum without (job) (ok_total)
avg(ok_total)
min(ok_total)
max by (job) (ok_total)
count(ok_total)
count without (site, job) (ok_total)
count(nothing)
sum(nothing)
avg(odd)
min(odd)
max(odd)
sum(odd)
rate(ok_total[5m])
rate(ok_total[90s])
rate(ok_total[1h] offset 30m)
increase(ok_total[1h])
increase(ok_total[1w])
increase(tries_total[30m])
increase(sparse_total[15m])
increase(sparse_total[5m])
rate(sparse_total[10m])
increase(made[1h])
increase(gappy[1h])
increase(lonely[1h])
sum(increase(ok_total[1h])) / sum(increase(tries_total[1h]))
sum_over_time(odd[10m])
avg_over_time(odd[10m])
min_over_time(odd[10m])
max_over_time(odd[10m])
avg_over_time(ok_total[20m])
sum_over_time(ok_total{site="b"}[20m])
min_over_time(ok_total[20m])
max_over_time(ok_total[20m])
count_over_time(gappy[30m])
count_over_time(ok_total[60s])
last_over_time(gappy[1h])
present_over_time(gappy[1h])
gappy[3m]
nothing[3m]
ok_total + 1
1 - ok_total
ok_total * 2 ^ 2
ok_total % 7
-ok_total % 7
ok_total / 0
flat / 0
-flat / flat
-ok_total
-2 ^ 2
2 ^ -1
10 % 4
1 / 0
-1 / 0
0 / 0
1 > bool 2
2 >= bool 2
1 == bool 2
ok_total > 100
100 < ok_total
ok_total > bool 100
100 >= bool ok_total
ok_total != 0
flat == 0
ok_total / tries_total
ok_total / on (site) tries_total
ok_total / on (site, job) tries_total
ok_total / ignoring (job) tries_total
ok_total > tries_total
ok_total > bool tries_total
ok_total > on (site) tries_total
ok_total == on (site) ok_total
ok_total + gappy
ok_total + on (site) gappy
ok_total + on (job) tries_total
sum(ok_total) + on (site) tries_total
flat + on () flat
ok_total and on (site) gappy
ok_total and gappy
ok_total or flat
ok_total or on (site) flat
ok_total unless on (site) gappy
ok_total unless ok_total
nothing or vector(0)
sum(nothing) or vector(0)
sum(ok_total) or vector(0)
vector(1)
vector(-0)
vector(1e21)
vector(0.1) + 0.2
scalar(lonely)
scalar(ok_total)
ok_total * scalar(sum(flat))
time()
vector(time())
ok_total[10m:1m]
ok_total[7m:90s] offset 3m
(ok_total / on (site, job) tries_total)[10m:2m]
nothing[10m:1m]
max_over_time(gappy[1h:1m])
avg_over_time((sum(ok_total) / sum(tries_total))[1h:30s])
count_over_time((count by (site) (gappy == 20))[2h:1m])
count_over_time((count by (site) (flat == 0))[90m:45s] offset 10m)
present_over_time((ok_total > 100)[30m:1m])
last_over_time((ok_total > 1100)[2h:1m])
sum_over_time((ok_total > bool 100)[30m:1m]) / count_over_time(ok_total[30m:1m])
min_over_time(rate(ok_total[5m])[1h:5m])
max_over_time(max_over_time(ok_total[10m:1m])[1h:10m])
increase(ok_total[1h:1m])
rate(ok_total[50m:3m] offset 7m)
increase(sum(ok_total)[1h:1m])
quantile_over_time(0.5, ok_total[10m])
quantile_over_time(0.95, made[1h])
quantile_over_time(0.9, ok_total[1h:7m])
quantile_over_time(0.5, odd[10m])
quantile_over_time(0, ok_total[1h])
quantile_over_time(1, ok_total[1h])
quantile_over_time(-1, ok_total[1h])
quantile_over_time(2, ok_total[1h])
quantile_over_time(scalar(vector(0.25)), ok_total[1h])
sum(increase(ok_total{site=~"a|b"}[90m])) / sum(increase(tries_total[90m]))
sum(ok_total) > 1e9
(sum(ok_total) / sum(tries_total)) * 100 >= 20
-{__name__=~"ok_total|tries_total"}
{__name__=~"ok_total|tries_total"} * 2
rate({__name__=~"ok_total|tries_total"}[5m])
{__name__=~"ok_total|tries_total"} > 3
1
"text"
""".strip().splitlines()

REFUSED = """
ok_total[
sum(
ok_total{site=}
rate(ok_total)
foo(ok_total)
1 == 2
{site=""}
1 and ok_total
ok_total + "a"
"""


def openmetrics() -> str:
    """The seed's samples, the computed ones too, as promtool imports them."""
    lines = []
    for series in series_of(SEED):
        labels = dict(series.labels)
        name = labels.pop("__name__")
        inside = ",".join(f'{key}="{value}"' for key, value in labels.items())
        for time, value in series.samples.between(0, NOW * 1000):
            assert value is not None
            lines.append(f"{name}{{{inside}}} {written(value)} {time / 1000}")
    return "\n".join([*lines, "# EOF", ""])


@pytest.fixture(scope="module")
def real(prometheus_server: Callable[..., Prometheus]) -> Prometheus:
    return prometheus_server(history=openmetrics())


@pytest.fixture(scope="module")
def sandbox() -> Iterator[PrometheusSandbox]:
    with PrometheusSandbox(SEED, lambda: datetime.fromtimestamp(NOW, UTC)) as running:
        yield running


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with httpx.Client(trust_env=False, timeout=30, verify=NO_TLS) as made:
        yield made


def ask(client: httpx.Client, url: str, query: str, time: float) -> tuple[int, Any]:
    answer = client.post(f"{url}/api/v1/query", data={"query": query, "time": str(time)})
    return answer.status_code, answer.json()


def ordered(body: Any) -> Any:
    """The answer with its elements in an order of their own: Prometheus promises none."""
    data = body.get("data")
    if data and data["resultType"] in ("vector", "matrix"):
        return sorted(data["result"], key=lambda each: sorted(each["metric"].items()))
    return data


def differences(mine: Any, theirs: Any) -> list[str]:
    """What is not the same; numbers may differ in their last bits, by the order of a sum."""
    if isinstance(mine, dict) and isinstance(theirs, dict) and mine.keys() == theirs.keys():
        return [found for key in mine for found in differences(mine[key], theirs[key])]
    if isinstance(mine, list) and isinstance(theirs, list) and len(mine) == len(theirs):
        pairs = zip(mine, theirs, strict=True)
        return [found for one, other in pairs for found in differences(one, other)]
    if mine == theirs:
        return []
    try:
        close = math.isclose(float(mine), float(theirs), rel_tol=1e-13)
    except (TypeError, ValueError):
        close = False
    return [] if close else [f"sandbox {mine!r}, real {theirs!r}"]


@pytest.mark.parametrize("query", EXPRESSIONS)
def test_the_sandbox_answers_as_the_real_prometheus(
    query: str, real: Prometheus, sandbox: PrometheusSandbox, client: httpx.Client
) -> None:
    found = {}
    for time in TIMES:
        status, theirs = ask(client, real.url, query, time)
        own_status, mine = ask(client, sandbox.url, query, time)
        assert own_status == status, (time, mine, theirs)
        assert mine["status"] == theirs["status"]
        assert mine.get("errorType") == theirs.get("errorType")
        data, their_data = mine.get("data", {}), theirs.get("data", {})
        assert data.get("resultType") == their_data.get("resultType")
        if different := differences(ordered(mine), ordered(theirs)):
            found[time - START] = different
    assert not found


@pytest.mark.parametrize("query", [q for q in EXPRESSIONS if not q.endswith(("]", '"'))])
def test_the_sandbox_answers_over_a_range_as_the_real_prometheus(
    query: str, real: Prometheus, sandbox: PrometheusSandbox, client: httpx.Client
) -> None:
    form = {"query": query, "start": str(START - 60), "end": str(NOW), "step": "97.5"}
    theirs = client.post(f"{real.url}/api/v1/query_range", data=form)
    mine = client.post(f"{sandbox.url}/api/v1/query_range", data=form)

    assert mine.status_code == theirs.status_code, (mine.text, theirs.text)
    assert mine.json().get("errorType") == theirs.json().get("errorType")
    assert differences(ordered(mine.json()), ordered(theirs.json())) == []


@pytest.mark.parametrize(
    "form",
    [
        {"end": "late"},
        {"end": "1"},
        {"start": ""},
        {"step": "0"},
        {"step": "-5"},
        {"step": ""},
        {"step": "soon"},
        {"step": "0.6545"},
        {"step": "0.65454"},
        {"step": "0.654"},
        {"query": "ok_total[5m]"},
        {"query": '"text"'},
        {"query": "ok_total["},
        {"step": "5m"},
        {"start": "2026-02-01T08:00:00Z"},
    ],
    ids=str,
)
def test_both_take_and_refuse_the_same_ranges(
    form: dict[str, str], real: Prometheus, sandbox: PrometheusSandbox, client: httpx.Client
) -> None:
    whole = {"query": "sum(ok_total)", "start": str(START), "end": str(NOW), "step": "60"} | form
    theirs = client.post(f"{real.url}/api/v1/query_range", data=whole)
    mine = client.post(f"{sandbox.url}/api/v1/query_range", data=whole)

    assert mine.status_code == theirs.status_code, (mine.text[:300], theirs.text[:300])
    assert mine.json().get("errorType") == theirs.json().get("errorType")
    assert differences(ordered(mine.json()), ordered(theirs.json())) == []


@pytest.mark.parametrize("query", [*REFUSED.strip().splitlines(), ""])
def test_what_is_no_promql_is_refused_by_both(
    query: str, real: Prometheus, sandbox: PrometheusSandbox, client: httpx.Client
) -> None:
    status, theirs = ask(client, real.url, query, NOW)
    own_status, mine = ask(client, sandbox.url, query, NOW)
    assert (own_status, mine["status"], mine["errorType"]) == (status, "error", "bad_data")
    assert theirs["errorType"] == "bad_data"
    assert mine["error"].startswith('invalid parameter "query": ')


@pytest.mark.parametrize("text", ["2026-02-01T09:00:00Z", "1769934600.5", "later"])
def test_both_read_the_time_alike(
    text: str, real: Prometheus, sandbox: PrometheusSandbox, client: httpx.Client
) -> None:
    form = {"query": "vector(time())", "time": text}
    theirs = client.get(f"{real.url}/api/v1/query", params=form)
    mine = client.get(f"{sandbox.url}/api/v1/query", params=form)
    assert mine.status_code == theirs.status_code
    assert mine.json().get("data") == theirs.json().get("data")
    assert mine.json().get("errorType") == theirs.json().get("errorType")
