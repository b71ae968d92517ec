"""Who follows a page: its files in a folder, its commands one after the other, sandboxes in place of its systems."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from syncd.clock import SystemClock
from syncd.demo.jira import JiraSandbox, Seed
from syncd.demo.netbox import NetBoxSandbox
from syncd.demo.prometheus import PrometheusSandbox
from tests import command
from tests.peers import world
from tests.unit.documents.snippets import blocks

README = "README.md"
START = "docs/guide/start.md"


def shown(page: str, language: str) -> list[str]:
    """A page's blocks of a language."""
    return [block.text for block in blocks(language) if block.place.startswith(f"{page}#")]


SECRETS = {
    "JIRA_USER": "you@example.org",
    "JIRA_TOKEN": "a-token-of-the-jira",
    "NETBOX_TOKEN": "nbt_abcdefghijkl.0123456789012345678901234567890123456789",
}
SECONDS = 60.0


def today() -> date:
    """Where the README's organisation is: it is behind, so that a quarter has begun at the start page's too."""
    return SystemClock().now().astimezone(ZoneInfo("America/Los_Angeles")).date()


def this_quarter() -> str:
    return f"{today().year}-Q{(today().month + 2) // 3}"


def in_this_quarter(text: str) -> str:
    """The text with its days of the first quarter of 2026 at the same distance from the begin of this one."""
    begin = date(today().year, 3 * ((today().month - 1) // 3) + 1, 1)
    moved = date(2026, 1, 1) - begin
    return re.sub(r"2026-\d\d-\d\d", lambda found: str(date.fromisoformat(found[0]) - moved), text)


def days_ago(days: float) -> str:
    return (SystemClock().now() - timedelta(days=days)).isoformat()


def bug(number: int, opened: float, done: float | None) -> dict[str, object]:
    """A bug that was opened, and resolved, so many days ago."""
    changes = [
        {"at": days_ago(done), "author": "u-you", "field": field, "to": "Done"}
        for field in ("status", "resolution")
        if done is not None
    ]
    return {
        "key": f"PLAT-{number}",
        "created": days_ago(opened),
        "reporter": "u-you",
        "fields": {"issuetype": "Bug", "summary": f"bug {number}", "status": "To Do"},
        "changes": changes,
    }


def jira_seed() -> Seed:
    """Three bugs in time and one too late."""
    return Seed.model_validate(
        {
            "title": "Jira",
            "projects": [{"key": "PLAT", "name": "Platform"}],
            "issue_types": [{"name": "Bug"}],
            "statuses": [
                {"name": "To Do", "category": "new"},
                {"name": "Done", "category": "done"},
            ],
            "priorities": [{"name": "P1"}],
            "users": [
                {
                    "accountId": "u-you",
                    "displayName": "You",
                    "timeZone": "Europe/Berlin",
                    "emailAddress": SECRETS["JIRA_USER"],
                }
            ],
            "issues": [bug(1, 9, 8), bug(2, 9, 5), bug(3, 20, 19), bug(4, 20, 2)],
        }
    )


def prometheus_seed() -> dict[str, object]:
    """One target that is up, and stays so for an hour."""
    now = SystemClock().now().timestamp()
    samples = [[now + 60 * minute, 1.0] for minute in range(-60, 61)]
    return {"series": [{"metric": {"__name__": "up", "job": "a"}, "samples": samples}]}


class Reader:
    """Who follows a page, in a folder of their own, this quarter."""

    def __init__(self, folder: Path, urls: Mapping[str, str], page: str = START) -> None:
        self.folder = folder
        self.urls = urls
        settings, organisation, team = shown(page, "yaml")
        for there, here in urls.items():
            settings = settings.replace(there, here)
        (folder / "mappings" / "mine").mkdir(parents=True)
        self.write("netbox", SECRETS["NETBOX_TOKEN"])
        self.write("settings.yaml", settings.replace("/run/secrets/netbox", str(folder / "netbox")))
        self.write(
            "mappings/mine/organisation.yaml", organisation.replace("2026-Q1", this_quarter())
        )
        self.write("mappings/mine/platform.yaml", in_this_quarter(team))
        clean = {key: value for key, value in os.environ.items() if not key.startswith("SYNCD_")}
        self.environment = (
            clean
            | SECRETS
            | {
                "SYNCD_DATABASE_URL": f"sqlite:///{folder / 'store.db'}",
                "COLUMNS": "200",
            }
        )

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, encoding="utf-8")

    def edit(self, name: str, old: str, new: str) -> None:
        text = (self.folder / name).read_text(encoding="utf-8")
        assert old in text
        self.write(name, text.replace(old, new))

    def does(self, line: str) -> subprocess.CompletedProcess[str]:
        program, *words = shlex.split(line)
        assert program == "syncd"
        return command.syncd(
            *words, environment=self.environment, folder=self.folder, seconds=SECONDS
        )


@contextmanager
def systems() -> Iterator[dict[str, str]]:
    """Where sandboxes stand in, by the address that the pages show."""
    clock = SystemClock()
    token, user = SECRETS["JIRA_TOKEN"], SECRETS["JIRA_USER"]
    with ExitStack() as stack:
        jira = stack.enter_context(JiraSandbox(jira_seed(), clock.now, token=token, user=user))
        netbox = stack.enter_context(
            NetBoxSandbox(world.netbox_seed(), clock.now, token=SECRETS["NETBOX_TOKEN"])
        )
        prometheus = stack.enter_context(PrometheusSandbox(prometheus_seed(), clock.now))
        yield {
            "https://example.atlassian.net": jira.url,
            "https://netbox.example.org": netbox.url,
            "https://prometheus.example.org": prometheus.url,
        }
