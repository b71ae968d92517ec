"""Part 8: from a change in an upstream to all who are told."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from syncd.demo.jira import JiraSandbox, Seed
from syncd.demo.serving import Answer, Request
from tests.bench.part import Asked, Table, Told, at_most
from tests.bench.spread import Figure
from tests.peers.inbox import Inbox
from tests.peers.process import LOOPBACK, free_port
from tests.processes import Failed, logged, without_settings
from tests.waiting import until

TIMES = 7
QUICK_TIMES = 2
EVERY_SECONDS = 10
PATIENCE_SECONDS = 90.0
SECRET = "the-secret-of-the-hook"
LETTERS = "whsec_c3luY2Qgc3luY2Qgc3luY2Qgc3luY2Qgc3luY2Q="
TOKEN, USER = "a-token-for-the-sandbox", "a@example.org"
TOLD = re.compile(r'^syncd_kr_value\{[^}]*kr="now-o1-kr(\d+)"[^}]*\} 1\.0$', re.MULTILINE)
METHOD = (
    "The real `syncd run` on SQLite over a sandbox Jira. An issue is done, by which its key result \
reaches its goal; the time is taken from there until `/metrics` (asked every 50 ms) has the value, \
until a reader of the stream has the event, and until a webhook has come.",
    "With a hint: the signed notice that Jira would send is sent right after the change, and the \
schedule would not look for 6 h. What Jira takes to send it comes on top.",
    f"By polling: without a notice, every {EVERY_SECONDS} s; a change waits for half of that on \
average.",
)


@dataclass
class Heard:
    """When each key result was told of, by its number, in `time.monotonic()` seconds."""

    at: dict[int, float] = field(default_factory=dict)
    begun: threading.Event = field(default_factory=threading.Event)

    def hears(self, text: str) -> None:
        """Something came; what is told of the beginning is not waited for."""
        if "achieved" not in text:
            return
        for number in re.findall(r"now-o1-kr(\d+)", text):
            self.at.setdefault(int(number), time.monotonic())


class Letters(Inbox):
    """Remembers when which came."""

    def __init__(self, heard: Heard) -> None:
        super().__init__()
        self._heard = heard

    def answer(self, request: Request) -> Answer:
        """Thanks."""
        self._heard.hears(request.body.decode())
        return super().answer(request)


def measure(asked: Asked) -> Told:
    """Both ways."""
    times = QUICK_TIMES if asked.quick else TIMES
    asked.expect(2)
    rows: list[Sequence[Figure | str]] = []
    found = {}
    for words, hinted in (("with a hint", True), ("by polling", False)):
        with asked.step(words):
            found[words] = _times(asked, times, hinted=hinted)
        rows.append([words, *(Figure(found[words][name], "s") for name in found[words])])
    hinted_most = max(max(each) for each in found["with a hint"].values())
    polled = max(found["by polling"]["/metrics"])
    aims = [
        at_most("with a hint under 5 s", hinted_most, 5, "s"),
        at_most(
            f"by polling one interval ({EVERY_SECONDS} s) plus the run",
            polled,
            EVERY_SECONDS + 2,
            "s",
        ),
    ]
    columns = ["", "/metrics", "stream", "webhook"]
    return Told(METHOD, [Table(f"From change to told, {times} times", columns, rows)], aims)


def _times(asked: Asked, times: int, *, hinted: bool) -> Mapping[str, list[float]]:
    streamed, posted = Heard(), Heard()
    found: dict[str, list[float]] = {"/metrics": [], "stream": [], "webhook": []}
    with (
        JiraSandbox(_seed(times), lambda: datetime.now(UTC), token=TOKEN, user=USER) as jira,
        Letters(posted) as inbox,
        _running(jira.url, inbox.url, times, hinted=hinted) as url,
    ):
        _until(asked, lambda: _values(url, r"0\.0") == times, "all is measured once")
        threading.Thread(target=_follow, args=(url, streamed), daemon=True).start()
        _until(asked, streamed.begun.is_set, "the stream begins")
        for number in range(1, times + 1):
            began = time.monotonic()
            jira.edit_issue(f"CE-{number}", {"status": "Done"})
            if hinted:
                _notice(url, number)
            _until(asked, lambda number=number: str(number) in _done(url), "the metrics tell")  # type: ignore[misc]
            found["/metrics"].append(time.monotonic() - began)
            for name, heard in (("stream", streamed), ("webhook", posted)):
                _until(asked, lambda n=number, h=heard: n in h.at, f"the {name} tells")  # type: ignore[misc]
                found[name].append(heard.at[number] - began)
    return found


def _until(asked: Asked, so: Callable[[], bool], what: str) -> None:
    said = f"no time left to wait until {what}"
    seconds = min(PATIENCE_SECONDS, asked.seconds_left - 10)
    until(so, said, seconds=seconds, every=0.05, raises=Failed)


def _done(url: str) -> list[str]:
    try:
        return TOLD.findall(httpx.get(f"{url}/metrics", timeout=30).text)
    except httpx.HTTPError:
        return []


def _values(url: str, value: str) -> int:
    try:
        text = httpx.get(f"{url}/metrics", timeout=30).text
    except httpx.HTTPError:
        return 0
    return len(re.findall(rf"^syncd_kr_value\{{.*\}} {value}$", text, re.MULTILINE))


def _follow(url: str, heard: Heard) -> None:
    try:
        with httpx.stream("GET", f"{url}/feed/stream", timeout=None) as answer:  # noqa: S113
            heard.begun.set()
            for line in answer.iter_lines():
                heard.hears(line)
    except httpx.HTTPError:
        return  # syncd has ended


def _notice(url: str, number: int) -> None:
    project = {"id": "10000", "key": "CE", "name": "Customers"}
    issue = {"key": f"CE-{number}", "fields": {"project": project}}
    body = json.dumps({"webhookEvent": "jira:issue_updated", "issue": issue}).encode()
    signature = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    headers = {"X-Hub-Signature": f"sha256={signature}"}
    httpx.post(f"{url}/hooks/jira", content=body, headers=headers).raise_for_status()


def _seed(issues: int) -> Seed:
    today = datetime.now(UTC).date()
    statuses = [{"name": "To Do", "category": "new"}, {"name": "Done", "category": "done"}]
    return Seed.model_validate(
        {
            "projects": [{"key": "CE", "name": "Customers"}],
            "issue_types": [{"name": "Task"}],
            "statuses": statuses,
            "users": [{"accountId": "u-a", "displayName": "Alice", "emailAddress": USER}],
            "issues": [
                {
                    "key": f"CE-{number}",
                    "created": f"{today - timedelta(days=9)}T09:00:00Z",
                    "reporter": "u-a",
                    "fields": {
                        "issuetype": "Task",
                        "summary": "Pass",
                        "status": "To Do",
                        "labels": [f"n{number}"],
                    },
                }
                for number in range(1, issues + 1)
            ],
        }
    )


@contextmanager
def _running(jira: str, inbox: str, key_results: int, *, hinted: bool) -> Iterator[str]:
    today = datetime.now(UTC).date()
    with tempfile.TemporaryDirectory(prefix="syncd-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        every = "6 h" if hinted else f"{EVERY_SECONDS} s"
        (folder / "settings.yaml").write_text(
            f"""\
