"""What the company page keeps from one time to the next, so that it costs what has changed.

A key result is made anew when its stamp differs: what is told of it, what people say of it, what
its past rests on. Its line is, when the moment stands elsewhere in its drawing, or in another year.
Ages are never kept.
"""

from __future__ import annotations

import threading
from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from operator import is_
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from markupsafe import Markup

from syncd.store.past import Point, daily, rebuilt_points, told_after, told_by_day, with_rebuilt
from syncd.store.periods import PeriodView
from syncd.store.read import KeyResultView, key_result_views
from syncd.store.rolling import RolledUp, rolled_up, rollups
from syncd.store.stamps import Stamp, removed_so_far, stamps
from syncd.surfaces.page import Visit, macro
from syncd.surfaces.rows import BAR, Still, Team, data_age, row, spark_at, still

K = TypeVar("K")
V = TypeVar("V")

MOST_KEPT = 10_000
"""Of so many key results at most it is kept what is told; of the others it is read again."""

MOST_LINES = 1_000
"""So many lines at most are kept with their past: two pages of them."""

TOGETHER = 1_000
"""So many are read by one query."""


@dataclass(frozen=True)
class Told:
    """A key result as it is told; `stamp` None: it is not kept."""

    view: KeyResultView
    still: Still
    stamp: Stamp | None = None


@dataclass(frozen=True)
class _Course:
    """The past of a key result by day: what was told, and what was rebuilt from what is `found`.
    `lasts`: until there is another stamp; not where something was told by a clock that is ahead,
    which belongs to it in a moment.
    """

    of: Told
    told: tuple[Point, ...]
    rebuilt: Sequence[Point]
    found: tuple[Any, ...]
    points: Sequence[Point]
    lasts: bool = False


@dataclass(frozen=True)
class _Line:
    """A line, and what it was made of: the course, where in its drawing and in which year."""

    course: _Course
    stands: tuple[float, int]
    html: Markup


