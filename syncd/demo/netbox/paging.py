"""NetBox's two ways to page through a list: by offset, and by the `start` cursor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

from syncd.demo.serving import Request

DEFAULT_LIMIT = 50


class BadPage(Exception):
    """Paging parameters that NetBox refuses with 400."""


@dataclass(frozen=True)
class Page:
    """One page of rows; `count` is None in cursor mode."""

    rows: Sequence[Any]
    count: int | None
    next: str | None
    previous: str | None


def limit_of(request: Request, max_page_size: int) -> int:
    """How many rows a page holds: what was asked, but never more than the server allows."""
    try:
        asked = int(request.last("limit") or "")
    except ValueError:
        asked = -1
    if asked < 0:
        return min(DEFAULT_LIMIT, max_page_size)
    return max_page_size if asked == 0 else min(asked, max_page_size)


def page(
    request: Request, url: str, rows: Sequence[Any], ids: Sequence[int], max_page_size: int
) -> Page:
    """The page that the request asks for. `rows` are in the list's order, `ids` are theirs.

    Raises BadPage.
    """
    limit = limit_of(request, max_page_size)
    here = f"{url}{request.path}?{urlencode(request.query)}"
    if request.last("start") is not None:
        return _from_cursor(request, here, rows, ids, limit)
    offset = _whole_number(request.last("offset"))
    count = len(rows)
    if count == 0 or offset > count:
        shown: Sequence[Any] = ()
    else:
        shown = rows[offset : offset + limit]
    after = None
    if offset + limit < count:
        after = _with(here, limit=limit, offset=offset + limit)
    before = None
    if offset > 0:
        earlier = offset - limit
        before = _with(here, limit=limit, offset=earlier if earlier > 0 else None)
    return Page(shown, count, after, before)


def _from_cursor(
    request: Request, here: str, rows: Sequence[Any], ids: Sequence[int], limit: int
) -> Page:
    refusal = "Invalid 'start' parameter: must be a non-negative integer."
    try:
        start = int(request.last("start") or "")
    except ValueError:
        raise BadPage(refusal) from None
    if start < 0:
        raise BadPage(refusal)
    if request.last("offset") is not None:
        raise BadPage("'start' and 'offset' are mutually exclusive.")
    if request.last("ordering") is not None:
        raise BadPage("Ordering cannot be specified in conjunction with cursor-based pagination.")
    ahead = sorted(
        ((number, row) for number, row in zip(ids, rows, strict=True) if number >= start),
        key=lambda pair: pair[0],
    )[:limit]
    after = None
    if len(ahead) == limit:
        after = _with(here, start=ahead[-1][0] + 1, limit=limit, offset=None)
    return Page([row for _, row in ahead], None, after, None)


def _whole_number(text: str | None) -> int:
    try:
        return max(int(text or "0"), 0)
    except ValueError:
        return 0


def _with(address: str, **changes: int | None) -> str:
    base, _, query = address.partition("?")
    pairs: dict[str, list[str]] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        pairs.setdefault(name, []).append(value)
    for name, number in changes.items():
        if number is None:
            pairs.pop(name, None)
        else:
            pairs[name] = [str(number)]
    return f"{base}?{urlencode(sorted(pairs.items()), doseq=True)}"
