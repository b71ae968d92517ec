"""Time that counts: what remains of a stretch of time without the time off in it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

Span = tuple[datetime, datetime]
"""From the first moment to the second one, which is not in it."""


def merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The same time as spans in order that neither overlap nor touch; empty ones are left out.

    >>> from datetime import UTC
    >>> first, third, fifth = (datetime(2026, 1, day, tzinfo=UTC) for day in (1, 3, 5))
    >>> merged([(third, fifth), (first, third)]) == ((first, fifth),)
    True
    """
    found: list[Span] = []
    for start, end in sorted(spans):
        if end <= start:
            continue
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return tuple(found)


def within(off: Sequence[Span], start: datetime, end: datetime) -> list[Span]:
    """The parts of `off` between two moments."""
    return [
        (max(since, start), min(until, end))
        for since, until in off
        if since < end and until > start
    ]


def counted(start: datetime, end: datetime, off: Sequence[Span]) -> timedelta:
    """How much time counts from `start` to `end`; `off` is merged. Nothing where `end` is earlier.

    >>> from datetime import UTC
    >>> first, third, fifth = (datetime(2026, 1, day, tzinfo=UTC) for day in (1, 3, 5))
    >>> counted(first, fifth, [(third, fifth)]).days
    2
    """
    whole = max(timedelta(), end - start)
    if not off:
        return whole
    return whole - sum((until - since for since, until in within(off, start, end)), timedelta())


def passed(moments: Sequence[datetime], off: Sequence[Span]) -> list[float]:
    """The seconds that count from the first of `moments`, which are in order, to each of them;
    `off` is merged.
    """
    if not moments:
        return []
    start = moments[0]
    ahead = deque(within(off, start, moments[-1]))
    if not ahead:
        return [(moment - start).total_seconds() for moment in moments]
    found: list[float] = []
    lost = timedelta()
    for moment in moments:
        while ahead and ahead[0][1] <= moment:
            since, until = ahead.popleft()
            lost += until - since
        now = moment - ahead[0][0] if ahead and ahead[0][0] < moment else timedelta()
        found.append((moment - start - lost - now).total_seconds())
    return found


def after(start: datetime, time: timedelta, off: Sequence[Span]) -> datetime:
    """The moment at which `time` that counts has passed since `start`; `off` is merged.

    Raises OverflowError where that is beyond the last year a date can have.
    """
    moment = start
    for since, until in off:
        if until <= moment:
            continue
        room = max(timedelta(), since - moment)
        if time <= room:
            break
        time -= room
        moment = until
    return moment + time
