"""The searches: by page token on Cloud, by offset on Data Center."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from typing import Any

from connectors.jira.jql_tree import JqlError
from syncd.demo.jira.asked import Asked, Refused
from syncd.demo.jira.past import State
from syncd.demo.jira.search import Search
from syncd.demo.jira.service import Call
from syncd.demo.serving import Answer

_ONLY_IDS = frozenset({"id", "key"})
_MOST_IDS = 5000
_MOST_RECONCILED = 50
_NEWEST_HISTORIES = 40
_COMMENTS_SHOWN = 20
_USUAL_PAGE = 50

_SEARCH_BODY = {
    "expand": str,
    "fields": list,
    "fieldsByKeys": bool,
    "jql": str,
    "maxResults": int,
    "nextPageToken": str,
    "properties": list,
    "reconcileIssues": list,
    "failFast": bool,
}


def by_token(call: Call) -> Answer:
    """``GET|POST /rest/api/3/search/jql``: a page, and a token to the next one; no total."""
    asked = Asked(call.request, _SEARCH_BODY)
    jql = _bounded(asked.text("jql") or "")
    most = asked.number("maxResults", _USUAL_PAGE)
    if not 1 <= most <= _MOST_IDS:
        raise Refused(400, f"The value of maxResults must be between 1 and {_MOST_IDS}.")
    fresh = asked.texts("reconcileIssues")
    if len(fresh) > _MOST_RECONCILED or not all(each.isdecimal() for each in fresh):
        raise Refused(400, f"reconcileIssues takes at most {_MOST_RECONCILED} issue ids.")
    page, after = 0, None
    token = asked.text("nextPageToken")
    if token:
        page, after = call.service.tokens.redeem(token, jql, call.now)
    found = call.run(jql, fresh=[int(each) for each in fresh])

    wanted = call.render.wanted(asked.texts("fields"), "id")
    if not wanted <= _ONLY_IDS:
        most = min(most, call.service.page_size)
    lengths = call.service.page_lengths
    if lengths:
        most = min(most, lengths[page % len(lengths)])
    # A token remembers what the last issue was sorted by, so issues that are edited between two
    # pages can come twice or never, as in Jira.
    start = 0 if after is None else bisect_right(found.keys, after)
    end = start + most
    states = found.states[start:end]
    expand = _expanded(asked)
    body: dict[str, Any] = {"issues": list(_rows(call, states, wanted, expand))}
    body |= _described(call, wanted, expand)
    body["isLast"] = end >= len(found.states)
    if not body["isLast"]:
        last = found.keys[end - 1] if states else after
        body["nextPageToken"] = call.service.tokens.issue(jql, page + 1, last, call.now)
    return Answer.json(body)


def by_offset(call: Call) -> Answer:
    """``GET|POST /rest/api/2/search`` of Data Center: `startAt`, `maxResults` and `total`."""
    asked = Asked(call.request)
    lenient = (asked.text("validateQuery") or "").casefold() in ("false", "none", "warn")
    return Answer.json(
        offset_page(call, asked, asked.text("jql") or "", "*navigable", lenient=lenient)
    )


def offset_page(
    call: Call, asked: Asked, jql: str, default_fields: str, *, lenient: bool = False
) -> dict[str, Any]:
    """One page of what the query finds, with the total. Refused."""
    start = max(asked.number("startAt", 0), 0)
    most = asked.number("maxResults", _USUAL_PAGE)
    most = call.service.page_size if most < 0 else min(most, call.service.page_size)
    window = call.service.window
    if window is not None and start + most > window:
        raise Refused(500, "Internal server error")
    found = call.run(jql, lenient=lenient)
    wanted = call.render.wanted(asked.texts("fields"), default_fields)
    expand = _expanded(asked)
    body: dict[str, Any] = {
        "expand": "schema,names",
        "startAt": start,
        "maxResults": most,
        "total": len(found.states),
        "issues": list(_rows(call, found.states[start : start + most], wanted, expand)),
    }
    if found.warnings:
        body["warningMessages"] = list(found.warnings)
    return body | _described(call, wanted, expand)


def approximate_count(call: Call) -> Answer:
    """``POST /rest/api/3/search/approximate-count``."""
    jql = _bounded(Asked(call.request, {"jql": str}).text("jql") or "")
    return Answer.json({"count": len(call.run(jql).states)})


def match(call: Call) -> Answer:
    """``POST /rest/api/3/jql/match``: which of some issues each of some queries finds."""
    asked = Asked(call.request, {"issueIds": list, "jqls": list})
    ids = {int(each) for each in asked.texts("issueIds") if each.isdecimal()}
    body = asked.json("jqls")
    matches: list[dict[str, Any]] = []
    for jql in body if isinstance(body, list) else ():
        try:
            found = call.run(str(jql)).states
            matches.append({"matchedIssues": [s.id for s in found if s.id in ids], "errors": []})
        except Refused as refused:
            matches.append({"matchedIssues": [], "errors": list(refused.messages)})
    return Answer.json({"matches": matches})


def gone(_: Call) -> Answer:
    """What Cloud answers at the old search's address."""
    raise Refused(
        410,
        "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API. A "
        "full migration guideline is available at "
        "https://developer.atlassian.com/changelog/#CHANGE-2046",
    )


def _bounded(jql: str) -> str:
    try:
        unbounded = Search.is_unbounded(jql)
    except JqlError as error:
        raise Refused.of(error) from error
    if unbounded:
        raise Refused(
            400,
            "Unbounded JQL queries are not allowed here. Please add a search restriction to your "
            "query.",
        )
    return jql


def _expanded(asked: Asked) -> set[str]:
    return set(asked.texts("expand"))


def _rows(
    call: Call, states: Iterable[State], wanted: set[str], expand: set[str]
) -> Iterable[dict[str, Any]]:
    cloud = call.service.site.cloud
    for state in states:
        if cloud and wanted == {"id"}:
            row: dict[str, Any] = {"id": str(state.id)}
        else:
            row = call.render.issue(state, wanted)
        comments = row.get("fields", {}).get("comment")
        if cloud and comments is not None:
            # A search tells only some of many; the total says so.
            shown = comments["comments"][:_COMMENTS_SHOWN]
            comments |= {"comments": shown, "maxResults": _COMMENTS_SHOWN}
        if "changelog" in expand:
            row["changelog"] = changelog(call, state, _NEWEST_HISTORIES)
        yield row


def changelog(call: Call, state: State, most: int) -> dict[str, Any]:
    """What ``expand=changelog`` adds: on Cloud the `most` newest entries, the newest first; on
    Data Center all, the oldest first.
    """
    entries = call.service.world.entries(state.id, call.now)
    shown = entries[::-1][:most] if call.service.site.cloud else entries
    return {
        "startAt": 0,
        "maxResults": len(shown),
        "total": len(entries),
        "histories": [call.render.entry(entry) for entry in shown],
    }


def _described(call: Call, wanted: set[str], expand: set[str]) -> dict[str, Any]:
    names, schemas = call.render.schemas(wanted)
    described: dict[str, Any] = {}
    if "names" in expand:
        described["names"] = names
    if "schema" in expand:
        described["schema"] = schemas
    return described
