"""The pages people look at, rendered on the server from the store."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import jinja2
import sqlalchemy as sa
from markupsafe import Markup

from syncd.store.read import (
    MappingView,
    SourceView,
    sources,
)
from syncd.store.standing import Standstill
from syncd.store.told import known_since
from syncd.surfaces.asked import NOW, Asked, as_of_words
from syncd.wording import (
    clock,
    date,
    duration,
    source_name,
)

DEMO_REFRESH_SECONDS = 2
REFRESH_SECONDS = 30

_environment = jinja2.Environment(
    loader=jinja2.PackageLoader("syncd.surfaces"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
# a browser that has the file of an older version asks for this one
for _name, _file in (("style", "page.css"), ("script", "live.js"), ("slider", "days.js")):
    _bytes = (Path(__file__).parent / "static" / _file).read_bytes()
    _environment.globals[_name] = hashlib.sha256(_bytes).hexdigest()[:8]


_DAY = len("2026-02-15")


@dataclass(frozen=True)
class Visit:
    """When a page is asked for, about which moment (in the address's words: `said`), and what else
    its address says (`kept`): links to other days keep it. `demo`: the moment is that of a replay.
    `standstill`: what keeps the store from being written now.
    """

    now: datetime
    demo: bool
    asked: Asked = NOW
    kept: tuple[tuple[str, str], ...] = ()
    said: str = ""
    standstill: Standstill | None = None

    @property
    def address(self) -> str | None:
        """The moment that is asked about as links say it: a day stays a day; None: now."""
        if self.asked.at is None:
            return None
        return self.said if len(self.said) == _DAY else self.asked.at.isoformat()

    @property
    def then(self) -> datetime:
        """The moment that is looked at."""
        return self.asked.now(self.now)

    def on(self, day: str) -> str:
        """The same address about another day; empty: about now."""
        said = [*self.kept, *([("at", day)] if day else [])]
        return f"?{urlencode(said)}"


def error(status: int, title: str, detail: str, path: str) -> str:
    """A page that says what is wrong with an address, and where to go on."""
    return render("error.html", status=status, title=title, detail=detail, path=path)


def age(observed: datetime, now: datetime) -> str:
    """How old something is, in whole units of the one that fits.

    >>> from datetime import UTC, timedelta
    >>> now = datetime(2026, 2, 20, 12, tzinfo=UTC)
    >>> age(now - timedelta(hours=3, minutes=1), now), age(now - timedelta(seconds=90), now)
    ('3 h', '90 s')
    """
    seconds = max(0.0, (now - observed).total_seconds())
    unit = next((unit for unit in (86_400, 3600, 60) if seconds >= 2 * unit), 1)
    return _spoken(round(seconds / unit) * unit)


@lru_cache(maxsize=4096)
def _spoken(seconds: int) -> str:
    # a page has hundreds of ages, and few that differ
    return duration(seconds)


def percent(ratio: float | None) -> str:
    """A ratio in per cent; what is not known is said to be so."""
    return "unknown" if ratio is None else f"{ratio * 100:.0f} %"


def frame(connection: sa.Connection, view: MappingView | None, visit: Visit) -> dict[str, Any]:
    """What every page shows around its own: the organisation, the time, the sources, the days that
    can be looked at; and that it is of the past, where it is: then links go on at the same moment,
    and how sources stood is not known.
    """
    summary: Mapping[str, Any] = view.in_force if view is not None and view.in_force else {}
    zone, at = summary.get("timezone", "UTC"), visit.asked.at
    return {
        "organisation": summary.get("organisation", "syncd"),
        "period": summary.get("period", ""),
        "today": f"{date(visit.now, zone, visit.now)}, {clock(visit.now, zone, visit.now)}",
        "refresh": DEMO_REFRESH_SECONDS if visit.demo else REFRESH_SECONDS,
        "demo": visit.demo,
        "here": "",
        "standstill": _standing_still(visit, zone),
        "as_of": as_of_words(visit.asked, zone),
        "at": visit.address,
        "days": days(known_since(connection), visit, zone),
        "to_mend": view.to_mend if view is not None else 0,
        "sources": []
        if at is not None
        else [_source(one, zone, visit.now) for one in sources(connection)],
    }


def _standing_still(visit: Visit, zone: str) -> str:
    found = visit.standstill
    if found is None:
        return ""
    since = clock(found.since, zone, visit.now)
    return f"Nothing new is known since {since}: {found.words}."


def days(first: datetime | None, visit: Visit, timezone: str) -> Mapping[str, Any] | None:
    """The day that is looked at among those of which something is known, `first` being the first
    moment; None before anything is. Days are as a date field takes them, and counted from 0.
    """
    if first is None:
        return None
    zone = ZoneInfo(timezone)
    begins, shown, last = (at.astimezone(zone).date() for at in (first, visit.then, visit.now))
    return {
        "first": begins.isoformat(),
        "last": last.isoformat(),
        "shown": shown.isoformat() if visit.asked.at is not None else "",
        "number": (shown - begins).days,
        "most": (last - begins).days,
        "words": "now" if visit.asked.at is None else date(visit.then, timezone, visit.now),
        "before": visit.on((shown - timedelta(days=1)).isoformat()) if shown > begins else "",
        "after": visit.on((shown + timedelta(days=1)).isoformat()) if shown < last else "",
        "now": visit.on(""),
        "kept": visit.kept,
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


def macro(template: str, name: str) -> Callable[..., Markup]:
    """A macro of a template: it is called many times, and the template looked up once."""
    found: Callable[..., Markup] = getattr(_environment.get_template(template).module, name)
    return found
