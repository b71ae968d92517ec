"""The Jira that part 3 reads: issues with some fields and a change log each, as the repository's
sandbox shows them.

The sandbox has the first thousand, and renders them once for each way of asking; all others are
copies of these under ids and keys of their own. So it answers at once, and a reader need not share
the machine with it.
"""

from __future__ import annotations

import json
import re
import sys
from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from syncd.demo.jira.sandbox import JiraSandbox
from syncd.demo.jira.seed import Seed
from syncd.demo.jira.site import Flavour
from syncd.demo.serving import Answer, Request

NOW = datetime(2026, 2, 15, 12, tzinfo=UTC)
BEGAN = datetime(2026, 1, 5, 8, tzinfo=UTC)
TOKEN = "token"
USER = "reader@example.org"
RENDERED = 1000
PAGES: Mapping[Flavour, int] = {"cloud": 100, "datacenter": 1000}
"""Issues a page where fields are named: what each kind gives at most."""
FIRST_ID = 10_001


def seed(issues: int = RENDERED) -> Seed:
    """The first issues of a project: each waits, is worked on and, but for one in eleven, is done
    after up to four days, so that some are within two days and some are not.
    """
    return Seed.model_validate(
        {
            "title": "Jira",
            "projects": [{"key": "OPS", "name": "Operations"}],
            "issue_types": [{"name": "Task"}],
            "statuses": [
                {"name": "To Do", "category": "new"},
                {"name": "In Progress", "category": "indeterminate"},
                {"name": "Done", "category": "done"},
            ],
            "priorities": [{"name": "P0"}, {"name": "P1"}],
            "users": [
                {
                    "accountId": "u-reader",
                    "displayName": "Reader",
                    "emailAddress": USER,
                }
            ],
            "issues": [_issue(number) for number in range(1, issues + 1)],
        }
    )


def _issue(number: int) -> Mapping[str, Any]:
    created = BEGAN + timedelta(minutes=number % 997)
    begun = created + timedelta(hours=1 + number % 7)
    done = begun + timedelta(hours=1 + number * 7 % 90)
    changes = [("assignee", begun, "u-reader"), ("status", begun, "In Progress")]
    if number % 11:
        changes.append(("status", done, "Done"))
    return {
        "key": f"OPS-{number}",
        "created": created.isoformat(),
        "reporter": "u-reader",
        "fields": {
            "issuetype": "Task",
            "summary": f"Make machine {number} as it should be",
            "status": "To Do",
            "priority": "P1" if number % 5 else "P0",
            "labels": [f"rack-{number % 40}"],
        },
        "changes": [
            {"at": at.isoformat(), "author": "u-reader", "field": field, "to": to}
            for field, at, to in changes
        ],
    }


