"""The pages people look at, rendered on the server from the store."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jinja2
import sqlalchemy as sa

from syncd.assess import bounded
from syncd.model import BAD, STATUS_KINDS, STEPS, Event, Status
from syncd.store.periods import PeriodView
from syncd.store.read import (
    KeyResultView,
    MappingView,
    SourceView,
    feed,
    histories,
    mapping,
    sources,
)
from syncd.store.rolling import rollups
from syncd.store.told import periods_known
from syncd.surfaces.asked import NOW, Asked, as_of_words
from syncd.surfaces.charts import Drawing, drawing
from syncd.surfaces.documents import target_words, value_words
from syncd.surfaces.groups import Group, closing_words, groups, rollup_words
from syncd.wording import (
    BY_HAND,
    SHAPES,
    clock,
    date,
    duration,
    listed,
    source_name,
    status_words,
)

OBJECTS = 50
CHANGES = 6
BAR = 136.0
DEMO_REFRESH_SECONDS = 2
REFRESH_SECONDS = 30

_environment = jinja2.Environment(
    loader=jinja2.PackageLoader("syncd.surfaces"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
# a browser that has the style of an older version asks for this one
_STYLE = Path(__file__).parent / "static" / "page.css"
_environment.globals["style"] = hashlib.sha256(_STYLE.read_bytes()).hexdigest()[:8]


@dataclass(frozen=True)
class Row:
    """One key result as a line of the table."""

    id: str
    key: str
    title: str
    objective_title: str
    team: str
    status: str
    shape: str
    words: str
    reason: str
    owner: str
    bar_done: float | None
    bar_expected: float | None
    bar_checkpoints: Sequence[float]
    done: str
    expected: str
    spark: Drawing
    value: str
    target: str
    pace: str
    behind: bool
    due: str
    age: str
    observed: str
    hands: Sequence[str] = ()
    whose: str = ""


@dataclass(frozen=True)
class Team:
    """A team, or the organisation, as the head of its lines: what they come to."""

    title: str
    words: str
    rows: Sequence[Row]
    status: str = ""
    bar_done: float | None = None
    bar_expected: float | None = None
    bar_checkpoints: Sequence[float] = ()
    done: str = ""
    expected: str = ""


def company(
    connection: sa.Connection,
    shown: Sequence[PeriodView],
    *,
    now: datetime,
    demo: bool,
    asked: Asked = NOW,
) -> str:
    """The company page: the key results of some periods, what changed, how fresh it all is; or all
    that as it was told at the moment that is asked about.
    """
    view = mapping(connection)
    summed = rollups(connection, shown, asked.at)
    told = [each for one in summed for each in one.views]
    about = frame(connection, view, now, demo, asked)
    now = asked.now(now)
    if not told:
        return render("empty.html", **about, load=view)
    past = histories(connection, [one.period.id for one in shown], told_by=asked.at)
    teams = [_team(group, past, now) for group in groups(summed)]
    return render(
        "company.html",
        **{**about, "period": listed([one.period.title for one in shown])},
        periods=_others(periods_known(connection, asked.at), shown, now),
        closings=[closing_words(one, now) for one in shown if one.closed is not None],
        load=view,
        sentence=sentence(told),
        together=[
            (one.period.title if len(summed) > 1 else "", rollup_words(one.rollups.organisation))
            for one in summed
        ],
        changes=[
            _change(event, told, now)
            for event in feed(
                connection,
                keys=[one.key_result.key for one in told],
                until=asked.at,
                without=STEPS,
                limit=CHANGES,
            )
        ],
        groups=[team for team in teams if team.rows],
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


def _team(group: Group, past: Mapping[str, Sequence[Any]], now: datetime) -> Team:
    rows = [
        replace(row(one.view, past.get(one.view.key_result.key, []), now), whose=one.whose)
        for one in group.shown
    ]
    if not group.team or group.rollup is None:
        return Team(group.title, "", rows)
    done, expected = group.rollup.progress, group.rollup.expected
    return Team(
        title=group.title,
        words=rollup_words(group.rollup),
        rows=rows,
        bar_done=None if done is None else round(done * BAR, 1),
        bar_expected=None if expected is None else round(expected * BAR, 1),
        done=percent(done),
        expected=percent(expected),
    )


def error(status: int, detail: str) -> str:
    """A page that says what is wrong with an address."""
    return render("error.html", status=status, detail=detail)


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


def web_link(url: str | None) -> str | None:
    """The address if a browser may follow it, else None: what an upstream gives is not trusted."""
    if url is None or urlsplit(url).scheme not in ("http", "https"):
        return None
    return url


def _verb(status: Status, count: int) -> str:
    be = "is" if count == 1 else "are"
    if status is Status.ACHIEVED:
        return f"{be} achieved"
    if status is Status.MISSED:
        return f"{be} missed"
    return f"{be} {status_words(status)}"


def row(one: KeyResultView, past: Sequence[Any], now: datetime) -> Row:
    """A key result as a line of the table; `past` is what was told of it, oldest first."""
    now = one.as_of(now)
    kr, told, indicator = one.key_result, one.assessment, one.indicator
    status = Status.NO_DATA if told is None else told.status
    progress = None if told is None else bounded(told.progress)
    expected = None if told is None else told.expected
    line = one.expected_line()
    checkpoint_times = {checkpoint.at for checkpoint in kr.checkpoints}
    pace = None if told is None else told.pace
    observed = None if told is None else told.observed_at
    return Row(
        id=kr.id,
        key=kr.key,
        title=kr.title,
        objective_title=kr.objective_title,
        team=kr.team,
        status=status.value,
        shape=SHAPES[status],
        words=status_words(status).capitalize(),
        reason="Not measured yet." if told is None else told.reason,
        owner=", ".join(kr.owner),
        bar_done=None if progress is None else round(progress * BAR, 1),
        bar_expected=None if expected is None else round(min(expected, 1.0) * BAR, 1),
        bar_checkpoints=[round(r * BAR, 1) for at, r in line if at in checkpoint_times],
        done=percent(progress),
        expected=percent(expected),
        spark=drawing(kr, line, past, now=now, width=110, height=26),
        value=value_words(kr.target, told.value if told else None, indicator),
        target=target_words(kr.target, told.goal if told else None, indicator),
        pace="" if pace is None else f"{round(pace * 100):+d}".replace("-", "−"),
        behind=pace is not None and round(pace * 100) < 0 and status in BAD,
        due=date(kr.due, kr.timezone, now),
        age="never" if observed is None else age(observed, now),
        observed="" if observed is None else observed.strftime("%Y-%m-%dT%H:%M:%SZ"),
        hands=[words for field, words in BY_HAND.items() if told and getattr(told, field)],
    )


def age(observed: datetime, now: datetime) -> str:
    """How old something is, in whole units of the one that fits.

    >>> from datetime import UTC, timedelta
    >>> now = datetime(2026, 2, 20, 12, tzinfo=UTC)
    >>> age(now - timedelta(hours=3, minutes=1), now), age(now - timedelta(seconds=90), now)
    ('3 h', '90 s')
    """
    seconds = max(0.0, (now - observed).total_seconds())
    unit = next((unit for unit in (86_400, 3600, 60) if seconds >= 2 * unit), 1)
    return duration(round(seconds / unit) * unit)


def percent(ratio: float | None) -> str:
    """A ratio in per cent; what is not known is said to be so."""
    return "unknown" if ratio is None else f"{ratio * 100:.0f} %"


def _change(event: Event, told: Sequence[KeyResultView], now: datetime) -> Mapping[str, Any]:
    zone = next((one.key_result.timezone for one in told), "UTC")
    status = event.status if event.kind in STATUS_KINDS else None
    title = next((o.key_result.title for o in told if o.key_result.key == event.subject), None)
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


def frame(
    connection: sa.Connection,
    view: MappingView | None,
    now: datetime,
    demo: bool,
    asked: Asked = NOW,
) -> dict[str, Any]:
    """What every page shows around its own: the organisation, the time, the sources; and that it is
    of the past, where it is: then links go on at the same moment, and how sources stood is not
    known.
    """
    summary: Mapping[str, Any] = view.in_force if view is not None and view.in_force else {}
    zone = summary.get("timezone", "UTC")
    return {
        "organisation": summary.get("organisation", "syncd"),
        "period": summary.get("period", ""),
        "today": f"{date(now, zone, now)}, {clock(now, zone, now)}",
        "refresh": DEMO_REFRESH_SECONDS if demo else REFRESH_SECONDS,
        "demo": demo,
        "here": "",
        "as_of": as_of_words(asked, zone),
        "at": None if asked.at is None else asked.at.isoformat(),
        "sources": []
        if asked.at is not None
        else [_source(one, zone, now) for one in sources(connection)],
    }


def _source(one: SourceView, zone: str, now: datetime) -> Mapping[str, Any]:
    if one.failing_since is not None:
        words = f"failing since {clock(one.failing_since, zone, now)}"
        return {
            "name": source_name(one.name),
            "up": False,
            "words": words,
            "why": one.error_message,
        }
    if one.last_success_at is None:
        return {"name": source_name(one.name), "up": None, "words": "not read yet", "why": ""}
    return {
        "name": source_name(one.name),
        "up": True,
        "words": age(one.last_success_at, now),
        "why": "",
    }


def render(template: str, **values: Any) -> str:
    """The HTML of a template; a value that it lacks is an error."""
    return _environment.get_template(template).render(**values)
