"""Upstreams that are never the same twice: each search finds issues edited just before, also between
two of its pages, and each query another number.
"""

from __future__ import annotations

import random
import threading
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

from syncd.demo.jira import JiraSandbox, Seed
from syncd.demo.prometheus import PrometheusSandbox
from syncd.demo.serving import Answer, Request
from tests.peers.one_number import one_number, query_of

PROJECTS = ("AAA", "BBB", "CCC")
ISSUES = 9
"""Of each project."""

PAGE = 4
INVOICE = "Invoice number"
TOKEN = "t0k3n-of-the-crashes"
QUERIES = 6
GOOD, BAD = 20.0, 1.0
"""Numbers of a query, on both sides of its key result's target."""


def _seed() -> dict[str, Any]:
    created = datetime.now(UTC) - timedelta(days=1)
    return {
        "title": "Jira",
        "projects": [{"key": key, "name": key} for key in PROJECTS],
        "issue_types": [{"name": "Task"}],
        "statuses": [{"name": "To Do", "category": "new"}, {"name": "Done", "category": "done"}],
        "priorities": [{"name": "P0"}],
        "users": [
            {
                "accountId": "u-reader",
                "displayName": "Reader",
                "timeZone": "UTC",
                "emailAddress": "reader@example.org",
            }
        ],
        "custom_fields": [{"id": "customfield_10010", "name": INVOICE, "type": "string"}],
        "issues": [
            {
                "key": f"{key}-{number}",
                "created": created.isoformat(),
                "reporter": "u-reader",
                "fields": {
                    "summary": f"{key} {number}",
                    "status": "To Do",
                    "issuetype": "Task",
                    INVOICE: None,
                },
            }
            for key in PROJECTS
            for number in range(1, ISSUES + 1)
        ],
    }


class RestlessJira(JiraSandbox):
    """Edits an issue whenever it is searched, until it is told to rest."""

    def __init__(self, chance: random.Random) -> None:
        super().__init__(
            Seed.model_validate(_seed()),
            lambda: datetime.now(UTC),
            token=TOKEN,
            user="reader@example.org",
            timezone="UTC",
            page_size=PAGE,
        )
        self._chance = chance
        self._editing = threading.Lock()
        self.filled: dict[str, bool] = {
            f"{key}-{number}": False for key in PROJECTS for number in range(1, ISSUES + 1)
        }
        self.resting = False

    def answer(self, request: Request) -> Answer:
        if request.path.endswith("/search/jql"):
            with self._editing:
                if not self.resting:
                    self._edit()
        return super().answer(request)

    def _edit(self) -> None:
        issue = self._chance.choice(sorted(self.filled))
        filled = not self.filled[issue]
        self.edit_issue(issue, {INVOICE: "I1" if filled else None})
        self.filled[issue] = filled

    def truth(self) -> dict[str, float]:
        """The share of each project's issues that have an invoice."""
        return {
            key: sum(has for issue, has in self.filled.items() if issue.startswith(key)) / ISSUES
            for key in PROJECTS
        }


class RestlessNumbers(PrometheusSandbox):
    """A Prometheus whose numbers fall to either side by chance, until it is told to rest."""

    def __init__(self, chance: random.Random) -> None:
        super().__init__({"series": []}, lambda: datetime.now(UTC))
        self._chance = chance
        self.last: dict[str, float] = {}
        self.resting = False
        self.asked: Counter[str] = Counter()

    def answer(self, request: Request) -> Answer:
        if request.path != "/api/v1/query":
            return super().answer(request)
        query = query_of(request)
        self.asked[query] += 1
        if not self.resting or query not in self.last:
            self.last[query] = self._chance.choice([GOOD, BAD])
        return one_number(self.last[query])
