"""From readings to what is told: all that is due is judged, dependants after what they need."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from syncd.assess import assess
from syncd.model import KeyResult, dependants_in_order
from syncd.store.assessing import Assessing, assessing
from syncd.store.daily import Days
from syncd.store.engine import Store
from syncd.telling import told


def judge_due(store: Store, *, now: datetime, days: Days | None = None) -> int:
    """Assesses the key results that are dirty or move by themselves at `now`, in one transaction;
    returns how many there were. Call it again until there are none: not all are taken at once.
    """
    with assessing(store, now=now, days=days) as work:
        return len(judge(work, now))


def judge(work: Assessing, now: datetime) -> list[str]:
    """Assesses the candidates of an open transaction; their keys, in the order that was done."""
    order = _in_order(work)
    for key in order:
        candidate = work.candidates[key]
        needs = work.needs(candidate.key_result)
        assessment, memory = assess(
            candidate.key_result, candidate.evidence, candidate.memory, needs, now
        )
        found = told(
            candidate.key_result,
            candidate.evidence,
            needs,
            candidate.current,
            assessment,
            candidate.telling,
        )
        work.save(assessment, memory, found.events, found.telling)
    return order


def _in_order(work: Assessing) -> list[str]:
    """The keys of the candidates so that each comes after all that it needs, which is of the same
    period.
    """
    periods: dict[str, dict[str, KeyResult]] = defaultdict(dict)
    for candidate in work.candidates.values():
        periods[candidate.key_result.period][candidate.key_result.id] = candidate.key_result
    return [
        key_results[each].key
        for _, key_results in sorted(periods.items())
        for each in dependants_in_order(key_results)
    ]
