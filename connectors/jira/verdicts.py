"""What judges of Jira issues say alike: whom a timeline is about, and what holds from now on."""

from __future__ import annotations

from datetime import datetime

from connectors.base import Outcome, Row, Timeline, Verdict

TITLE = "summary"
"""The field that holds an issue's title."""


def about(
    row: Row, verdicts: tuple[Verdict, ...], *, since: datetime | None, titles: bool
) -> Timeline:
    """The verdicts on an issue, labelled with its key, and its title where those are kept."""
    title = row["fields"].get(TITLE) if titles else None
    return Timeline(
        object_id=row["id"],
        since=since,
        verdicts=verdicts,
        label=f"{row['key']} {title}" if title else row["key"],
        url=row["url"],
    )


def from_now(
    row: Row,
    now: datetime,
    outcome: Outcome,
    *,
    titles: bool,
    number: float | None = None,
    missing: tuple[str, ...] = (),
    keys: tuple[str, ...] = (),
) -> Timeline:
    """One verdict from `now` on, which leaves the past as it was."""
    verdict = Verdict(now, None, outcome, number=number, missing=missing, keys=keys)
    return about(row, (verdict,), since=now, titles=titles)
