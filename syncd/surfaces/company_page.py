"""The company page: what a lead would say, what changed, and every key result under its team."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from functools import partial
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from syncd.model import STATUS_KINDS, STEPS, Event, Status
from syncd.store.externals import PREFIX
from syncd.store.periods import PeriodView
from syncd.store.read import KeyResultView, feed, mapping
from syncd.store.told import externals_known, periods_known
from syncd.surfaces.choosing import EVERYTHING, Choice, choices, chosen, part
from syncd.surfaces.groups import Group, closing_words, groups, rollup_words
from syncd.surfaces.kept import Kept, Told
from syncd.surfaces.page import Visit, frame, percent, render
from syncd.surfaces.rows import BAR, Team
from syncd.wording import SHAPES, clock, listed, status_words

CHANGES = 6
"""How many of the week's changes the page tells; the feed has them all."""

BEFORE = 3
"""How many of earlier ones, where the week has none."""


def company(
    connection: sa.Connection,
    shown: Sequence[PeriodView],
    visit: Visit,
    kept: Kept,
    *,
    choice: Choice = EVERYTHING,
    chosen_period: str = "",
    offset: int = 0,
) -> str:
    """The company page: the key results of some periods, what changed, how fresh it all is; or all
    that as it was told at the moment that is asked about. `choice` leaves lines out or orders them;
    `chosen_period` is the period that the address names, if it names one; `offset`: after how
    many lines it begins. What was made before is taken from `kept`, and what is made is kept there.
    """
    view = mapping(connection)
    about, asked, now = frame(connection, view, visit), visit.asked, visit.then
    summed, known = kept.told(connection, shown, visit)
    told = [each for one in summed for each in one.views]
    if not told:
        return render("empty.html", **about, load=view)
    zone = told[0].key_result.timezone
    week = week_begins(now, shown[0].period.timezone)
    changes = feed(
        connection,
        keys=[one.key_result.key for one in told],
        until=asked.at,
        without=STEPS,
        limit=CHANGES,
    )
    lately = [event for event in changes if event.at >= week]
    teams = [team for group in groups(summed) if (team := _team(group, known)).rows]
    found = chosen(teams, choice)
    here = part(found, offset)
    return render(
        "company.html",
        **{**about, "here": "/", "period": listed([one.period.title for one in shown])},
        periods=_others(periods_known(connection, asked.at), shown, now),
        closings=[closing_words(one, now) for one in shown if one.closed is not None],
        load=view,
        sentence=sentence(told),
        together=[
            (one.period.title if len(summed) > 1 else "", rollup_words(one.rollups.organisation))
            for one in summed
        ],
        changes=[_change(event, known, zone, now) for event in lately or changes[:BEFORE]],
        this_week=bool(lately),
        since=week.astimezone(ZoneInfo(shown[0].period.timezone)).date().isoformat(),
        dragging=_dragging(told, partial(_outside, connection, asked.at)),
        groups=here.teams,
        lines=kept.lines(connection, here.teams, known, visit, shown[0].period.timezone),
        part=here,
        found=_counted(found, teams),
        choice=choice,
        chosen_period=chosen_period,
        link=partial(_link, chosen_period),
        address=choice.address(),
        choices=choices(teams),
        bar=BAR,
    )


def _others(
    known: Sequence[PeriodView], shown: Sequence[PeriodView], now: datetime
) -> list[Mapping[str, Any]]:
    """The periods that people may go to; none where there is only one."""
    ids = {one.period.id for one in shown}
    return [
        {
            "id": one.period.id,
            "title": one.period.title,
            "shown": one.period.id in ids,
            "words": "" if one.open_at(now) else ("closed" if one.closed else "not begun"),
        }
        for one in known
        if len(known) > 1
    ]


def _team(group: Group, known: Mapping[str, Told]) -> Team:
    rows = [
        replace(line, whose=one.whose) if one.whose else line
        for one in group.shown
        for line in [known[one.view.key_result.key].still]
    ]
    if not group.team or group.rollup is None:
        return Team(group.title, "", rows, id=group.team)
    done, expected = group.rollup.progress, group.rollup.expected
    return Team(
        title=group.title,
        id=group.team,
        words=rollup_words(group.rollup),
        rows=rows,
        bar_done=None if done is None else round(done * BAR, 1),
        bar_expected=None if expected is None else round(expected * BAR, 1),
        done=percent(done),
        expected=percent(expected),
    )


def week_begins(now: datetime, timezone: str) -> datetime:
    """The first moment of the week that `now` is in: its Monday, where the organisation is."""
    local = now.astimezone(ZoneInfo(timezone))
    monday = local.date() - timedelta(days=local.weekday())
    return datetime.combine(monday, time(), local.tzinfo).astimezone(UTC)