sources:
  jira: {{kind: jira, url: "{jira}", user: {{env: T_USER}}, token: {{env: T_JIRA}}, hook_secret: {{env: T_HOOK}}}}
webhooks:
  ops: {{url: "{inbox}", secret: {{env: T_OPS}}}}
every: {{default: {every}}}
"""
        )
        (folder / "now").mkdir()
        (folder / "now" / "organisation.yaml").write_text(
            f"organisation: Now\nperiod: {today - timedelta(days=9)}/{today + timedelta(days=9)}\n"
            "timezone: UTC\n"
        )
        lines = "".join(
            f"""      - id: now-o1-kr{number}
        title: Exam {number} is passed
        owner: Lead
        indicator: {{measure: jira.ratio, jql: project = CE AND labels = n{number}, passing: statusCategory = Done}}
        target: {{at_least: 100 %}}
"""
            for number in range(1, key_results + 1)
        )
        (folder / "now" / "now.yaml").write_text(
            "team: now\nobjectives:\n  - id: now-o1\n    title: Seen at once\n    key_results:\n"
            + lines
        )
        environment = without_settings() | {
            "SYNCD_DATABASE_URL": f"sqlite:///{folder / 'syncd.db'}"
        }
        environment |= {"SYNCD_MAPPINGS": str(folder / "now"), "T_USER": USER, "T_JIRA": TOKEN}
        environment |= {"T_HOOK": SECRET, "T_OPS": LETTERS}
        listen = f"{LOOPBACK}:{free_port()}"
        words = ["--config", str(folder / "settings.yaml"), "run", "--listen", listen]
        with logged(words, folder / "log", environment):
            yield f"http://{listen}"
