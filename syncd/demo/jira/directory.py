"""What a Jira says of itself: the server, the account, fields, projects, statuses, boards,
filters.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import quote

from connectors.jira.jql_tree import parse
from syncd.demo.jira.asked import Asked, Refused
from syncd.demo.jira.fields import RANK
from syncd.demo.jira.searching import offset_page
from syncd.demo.jira.seed import BoardSeed, FilterSeed
from syncd.demo.jira.service import Call
from syncd.demo.jira.site import CATEGORIES
from syncd.demo.serving import Answer

_PAGE = 50


def server_info(call: Call) -> Answer:
    """``GET /serverInfo``, which needs no account."""
    cloud = call.service.site.cloud
    return Answer.json(
        {
            "baseUrl": call.render.base,
            "version": "1001.0.0-SNAPSHOT" if cloud else "10.3.9",
            "versionNumbers": [1001, 0, 0] if cloud else [10, 3, 9],
            "deploymentType": "Cloud" if cloud else "Server",
            "buildNumber": 100287 if cloud else 10030009,
            "buildDate": "2025-12-01T00:00:00.000+0000",
            "serverTime": call.render.moment(call.now),
            "scmInfo": "0000000000000000000000000000000000000000",
            "serverTitle": call.service.site.title,
        }
    )


def myself(call: Call) -> Answer:
    """``GET /myself``: the account, 401 without one."""
    if call.account is None:
        return Answer.json(
            {
                "message": "Client must be authenticated to access this resource.",
                "status-code": 401,
            },
            401,
        )
    return Answer.json(call.render.user(call.account))


def fields(call: Call) -> Answer:
    """``GET /field``: all fields; without an account only Jira's own."""
    known = call.account is not None
    return Answer.json(
        [
            call.render.field(field)
            for field in call.service.site.fields
            if field.listed and (known or not field.custom)
        ]
    )


def find_fields(call: Call) -> Answer:
    """``GET /field/search``: fields by page, narrowed by `id`, `type` and `query`."""
    call.must_be_known()
    asked = Asked(call.request)
    ids, kinds = set(asked.texts("id")), set(asked.texts("type"))
    words = (asked.text("query") or "").casefold()
    rows = [
        {"id": f.id, "key": f.id, "name": f.name, "schema": f.schema}
        for f in call.service.site.fields
        if f.listed
        and f.schema
        and (not ids or f.id in ids)
        and (not kinds or ("custom" if f.custom else "system") in kinds)
        and words in f.name.casefold()
    ]
    return _page(call, asked, "field/search", rows, lambda row: row)


def projects(call: Call) -> Answer:
    """``GET /project/search``: projects by page, narrowed by `keys`, `id` and `query`."""
    asked = Asked(call.request)
    keys, ids = set(asked.texts("keys")), set(asked.texts("id"))
    words = (asked.text("query") or "").casefold()
    rows = [
        each
        for each in sorted(call.service.site.projects, key=lambda each: each.key)
        if call.account is not None
        and (not keys or each.key in keys)
        and (not ids or str(each.id) in ids)
        and (words in each.name.casefold() or words in each.key.casefold())
    ]
    return _page(call, asked, "project/search", rows, call.render.project)


def project(call: Call, word: str) -> Answer:
    """``GET /project/{keyOrId}``, with the issue types, components and versions it has."""
    site = call.service.site
    found = None if call.account is None else site.find_project(word)
    if found is None:
        raise Refused(404, f"No project could be found with key '{word}'.")
    return Answer.json(
        call.render.project(found)
        | {
            "issueTypes": [call.render.issue_type(each) for each in site.types.rows],
            "components": [call.render.choice("component", c) for c in found.components.rows],
            "versions": [call.render.choice("version", v) for v in found.versions.rows],
        }
    )


def statuses(call: Call) -> Answer:
    """``GET /status``."""
    call.must_be_known()
    return Answer.json([call.render.status(each) for each in call.service.site.statuses.rows])


def status_categories(call: Call) -> Answer:
    """``GET /statuscategory``."""
    call.must_be_known()
    return Answer.json([call.render.category(each.key) for each in CATEGORIES])


def saved_filter(call: Call, number: str) -> Answer:
    """``GET /filter/{id}``: a saved query; 400 when there is none, as Jira has it."""
    found = None if call.account is None else _filter(call, int(number))
    if found is None:
        raise Refused(
            400,
            "The selected filter is not available to you, perhaps it has been deleted or had its "
            "permissions changed.",
        )
    base, api = call.render.base, call.render.api
    owner = found.owner or call.must_be_known()
    row = {
        "self": f"{base}/rest/api/{api}/filter/{found.id}",
        "id": str(found.id),
        "name": found.name,
        "description": "",
        "owner": call.render.user(owner),
        "jql": found.jql,
        "viewUrl": f"{base}/issues/?filter={found.id}",
        "searchUrl": f"{base}/rest/api/{api}/search?jql={quote(found.jql)}",
        "favourite": False,
        "sharePermissions": [],
    }
    return Answer.json(row | ({"favouritedCount": 0} if call.service.site.cloud else {}))


