"""A small Jira on the loopback address, Cloud or Data Center, that tests set up and break.

It knows conditions by their whole text (`conditions`), and the ones the client adds itself. On
Cloud every exchange is held to the published description; what does not conform is in
`nonconforming`.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from openapi_core import OpenAPI
from openapi_core.testing import MockRequest, MockResponse

from connectors.base import (
    Batch,
    Cursor,
    Judge,
    Limits,
    ScanJob,
    ScanPlan,
    Scope,
    SilentObserver,
    SourceConfig,
    Timeline,
)
from connectors.jira import connector
from connectors.jira.session import JiraSession
from syncd.demo.serving import Answer, Request, Sandbox

DESCRIPTION = Path(__file__).parents[3] / "specs" / "jira-cloud.openapi.json"
NOW = datetime(2026, 2, 2, 12, 0, tzinfo=UTC)
TOKEN = "a-token-of-the-tests"

Predicate = Callable[["Stored"], bool]


@cache
def description() -> OpenAPI:
    return OpenAPI.from_dict(json.loads(DESCRIPTION.read_text(encoding="utf-8")))


@dataclass
class Stored:
    id: int
    key: str
    fields: dict[str, Any] = field(default_factory=dict)
    updated: datetime = NOW - timedelta(days=10)


def _refused(*words: str) -> Answer:
    return Answer.json({"errorMessages": list(words), "errors": {}}, status=400)


def _conditions_of(jql: str) -> list[str]:
    """The conjuncts on the outermost level."""
    parts, depth, start = [], 0, 0
    for at, character in enumerate(jql):
        depth += {"(": 1, ")": -1}.get(character, 0)
        if depth == 0 and jql.startswith(" AND ", at):
            parts.append(jql[start:at])
            start = at + len(" AND ")
    return [*parts, jql[start:]]


class StandIn(Sandbox):
    def __init__(self, flavour: str) -> None:
        self.moment = NOW
        super().__init__(lambda: self.moment)
        self.flavour = flavour
        self.version = "3" if flavour == "cloud" else "2"
        self.stored: dict[int, Stored] = {}
        self.conditions: dict[str, Predicate] = {"project = P": lambda _: True}
        self.zone = "UTC"
        self.cap = 100
        self.page_sizes: list[int] = []
        self.dead_token = False
        self.miscount = 0
        self.named_fields = [
            {"id": "duedate", "name": "Due date", "custom": False},
            {"id": "issuetype", "name": "Issue Type", "custom": False},
            {"id": "status", "name": "Status", "custom": False},
            {"id": "customfield_1", "name": "PO number", "custom": True},
            {"id": "customfield_2", "name": "Invoice number", "custom": True},
        ]
        self.boards: dict[int, str] = {}
        self.before: list[Callable[[Request], Answer | None]] = []
        self.nonconforming: list[str] = []
        self._tokens: dict[str, tuple[str, int]] = {}

    def put(self, *numbers: int, updated: datetime | None = None, **fields: Any) -> None:
        for number in numbers:
            issue = self.stored.setdefault(number, Stored(number, f"P-{number}"))
            issue.fields |= fields
            if updated is not None:
                issue.updated = updated

    def asked(self, ending: str) -> list[dict[str, Any]]:
        """The bodies of the requests to this address, in order."""
        return [json.loads(seen.body) for seen in self.requests if seen.path.endswith(ending)]

    def answer(self, request: Request) -> Answer:
        for intervene in self.before:
            intervened = intervene(request)
            if intervened is not None:
                return intervened
        answer = self._routed(request)
        if self.flavour == "cloud" and request.path != "/rest/api/2/serverInfo":
            self._hold_to_description(request, answer)
        return answer

    def _hold_to_description(self, request: Request, answer: Answer) -> None:
        asked = MockRequest(
            "http://localhost",
            request.method,
            request.path,
            args=dict(request.query),
            data=request.body,
        )
        errors: list[Exception] = list(description().iter_request_errors(asked))
        if answer.status == 200:
            given = MockResponse(answer.body, answer.status)
            errors += description().iter_response_errors(asked, given)
        self.nonconforming += [
            f"{request.method} {request.path}: {error} {error.__cause__}" for error in errors
        ]

    def _routed(self, request: Request) -> Answer:
        api = f"/rest/api/{self.version}/"
        if request.path.startswith("/rest/agile/1.0/board/"):
            return self._board(int(request.path.split("/")[5]))
        if not request.path.startswith(api):
            return Answer.html("<html><title>404</title></html>", 404)
        path = request.path.removeprefix(api)
        body = json.loads(request.body) if request.body else {}
        if path == "serverInfo":
            kind = "Cloud" if self.flavour == "cloud" else "Server"
            return Answer.json({"deploymentType": kind, "version": "10.3.2"})
        if path == "myself":
            return self._myself()
        if path == "field":
            return Answer.json(self.named_fields)
        if path.startswith("filter/"):
            number = path.removeprefix("filter/")
            return Answer.json({"id": number, "name": "F", "jql": self.boards[int(number)]})
        if (self.flavour, path) == ("cloud", "search/jql"):
            return self._cloud_search(body)
        if (self.flavour, path) == ("cloud", "search/approximate-count"):
            found = self._found(body["jql"])
            if isinstance(found, Answer):
                return found
            return Answer.json({"count": len(found) + self.miscount})
        if (self.flavour, path) == ("cloud", "issue/bulkfetch"):
            return self._bulk(body)
        if (self.flavour, path) == ("datacenter", "search"):
            return self._datacenter_search(body)
        gone = "The requested API has been removed. Please migrate to the /rest/api/3/search/jql"
        return Answer.json({"errorMessages": [gone], "errors": {}}, 410)

    def _myself(self) -> Answer:
        if self.dead_token:
            return Answer.json({"message": "Client must be authenticated"}, 401)
        return Answer.json(
            {
                "displayName": "Syncd",
                "emailAddress": "secret.address@example.org",
                "timeZone": self.zone,
            }
        )

    def _board(self, number: int) -> Answer:
        return Answer.json(
            {
                "id": number,
                "name": "B",
                "type": "kanban",
                "filter": {"id": str(number)},
                "columnConfig": {"columns": []},
            }
        )

    def _found(self, jql: str) -> list[Stored] | Answer:
        if self.dead_token:
            return []
        predicates: list[Predicate] = []
        for condition in _conditions_of(jql.removesuffix(" ORDER BY id ASC")):
            predicate = self._predicate(condition)
            if predicate is None:
                return _refused(f"Error in the JQL Query: {condition}")
            predicates.append(predicate)
        found = [i for i in self.stored.values() if all(holds(i) for holds in predicates)]
        return sorted(found, key=lambda issue: issue.id)

    def _predicate(self, condition: str) -> Predicate | None:
        if match := re.fullmatch(r"id > (\d+)", condition):
            after = int(match[1])
            return lambda issue: issue.id > after
        if match := re.fullmatch(r"id in \(([\d, ]+)\)", condition):
            wanted = {int(number) for number in match[1].split(",")}
            return lambda issue: issue.id in wanted
        if match := re.fullmatch(r'\(updated >= "([\d :-]+)"\)', condition):
            since = datetime.strptime(match[1], "%Y-%m-%d %H:%M").replace(
                tzinfo=ZoneInfo(self.zone)
            )
            return lambda issue: issue.updated >= since
        if condition.startswith("(") and condition.endswith(")"):
            return self.conditions.get(condition[1:-1])
        return None

    def _json(self, issue: Stored, fields: Sequence[str]) -> dict[str, Any]:
        if list(fields) == ["id"]:
            return {"id": str(issue.id)}
        every = issue.fields | {"updated": issue.updated.strftime("%Y-%m-%dT%H:%M:%S.000%z")}
        given = {name: every[name] for name in fields if name in every}
        return {"id": str(issue.id), "key": issue.key, "fields": given}

    def _size(self, asked: int) -> int:
        return self.page_sizes.pop(0) if self.page_sizes else min(asked, self.cap)

    def _cloud_search(self, body: Mapping[str, Any]) -> Answer:
        token, jql, after = body.get("nextPageToken"), body["jql"], 0
        if token is not None:
            told, after = self._tokens.get(token, ("", 0))
            if told != jql:
                return _refused("The provided next page token is invalid or expired.")
        found = self._found(jql)
        if isinstance(found, Answer):
            return found
        rest = [issue for issue in found if issue.id > after]
        page = rest[: self._size(body["maxResults"])]
        answer: dict[str, Any] = {"issues": [self._json(i, body["fields"]) for i in page]}
        if len(page) == len(rest):
            return Answer.json(answer | {"isLast": True})
        following = f"token-{len(self._tokens)}"
        self._tokens[following] = (jql, page[-1].id if page else after)
        return Answer.json(answer | {"nextPageToken": following, "isLast": False})

    def expire_tokens(self) -> None:
        self._tokens = dict.fromkeys(self._tokens, ("", 0))

    def _bulk(self, body: Mapping[str, Any]) -> Answer:
        wanted = [int(number) for number in body["issueIdsOrKeys"]]
        readable = [] if self.dead_token else [self.stored[n] for n in wanted if n in self.stored]
        return Answer.json(
            {"issues": [self._json(i, body["fields"]) for i in readable], "issueErrors": []}
        )

    def _datacenter_search(self, body: Mapping[str, Any]) -> Answer:
        found = self._found(body["jql"])
        if isinstance(found, Answer):
            return found
        page = found[: self._size(body["maxResults"])]
        return Answer.json(
            {
                "startAt": 0,
                "maxResults": self.cap,
                "total": len(found),
                "issues": [self._json(issue, body["fields"]) for issue in page],
            }
        )


@dataclass
class KnownIds:
    known: tuple[str, ...] = ()

    def count(self) -> int:
        return len(self.known)

    def ids(self) -> Iterator[str]:
        return iter(self.known)


@dataclass
class Run:
    """What a run gave, for its first judge."""

    batches: list[Batch] = field(default_factory=list)

    @property
    def timelines(self) -> dict[str, Timeline]:
        return {each.object_id: each for batch in self.batches for each in batch.timelines[0]}

    @property
    def outcomes(self) -> dict[str, str]:
        """By id: pass, fail, or gone."""
        return {
            identifier: str(each.verdicts[0].outcome) if each.verdicts else "gone"
            for identifier, each in self.timelines.items()
        }

    @property
    def cursor(self) -> Cursor:
        cursor = self.batches[-1].cursor
        assert cursor is not None
        return cursor


def opened(
    stand_in: StandIn, *, user: str | None = "syncd@example.org", **options: Any
) -> JiraSession:
    config = SourceConfig(
        name="jira",
        kind="jira",
        url=stand_in.url,
        secrets={"token": TOKEN} | ({"user": user} if user else {}),
        limits=Limits(attempts=1, connect_seconds=5, read_seconds=5),
        options={"flavour": stand_in.flavour} | options,
    )
    return connector.open(config, SilentObserver())


def job(
    scope: Scope,
    *judges: Judge,
    known: Iterable[str] = (),
    cursor: Cursor | None = None,
    resume: Cursor | None = None,
    now: datetime = NOW,
) -> ScanJob:
    return ScanJob(
        scope=scope,
        judges=judges,
        now=now,
        deadline=time.monotonic() + 30,
        known=KnownIds(tuple(known)),
        cursor=cursor,
        resume=resume,
    )


def planned(name: str, **query: Any) -> ScanPlan:
    plan = connector.measures[name].model_validate({"measure": name} | query).plan("jira")
    assert isinstance(plan, ScanPlan)
    return plan


def run(session: JiraSession, plan: ScanPlan, **more: Any) -> Run:
    # Through JSON and back, as a store would keep it.
    for name in ("cursor", "resume"):
        if more.get(name) is not None:
            more[name] = json.loads(json.dumps(more[name]))
    result = Run()
    for batch in session.scan(job(plan.scope, plan.judge, **more)):
        result.batches.append(batch)
    return result
