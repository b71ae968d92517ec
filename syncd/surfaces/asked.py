"""The moment that a reader asks about: `?at=` and `--at`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from syncd.intake.moments import EXPECTED, told_moment
from syncd.store.columns import MICROSECOND
from syncd.store.compacting import coarse_before
from syncd.store.read import KeyResultView, mapping
from syncd.store.rebuilding import key_results_rebuilt
from syncd.store.told import key_results_known, known_since
from syncd.wording import clock, date


@dataclass(frozen=True)
class Asked:
    """The moment that is asked about (None: now). `reconstructed`: by what is known of it today,
    and not by what had been told by then. `coarse`: within a day of which not all is kept that was
    told, so that the answer is what was told last by then of what is kept.
    """

    at: datetime | None = None
    reconstructed: bool = False
    coarse: bool = False

    @property
    def told_by(self) -> datetime | None:
        """By when it must have been told; None where that does not matter."""
        return None if self.reconstructed else self.at

    def now(self, now: datetime) -> datetime:
        """From when on it is looked at: the moment itself, or else `now`."""
        return now if self.at is None else self.at


NOW = Asked()

KEPT = "what was told last, and changes that were told as events, are kept"


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
    return Asked(at, coarse=_is_coarse(connection, at, zone))


def _is_coarse(connection: sa.Connection, at: datetime, zone: str) -> bool:
    """Whether `at` is within a day of which only the last, and changes, are kept."""
    before = coarse_before(connection)
    if before is None or at >= before:
        return False
    next_moment = (at + MICROSECOND).astimezone(ZoneInfo(zone))
    return next_moment.time() != time()


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
    kept = f"; of that day only {KEPT}" if asked.coarse else ""
    return f"As it was told by {when}{kept}"


def zone_in_force(connection: sa.Connection) -> str:
    """The organisation's timezone, in which days begin and end; UTC before any mapping."""
    view = mapping(connection)
    zone: str = "UTC" if view is None or view.in_force is None else view.in_force["timezone"]
    return zone
