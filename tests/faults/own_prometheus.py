"""The faults of Prometheus's own, and of what speaks like it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.contract.faultserver import Request
from tests.faults.own import EXACT, NO_VALUE, PARTIAL, Own, altered, answered, at, once
from tests.faults.worlds import World

HERE = ("prometheus",)
_query = at("/api/v1/query")


def _of_good(request: Request) -> bool:
    return _query(request) and "good_total" in f"{request.query}{request.body!r}"


def _error(status: int, kind: str, words: str) -> Callable[[World], Any]:
    return answered(status, {"status": "error", "errorType": kind, "error": words}, _query)


def _beside(**said: Any) -> Callable[[World], Any]:
    return altered(lambda answer: answer | said, _query)


def _result(how: Callable[[list[Any]], list[Any]]) -> Callable[[World], Any]:
    def changed(answer: Any) -> Any:
        data = answer["data"]
        return answer | {"data": data | {"result": how(data["result"])}}

    return altered(changed, _query)


def _valued(text: str) -> Callable[[World], Any]:
    return _result(lambda found: [one | {"value": [one["value"][0], text]} for one in found])


def _kept_for_minutes(world: World) -> Any:
    """Nothing is there at the window's beginning, and the server keeps samples for 5 minutes."""
    nothing = once(_result(lambda _: []), _query)(world)
    data = {"status": "success", "data": {"storageRetention": "5m"}}
    short = answered(200, data, at("/runtimeinfo"))(world)

    def fault(wire: Any, request: Request, reply: Any) -> None:
        (short if request.path.endswith("/runtimeinfo") else nothing)(wire, request, reply)

    return fault


PROMETHEUS: dict[str, Own] = {
    "warnings: a part did not answer": Own(
        HERE, PARTIAL, "a store did not answer", _beside(warnings=["a store did not answer"]),
    ),
    "an answer that is partial by VictoriaMetrics's word": Own(
        HERE, PARTIAL, "the server calls its answer partial", _beside(isPartial=True),
    ),
    "infos": Own(
        HERE, EXACT, "kept as evidence", _beside(infos=["PromQL info: metric might not be one"]),
    ),
    "NaN": Own(HERE, NO_VALUE, "no increase in the window", _valued("NaN"), "begin"),
    "NaN for what was good alone": Own(
        HERE, NO_VALUE, "no finite number", once(_valued("NaN"), _query), "first",
    ),
    "+Inf": Own(HERE, NO_VALUE, "no increase in the window", _valued("+Inf"), "begin"),
    "an empty vector, as after a start with an empty store": Own(
        HERE, NO_VALUE, "no increase in the window", _result(lambda _: []), "begin",
    ),
    "counters of good that are gone, under whatever labels": Own(
        HERE, NO_VALUE, "no samples of good_total in the window",
        altered(lambda answer: answer | {"data": answer["data"] | {"result": []}}, _of_good),
        "begin",
    ),
    "several series where one was due": Own(
        HERE, "query_refused", "gives 2 series where one is due",
        _result(lambda found: [one | {"metric": {"pod": pod}} for one in found for pod in "ab"]),
    ),
    "a native histogram where a number was due": Own(
        HERE, "query_refused", "gives a native histogram",
        _result(lambda found: [{"metric": {}, "histogram": [1, {}]} for _ in found]),
    ),
    "a range of samples where one was due": Own(
        HERE, "query_refused", "gives a range of samples",
        altered(lambda answer: answer | {"data": {"resultType": "matrix", "result": []}}, _query),
    ),
    "a query that takes too long": Own(
        HERE, "timeout", "query timed out in expression evaluation",
        _error(503, "timeout", "query timed out in expression evaluation"),
    ),
    "a query that is cancelled": Own(
        HERE, "timeout", "query was canceled", _error(503, "canceled", "query was canceled"),
    ),
    "too many samples for the server": Own(
        HERE, "query_refused", "would load too many samples into memory",
        _error(422, "execution", "query processing would load too many samples into memory"),
    ),
    "too many points for the server": Own(
        HERE, "query_refused", "exceeded maximum resolution",
        _error(400, "bad_data", "exceeded maximum resolution of 11,000 points per timeseries"),
    ),
    "an error inside of 200": Own(
        HERE, "server_error", "a part is away", _error(200, "internal", "a part is away"),
    ),
    "a value that is no number": Own(
        HERE, "bad_answer", "the value of a sample is not a number", _valued("1,5"),
    ),
    "a retention that is too short": Own(
        HERE, PARTIAL, "the server keeps samples since", _kept_for_minutes, "last",
    ),
}  # fmt: skip