class Kept:
    """What was made of key results for pages about now. One page at a time is made with it: whoever
    makes one holds the `lock` from before it looks at the store. Bounded by how many key results
    and how many lines are kept.
    """

    def __init__(self, most: int = MOST_KEPT, most_lines: int = MOST_LINES) -> None:
        self._most, self._most_lines = most, most_lines
        self.lock = threading.Lock()
        self._told: dict[str, Told] = {}
        self._summed: tuple[Sequence[PeriodView], list[Told], list[RolledUp]] = ([], [], [])
        self._courses: OrderedDict[str, _Course] = OrderedDict()
        self._lines: OrderedDict[tuple[str, str], _Line] = OrderedDict()
        self._at: datetime | None = None
        self._rest_on: tuple[str, Mapping[str, int]] | None = None

    def told(
        self, connection: sa.Connection, shown: Sequence[PeriodView], visit: Visit
    ) -> tuple[list[RolledUp], dict[str, Told]]:
        """Some periods with what their key results come to, and these by their keys; of what they
        are measured by nothing that holds only of this moment.
        """
        if visit.asked.at is not None or any(one.closed is not None for one in shown):
            summed = rollups(connection, shown, visit.asked.at)
            return summed, {
                view.key_result.key: Told(view, still(view)) for one in summed for view in one.views
            }
        if self._at is not None and visit.now < self._at:
            self._forget()  # what was told meanwhile is of the future
        self._at = visit.now
        found = self._taken_up(connection, [one.period.id for one in shown])
        periods, before, summed = self._summed
        now = list(found.values())
        if periods != shown or len(before) != len(now) or not all(map(is_, before, now)):
            summed = rolled_up(shown, [one.view for one in now])
            self._summed = (shown, now, summed)
        return summed, found

    def _taken_up(self, connection: sa.Connection, periods: Sequence[str]) -> dict[str, Told]:
        """The key results of open periods, in the order of the mapping files."""
        is_now = stamps(connection, periods)
        changed = [
            key
            for key, stamp in is_now.items()
            if key not in self._told or self._told[key].stamp != stamp
        ]
        fresh = {
            view.key_result.key: Told(view, still(view), is_now[view.key_result.key])
            for view in _views(connection, changed)
        }
        found = {key: fresh.get(key) or self._told[key] for key in is_now}
        self._told |= fresh
        if len(self._told) > self._most:
            self._told = dict(list(found.items())[: self._most])
        return found

    def lines(
        self,
        connection: sa.Connection,
        teams: Iterable[Team],
        told: Mapping[str, Told],
        visit: Visit,
        timezone: str,
    ) -> list[Markup]:
        """The lines of each team; days are those of `timezone`."""
        now, years = visit.then, _Years()
        teams = list(teams)
        courses = self._followed(
            connection,
            {line.key: told[line.key] for team in teams for line in team.rows},
            visit,
            timezone,
        )
        written = macro("line.html", "line")
        found = []
        for team in teams:
            pieces: list[str] = []
            for each in team.rows:
                one, course = told[each.key], courses[each.key]
                then = one.view.as_of(now)
                stands = spark_at(one.view, then), years.of(one.view.key_result.timezone, then)
                line = self._lines.get((each.key, each.whose))
                if line is None or line.course is not course or line.stands != stands:
                    made = row(one.view, course.points, now, one.still)
                    line = _Line(course, stands, written(made, each.whose, visit.address, BAR))
                if course.lasts:
                    _keep(self._lines, (each.key, each.whose), line, self._most_lines)
                    _keep(self._courses, each.key, course, self._most_lines)
                pieces += (line.html, data_age(each, then), END)
            found.append(Markup("".join(pieces)))  # noqa: S704 (of pieces that are escaped)
        return found

    def _followed(
        self, connection: sa.Connection, of: Mapping[str, Told], visit: Visit, timezone: str
    ) -> dict[str, _Course]:
        """The courses of key results. Of those that are kept what was told since is read."""
        until, at = visit.then, visit.asked.at
        rests_on = (timezone, removed_so_far(connection))
        if rests_on != self._rest_on:
            self._courses.clear()
            self._rest_on = rests_on
        found: dict[str, _Course] = {}
        apart = [key for key, one in of.items() if one.stamp is None]
        if apart:
            past = daily(
                connection, until=until, timezone=timezone, told=at is not None, only=apart
            )
            found = {key: _Course(of[key], (), (), (), past.get(key, ())) for key in apart}
        changed: dict[datetime | None, list[str]] = defaultdict(list)
        for key, one in of.items():
            course = self._courses.get(key)
            if course is not None and course.of is one:
                found[key] = course
            elif key not in found:
                changed[_since(course, timezone)].append(key)
        told: dict[str, tuple[Point, ...]] = {}
        for since, keys in changed.items():
            later = told_by_day(connection, until=until, timezone=timezone, since=since, only=keys)
            for key in keys:
                earlier = () if since is None else self._courses[key].told
                told[key] = (
                    *(one for one in earlier if since is not None and one.at < since),
                    *later.get(key, ()),
                )
        gone_on = self._gone_on(connection, of, told, timezone, until)
        ahead = told_after(connection, until, list(told))
        return found | {
            key: replace(course, lasts=key not in ahead) for key, course in gone_on.items()
        }

    def _gone_on(
        self,
        connection: sa.Connection,
        of: Mapping[str, Told],
        told: Mapping[str, tuple[Point, ...]],
        timezone: str,
        until: datetime,
    ) -> dict[str, _Course]:
        """The courses of what was `told` by now."""
        rests_on = {key: _rests_on(of[key]) for key in told}
        before = {
            key: course.rebuilt
            for key in told
            if (course := self._courses.get(key)) is not None and course.found == rests_on[key]
        }
        wanted = [key for key in told if key not in before]
        rebuilt = before | (rebuilt_points(connection, wanted) if wanted else {})
        return {
            key: _Course(
                of[key],
                points,
                past := rebuilt.get(key, ()),
                rests_on[key],
                with_rebuilt(points, past, timezone, until),
            )
            for key, points in told.items()
        }

    def _forget(self) -> None:
        self._told.clear()
        self._courses.clear()
        self._lines.clear()


END = "</time></td>\n</tr>\n"
"""Of a line, after the age of its data."""


def _keep(among: OrderedDict[K, V], key: K, value: V, most: int) -> None:
    """As the one that was used last."""
    among[key] = value
    among.move_to_end(key)
    if len(among) > most:
        among.popitem(last=False)


class _Years:
    """The year of a moment where people are; timezones are looked up once."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, datetime], int] = {}

    def of(self, timezone: str, moment: datetime) -> int:
        found = self._found.get((timezone, moment))
        if found is None:
            found = moment.astimezone(ZoneInfo(timezone)).year
            self._found[timezone, moment] = found
        return found


def _views(connection: sa.Connection, keys: Sequence[str]) -> Iterator[KeyResultView]:
    """As far as they last: what an indicator read and tried is another thing in a moment."""
    for first in range(0, len(keys), TOGETHER):
        for view in key_result_views(connection, keys[first : first + TOGETHER]):
            yield replace(view, indicator=view.indicator.without_today())


def _since(course: _Course | None, timezone: str) -> datetime | None:
    """The first moment of the day from which on more may have been told: a day early, because the
    clocks of workers differ; None: of all days.
    """
    if course is None or not course.told:
        return None
    zone = ZoneInfo(timezone)
    day = course.told[-1].at.astimezone(zone).date() - timedelta(days=1)
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _rests_on(one: Told) -> tuple[Any, ...]:
    """What the rebuilt past of a key result is made of, but for the readings themselves."""
    view, stamp = one.view, one.stamp
    own = view.indicator
    return (
        None if stamp is None else (stamp.rebuilt, stamp.said),
        view.key_result,
        view.former,
        own.fingerprint,
        own.interval_seconds,
        own.dimension,
        own.unit,
    )
