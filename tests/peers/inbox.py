"""Who is sent webhooks."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

from syncd.demo.serving import Answer, Request, Sandbox


class Inbox(Sandbox):
    """Takes webhooks: how often each event's id came, and with which bodies."""

    def __init__(self) -> None:
        super().__init__(lambda: datetime.now(UTC))
        self.came: Counter[str] = Counter()
        self.bodies: dict[str, set[bytes]] = {}

    def answer(self, request: Request) -> Answer:
        one = request.headers["webhook-id"]
        self.bodies.setdefault(one, set()).add(request.body)
        self.came[one] += 1
        return Answer.json({})
