"""A doubted number in words: what is not believed, why, and what would release it."""

from __future__ import annotations

from datetime import datetime

from connectors.base import Dimension
from syncd import wording
from syncd.model import Doubt, DoubtKind, Quarantine


def doubt_words(doubt: Doubt, dimension: Dimension, unit: str | None = None) -> str:
    """What is not believed and why, as a clause; numbers in the indicator's own unit.

    >>> doubt_words(Doubt(DoubtKind.COUNTER, 10, 5000, 5000), Dimension.COUNT)
    '10 after 5,000, and it only goes up'
    >>> doubt_words(Doubt(DoubtKind.SHRINK, 100, 1000, 0.5), Dimension.RATIO)
    '100 of 1,000 objects are left, and no more than 50 % may go at once'
    """
    value, good, limit = doubt.value, doubt.good, doubt.limit

    def shown(number: float | None, beside: float | None = None) -> str:
        return wording.quantity(number, dimension, unit, beside=beside)

    match doubt.kind:
        case DoubtKind.IMPOSSIBLE:
            if limit is None:
                return "what was read is no finite number"
            return f"{shown(value, limit)} cannot be: {_side(value, limit)} {shown(limit, value)}"
        case DoubtKind.RANGE:
            side = "" if limit is None else f", {_side(value, limit)} {shown(limit, value)}"
            return f"{shown(value, limit)}{side} is plausible"
        case DoubtKind.COUNTER:
            return f"{shown(value, good)} after {shown(good, value)}, and it only goes up"
        case DoubtKind.STEP:
            most = shown(limit)
            if doubt.relative:
                most = wording.quantity(limit, Dimension.RATIO)
            elif dimension is Dimension.RATIO and limit is not None:
                most = wording.points(limit).removeprefix("+")
            after = f"{shown(value, good)} after {shown(good, value)}"
            return f"{after}, and a step is at most {most}"
        case DoubtKind.SHRINK:
            share = wording.quantity(limit, Dimension.RATIO)
            before, left = wording.quantity(good), wording.quantity(value)
            return f"{left} of {before} objects are left, and no more than {share} may go at once"


def quarantine_words(
    seen: Quarantine, dimension: Dimension, unit: str | None, timezone: str, now: datetime
) -> str:
    """The same with since when it is so, and what would release it."""
    since = wording.clock(seen.since, timezone, now)
    words = f"not believed since {since}: {doubt_words(seen.doubt, dimension, unit)}"
    return f"{words}; {release_words(seen, timezone, now)}"


def release_words(seen: Quarantine, timezone: str, now: datetime) -> str:
    """What would release it."""
    if seen.missing is None:
        return "no run and no person can confirm this"
    if seen.accepted_by is not None:
        return f"accepted by {seen.accepted_by}: told once the next run says the same"
    when = ""
    if seen.earliest is not None and seen.earliest > now:
        when = f", not before {wording.clock(seen.earliest, timezone, now)}"
    return f"believed after {runs_words(seen.missing)}{when}, or when a person accepts it"


def runs_words(missing: int) -> str:
    """How many runs must still confirm it; the next one does at the earliest.

    >>> runs_words(0), runs_words(3)
    ('1 more run saying the same', '3 more runs saying the same')
    """
    more = max(missing, 1)
    return f"{more} more run{'s' if more > 1 else ''} saying the same"


def _side(value: float, limit: float) -> str:
    return "at most" if value > limit else "at least"
