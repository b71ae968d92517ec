"""Holding: a status must last before it is told, so that it does not flap."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from syncd.model import ENDED, UNKNOWN, KeyResult, Memory, Status


def hold(raw: Status, memory: Memory, kr: KeyResult, now: datetime) -> Memory:
    """The memory with the status that is told at `now`, and the candidate that waits, if any.

    Told at once: the first status ever, everything unknown, an end, what follows those, and every
    outcome once the due date has passed. Anything else must last `hold_seconds` without a
    break; a candidate that gives way to another one loses its time.
    """
    if memory.told is raw:
        if memory.candidate is None:
            return memory
        return replace(memory, candidate=None, candidate_since=None)
    since = memory.candidate_since if memory.candidate is raw else None
    since = now if since is None else since
    sudden = UNKNOWN | ENDED
    at_once = memory.told is None or memory.told in sudden or raw in sudden or now >= kr.due
    if at_once or now >= held_until(kr, since):
        return replace(
            memory,
            told=raw,
            told_since=now,
            before=memory.last_known if raw in UNKNOWN else None,
            candidate=None,
            candidate_since=None,
        )
    return replace(memory, candidate=raw, candidate_since=since)


def held_until(kr: KeyResult, candidate_since: datetime) -> datetime:
    """When a candidate that appeared at `candidate_since` may be told."""
    return candidate_since + timedelta(seconds=kr.judgement.hold_seconds)
