"""Verdicts of one object put together from judgements of what it was at different times. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from msgspec.structs import replace

from connectors.base import Verdict


def within(
    verdict: Verdict, begins: datetime, ends: datetime | None, *, whole: bool
) -> Verdict | None:
    """The part of a verdict from `begins` until `ends` (None: no end); None where there is none.

    `whole`: it is of a judge that tells the whole past, so it began when it says, also where that
    is before this part; else it says what holds, and not since when.
    """
    start = max(begins, verdict.valid_from)
    end = verdict.valid_to
    if ends is not None and (end is None or end > ends):
        end = ends
    if end is not None and start >= end:
        return None
    began = verdict.began
    if whole:
        began = verdict.since if verdict.since < start else None
    return replace(verdict, valid_from=start, valid_to=end, began=began)


def joined(verdicts: Iterable[Verdict | None]) -> tuple[Verdict, ...]:
    """The verdicts in their order, those joined that go on saying the same; None is left out."""
    found: list[Verdict] = []
    for verdict in verdicts:
        if verdict is None:
            continue
        last = found[-1] if found else None
        if last is not None and goes_on(last, verdict):
            found[-1] = replace(last, valid_to=verdict.valid_to)
        else:
            found.append(verdict)
    return tuple(found)


def goes_on(one: Verdict, other: Verdict) -> bool:
    """Whether the second verdict, right after the first, only says again what that said: also that
    it began when the first did, where it says when.
    """
    if one.valid_to != other.valid_from or other.began not in (None, one.since):
        return False
    return (one.outcome, one.number, one.missing, one.keys) == (
        other.outcome,
        other.number,
        other.missing,
        other.keys,
    )
