"""A small Jira that the tests ask, and a clock they move."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import requests

from syncd.demo.jira import JiraSandbox, Seed

UNBOUNDED = (
    "Unbounded JQL queries are not allowed here. Please add a search restriction to your query."
)
USER, TOKEN = "alice@example.org", "a-token-of-the-tests"
NOW = datetime(2026, 2, 10, 20, 0, tzinfo=UTC)  # noon in Los Angeles, a Tuesday


class Moment:
    """A clock that stands still until a test moves it."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **step: float) -> None:
        self.now += timedelta(**step)


def _issue(key: str, created: str, changes: list[tuple[str, str, Any]], **fields: Any) -> Any:
    reporter = fields.pop("reporter", "u-bob")
    comments = fields.pop("comments", [])
    named = {
        name if name.startswith("customfield_") else name.replace("_", " "): value
        for name, value in fields.items()
    }
    return {
        "key": key,
        "created": created,
        "reporter": reporter,
        "fields": {"issuetype": "Task", "status": "To Do"} | named,
        "comments": comments,
        "changes": [
            {"at": at, "author": "u-bob", "field": field, "to": to} for at, field, to in changes
        ],
    }


SEED: dict[str, Any] = {
    "title": "Test Jira",
    "projects": [
        {"key": "CE", "name": "Customer engineering", "components": ["presales", "support"],
         "versions": ["1.0", "2.0"]},
        {"key": "OPS", "name": "Operations", "components": ["support"]},
    ],
    "issue_types": [{"name": "Task"}, {"name": "Bug"}, {"name": "Sub-task", "subtask": True}],
    "statuses": [
        {"name": "To Do", "category": "new"},
        {"name": "In Progress", "category": "indeterminate"},
        {"name": "In Review", "category": "indeterminate"},
        {"name": "Done", "category": "done"},
    ],
    "priorities": [{"name": "P0"}, {"name": "P1"}, {"name": "P2"}],
    "users": [
        {"accountId": "u-alice", "displayName": "Alice Ames", "emailAddress": USER,
         "name": "aames"},
        {"accountId": "u-bob", "displayName": "Bob Burr", "name": "bburr"},
    ],
    "custom_fields": [
        {"id": "customfield_10010", "name": "PO number", "type": "string"},
        {"id": "customfield_10011", "name": "Region", "type": "option", "options": ["EU", "US"]},
        {"id": "customfield_10012", "name": "Racks", "type": "number"},
        {"id": "customfield_10013", "name": "Go live", "type": "date"},
        {"id": "customfield_10014", "name": "Handed over", "type": "datetime"},
        {"id": "customfield_10015", "name": "Skills", "type": "options",
         "options": ["cabling", "bios"]},
        {"id": "customfield_10016", "name": "Approver", "type": "user"},
        {"id": "customfield_10017", "name": "Reviewers", "type": "users"},
        {"id": "customfield_10018", "name": "Tags", "type": "labels"},
        {"id": "customfield_10019", "name": "Agreement", "type": "url"},
        {"id": "customfield_10020", "name": "Notes", "type": "text"},
        {"id": "customfield_10021", "name": "Twin", "type": "string"},
        {"id": "customfield_10022", "name": "Twin", "type": "string"},
    ],
    "issues": [
        _issue("CE-1", "2026-01-05T18:30:15.250Z",
               [("2026-01-20T18:00:00Z", "status", "In Progress"),
               ("2026-02-01T18:00:00Z", "status", "Done")],
               summary="Pass the CKA exam", labels=["cka", "Training"], priority="P1",
               assignee="u-alice", components=["presales"], duedate="2026-02-01",
               PO_number="PO-7 racks", Region="EU", Racks=4),
        _issue("CE-2", "2026-01-10T08:00:00Z", [("2026-02-10T19:30:00Z", "priority", "P0")],
               summary="Rack power in the lab", priority="P2", reporter="u-alice",
               components=["presales", "support"], duedate="2026-03-01", Region="US", Racks=12.5,
               Go_live="2026-02-10", Handed_over="2026-02-09T20:00:00Z", fixVersions=["1.0"],
               description="Two feeds are missing.\nCall the electrician.",
               comments=[{"at": "2026-01-11T10:00:00Z", "author": "u-bob", "body": "Fuse blown"}]),
        _issue("CE-3", "2026-02-09T07:59:30Z", [("2026-02-10T02:00:00Z", "assignee", "u-bob")],
               summary="Networking cables ordered", issuetype="Bug", status="In Review",
               labels=["cka"], Skills=["cabling", "bios"], Approver="u-alice",
               Reviewers=["u-alice", "u-bob"], Tags=["red"], Agreement="https://a.example/1",
               Notes="Long story", customfield_10021="left"),
        _issue("OPS-1", "2026-02-10T17:00:00Z", [], summary="Replace a fan", priority="P0",
               assignee="u-bob", components=["support"], customfield_10022="right"),
        _issue("OPS-2", "2026-01-15T12:00:00Z", [("2026-01-25T12:00:00Z", "key", "CE-4"),
               ("2026-02-05T12:00:00Z", "status", "Done"),
               ("2026-02-07T12:00:00Z", "status", "To Do")],
               summary="Moved and reopened"),
        _issue("OPS-3", "2026-01-16T12:00:00Z", [("2026-02-02T12:00:00Z", "deleted", True)],
               summary="To be deleted"),
        _issue("OPS-4", "2026-01-17T12:00:00Z", [("2026-02-03T12:00:00Z", "visible", False)],
               summary="To be locked away"),
        _issue("OPS-5", "2026-03-01T12:00:00Z", [], summary="Still to come"),
    ],
    "filters": [{"id": 20001, "name": "CE work", "jql": "project = CE ORDER BY Rank ASC",
                 "owner": "u-bob"}],
    "boards": [{"id": 7, "name": "CE board", "filter": 20001, "project": "CE"},
               {"id": 8, "name": "All", "type": "scrum", "filter": 20001}],
}  # fmt: skip


