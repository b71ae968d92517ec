"""Pictures of one key result for other pages: a badge, and a card for a wiki.

They are SVG without styles or scripts, so a page shows them as an image and needs to allow nothing.
"""

from __future__ import annotations

import re
import textwrap
from datetime import datetime

import sqlalchemy as sa

from syncd.model import Status
from syncd.store.read import key_result_views
from syncd.surfaces.page import render
from syncd.surfaces.palette import COLOURS
from syncd.surfaces.rows import BAR, row
from syncd.wording import SHAPES, status_words

MEDIA_TYPE = "image/svg+xml"
CHARACTER = 6.6
"""About the width of a character of 11 units; the text is made to fit exactly by `textLength`."""

_TITLE, _LINE, _LINES = 40, 62, 2
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\u202a-\u202e\u2066-\u2069\ufffe\uffff]")


def badge(connection: sa.Connection, key: str) -> str:
    """The title and status of a key result, by its key, as a badge."""
    (view,) = key_result_views(connection, [key])
    status = Status.NO_DATA if view.assessment is None else view.assessment.status
    title = _short(view.key_result.title, _TITLE)
    words = f"{SHAPES[status]} {status_words(status)}"
    return _drawn(
        "badge.svg",
        title=title,
        words=words,
        title_width=round(len(title) * CHARACTER, 1),
        words_width=round(len(words) * CHARACTER, 1),
        colour=COLOURS[status],
    )


def card(connection: sa.Connection, key: str, now: datetime) -> str:
    """Title, status, bar, reason and age of a key result, by its key, as a card."""
    (view,) = key_result_views(connection, [key])
    line = row(view, [], now)
    status = Status(line.status)
    return _drawn(
        "card.svg",
        row=line,
        title=_short(line.title, _TITLE),
        words=f"{SHAPES[status]} {status_words(status)}",
        reason=textwrap.wrap(_printable(line.reason), _LINE, max_lines=_LINES, placeholder=" …"),
        colour=COLOURS[status],
        bar=BAR,
    )


def _drawn(template: str, **values: object) -> str:
    return _printable(render(template, **values))


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def _printable(text: str) -> str:
    """Without what XML cannot hold, and without marks that turn the direction of what follows."""
    return _UNPRINTABLE.sub("", text)
