"""A number in quarantine from run to run: whether the next ones say the same of it."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import datetime

from syncd.doubting.numbers import ROUGHLY, largest_step
from syncd.model import Doubt, DoubtKind, Plausible, Quarantine
from syncd.model.plausible import CONFIRM_RUNS, CONFIRM_TIME


def go_on(
    before: Quarantine | None, doubt: Doubt, observed_at: datetime, limits: Plausible
) -> Quarantine | None:
    """The quarantine after a run that was observed at `observed_at` and is doubted; None: it is
    believed now, because enough runs say the same, or a person has said so and this one does.

    `before` None: nothing was doubted until now. What is seen again without a new run (a deadline
    that passed) changes nothing.
    """
    if before is not None and observed_at <= before.observed_at:
        return before
    if before is None or not alike(before.doubt, doubt, limits):
        return _begun(before, doubt, observed_at, limits)
    # the last number that was believed may have changed beside it only by an edit of the limits
    after = replace(
        before,
        doubt=doubt,
        observed_at=observed_at,
        agreed=before.agreed + 1,
        needed=_needed(doubt, limits),
        earliest=_earliest(before.alike_since, limits),
    )
    return None if _is_confirmed(after) else after


def alike(one: Doubt, other: Doubt, limits: Plausible) -> bool:
    """Whether two doubted numbers say the same: for the same cause, on the same side of the last
    good one, and roughly as much; what lies within a declared step is always the same.

    >>> low, lower = Doubt(DoubtKind.SHRINK, 100, 1000), Doubt(DoubtKind.SHRINK, 10, 1000)
    >>> alike(low, lower, Plausible()), alike(low, Doubt(DoubtKind.SHRINK, 3, 500), Plausible())
    (True, False)
    """
    if one.kind is not other.kind:
        return False
    if not (math.isfinite(one.value) and math.isfinite(other.value)):
        return True  # neither says anything else
    anchor = one.good if one.good is not None else one.limit
    beside = other.good if other.good is not None else other.limit
    if anchor is None or anchor != beside:
        return False
    if (one.value > anchor) is not (other.value > anchor):
        return False
    room = max(ROUGHLY * abs(one.value - anchor), largest_step(limits, anchor) or 0.0)
    return abs(other.value - one.value) <= room


def _begun(
    before: Quarantine | None, doubt: Doubt, observed_at: datetime, limits: Plausible
) -> Quarantine:
    return Quarantine(
        doubt,
        since=observed_at if before is None else before.since,
        alike_since=observed_at,
        observed_at=observed_at,
        needed=_needed(doubt, limits),
        earliest=_earliest(observed_at, limits),
    )


def _is_confirmed(seen: Quarantine) -> bool:
    if seen.needed is None:
        return False
    if seen.accepted_by is not None:
        return True
    late_enough = seen.earliest is None or seen.observed_at >= seen.earliest
    return seen.agreed >= seen.needed and late_enough


def _needed(doubt: Doubt, limits: Plausible) -> int | None:
    if doubt.kind is DoubtKind.IMPOSSIBLE:
        return None
    return CONFIRM_RUNS if limits.confirm is None else limits.confirm


def _earliest(alike_since: datetime, limits: Plausible) -> datetime | None:
    return None if limits.confirm is not None else alike_since + CONFIRM_TIME