def seed(**changes: Any) -> Seed:
    return Seed.model_validate(SEED | changes)


def many(amount: int) -> Seed:
    """Issues CE-1 to CE-`amount`, one a minute from the new year on."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    return seed(
        issues=[
            _issue(f"CE-{n}", (start + timedelta(minutes=n)).isoformat(), [], summary=f"Task {n}")
            for n in range(1, amount + 1)
        ]
    )


class Asker:
    """Asks a sandbox with the right credentials."""

    def __init__(self, sandbox: JiraSandbox, session: requests.Session) -> None:
        self.sandbox = sandbox
        self.session = session

    def get(self, path: str, **params: Any) -> requests.Response:
        return self.session.get(f"{self.sandbox.url}{path}", params=params, timeout=10)

    def post(self, path: str, **body: Any) -> requests.Response:
        return self.session.post(f"{self.sandbox.url}{path}", json=body, timeout=10)

    def search(self, jql: str, **params: Any) -> Any:
        """A page of a search on Cloud, with status and body checked."""
        answer = self.get("/rest/api/3/search/jql", jql=jql, **params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def keys(self, jql: str) -> list[str]:
        """The keys that a query finds, in its order."""
        return [issue["key"] for issue in self.search(jql, fields="key")["issues"]]

    def walk(self, jql: str, **params: Any) -> list[list[str]]:
        """The ids of each page of a search on Cloud."""
        pages: list[list[str]] = []
        token: dict[str, Any] = {}
        while True:
            page = self.search(jql, **params, **token)
            pages.append([issue["id"] for issue in page["issues"]])
            if page["isLast"]:
                assert "nextPageToken" not in page
                return pages
            token = {"nextPageToken": page["nextPageToken"]}


@contextmanager
def asking(
    a_seed: Seed | None = None, clock: Moment | None = None, **options: Any
) -> Iterator[Asker]:
    datacenter = options.get("flavour") == "datacenter"
    options = {"token": TOKEN, "user": "aames" if datacenter else USER} | options
    with (
        JiraSandbox(a_seed or seed(), clock or Moment(), **options) as sandbox,
        requests.Session() as session,
    ):
        session.trust_env = False
        if datacenter:
            session.headers["Authorization"] = f"Bearer {TOKEN}"
        else:
            session.auth = (USER, TOKEN)
        yield Asker(sandbox, session)


def messages(answer: requests.Response, status: int = 400) -> list[str]:
    assert answer.status_code == status, answer.text
    found: list[str] = answer.json()["errorMessages"]
    return found
