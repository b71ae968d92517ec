"""A Prometheus 2.42 on loopback that answers queries over a seed's series."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from html import escape
from typing import Any
from urllib.parse import parse_qsl

import promql_parser

from syncd.demo.prometheus.arithmetic import written
from syncd.demo.prometheus.promql import Engine, Matrix, ParseError, Value
from syncd.demo.prometheus.series import Labels, series_of
from syncd.demo.prometheus.vectors import ExecutionError, Sample
from syncd.demo.serving import Answer, Clock, Request, Sandbox, outages_of

Form = Mapping[str, str]

_MOST_STEPS = 11_000
_VERSION = "2.42.0"
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Prometheus (sandbox)</title></head>
<body><h1>Prometheus (sandbox)</h1><pre>{query}</pre><p>{outcome}</p></body></html>
"""


class _BadParameter(Exception):
    """A parameter that Prometheus refuses with 400."""


class PrometheusSandbox(Sandbox):
    """Serves ``/api/v1/query``, ``/api/v1/query_range`` and a few status pages of Prometheus 2.42
    for a seed.

    Without `time` a query is evaluated at the clock's moment; samples newer than that are not
    there yet. Raises pydantic's ValidationError for a bad seed. What PromQL can do and this
    cannot is answered with 422, errorType ``execution``.
    """

    def __init__(
        self,
        seed: Mapping[str, Any],
        clock: Clock,
        *,
        port: int = 0,
        lookback: timedelta = timedelta(minutes=5),
    ) -> None:
        super().__init__(clock, port=port, outages=outages_of(seed))
        self._engine = Engine(series_of(seed), lookback)
        self._lookback = lookback

    def answer(self, request: Request) -> Answer:
        """What Prometheus answers."""
        queries = {"/api/v1/query": self._at_once, "/api/v1/query_range": self._over_range}
        if request.path in queries and request.method in ("GET", "POST"):
            return self._query(request, queries[request.path])
        if request.method not in ("GET", "HEAD"):
            return Answer(405, b"Method Not Allowed\n", "text/plain; charset=utf-8")
        if request.path in ("/-/ready", "/-/healthy"):
            word = "Ready" if request.path == "/-/ready" else "Healthy"
            return Answer(200, f"Prometheus Server is {word}.\n".encode(), "text/plain")
        if request.path == "/graph":
            return self._graph(request)
        statuses = {
            "buildinfo": {
                "version": _VERSION,
                "revision": "sandbox",
                "branch": "sandbox",
                "buildUser": "",
                "buildDate": "",
                "goVersion": "",
            },
            "flags": {
                "query.lookback-delta": promql_parser.display_duration(self._lookback),
                "storage.tsdb.retention.time": "100y",
            },
            "runtimeinfo": {"storageRetention": "100y"},
        }
        name = request.path.removeprefix("/api/v1/status/")
        if name in statuses:
            return Answer.json({"status": "success", "data": statuses[name]})
        if request.path.startswith("/api/v1/"):
            return _error(501, "not_implemented", f"{request.path} is outside the sandbox")
        return Answer(404, b"404 page not found\n", "text/plain; charset=utf-8")

    def _query(self, request: Request, data_of: Callable[[Form, int], Any]) -> Answer:
        form: dict[str, str] = {}
        pairs = list(request.query)
        if request.method == "POST":
            # As Go's form values: what is in the body stands before what is in the address.
            pairs = [*parse_qsl(request.body.decode(), keep_blank_values=True), *pairs]
        for name, text in pairs:
            form.setdefault(name, text)
        try:
            data = data_of(form, _milliseconds(self._clock().timestamp()))
        except _BadParameter as refused:
            return _error(400, "bad_data", str(refused))
        except ParseError as error:
            problem = f'invalid parameter "query": unknown position: parse error: {error}'
            return _error(400, "bad_data", problem)
        except ExecutionError as error:
            return _error(422, "execution", str(error))
        return Answer.json({"status": "success", "data": data})

    def _at_once(self, form: Form, now: int) -> Any:
        time = _time("time", form.get("time", ""), now)
        _check_timeout(form.get("timeout", ""))
        return _data(self._engine.evaluate(form.get("query", ""), time, now), time)

    def _over_range(self, form: Form, now: int) -> Any:
        times = _times(form)
        _check_timeout(form.get("timeout", ""))
        evaluate = self._engine.prepared(form.get("query", ""), now)
        found: dict[Labels, list[Any]] = {}
        for time in times:
            value = evaluate(time)
            if isinstance(value, str | Matrix):
                kind = "string" if isinstance(value, str) else "range vector"
                raise _BadParameter(
                    f'invalid parameter "query": invalid expression type "{kind}" for range '
                    "query, must be Scalar or instant Vector"
                )
            vector = [Sample((), value)] if isinstance(value, float) else value
            for each in vector:
                found.setdefault(each.labels, []).append([_seconds(time), written(each.value)])
        return {
            "resultType": "matrix",
            "result": [
                {"metric": dict(labels), "values": values}
                for labels, values in sorted(found.items())
            ],
        }

    def _graph(self, request: Request) -> Answer:
        query = request.last("g0.expr") or ""
        now = _milliseconds(self._clock().timestamp())
        try:
            outcome = str(_data(self._engine.evaluate(query, now, now), now)) if query else ""
        except (ParseError, ExecutionError) as error:
            outcome = f"{type(error).__name__}: {error}"
        return Answer.html(_PAGE.format(query=escape(query), outcome=escape(outcome)))


