"""Coverage: the share of one set's keys that another set has.

It is as old as the older of its sides, and partial where a side is. A side that is suddenly much
smaller than it was (a broken exporter, a filter that lost a site) is doubted: the reading is
partial until the smaller size has been seen for as long as a reading may be old.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from connectors.base import Outcome
from syncd.compose.composed import Composed
from syncd.compose.keys import Matching, Member, matched, normalised
from syncd.model import Coverage

Json = Any

LEAST_DOUBT: Final = timedelta(hours=1)
DOUBT_INTERVALS: Final = 3


@dataclass(frozen=True)
class Side:
    """One of the two sets. `observed_at`: of its newest complete reading (None: it has none yet);
    `complete`: no partial one is newer; `members`: what holds now, one for each object and key.
    """

    name: str
    observed_at: datetime | None
    complete: bool
    interval_seconds: float
    members: Sequence[Member]


def coverage(
    spec: Coverage, of: Side, inside: Side, *, now: datetime, memory: Mapping[str, Json] | None
) -> Composed | None:
    """How much of `of` is in `inside` at `now`; None while a side has no complete reading.

    The value is passed / (passed + failed), None where that is nothing over nothing. `memory` is
    that of the last call (None: there was none).
    """
    if of.observed_at is None or inside.observed_at is None:
        return None
    sizes = {
        "of": _remembered(spec, of, of.observed_at, (memory or {}).get("of")),
        "inside": _remembered(spec, inside, inside.observed_at, (memory or {}).get("inside")),
    }
    doubts = [
        f"{side.name} has {sizes[role]['doubt']['size']} keys, after {sizes[role]['size']}; "
        "this is believed once it has lasted"
        for role, side in (("of", of), ("inside", inside))
        if sizes[role]["doubt"] is not None
    ]
    found = matched(
        of.members,
        inside.members,
        normalise=spec.normalise,
        within_seconds=spec.within_seconds,
        now=now,
    )
    whole = of.complete and inside.complete
    return composed_of(
        found,
        observed_at=min(of.observed_at, inside.observed_at),
        complete=whole and not doubts,
        doubts=doubts,
        memory=sizes if whole else memory,
    )


def composed_of(
    found: Matching,
    *,
    observed_at: datetime,
    complete: bool,
    doubts: Sequence[str] = (),
    memory: Mapping[str, Json] | None = None,
) -> Composed:
    """The reading that a comparison comes to."""
    passed, failed = found.number_of(Outcome.PASS), found.number_of(Outcome.FAIL)
    pending = len(found.counted) - passed - failed
    details: dict[str, Json] = {
        "missing": failed + pending,
        "extra": len(found.extra),
        "twice": {"of": len(found.twice_of), "inside": len(found.twice_inside)},
    }
    if doubts:
        details["doubts"] = list(doubts)
    return Composed(
        value=passed / (passed + failed) if passed + failed else None,
        observed_at=observed_at,
        numerator=float(passed),
        denominator=float(passed + failed),
        pending=pending,
        objects=len(found.counted),
        complete=complete,
        details=details,
        next_transition_at=min(
            (
                key.due
                for key in found.counted
                if key.due is not None and key.state is Outcome.PENDING
            ),
            default=None,
        ),
        memory=memory,
    )


def _remembered(
    spec: Coverage, side: Side, observed_at: datetime, before: Mapping[str, Json] | None
) -> dict[str, Json]:
    """The size that is believed, and the smaller one that is not yet: {"size": keys, "doubt": None
    or {"size": keys, "since": moment}}.
    """
    size = len({normalised(member.key, spec.normalise) for member in side.members})
    if before is None or not _is_loss(before["size"], size, spec.shrink_ratio):
        return {"size": size, "doubt": None}
    doubt = before["doubt"]
    since = observed_at
    # A second loss during the doubt is doubted afresh.
    if doubt is not None and not _is_loss(doubt["size"], size, spec.shrink_ratio):
        since = datetime.fromisoformat(doubt["since"])
    lasts = max(DOUBT_INTERVALS * timedelta(seconds=side.interval_seconds), LEAST_DOUBT)
    if observed_at - since >= lasts:
        return {"size": size, "doubt": None}
    return {"size": before["size"], "doubt": {"size": size, "since": since.isoformat()}}


def _is_loss(before: int, after: int, shrink_ratio: float) -> bool:
    return before - after > shrink_ratio * before
