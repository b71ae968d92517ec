"""Single issues, issues in bulk, and their change logs."""

from __future__ import annotations

from typing import Any

from syncd.demo.jira.asked import Asked, Refused
from syncd.demo.jira.past import Entry
from syncd.demo.jira.searching import changelog as newest_changes
from syncd.demo.jira.service import Call
from syncd.demo.serving import Answer

_MOST_FETCHED = 100
_MOST_LOGS = 1000
_MOST_FIELDS = 10
_MOST_ENTRIES = 10_000
_NEWEST_HISTORIES = 100
_PAGE = 100

_FETCH_BODY = {
    "expand": list,
    "fields": list,
    "fieldsByKeys": bool,
    "issueIdsOrKeys": list,
    "properties": list,
}
_LOGS_BODY = {"fieldIds": list, "issueIdsOrKeys": list, "maxResults": int, "nextPageToken": str}


def one(call: Call, word: str) -> Answer:
    """``GET /issue/{idOrKey}``, under its id, its key or a key it had before it moved."""
    state = call.find(word)
    asked = Asked(call.request)
    wanted = call.render.wanted(asked.texts("fields"), "*all")
    row = call.render.issue(state, wanted)
    row.setdefault("fields", {})
    expand = set(asked.texts("expand"))
    if "changelog" in expand:
        row["changelog"] = newest_changes(call, state, _NEWEST_HISTORIES)
    names, schemas = call.render.schemas(wanted)
    if "names" in expand:
        row["names"] = names
    if "schema" in expand:
        row["schema"] = schemas
    return Answer.json(row)


def changelog(call: Call, word: str) -> Answer:
    """``GET /issue/{idOrKey}/changelog``: pages by offset, the oldest entry first."""
    state = call.find(word)
    asked = Asked(call.request)
    entries = call.service.world.entries(state.id, call.now)
    start = max(asked.number("startAt", 0), 0)
    most = max(min(asked.number("maxResults", _PAGE), _PAGE), 0)
    end = start + most
    here = f"{call.render.base}/rest/api/{call.render.api}/issue/{state.id}/changelog"
    body: dict[str, Any] = {
        "self": f"{here}?startAt={start}&maxResults={most}",
        "maxResults": most,
        "startAt": start,
        "total": len(entries),
        "isLast": end >= len(entries),
        "values": [call.render.entry(entry) for entry in entries[start:end]],
    }
    if not body["isLast"]:
        body["nextPage"] = f"{here}?startAt={end}&maxResults={most}"
    return Answer.json(body)


def comments(call: Call, word: str) -> Answer:
    """``GET /issue/{idOrKey}/comment``: pages by offset, the oldest comment first."""
    state = call.find(word)
    asked = Asked(call.request)
    page = call.render.comments(state)
    start = max(asked.number("startAt", 0), 0)
    most = max(asked.number("maxResults", 5000), 0)
    page["comments"] = page["comments"][start : start + most]
    return Answer.json(page | {"startAt": start, "maxResults": most})


def fetch(call: Call) -> Answer:
    """``POST /issue/bulkfetch``: at most 100 issues, by ascending id, and errors for the rest."""
    asked = Asked(call.request, _FETCH_BODY)
    words = list(dict.fromkeys(asked.texts("issueIdsOrKeys")))
    if not 1 <= len(words) <= _MOST_FETCHED:
        raise Refused(400, f"issueIdsOrKeys takes from 1 to {_MOST_FETCHED} issues.")
    wanted = call.render.wanted(asked.texts("fields"), "*navigable")
    found, errors = {}, []
    for word in words:
        try:
            state = call.find(word)
        except Refused as refused:
            errors.append({"id": word, "errorMessage": refused.messages[0]})
        else:
            found[state.id] = state
    rows = []
    for _, state in sorted(found.items()):
        row = call.render.issue(state, wanted)
        row.setdefault("fields", {})
        if "changelog" in asked.texts("expand"):
            row["changelog"] = newest_changes(call, state, _NEWEST_HISTORIES)
        rows.append(row)
    return Answer.json({"issues": rows, "issueErrors": errors})


def fetch_changelogs(call: Call) -> Answer:
    """``POST /changelog/bulkfetch``: entries of at most 1,000 issues, by issue and age, by token.

    Issues that cannot be seen are left out without a word.
    """
    asked = Asked(call.request, _LOGS_BODY)
    words = list(dict.fromkeys(asked.texts("issueIdsOrKeys")))
    only = asked.texts("fieldIds")
    most = asked.number("maxResults", _MOST_LOGS)
    if not 1 <= len(words) <= _MOST_LOGS or len(only) > _MOST_FIELDS:
        raise Refused(
            400, f"Ask for 1 to {_MOST_LOGS} issues and at most {_MOST_FIELDS} field ids."
        )
    if not 1 <= most <= _MOST_ENTRIES:
        raise Refused(400, f"The value of maxResults must be between 1 and {_MOST_ENTRIES}.")
    most = min(most, call.service.changelog_page or most)
    rows = _log_rows(call, words, set(only))
    walk = f"changelog {sorted(words)} {sorted(only)}"
    start = 0
    token = asked.text("nextPageToken")
    if token:
        start, _ = call.service.tokens.redeem(token, walk, call.now)
    logs: dict[int, list[Any]] = {}
    for identifier, entry in rows[start : start + most]:
        shown = call.render.entry(entry, millis=call.service.changelog_millis)
        logs.setdefault(identifier, []).append(shown)
    body: dict[str, Any] = {
        "issueChangeLogs": [
            {"issueId": str(identifier), "changeHistories": entries}
            for identifier, entries in logs.items()
        ]
    }
    if start + most < len(rows):
        body["nextPageToken"] = call.service.tokens.issue(walk, start + most, None, call.now)
    return Answer.json(body)


def _log_rows(call: Call, words: list[str], only: set[str]) -> list[tuple[int, Entry]]:
    ids = set()
    for word in words:
        try:
            ids.add(call.find(word).id)
        except Refused:
            continue
    rows = []
    for identifier in sorted(ids):
        for entry in call.service.world.entries(identifier, call.now):
            items = tuple(item for item in entry.items if not only or item.field_id in only)
            if items:
                rows.append((identifier, Entry(entry.id, entry.at, entry.author, items)))
    return rows
