"""The faults that every reader of a Jira meets, beyond those of transport."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from typing import Any

from tests.contract.faultserver import Fault, Reply, Request, Wire, json_reply
from tests.faults.own import (
    EXACT,
    HELD,
    LATE,
    Own,
    altered,
    answered,
    asked_and_altered,
    at,
    misread,
    once,
)
from tests.faults.worlds import World

CLOUD, DC = ("jira-cloud",), ("jira-datacenter",)
BOTH = CLOUD + DC
_FIELD = "Invoice number"


def _search(request: Request) -> bool:
    return request.path.endswith(("/search/jql", "/rest/api/2/search"))


def _listing(request: Request) -> bool:
    return _search(request) and request.json["maxResults"] != 0


def _recent(request: Request) -> bool:
    return _search(request) and "updated >=" in request.json["jql"]


def _continued(request: Request) -> bool:
    return _search(request) and "nextPageToken" in request.json


def _count(request: Request) -> bool:
    return request.path.endswith("/approximate-count")


def _finding(request: Request) -> bool:
    return _search(request) or request.path.endswith("/bulkfetch") or _count(request)


_NOTHING = {"issues": [], "isLast": True, "total": 0, "count": 0, "startAt": 0, "maxResults": 1}
_SAME_TOKEN = {"issues": [], "isLast": False, "nextPageToken": "again"}
_SAME_LOGS = {"issueChangeLogs": [], "nextPageToken": "again"}
_REFUSED = {"errorMessages": ["The provided next page token is invalid or expired."]}
_WARNED = ["The value 'PROC' does not exist for the field 'project'."]
_REMOVED = "The requested API has been removed. Please migrate to /rest/api/3/search/jql."


def _pages_without_end(_: World) -> Fault:
    tokens = count()

    def fault(wire: Wire, request: Request, reply: Reply) -> None:
        page = {"issues": [], "isLast": False, "nextPageToken": f"t{next(tokens)}"}
        wire.send(json_reply(page) if _search(request) else reply)

    return fault


def _an_empty_page_first(_: World) -> Fault:
    held: list[Reply] = []

    def fault(wire: Wire, request: Request, reply: Reply) -> None:
        if _search(request) and request.json.get("nextPageToken") == "held":
            reply = held[0]
        elif _listing(request) and not held:
            held.append(reply)
            reply = json_reply({"issues": [], "isLast": False, "nextPageToken": "held"})
        wire.send(reply)

    return fault


def _again(_: World) -> Fault:
    """Every page holds the first issue of the walk as well."""
    first: list[Any] = []

    def how(request: Request, answer: Any) -> Any:
        issues = answer["issues"]
        if not first:
            first.extend(issues[:1])
        repeated = [one for one in first if one not in issues]
        return answer | {"issues": [*repeated, *issues]}

    return asked_and_altered(how, _listing)(_)


def _without_the_condition(request: Request) -> Request:
    asked = request.json
    asked["jql"] = re.sub(r" AND id > \d+", "", asked["jql"])
    return replace(request, body=json.dumps(asked).encode())


def _without_credentials(request: Request) -> Request:
    kept = {name: value for name, value in request.headers.items() if name != "authorization"}
    return replace(request, headers=kept)


def _with_keys(change: Callable[[str], str]) -> Callable[[Any], Any]:
    return lambda answer: (
        answer
        | {
            "issues": [
                one | ({"key": change(one["key"])} if "key" in one else {})
                for one in answer["issues"]
            ]
        }
    )


def _with_values(change: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The values of custom fields, changed."""

    def of(issue: Any) -> Any:
        fields = issue.get("fields") or {}
        changed = {
            name: change(value) if name.startswith("customfield") and value else value
            for name, value in fields.items()
        }
        return issue | ({"fields": changed} if fields else {})

    return lambda answer: answer | {"issues": [of(issue) for issue in answer["issues"]]}


def _without_the_field(world: World) -> Fault:
    gone = altered(lambda fields: [one for one in fields if one["name"] != _FIELD], at("/field"))
    return gone(world)


def _twice(fields: Any) -> Any:
    return [*fields, *({**one, "id": "customfield_9"} for one in fields if one["name"] == _FIELD)]


def _more(answer: Any) -> Any:
    return answer | {name: answer[name] + 5 for name in ("total", "count") if name in answer}


def _cut_logs(answer: Any) -> Any:
    def of(issue: Any) -> Any:
        log = issue.get("changelog")
        return issue | ({"changelog": log | {"total": log["total"] + 5}} if log else {})

    return answer | {"issues": [of(issue) for issue in answer["issues"]]}


