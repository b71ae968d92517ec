"""What judges of Jira issues say alike: what they are known by and look at, whom a timeline is
about, and what holds from now on.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from connectors.base import Json, Outcome, Row, Timeline, Verdict

TITLE = "summary"
"""The field that holds an issue's title."""


class AsksNothing:
    """Of a judge for which the server need not search: the row says it all."""

    @property
    def passing(self) -> str | None:
        """Nothing is asked of the server."""
        return None


class OfMoments(AsksNothing):
    """Of a judge that looks at when something was, and at no field's value."""

    @property
    def valued(self) -> frozenset[str]:
        """None: the moments are what is judged."""
        return frozenset()


def identity(titles: bool, /, **said: Json) -> Json:
    """JSON that identifies a judgement, which is another where titles are kept."""
    return said | ({"titles": True} if titles else {})


def looked_at(fields: Iterable[str], titles: bool) -> frozenset[str]:
    """The fields, and the title where it is kept."""
    return frozenset(fields) | ({TITLE} if titles else frozenset())


def about(
    row: Row, verdicts: tuple[Verdict, ...], *, since: datetime | None, titles: bool
) -> Timeline:
    """The verdicts on an issue, labelled with its key, and its title where those are kept."""
    label = row["key"]
    if titles and (title := row["fields"].get(TITLE)):
        label = f"{label} {title}"
    return Timeline(row["id"], since, verdicts, label, row["url"])


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
