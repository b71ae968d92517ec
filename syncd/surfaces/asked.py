"""The moment that a reader asks about: `?at=` and `--at`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from syncd.intake.moments import EXPECTED, told_moment
from syncd.store.read import KeyResultView, mapping
from syncd.store.rebuilding import key_results_rebuilt
from syncd.store.told import key_results_known, known_since
from syncd.wording import clock, date


@dataclass(frozen=True)
class Asked:
    """The moment that is asked about (None: now). `reconstructed`: by what is known of it today,
    and not by what had been told by then.
    """

    at: datetime | None = None
    reconstructed: bool = False

    @property
    def told_by(self) -> datetime | None:
        """By when it must have been told; None where that does not matter."""
        return None if self.reconstructed else self.at

    def now(self, now: datetime) -> datetime:
        """From when on it is looked at: the moment itself, or else `now`."""
        return now if self.at is None else self.at


NOW = Asked()


def asked(
    connection: sa.Connection, text: str | None, now: datetime, *, reconstructed: bool = False
) -> Asked:
    """The moment that the text says, in the organisation's timezone: of a day its last, or `now` if
    it has not ended. Raises ValueError, in words, for what is no moment, has not come yet, or of
    which nothing had been told.
    """
    if text is None:
        if reconstructed:
            raise ValueError(f"got none; expected what to reconstruct: {EXPECTED}")
        return NOW
    zone = zone_in_force(connection)
    at = told_moment(text, zone, now)
    if reconstructed:
        return Asked(at, reconstructed=True)
    first = known_since(connection)
    if first is None:
        raise ValueError(
            f"got {text}; expected none, because no mapping files have been in force yet"
        )
    if at < first:
        raise ValueError(
            f"got {text}, of which nothing had been told; expected a moment since "
            f"{date(first, zone)}, {clock(first, zone, first)} ({zone}), when the first mapping "
            "files were put in force, or `reconstructed` for what was rebuilt of it later"
        )
    return Asked(at)


def views_asked(
    connection: sa.Connection,
    asked: Asked,
    only: Collection[str] | None = None,
    *,
    periods: Sequence[str] | None = None,
) -> list[KeyResultView]:
    """The key results with these keys, or of these periods, as they are asked about."""
    if asked.at is not None and asked.reconstructed:
        return key_results_rebuilt(connection, asked.at, only, periods=periods)
    return key_results_known(connection, asked.at, only, periods=periods)


def as_of_words(asked: Asked, timezone: str) -> str:
    """The moment and by what it is known, for people: ``As it was told by 15 Feb 2026, 23:59``."""
    if asked.at is None:
        return ""
    when = f"{date(asked.at, timezone)}, {clock(asked.at, timezone, asked.at)} ({timezone})"
    if asked.reconstructed:
        return f"Reconstructed: what is known today of {when}; it was not told then"
    return f"As it was told by {when}"


def zone_in_force(connection: sa.Connection) -> str:
    """The organisation's timezone, in which days begin and end; UTC before any mapping."""
    view = mapping(connection)
    zone: str = "UTC" if view is None or view.in_force is None else view.in_force["timezone"]
    return zone