def _data(value: Value, time: int) -> Any:
    now = _seconds(time)
    if isinstance(value, float):
        return {"resultType": "scalar", "result": [now, written(value)]}
    if isinstance(value, str):
        return {"resultType": "string", "result": [now, value]}
    if isinstance(value, Matrix):
        return {
            "resultType": "matrix",
            "result": [
                {
                    "metric": dict(each.labels),
                    "values": [[_seconds(at), written(number)] for at, number in each.points],
                }
                for each in value.stretches
            ],
        }
    return {
        "resultType": "vector",
        "result": [
            {"metric": dict(each.labels), "value": [now, written(each.value)]} for each in value
        ],
    }


def _error(status: int, kind: str, text: str) -> Answer:
    return Answer.json({"status": "error", "errorType": kind, "error": text}, status)


def _times(form: Form) -> range:
    """The moments of a range query. Raises _BadParameter as Prometheus does."""
    start = _time("start", form.get("start", ""), None)
    end = _time("end", form.get("end", ""), None)
    if end < start:
        raise _BadParameter('invalid parameter "end": end timestamp must not be before start time')
    step = _step(form.get("step", ""))
    if (end - start) * 1_000_000 // step > _MOST_STEPS:
        raise _BadParameter(
            f"exceeded maximum resolution of {_MOST_STEPS:,} points per timeseries. "
            "Try decreasing the query resolution (?step=XX)"
        )
    return range(start, end + 1, max(1, step // 1_000_000))  # what is below a millisecond is cut


def _step(text: str) -> int:
    """Nanoseconds, as Go counts durations."""
    if re.fullmatch(r"-?\d+(\.\d*)?", text):
        step = int(float(text) * 1e9)
    else:
        try:
            step = int(promql_parser.parse_duration(text).total_seconds() * 1e9)
        except ValueError as error:
            problem = f'invalid parameter "step": cannot parse "{text}" to a valid duration'
            raise _BadParameter(problem) from error
    if step <= 0:
        raise _BadParameter(
            'invalid parameter "step": zero or negative query resolution step widths are not '
            "accepted. Try a positive integer"
        )
    return step


def _time(name: str, text: str, default: int | None) -> int:
    if not text and default is not None:
        return default
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if math.isfinite(seconds):
        return _milliseconds(seconds)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise _BadParameter(
            f'invalid parameter "{name}": cannot parse "{text}" to a valid timestamp'
        )
    return _milliseconds(moment.timestamp())


def _check_timeout(text: str) -> None:
    if not text or re.fullmatch(r"\d+(\.\d*)?", text):
        return
    try:
        promql_parser.parse_duration(text)
    except ValueError as error:
        problem = f'invalid parameter "timeout": cannot parse "{text}" to a valid duration'
        raise _BadParameter(problem) from error


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1000)


def _seconds(milliseconds: int) -> float | int:
    return milliseconds // 1000 if milliseconds % 1000 == 0 else milliseconds / 1000