def _link(period: str, at: str = "", choice: str = "") -> str:
    """The query string of the same page: of the same period, as of a day, with what is chosen."""
    asked = urlencode({name: it for name, it in (("period", period), ("at", at)) if it})
    words = "&".join(part for part in (asked, choice) if part)
    return f"?{words}" if words else ""


def _counted(shown: Sequence[Team], every: Sequence[Team]) -> tuple[int, int]:
    """How many key results are shown, of how many; each once."""
    first, second = ({row.key for team in of for row in team.rows} for of in (shown, every))
    return len(first), len(second)


def _outside(connection: sa.Connection, at: datetime | None) -> dict[str, str]:
    """The titles of what is no key result, by what key results need it as."""
    return {
        PREFIX + one.external.name: one.external.title for one in externals_known(connection, at)
    }


def _dragging(
    told: Sequence[KeyResultView], find_outside: Callable[[], Mapping[str, str]]
) -> list[Mapping[str, Any]]:
    """What slipped and drags others, each with what it drags; what drags most comes first.
    `find_outside`: the titles of what is no key result; asked where something is none.
    """
    titles = {one.key_result.id: one.key_result for one in told}
    dragged: dict[str, list[Mapping[str, str]]] = defaultdict(list)
    for one in told:
        if one.assessment is not None and one.assessment.chain:
            cause = one.assessment.chain[-1]
            dragged[cause].append({"key": one.key_result.key, "title": one.key_result.title})
    outside = {} if dragged.keys() <= titles.keys() else find_outside()
    return [
        {
            "id": cause,
            "key": titles[cause].key if cause in titles else None,
            "title": titles[cause].title if cause in titles else outside.get(cause, cause),
            "drags": found,
        }
        for cause, found in sorted(dragged.items(), key=lambda item: -len(item[1]))
    ]


def sentence(told: Sequence[KeyResultView]) -> Sequence[tuple[str, str]]:
    """What a lead would say of all key results, in pieces: (status or empty, words)."""
    tally = Counter(
        Status.NO_DATA if one.assessment is None else one.assessment.status for one in told
    )
    plural = "" if len(told) == 1 else "s"
    pieces: list[tuple[str, str]] = [("", f"Of {len(told)} key result{plural} ")]
    known = [
        (status, f"{tally[status]} {_verb(status, tally[status])}")
        for status in (
            Status.ACHIEVED,
            Status.ON_TRACK,
            Status.AT_RISK,
            Status.OFF_TRACK,
            Status.MISSED,
        )
        if tally[status]
    ]
    for index, (status, words) in enumerate(known):
        if index:
            pieces.append(("", " and " if index == len(known) - 1 else ", "))
        pieces.append((status.value, words))
    unknown = tally[Status.STALE] + tally[Status.NO_DATA]
    if unknown:
        pieces.append(("", ". " if known else ""))
        pieces.append((Status.STALE.value, f"{unknown} cannot be told"))
        pieces.append(("", ": the data is stale or missing"))
    undecided = tally[Status.NO_TARGET]
    if undecided:
        pieces.append(("", f". {undecided} {'has' if undecided == 1 else 'have'} no target yet"))
    for ended in (Status.ABANDONED, Status.CARRIED):
        if tally[ended]:
            be = "is" if tally[ended] == 1 else "are"
            pieces.append(("", f". {tally[ended]} {be} {status_words(ended)}"))
    pieces.append(("", "."))
    return pieces


def _verb(status: Status, count: int) -> str:
    be = "is" if count == 1 else "are"
    if status is Status.ACHIEVED:
        return f"{be} achieved"
    if status is Status.MISSED:
        return f"{be} missed"
    return f"{be} {status_words(status)}"


def _change(event: Event, known: Mapping[str, Told], zone: str, now: datetime) -> Mapping[str, Any]:
    status = event.status if event.kind in STATUS_KINDS else None
    about = known.get(event.subject or "")
    title = None if about is None else about.still.title
    # what is said beside the title of the key result stands before the rest
    said = "" if status else event.title.removeprefix(f"{title}: ")
    more = f"{said[0].upper()}{said[1:]}. " if title and said not in ("", event.title) else ""
    return {
        "position": event.position,
        "when": clock(event.at, zone, now),
        "status": status,
        "shape": SHAPES[Status(status)] if status else "•",
        "words": status_words(Status(status)).capitalize() if status else "",
        "subject": event.subject if title else None,
        "title": title or event.title,
        "text": f"{more}{event.text}",
    }
