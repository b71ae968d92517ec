"""A Jira whose issues are made, edited, moved, hidden, shown and deleted at random."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.soak.history import Lived, happenings
from tests.soak.moments import Moment

PROJECTS = ("OPS", "PROC", "CE")
STATUSES = ("To Do", "Active", "Done")
PRIORITIES = ("P0", "P1")
AUTHOR = "u-reader"
FEWEST, MOST = 30, 60
_MOST_BETWEEN = 8


@dataclass
class _Issue:
    seed: dict[str, Any]
    number: int
    key: str
    fields: dict[str, Any]
    visible: bool = True
    deleted: bool = False

    def state(self) -> dict[str, Any] | None:
        if self.deleted or not self.visible:
            return None
        return {"project": self.key.partition("-")[0], **self.fields}


@dataclass
class JiraWorld:
    """The seed of a sandbox, and what is true of it at any moment."""

    seed: dict[str, Any]
    lived: Lived


@dataclass
class _Making:
    chance: random.Random
    lived: Lived = field(default_factory=Lived)
    issues: list[_Issue] = field(default_factory=list)
    last: dict[str, int] = field(default_factory=lambda: dict.fromkeys(PROJECTS, 0))

    def key(self, project: str) -> str:
        self.last[project] += 1
        return f"{project}-{self.last[project]}"

    def make(self, at: datetime) -> None:
        chance, number = self.chance, len(self.issues)
        key = self.key(chance.choice(PROJECTS))
        fields = {
            "issuetype": "Task",
            "summary": f"Issue {number}",
            "status": chance.choice(STATUSES),
            "priority": chance.choice(PRIORITIES),
            "PO number": chance.choice((None, f"PO{number}")),
        }
        seed = {
            "key": key,
            "created": at.isoformat(),
            "reporter": AUTHOR,
            "fields": dict(fields),
            "changes": [],
            "comments": [],
        }
        issue = _Issue(seed, number, key, fields)
        self.issues.append(issue)
        self.lived.note(number, at, issue.state())

    def happen(self, at: datetime) -> None:
        """One thing, to an issue that is there or to a new one."""
        there = [one for one in self.issues if not one.deleted]
        makes_more = len(there) < FEWEST or (len(there) < MOST and self.chance.random() < 0.2)
        if makes_more:
            self.make(at)
            return
        issue = self.chance.choice(there)
        kinds = ["edit"] * 12 + ["move", "hide", "comment", "delete"]
        kind = self.chance.choice(kinds) if issue.visible else self.chance.choice(["show", "edit"])
        getattr(self, f"_{kind}")(issue, at)
        self.lived.note(issue.number, at, issue.state())

    def _edit(self, issue: _Issue, at: datetime) -> None:
        name = self.chance.choice(("status", "priority", "PO number"))
        choices: Sequence[Any] = {
            "status": STATUSES,
            "priority": PRIORITIES,
            "PO number": (None, f"PO{issue.number}"),
        }[name]
        value = self.chance.choice([one for one in choices if one != issue.fields[name]])
        issue.fields[name] = value
        self._change(issue, at, name, value)

    def _move(self, issue: _Issue, at: datetime) -> None:
        others = [one for one in PROJECTS if one != issue.key.partition("-")[0]]
        issue.key = self.key(self.chance.choice(others))
        self._change(issue, at, "key", issue.key)

    def _hide(self, issue: _Issue, at: datetime) -> None:
        issue.visible = False
        self._change(issue, at, "visible", False)

    def _show(self, issue: _Issue, at: datetime) -> None:
        issue.visible = True
        self._change(issue, at, "visible", True)

    def _delete(self, issue: _Issue, at: datetime) -> None:
        issue.deleted = True
        self._change(issue, at, "deleted", True)

    def _comment(self, issue: _Issue, at: datetime) -> None:
        said = {"at": at.isoformat(), "author": AUTHOR, "body": "Seen."}
        issue.seed["comments"].append(said)

    def _change(self, issue: _Issue, at: datetime, name: str, to: Any) -> None:
        said = {"at": at.isoformat(), "author": AUTHOR, "field": name, "to": to}
        issue.seed["changes"].append(said)


def jira_world(seed: int, name: str, moments: Sequence[Moment]) -> JiraWorld:
    """The same for the same seed and name."""
    making = _Making(random.Random(f"jira {name} {seed}"))
    for number in range((FEWEST + MOST) // 2):
        making.make(moments[0].at - timedelta(days=10, minutes=number))
    for at in happenings(making.chance, moments, _MOST_BETWEEN):
        making.happen(at)
    return JiraWorld(
        {
            "title": name,
            "projects": [{"key": key, "name": key} for key in PROJECTS],
            "issue_types": [{"name": "Task"}],
            "statuses": [
                {"name": "To Do", "category": "new"},
                {"name": "Active", "category": "indeterminate"},
                {"name": "Done", "category": "done"},
            ],
            "priorities": [{"name": name} for name in PRIORITIES],
            "users": [
                {
                    "accountId": AUTHOR,
                    "displayName": "Reader",
                    "emailAddress": "reader@example.org",
                }
            ],
            "custom_fields": [{"id": "customfield_10010", "name": "PO number", "type": "string"}],
            "issues": [issue.seed for issue in making.issues],
        },
        making.lived,
    )