class ManyIssues(JiraSandbox):
    """A sandbox of so many issues, at least one, whose time stands still."""

    def __init__(self, issues: int, flavour: Flavour) -> None:
        user = USER if flavour == "cloud" else None
        super().__init__(
            seed(), lambda: NOW, flavour=flavour, token=TOKEN, user=user, page_size=RENDERED
        )
        self._issues = issues
        self._flavour = flavour
        self._rows: dict[object, list[Mapping[str, Any]]] = {}
        self._logs: dict[object, dict[int, list[Any]]] = {}

    def answer(self, request: Request) -> Answer:
        """Searches and change logs of all issues; everything else as the sandbox answers."""
        self.forget_requests()
        told: dict[str, Any] = orjson.loads(request.body) if request.body else {}
        for name, value in request.query:
            told.setdefault(name, []).append(value)
        if request.path.endswith("/approximate-count"):
            return Answer.json({"count": self._issues})
        if request.path.endswith("/changelog/bulkfetch"):
            return self._change_logs(told)
        if request.path.endswith(("/search", "/search/jql")):
            return self._found(told, request.path)
        return super().answer(request)

    def _found(self, told: Mapping[str, Any], path: str) -> Answer:
        """A page of the one query that there is, after an id, an offset or a page token."""
        jql = str(_one(told, "jql"))
        if not re.match(r"\(?project = OPS\)?( AND id > \d+)?( ORDER BY id ASC)?$", jql):
            return Answer.json({"errorMessages": [f"this Jira knows no {jql}"]}, 400)
        after = re.search(r"id > (\d+)", jql)
        first = max(0, int(after[1]) + 1 - FIRST_ID) if after else 0
        start = int(_one(told, "startAt") or 0)
        token = int(_one(told, "nextPageToken") or 0)
        most = min(int(_one(told, "maxResults") or 0), PAGES[self._flavour])
        end = min(first + start + token + most, self._issues)
        asked = range(first + start + token, end)
        rows = self._rendered(told, path) if asked else []
        issues = [_copy(rows[number % RENDERED], number) for number in asked]
        if self._flavour == "cloud":
            following: dict[str, Any] = {"nextPageToken": str(end)} if end < self._issues else {}
            return _answer({"issues": issues, "isLast": not following, **following})
        total = self._issues - first
        return _answer({"startAt": start, "maxResults": most, "total": total, "issues": issues})

    def _rendered(self, told: Mapping[str, Any], path: str) -> Sequence[Mapping[str, Any]]:
        """The thousand with the fields that are asked for, as the sandbox shows them."""
        wanted = {name: told[name] for name in ("fields", "expand") if name in told}
        key = orjson.dumps([path, wanted])
        if key not in self._rows:
            body = {**wanted, "jql": "project = OPS ORDER BY id ASC", "maxResults": RENDERED}
            shown = self._shown(path, {**body, "expand": _text(wanted.get("expand"))})
            self._rows[key] = shown["issues"]
        return self._rows[key]

    def _change_logs(self, told: Mapping[str, Any]) -> Answer:
        fields = tuple(told.get("fieldIds", ()))
        if fields not in self._logs:
            ids = [str(FIRST_ID + number) for number in range(RENDERED)]
            body = {"issueIdsOrKeys": ids, "fieldIds": list(fields), "maxResults": 10_000}
            shown = self._shown("/rest/api/3/changelog/bulkfetch", body)
            self._logs[fields] = {
                int(one["issueId"]): one["changeHistories"] for one in shown["issueChangeLogs"]
            }
        logs = self._logs[fields]
        entries = [
            (issue, entry)
            for issue in told["issueIdsOrKeys"]
            for entry in logs.get(FIRST_ID + (int(issue) - FIRST_ID) % RENDERED, ())
        ]
        start = int(told.get("nextPageToken", 0))
        end = start + int(told["maxResults"])
        found: dict[str, list[Any]] = {}
        for issue, entry in entries[start:end]:
            found.setdefault(issue, []).append(entry)
        rows = [{"issueId": issue, "changeHistories": each} for issue, each in found.items()]
        following = {"nextPageToken": str(end)} if end < len(entries) else {}
        return _answer({"issueChangeLogs": rows, **following})

    def _shown(self, path: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        answer = super().answer(
            Request("POST", path, (), self._headers(), orjson.dumps(body)),
        )
        if answer.status != 200:
            raise RuntimeError(f"the sandbox said {answer.status}: {answer.body[:500]!r}")
        shown: Mapping[str, Any] = orjson.loads(answer.body)
        return shown

    def _headers(self) -> Mapping[str, str]:
        account = f"Basic {b64encode(f'{USER}:{TOKEN}'.encode()).decode()}"
        who = account if self._flavour == "cloud" else f"Bearer {TOKEN}"
        return {"authorization": who, "content-type": "application/json"}


def _copy(row: Mapping[str, Any], number: int) -> Mapping[str, Any]:
    identifier = str(FIRST_ID + number)
    if len(row) == 1:
        return {"id": identifier}
    link = f"{row['self'].rpartition('/')[0]}/{identifier}"
    return {**row, "id": identifier, "key": f"OPS-{number + 1}", "self": link}


def _one(told: Mapping[str, Any], name: str) -> Any:
    value = told.get(name)
    return value[0] if isinstance(value, list) else value


def _text(value: Any) -> str:
    return ",".join(value) if isinstance(value, list) else value or ""


def _answer(body: Mapping[str, Any]) -> Answer:
    return Answer(200, orjson.dumps(body), "application/json")


def main(words: list[str]) -> None:
    """Serves until its standard input ends; its first line says where."""
    issues, flavour = words
    with ManyIssues(int(issues), "cloud" if flavour == "cloud" else "datacenter") as upstream:
        sys.stdout.write(json.dumps({"url": upstream.url}) + "\n")
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    main(sys.argv[1:])
