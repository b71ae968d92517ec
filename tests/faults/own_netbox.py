"""The faults of NetBox's own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.contract.faultserver import Fault, Reply, Request, Wire
from tests.faults.own import EXACT, Own, altered, answered, misread, once
from tests.faults.worlds import CHANGED, GONE, World

HERE = ("netbox",)


def _walk(request: Request) -> bool:
    return "start" in request.query


def _devices(request: Request) -> bool:
    return _walk(request) and "devices" in request.path


def _log(request: Request) -> bool:
    return request.path.endswith("/object-changes/")


def _without_the_filter(request: Request) -> Request:
    kept = [pair for pair in request.raw_query.split("&") if not pair.startswith("status=")]
    return replace(request, raw_query="&".join(kept))


def _cut(answer: Any) -> Any:
    return answer | {"results": answer["results"][:1], "next": None}


def _shrunk(answer: Any) -> Any:
    if len(answer["results"]) < 2:
        return answer
    return answer | {"results": answer["results"][:1], "next": "there is more"}


def _pruned(answer: Any) -> Any:
    left = CHANGED.isoformat()[:19]
    return answer | {"results": [row for row in answer["results"] if row["time"] >= left]}


def _deleted(world: World) -> Fault:
    """Time passes between two pages, and with it goes a device."""

    def fault(wire: Wire, request: Request, reply: Reply) -> None:
        world.clock.set(max(world.clock.now(), GONE))
        wire.send(world.healthy(request))

    return fault


_DATABASE = {
    "error": "connection to server at 127.0.0.1 failed: Connection refused",
    "exception": "OperationalError",
    "netbox_version": "4.7.3",
    "python_version": "3.12.1",
}
_NO_PERMISSION = {"detail": "You do not have permission to perform this action."}

NETBOX: dict[str, Own] = {
    "a filter that is ignored": Own(
        HERE, "filter_ignored", "NetBox ignores the filter status of dcim.devices",
        misread(_without_the_filter), "begin",
    ),
    "lists that are cut in silence, as GraphQL's are at 1,000": Own(
        HERE, "bad_answer", "something cuts its answers off", altered(_cut, _devices), "begin",
    ),
    "GraphQL that does not answer": Own(
        HERE, EXACT, "it is not asked: rows are walked by id over REST",
        answered(500, {}, lambda request: "graphql" in request.path), "begin",
    ),
    "Redis down": Own(
        HERE, "server_error", "the server failed (500)",
        answered(500, "<html><h1>Server Error</h1></html>"),
    ),
    "PostgreSQL down": Own(
        HERE, "server_error", "Connection refused", answered(500, _DATABASE),
    ),
    "one more 500 after PostgreSQL came back": Own(
        HERE, EXACT, "it is asked again", once(answered(500, _DATABASE)),
    ),
    "a page size that shrinks (MAX_PAGE_SIZE)": Own(
        HERE, EXACT, "the walk goes on behind the last id", altered(_shrunk, _walk),
    ),
    "a device that is deleted during the walk": Own(
        HERE, EXACT, "it is gone, and none beside it", _deleted, of="deleted",
    ),
    "a change log that does not reach back (retention)": Own(
        HERE, EXACT, "everything is read", altered(_pruned, _log), "begin", ("changes",),
    ),
    "a change log that may not be read any more": Own(
        HERE, EXACT, "everything is read", answered(403, _NO_PERMISSION, _log), "begin",
        ("changes",),
    ),
    "a token that is not taken any more": Own(
        HERE, "unauthorised", "Invalid v2 token", answered(403, {"detail": "Invalid v2 token"}),
    ),
    "a permission that was lost": Own(
        HERE, "forbidden", "the account may not see this (403)", answered(403, _NO_PERMISSION),
    ),
    "a next page that leads elsewhere": Own(
        HERE, EXACT, "the next page is made, not followed",
        altered(lambda answer: answer | {"next": answer["next"] and "http://10.9.9.9/"}, _walk),
    ),
    "rows that do not ascend": Own(
        HERE, "bad_answer", "does not page by id",
        altered(lambda answer: answer | {"results": answer["results"][::-1]}, _devices), "begin",
    ),
    "a field that is gone": Own(
        HERE, "query_refused", "serial",
        altered(lambda answer: answer | {"results": [
            {name: value for name, value in row.items() if name != "serial"}
            for row in answer["results"]
        ]}, _devices), "begin",
    ),
}  # fmt: skip
