"""Service level agreements as Jira Service Management tells them of one request.

``GET /rest/servicedeskapi/request/{idOrKey}/sla`` pages through agreements, each with the cycles
that are complete and the one that goes on::

    {"id": "1", "name": "Time to resolution",
     "completedCycles": [{"startTime": {"epochMillis": …}, "stopTime": {…}, "breachTime": {…},
                          "breached": false, "goalDuration": {"millis": …},
                          "elapsedTime": {"millis": …}, "remainingTime": {"millis": …}}],
     "ongoingCycle": {"startTime": {…}, "breachTime": {…}, "breached": false, "paused": false,
                      "withinCalendarHours": true, "goalDuration": {…}, "elapsedTime": {…}, …}}

Elapsed time is counted in the agreement's own calendar and without pauses. Only an agreement that
runs knows when it will be breached.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from connectors.base import Json
from connectors.jira.changelog import moment_of
from connectors.jira.entries import Malformed


@dataclass(frozen=True, slots=True)
class Cycle:
    """From `start` to `stop` (None: it goes on). `elapsed` is in seconds of the agreement's
    calendar, so far; `breach` is the moment it was or will be breached, None when nobody knows.
    """

    start: datetime
    stop: datetime | None
    breach: datetime | None
    breached: bool
    elapsed: float


def cycles_of(agreement: Mapping[str, Json]) -> tuple[Cycle, ...]:
    """The cycles of one agreement, by their start. Malformed when they are of another shape."""
    completed = agreement.get("completedCycles") or []
    ongoing = agreement.get("ongoingCycle")
    if not isinstance(completed, list):
        raise Malformed("expected completedCycles as a list")
    cycles = [_cycle(each, over=True) for each in completed]
    if ongoing is not None:
        cycles.append(_cycle(ongoing, over=False))
    return tuple(sorted(cycles, key=lambda cycle: cycle.start))


def by_name(agreements: Iterable[Json]) -> dict[str, tuple[Cycle, ...]]:
    """The cycles of all agreements by their folded name."""
    found: dict[str, tuple[Cycle, ...]] = {}
    for agreement in agreements:
        if not isinstance(agreement, Mapping) or not isinstance(agreement.get("name"), str):
            raise Malformed("an agreement came without its name")
        found[agreement["name"].casefold()] = cycles_of(agreement)
    return found


def _cycle(given: Json, *, over: bool) -> Cycle:
    if not isinstance(given, Mapping):
        raise Malformed("expected a cycle as an object")
    start, stop = _moment(given, "startTime"), _moment(given, "stopTime")
    elapsed = given.get("elapsedTime")
    millis = elapsed.get("millis") if isinstance(elapsed, Mapping) else None
    if start is None or (over and stop is None):
        raise Malformed("a cycle came without startTime or, being complete, stopTime")
    if not isinstance(millis, int | float) or isinstance(millis, bool):
        raise Malformed("a cycle came without elapsedTime.millis")
    paused = given.get("paused") is True
    return Cycle(
        start=start,
        stop=stop if over else None,
        breach=None if paused and not given.get("breached") else _moment(given, "breachTime"),
        breached=given.get("breached") is True,
        elapsed=max(0.0, millis / 1000),
    )


def _moment(cycle: Mapping[str, Json], name: str) -> datetime | None:
    given = cycle.get(name)
    if not isinstance(given, Mapping):
        return None
    return moment_of(given.get("epochMillis"))
