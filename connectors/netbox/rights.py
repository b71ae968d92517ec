"""What an account must be allowed to see in NetBox for what is asked of it, and whether the change
log reaches back far enough. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from connectors.base import NumberPlan
from connectors.checkup import Finding, Wanted, a_few
from connectors.netbox.changes import OVERLAP
from connectors.netbox.journal import ENDPOINT as JOURNAL_ENTRIES
from connectors.netbox.needs import Needs, NetBoxJudge
from connectors.netbox.relations import LISTS, REFERENCES

CABLES = "dcim.cables"


def needs_of(wanted: Wanted) -> Needs:
    """What is read of each object beside itself; nothing of what is only counted."""
    plan = wanted.plan
    return Needs() if isinstance(plan, NumberPlan) else cast("NetBoxJudge", plan.judge).needs


def endpoints_of(wanted: Wanted) -> set[str]:
    """The endpoints that are asked for it, but the change log (``dcim.devices``)."""
    plan = wanted.plan
    if isinstance(plan, NumberPlan):
        return {str(plan.request["count"])}
    return _read(str(plan.scope.definition["endpoint"]), needs_of(wanted))


def _read(endpoint: str, needs: Needs) -> set[str]:
    found = {endpoint}
    for name in needs.lists:
        related = LISTS[endpoint][name]
        found |= {related.endpoint, *([CABLES] if related.cabled else [])}
    found |= {REFERENCES[endpoint][head].endpoint for head in needs.references(endpoint)}
    found |= {JOURNAL_ENTRIES} if needs.journal else set()
    for other in needs.others.values():
        found |= _read(other.endpoint, other.needs)
    return found


def permission(object_type: str) -> str:
    """The permission that lets an account see objects of a type.

    >>> permission("dcim.device")
    'dcim.view_device'
    """
    app, _, model = object_type.partition(".")
    return f"{app}.view_{model}"


KEPT_AT_LEAST = timedelta(days=1)
"""CHANGELOG_RETENTION is in whole days (0: for ever), so a log whose oldest row is younger was not
pruned up to it: the numbers before were given to changes that did not come about.
"""


@dataclass(frozen=True)
class Log:
    """The oldest row of the change log: its number, and when it was written."""

    number: int
    at: datetime

    @property
    def whole(self) -> bool:
        """Whether it is the first row that was ever written, so that none was pruned."""
        return self.number == 1


def log_reaches(oldest: Log | None, wanted: Sequence[Wanted], now: datetime) -> Iterable[Finding]:
    """Whether the change log holds what turns that read only changes look for, and the beginnings
    of objects (`first_seen`) since the period began. `oldest` None: it is empty.
    """
    if oldest is None:
        yield Finding.unknown("change log", "it is empty, so nothing tells how long it is kept")
        return
    kept = max(now - oldest.at, KEPT_AT_LEAST)
    turn = timedelta(seconds=max((one.every_seconds for one in wanted), default=0.0)) + OVERLAP
    if not oldest.whole and kept < 2 * turn:
        yield Finding.warning(
            "change log",
            f"it is kept since {_day(oldest.at)} only, and turns are up to {turn} apart: those "
            "that find it pruned read everything again",
            "set CHANGELOG_RETENTION to more days (Admin, Configuration history)",
        )
    short = {
        one.name: one.since
        for one in wanted
        if needs_of(one).first_seen and one.since is not None and one.since < oldest.at
    }
    if short and not oldest.whole:
        first = min(short.values())
        days = (now - first).days + 1
        yield Finding.warning(
            "change log",
            f"it is kept since {_day(oldest.at)}; {a_few(list(short))} "
            f"look{'s' if len(short) == 1 else ''} for what first appeared since {_day(first)}. "
            "What was pruned is dated by `created`, and nobody knows by whom it was made",
            f"set CHANGELOG_RETENTION to {days} days or more; what is pruned does not come back",
        )
        return
    yield Finding.ok(
        "change log",
        f"it holds everything, since {_day(oldest.at)}"
        if oldest.whole
        else f"it is kept since {_day(oldest.at)}",
    )


def unseen(names: Mapping[str, Sequence[str]]) -> list[Finding]:
    """Of endpoints that show no object at all, by what asks for them."""
    if not names:
        return []
    askers = [name for each in names.values() for name in each]
    return [
        Finding.unknown(
            "objects",
            f"none are shown of {a_few(list(names))}, for {a_few(askers)}: there are none, or "
            "the constraints of the account's permission leave all out",
            "look at the constraints of its object permissions",
        )
    ]


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
