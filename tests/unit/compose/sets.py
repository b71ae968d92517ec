"""Sides of a coverage written down in a line each."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from connectors.base import Outcome
from syncd.compose import Member, Side

NOW = datetime(2026, 2, 2, 12, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=30)


def member(
    key: str,
    outcome: Outcome = Outcome.PASS,
    *,
    object_id: str | None = None,
    since: datetime = LONG_AGO,
) -> Member:
    return Member(
        key, object_id or f"id of {key}", f"label of {object_id or key}", None, outcome, since
    )


def side(
    *members: Member,
    name: str = "a side",
    observed_at: datetime | None = NOW,
    complete: bool = True,
    interval_seconds: float = 300.0,
) -> Side:
    return Side(name, observed_at, complete, interval_seconds, members)
