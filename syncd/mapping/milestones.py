"""Targets of milestones: which steps there are, and by when each is due."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from zoneinfo import ZoneInfo

from connectors.base import Aggregation, ScanPlan
from syncd.mapping.document import Document
from syncd.mapping.fault import Location, listed
from syncd.mapping.period import day, ends
from syncd.model import Indicator, Milestone, Target, TargetType
from syncd.wording import nearest

ALL = "all"
"""Each milestone is due with its key result."""


def is_steps(indicator: Indicator) -> bool:
    """Whether the indicator is a list of milestones."""
    plan = indicator.plan
    return isinstance(plan, ScanPlan) and plan.aggregate.how is Aggregation.MILESTONES


def names_of(indicator: Indicator) -> Sequence[str]:
    """The names of its milestones, as the author wrote them."""
    return list(indicator.definition.get("issues") or ())


def read_milestones(
    document: Document,
    where: Location,
    indicator: Indicator | None,
    days: tuple[date, date] | None,
    timezone: ZoneInfo | None,
) -> Target | None:
    """The target at the location (``all``, or a date for each name), or None with faults noted.
    `days` are the first and the due day of the key result.
    """
    if indicator is not None and not is_steps(indicator):
        document.fault(
            where,
            f"milestones beside {indicator.measure}",
            "an indicator that is a list of milestones (jira.milestones)",
            "measure: jira.milestones, or another goal: target: {at_least: 100 %}",
        )
        return None
    written = document.value(where)
    if isinstance(written, dict) and written:
        dates = _dates(document, where, indicator, days)
    elif document.text(where) == ALL:
        due = None if days is None else days[1]
        dates = dict.fromkeys(names_of(indicator) if indicator else (), due)
    else:
        names = names_of(indicator) if indicator else ["site"]
        document.fault(
            where,
            document.got(where),
            "all, or a date for each milestone by its name",
            f"milestones: all, or {{{', '.join(f'{name}: 2026-03-31' for name in names)}}}",
        )
        return None
    if not document.sound(where) or timezone is None or indicator is None:
        return None
    found = [Milestone(name, ends(on, timezone)) for name, on in dates.items() if on is not None]
    return Target(
        TargetType.MILESTONES, milestones=tuple(sorted(found, key=lambda it: (it.at, it.name)))
    )


def _dates(
    document: Document,
    where: Location,
    indicator: Indicator | None,
    days: tuple[date, date] | None,
) -> dict[str, date | None]:
    known = names_of(indicator) if indicator is not None else None
    dates: dict[str, date | None] = {}
    for name in document.value(where):
        place = (*where, name)
        if known is not None and name not in known:
            close = nearest(name, known)
            document.fault(
                place,
                f'"{name}", which is no milestone of the indicator',
                f"one of {listed(known)}",
                close or f"add {name} to issues, or take it out",
            )
        text = document.text(place)
        on = day(text) if text is not None else None
        if on is None:
            document.fault(place, document.got(place), "a date, YYYY-MM-DD", f"{name}: 2026-03-31")
        elif days is not None and not days[0] <= on <= days[1]:
            document.fault(
                place,
                document.got(place),
                f"a day from the start, {days[0]}, to the due day, {days[1]}",
                "another date, or start: or due: on the key result",
            )
        dates[name] = on
    missing = [name for name in known or () if name not in dates]
    if missing and document.sound(where):
        document.fault(
            where,
            f"no date for {listed(missing)}",
            "a date for each milestone of the indicator",
            f"{missing[0]}: 2026-03-31",
        )
    return dates