def boards(call: Call) -> Answer:
    """``GET /rest/agile/1.0/board``: boards by page."""
    call.must_be_known()
    asked = Asked(call.request)
    words = (asked.text("name") or "").casefold()
    wanted = asked.text("projectKeyOrId")
    rows = [
        each
        for each in call.service.seed.boards
        if words in each.name.casefold()
        and (wanted is None or each.project == wanted)
        and (not asked.text("type") or each.type in asked.texts("type"))
    ]
    start, most = max(asked.number("startAt", 0), 0), asked.number("maxResults", _PAGE)
    return Answer.json(
        {
            "maxResults": most,
            "startAt": start,
            "total": len(rows),
            "isLast": start + most >= len(rows),
            "values": [_board_row(call, each) for each in rows[start : start + most]],
        }
    )


def board(call: Call, number: str) -> Answer:
    """``GET /rest/agile/1.0/board/{id}``."""
    return Answer.json(_board_row(call, _board(call, number)))


def board_configuration(call: Call, number: str) -> Answer:
    """``GET /rest/agile/1.0/board/{id}/configuration``: names the board's filter."""
    found = _board(call, number)
    base = call.render.base
    columns = [
        {
            "name": category.name,
            "statuses": [
                {"id": str(s.id), "self": f"{base}/rest/api/2/status/{s.id}"}
                for s in call.service.site.statuses.rows
                if s.category == category.key
            ],
        }
        for category in CATEGORIES[1:]
    ]
    row: dict[str, Any] = {
        "id": found.id,
        "name": found.name,
        "type": found.type,
        "self": f"{base}/rest/agile/1.0/board/{found.id}/configuration",
        "filter": {
            "id": str(found.filter),
            "self": f"{base}/rest/api/2/filter/{found.filter}",
        },
        "columnConfig": {"columns": columns, "constraintType": "none"},
        "ranking": {"rankCustomFieldId": int(RANK.removeprefix("customfield_"))},
    }
    if found.project is not None:
        row["location"] = {"type": "project", "projectKeyOrId": found.project}
    return Answer.json(row)


def board_issues(call: Call, number: str) -> Answer:
    """``GET /rest/agile/1.0/board/{id}/issue``: the issues of its filter, by offset."""
    found = _board(call, number)
    saved = _filter(call, found.filter)
    if saved is None:
        raise Refused(404, "The board's filter does not exist.")
    asked = Asked(call.request)
    where, order = _split(saved.jql)
    extra, extra_order = _split(asked.text("jql") or "")
    condition = " AND ".join(f"({each})" for each in (where, extra) if each)
    return Answer.json(
        offset_page(call, asked, f"{condition} {extra_order or order}".strip(), "*navigable")
    )


def _split(jql: str) -> tuple[str, str]:
    """A query without its ORDER BY, and the ORDER BY."""
    if not parse(jql).order:
        return jql.strip(), ""
    start = jql.casefold().rindex("order")
    return jql[:start].strip(), jql[start:]


def _filter(call: Call, number: int) -> FilterSeed | None:
    return next((each for each in call.service.seed.filters if each.id == number), None)


def _board(call: Call, number: str) -> BoardSeed:
    call.must_be_known()
    for each in call.service.seed.boards:
        if each.id == int(number):
            return each
    raise Refused(404, "The requested board cannot be viewed because it either does not exist or "
                  "you do not have permission to view it.")  # fmt: skip


def _board_row(call: Call, found: BoardSeed) -> dict[str, Any]:
    row: dict[str, Any] = {
        "id": found.id,
        "self": f"{call.render.base}/rest/agile/1.0/board/{found.id}",
        "name": found.name,
        "type": found.type,
    }
    located = call.service.site.find_project(found.project) if found.project else None
    if located is not None:
        row["location"] = {
            "projectId": located.id,
            "displayName": f"{located.name} ({located.key})",
            "projectName": located.name,
            "projectKey": located.key,
            "projectTypeKey": located.type,
            "name": f"{located.name} ({located.key})",
        }
    return row


def _page(
    call: Call, asked: Asked, path: str, rows: Sequence[Any], render: Callable[[Any], Any]
) -> Answer:
    start = max(asked.number("startAt", 0), 0)
    most = max(min(asked.number("maxResults", _PAGE), _PAGE), 1)
    end = start + most
    here = f"{call.render.base}/rest/api/{call.render.api}/{path}"
    body: dict[str, Any] = {
        "self": f"{here}?startAt={start}&maxResults={most}",
        "maxResults": most,
        "startAt": start,
        "total": len(rows),
        "isLast": end >= len(rows),
        "values": [render(row) for row in rows[start:end]],
    }
    if not body["isLast"]:
        body["nextPage"] = f"{here}?startAt={end}&maxResults={most}"
    return Answer.json(body)