JIRA: dict[str, Own] = {
    "a search for what changed that comes from a late index": Own(
        BOTH, LATE, "changes are asked for again for the length of `overlap`",
        altered(lambda answer: answer | {
            name: value for name, value in _NOTHING.items() if name in answer or name == "isLast"
        }, _recent), "begin", ("changes",),
    ),
    "a page token that is refused once": Own(
        CLOUD, EXACT, "the walk begins again",
        once(answered(400, _REFUSED), _continued),
    ),
    "a page token that is refused again and again": Own(
        CLOUD, "query_refused", "Jira refused its own page token twice",
        answered(400, _REFUSED, _continued),
    ),
    "the same page token again": Own(
        CLOUD, "bad_answer", "the same page token came twice", answered(200, _SAME_TOKEN, _search),
    ),
    "page tokens without an end": Own(
        CLOUD, "bad_answer", "101 pages in a row held no issue", _pages_without_end,
    ),
    "more pages promised, and no token to them": Own(
        CLOUD, "bad_answer", "more pages are promised and no page token is given",
        altered(lambda answer: {"issues": answer["issues"], "isLast": False}, _search),
    ),
    "an empty page that is not the last": Own(
        CLOUD, EXACT, "the walk goes on", _an_empty_page_first, "begin",
    ),
    "an issue on several pages (Cloud)": Own(
        CLOUD, EXACT, "an issue is its id, and counts once", _again, "begin",
    ),
    "an issue on several pages (Data Center)": Own(
        DC, "bad_answer", "ids do not ascend", _again, "begin",
    ),
    "a condition that pages are made with is ignored": Own(
        DC, "bad_answer", "ids do not ascend", misread(_without_the_condition, _listing),
    ),
    "a total that promises more": Own(
        DC, "bad_answer", "still to come", altered(_more, _search), "begin",
    ),
    "a total that promises less": Own(
        DC, EXACT, "only an empty page is the last",
        altered(lambda answer: answer | {"total": 0}, _listing), "begin",
    ),
    "an approximate count that is wrong": Own(
        CLOUD, EXACT, "it is a hint: ids are listed", altered(_more, _count), "begin",
    ),
    "500 past an offset of 10,000": Own(
        DC, EXACT, "pages are asked for by id, never by offset",
        answered(500, {}, lambda request: _search(request) and request.json.get("startAt", 0) > 0),
        "begin",
    ),
    "an issue that moved to another project": Own(
        BOTH, EXACT, "an issue is its id, whatever its key",
        altered(_with_keys(lambda key: key.replace("PROC-2", "OPS-9")), _listing), "begin",
    ),
    "most issues are gone: a permission that was lost": Own(
        BOTH, HELD, "objects are left, and no more than 50 % may go at once",
        altered(
            lambda answer: answer | {k: v for k, v in _NOTHING.items() if k in answer}, _finding
        ), "begin", of="many",
    ),
    "a token that dies during the walk: 200 without issues": Own(
        BOTH, "unauthorised", "the credentials were not accepted (401)",
        misread(_without_credentials),
    ),
    "a CAPTCHA after too many failed sign-ins": Own(
        DC, "unauthorised", "the credentials were not accepted (403, CAPTCHA_CHALLENGE)",
        answered(403, {}, headers={
            "X-Authentication-Denied-Reason": "CAPTCHA_CHALLENGE; login-url=/login.jsp"
        }),
    ),
    "a change log that comes in part": Own(
        DC, "bad_answer", "came only in part", altered(_cut_logs, _listing), "begin",
        of="durations",
    ),
    "a change log's page token again": Own(
        CLOUD, "bad_answer", "the same page token came twice",
        answered(200, _SAME_LOGS, at("changelog/bulkfetch")),
        of="durations",
    ),
    "a field that is gone": Own(
        BOTH, "query_refused", f'Jira has no field "{_FIELD}"', _without_the_field, "begin",
    ),
    "two fields of one name": Own(
        BOTH, "query_refused", f'2 fields are called "{_FIELD}"',
        altered(_twice, at("/field")), "begin",
    ),
    "a field whose type changed": Own(
        BOTH, EXACT, "a value is a value, whatever its shape",
        altered(_with_values(lambda value: {"value": value}), _listing), "begin",
    ),
    "JQL that is refused": Own(
        BOTH, "query_refused", "does not exist for the field 'project'",
        answered(400, {"errorMessages": _WARNED, "errors": {}}, _search),
    ),
    "200 with errors beside the issues": Own(
        BOTH, "query_refused", "answered with a complaint: The value 'PROC' does not exist",
        altered(lambda answer: answer | {"errorMessages": _WARNED}, _search),
    ),
    "200 with warnings beside the issues": Own(
        DC, "query_refused", "answered with a complaint: The value 'PROC' does not exist",
        altered(lambda answer: answer | {"warningMessages": _WARNED}, _search),
    ),
    "an issue without its id": Own(
        BOTH, "bad_answer", "an issue came without its numeric id",
        altered(lambda answer: answer | {"issues": [{"key": "PROC-1"}]}, _listing),
    ),
    "a search that was removed": Own(
        BOTH, "not_found", "The requested API has been removed", answered(410, {"errorMessages": [_REMOVED]}, _search),
    ),
    "an account whose time zone changed": Own(
        BOTH, EXACT, "everything is read once",
        altered(lambda answer: answer | {"timeZone": "Asia/Tokyo"}, at("/myself")), "begin",
        ("changes",),
    ),
}  # fmt: skip
