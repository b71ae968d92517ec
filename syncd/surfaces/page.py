"""The pages people look at, rendered on the server from the store."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import jinja2
import sqlalchemy as sa

from syncd.store.read import (
    MappingView,
    SourceView,
    sources,
)
from syncd.surfaces.asked import NOW, Asked, as_of_words
from syncd.wording import (
    clock,
    date,
    duration,
    source_name,
)

OBJECTS = 50
CHANGES = 6
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
for _name, _file in (("style", "page.css"), ("script", "live.js")):
    _bytes = (Path(__file__).parent / "static" / _file).read_bytes()
    _environment.globals[_name] = hashlib.sha256(_bytes).hexdigest()[:8]


def error(status: int, detail: str) -> str:
    """A page that says what is wrong with an address."""
    return render("error.html", status=status, detail=detail)


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
