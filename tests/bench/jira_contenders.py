"""Three ways to know how many issues were done within two days, from their change logs: syncd's
connector, the `jira` package, and JSON as it comes over httpx.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import orjson
from jira import JIRA

from connectors.base import Limits, Outcome, ScanJob, SilentObserver, SourceConfig
from connectors.jira import connector
from connectors.jira.duration_measure import Duration
from connectors.transport.meter import metered
from syncd.heap import give_back_what_is_free, look_for_circles_rarely
from syncd.threads import take_short_turns
from tests.bench.jira_world import NOW, TOKEN, USER
from tests.bench.measuring import Json, watched
from tests.contract.faces import NothingKnown

SCOPE = "project = OPS"
LIMIT = timedelta(hours=48)
SECONDS = 900.0
FIELDS = ["created", "status"]
LOGS_AT_ONCE = 1000


def of_syncd(url: str, flavour: str) -> Json:
    """The connector: the measure `jira.duration`, everything read and judged, in a process set up as
    `syncd run` sets up its own.
    """
    give_back_what_is_free()
    look_for_circles_rarely()
    take_short_turns()
    said = {"jql": SCOPE, "from": "created", "to": {"status": "Done"}, "within": "48 h"}
    plan = Duration.model_validate({"measure": "jira.duration", **said}).plan("jira")
    user = {"user": USER} if flavour == "cloud" else {}
    config = SourceConfig(
        "jira", "jira", url, {"token": TOKEN, **user}, options={"flavour": flavour}, limits=Limits()
    )
    session = connector.open(config, SilentObserver())
    passed = failed = 0
    with metered() as meter, watched() as spent:
        deadline = time.monotonic() + SECONDS
        for batch in session.scan(ScanJob(plan.scope, [plan.judge], NOW, deadline, NothingKnown())):
            for line in batch.timelines[0]:
                holding = line.verdicts[-1]
                for at in line.verdicts:
                    if at.valid_to is None or at.valid_to > NOW:
                        break
                passed += at.outcome is Outcome.PASS
                failed += holding.outcome is Outcome.FAIL and at.outcome is Outcome.FAIL
    session.close()
    counted = {"requests": meter.requests, "bytes": meter.bytes_received}
    return spent.told() | counted | {"passed": passed, "failed": failed}


def of_the_package(url: str, flavour: str) -> Json:
    """The package's own search, its issues and their change logs."""
    who: Any = {"basic_auth": (USER, TOKEN)} if flavour == "cloud" else {"token_auth": TOKEN}
    asked = JIRA(url, **who)
    passed = failed = 0
    with watched() as spent:
        for issue in asked.search_issues(
            SCOPE, maxResults=False, fields=FIELDS, expand="changelog"
        ):
            done = [
                datetime.fromisoformat(entry.created)
                for entry in issue.changelog.histories
                for item in entry.items
                if item.field == "status" and item.toString == "Done"
            ]
            good = _within(datetime.fromisoformat(issue.fields.created), done)
            passed += good is True
            failed += good is False
    return spent.told() | {"passed": passed, "failed": failed}


def of_plain_json(url: str, flavour: str) -> Json:
    """Only what is needed, in the fewest requests, as dicts."""
    passed = failed = 0
    who = (USER, TOKEN) if flavour == "cloud" else None
    headers = {} if flavour == "cloud" else {"Authorization": f"Bearer {TOKEN}"}
    with httpx.Client(base_url=url, auth=who, headers=headers, timeout=60) as client:
        walk = _cloud(client) if flavour == "cloud" else _datacenter(client)
        with watched() as spent:
            for created, histories in walk:
                done = [
                    _moment(entry["created"])
                    for entry in histories
                    for item in entry["items"]
                    if item["field"] == "status" and item["toString"] == "Done"
                ]
                good = _within(_moment(created), done)
                passed += good is True
                failed += good is False
    return spent.told() | {"passed": passed, "failed": failed}


def _within(created: datetime, done: list[datetime]) -> bool | None:
    """None: it has time left."""
    if done:
        return min(done) - created <= LIMIT
    return None if created + LIMIT > NOW else False


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _cloud(client: httpx.Client) -> Iterator[tuple[str, list[Any]]]:
    held: list[Mapping[str, Any]] = []
    token: str | None = None
    while True:
        body = {"jql": f"{SCOPE} ORDER BY id ASC", "fields": FIELDS, "maxResults": 1000}
        more = {"nextPageToken": token} if token else {}
        page = _ask(client, "/rest/api/3/search/jql", body | more)
        held += page["issues"]
        token = page.get("nextPageToken")
        if len(held) >= LOGS_AT_ONCE or token is None:
            logs = _logs(client, [issue["id"] for issue in held])
            for issue in held:
                yield issue["fields"]["created"], logs.get(issue["id"], [])
            held = []
        if token is None:
            return


def _logs(client: httpx.Client, ids: list[str]) -> Mapping[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    token: str | None = None
    while True:
        body = {"issueIdsOrKeys": ids, "fieldIds": ["status"], "maxResults": 10_000}
        more = {"nextPageToken": token} if token else {}
        page = _ask(client, "/rest/api/3/changelog/bulkfetch", body | more)
        for log in page["issueChangeLogs"]:
            found.setdefault(log["issueId"], []).extend(log["changeHistories"])
        token = page.get("nextPageToken")
        if token is None:
            return found


def _datacenter(client: httpx.Client) -> Iterator[tuple[str, list[Any]]]:
    after = 0
    while True:
        body = {
            "jql": f"{SCOPE} AND id > {after} ORDER BY id ASC",
            "fields": FIELDS,
            "maxResults": 100,
            "expand": ["changelog"],
        }
        page = _ask(client, "/rest/api/2/search", body)
        for issue in page["issues"]:
            yield issue["fields"]["created"], issue["changelog"]["histories"]
        if page["total"] <= len(page["issues"]):
            return
        after = page["issues"][-1]["id"]


def _ask(client: httpx.Client, path: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
    answer = client.post(path, json=body)
    answer.raise_for_status()
    found: Mapping[str, Any] = orjson.loads(answer.content)
    return found
