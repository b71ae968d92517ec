"""What a reason says of what people did: endings, overrides and pauses."""

from __future__ import annotations

from datetime import datetime

from syncd.model import Adjustment, Ending, Status
from syncd.wording import date, last_day, status_words


def ending_words(ending: Ending, timezone: str, now: datetime) -> str:
    """How it ended, from which day on, and why."""
    how = "abandoned" if ending.into is None else f"carried into {ending.into}"
    return f"{how} from {date(ending.at, timezone, now)}: {_told(ending.reason)}"


def override_words(
    override: Adjustment, raw: Status, judged: str, timezone: str, now: datetime
) -> str:
    """Who set which status until when, and why; then what was judged, so that what is unknown
    stays visible. `judged` is the sentence of the status `raw`.
    """
    what = "" if override.status is None else status_words(override.status)
    measured = {Status.STALE: "the data is stale", Status.NO_DATA: "there is no data"}
    return (
        f"set to {what}{_until(override, timezone, now)}; {measured.get(raw, 'measured')}: {judged}"
    )


def pause_words(pause: Adjustment, timezone: str, now: datetime) -> str:
    """Who paused it until when, and why."""
    return f"paused{_until(pause, timezone, now)}"


def _until(said: Adjustment, timezone: str, now: datetime) -> str:
    end = "" if said.until is None else f" until {last_day(said.until, timezone, now)}"
    return f"{end} by {said.by}: {_told(said.reason)}"


def _told(reason: str) -> str:
    return reason.strip().rstrip(".")
