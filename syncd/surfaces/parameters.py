"""Query parameters: read, or refused with their name and what is expected of them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from starlette.requests import Request

from syncd.store.periods import NoSuchPeriod, PeriodView, choose
from syncd.store.told import periods_known
from syncd.surfaces.asked import Asked, asked
from syncd.surfaces.asked import zone_in_force as zone_in_force

MOST_OFFSET = 10**9
PAST = frozenset({"at", "reconstructed"})
"""The parameters of what can be asked about a moment of the past."""


class BadParameter(Exception):
    """A query parameter that cannot be used; `name` and what is expected of it."""

    def __init__(self, name: str, got: str, expected: str) -> None:
        super().__init__(f"{name}: got {got[:80]!r}; expected {expected}")
        self.name, self.got, self.expected = name, got, expected


def known_parameters(request: Request, known: Collection[str] = ()) -> None:
    """Raises BadParameter for one that is not known here."""
    for name, value in request.query_params.items():
        if name not in known:
            expected = "one of " + ", ".join(sorted(known)) if known else "no parameter"
            raise BadParameter(name, value, expected)


def number(request: Request, name: str, default: int, least: int, most: int) -> int:
    """A whole number within bounds. Raises BadParameter."""
    text = request.query_params.get(name)
    if text is None:
        return default
    found = int(text) if text.isascii() and text.isdigit() and len(text) < 20 else -1
    if not least <= found <= most:
        raise BadParameter(name, text, f"a whole number from {least} to {most}")
    return found


def offset(request: Request, name: str = "offset") -> int:
    """How many to pass over."""
    return number(request, name, 0, 0, MOST_OFFSET)


def text(request: Request, name: str, most: int) -> str:
    """Words to look for, without space around them; empty where none are given. Raises
    BadParameter for more than `most` characters.
    """
    found = request.query_params.get(name, "").strip()
    if len(found) > most:
        raise BadParameter(name, found, f"at most {most} characters to search for")
    return found


def word(request: Request, name: str, words: Collection[str], default: str) -> str:
    """One of some words. Raises BadParameter."""
    found = request.query_params.get(name, default)
    if found not in words:
        raise BadParameter(name, found, "one of " + ", ".join(one for one in words if one))
    return found


def asked_of(connection: sa.Connection, request: Request, now: datetime) -> Asked:
    """The moment that `at` says, and whether it is to be `reconstructed`. Raises BadParameter."""
    text = request.query_params.get("at")
    rebuilt = word(request, "reconstructed", ("true", "false"), "false") == "true"
    try:
        return asked(connection, text, now, reconstructed=rebuilt)
    except ValueError as error:
        raise BadParameter("at", text or "", _expected(error)) from error


def shown_periods(
    connection: sa.Connection, request: Request, now: datetime, at: datetime | None = None
) -> list[PeriodView]:
    """The period that is asked for, else those that are open, or were at `at`. Raises
    BadParameter.
    """
    wanted = request.query_params.get("period")
    try:
        return choose(periods_known(connection, at), wanted, now if at is None else at)
    except NoSuchPeriod as error:
        raise BadParameter("period", wanted or "", _expected(error)) from error


def _expected(error: Exception) -> str:
    return str(error).partition("; expected ")[2]
