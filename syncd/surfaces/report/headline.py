"""The first sentences: what a lead would say aloud before anybody asks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from syncd.model import BAD, ENDED, GOOD, Status
from syncd.store.read import KeyResultView
from syncd.surfaces.report.document import Changes, Risk
from syncd.surfaces.report.groups import is_unknown
from syncd.surfaces.report.material import status_of
from syncd.wording import listed


def headline_of(
    views: Sequence[KeyResultView],
    changes: Changes,
    risks: Sequence[Risk],
    *,
    elapsed: float | None,
    period: str,
    scope: str | None,
) -> list[str]:
    """How it stands, what matters most, what changed: a sentence each, the ones that say something.

    `elapsed`: how much of the period is gone, 0..1; None where it has no days.
    """
    statuses = [status_of(view.assessment) for view in views]
    found = [_standing(statuses, elapsed, period, scope)]
    if risks:
        found.append(_first_cause(risks[0]))
    found.append(_changed(changes))
    return found


def elapsed_of(start: datetime, end: datetime, now: datetime) -> float | None:
    """How much of a period is gone, 0..1; None where it has no length."""
    if end <= start:
        return None
    return min(1.0, max(0.0, (now - start) / (end - start)))


_OPEN = frozenset({Status.ON_TRACK, Status.AT_RISK, Status.OFF_TRACK})


def _standing(
    statuses: Sequence[Status], elapsed: float | None, period: str, scope: str | None
) -> str:
    tally = Counter(
        "good" if one in GOOD else "bad" if one in BAD else "ended" if one in ENDED else one
        for one in statuses
    )
    judged = len(statuses) - tally["ended"]
    whose = f" of {scope}" if scope else ""
    plural = "" if judged == 1 else "s"
    if not judged:
        return f"{_time(elapsed, period)}there is no key result{whose} to judge."
    # what is still under way when the time is over is neither reached nor missed yet
    over = elapsed is not None and elapsed >= 1 and not any(one in _OPEN for one in statuses)
    good = "achieved" if over else "on track or achieved"
    bad = "missed or behind" if over else "behind"
    known = [
        f"{tally[kind]} {_are(tally[kind])} {words}"
        for kind, words in (("good", good), ("bad", bad))
        if tally[kind]
    ]
    unknown = sum(tally[status] for status in Status if is_unknown(status))
    if unknown:
        known.append(f"{unknown} cannot be told" + _because_of(tally))
    if unknown == judged:
        whom = "the only key result" if judged == 1 else f"any of the {judged} key results"
        return f"{_time(elapsed, period)}how it stands with {whom}{whose} cannot be told."
    return f"{_time(elapsed, period)}of {judged} key result{plural}{whose} {listed(known)}."


def _because_of(tally: Counter[Status | str]) -> str:
    """Why some cannot be told, where it is one thing or the other."""
    undecided, silent = tally[Status.NO_TARGET], tally[Status.STALE] + tally[Status.NO_DATA]
    if undecided and silent:
        return f" ({silent} without fresh data, {undecided} without a target)"
    return " for want of a target" if undecided else " for want of fresh data"


def _time(elapsed: float | None, period: str) -> str:
    if elapsed is None:
        return "So far, "
    if elapsed >= 1:
        return f"{period} is over: "
    if elapsed <= 0:
        return f"{period} has not begun: "
    return f"With {elapsed * 100:.0f} % of {period} gone, "


def _first_cause(risk: Risk) -> str:
    """The cause that matters most, and how much hangs on it."""
    whose = f" ({risk.team})" if risk.team else ""
    slips = f"{risk.title}{whose} is {risk.sign.words}"
    if not risk.drags:
        return f"What matters most: {slips}."
    count = len(risk.drags)
    others = "one other key result" if count == 1 else f"{count} other key results"
    return f"What matters most: {slips} and drags {others} with it."


def _changed(changes: Changes) -> str:
    said = [
        f"{len(found)} {words}"
        for found, words in (
            (changes.worse, "got worse"),
            (changes.better, "got better"),
            (changes.lost, "went out of sight"),
            (changes.other, "came, went or can be told again"),
        )
        if found
    ]
    if not said:
        return f"Since {changes.since} no status has changed."
    return f"Since {changes.since}, {listed(said)}."


def _are(count: int) -> str:
    return "is" if count == 1 else "are"
