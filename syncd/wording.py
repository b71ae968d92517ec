"""Words for people: quantities, dates, statuses and causes, the same on page, CLI and in reasons.

English, independent of the locale. Nothing here decides anything.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from connectors.base import Dimension
from syncd.model import Adjustment, AdjustmentKind, ExternalState, Failure, Status

NOTHING: Final = "\u2013"
"""What stands where there is no value (an en dash)."""

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_SECONDS_PER: Final = {"s": 1, "min": 60, "h": 3600, "d": 86400, "w": 604800}
_MOST_DECIMALS = 9
_FREQUENCIES: Final = {
    "1/s": "a second",
    "1/min": "a minute",
    "1/h": "an hour",
    "1/d": "a day",
    "1/w": "a week",
}

_STATUS: Final = {
    Status.ACHIEVED: "achieved",
    Status.ON_TRACK: "on track",
    Status.AT_RISK: "at risk",
    Status.OFF_TRACK: "off track",
    Status.MISSED: "missed",
    Status.NO_TARGET: "no target",
    Status.NO_DATA: "no data",
    Status.STALE: "stale",
    Status.ABANDONED: "abandoned",
    Status.CARRIED: "carried over",
}

_EXTERNAL: Final = {
    ExternalState.ON_TRACK: "on track",
    ExternalState.AT_RISK: "at risk",
    ExternalState.SLIPPED: "slipped",
    ExternalState.DONE: "done",
}

_SOURCES: Final = {"jira": "Jira", "netbox": "NetBox", "prometheus": "Prometheus"}

_CAUSES: Final = {
    "unreachable": "{} cannot be reached",
    "tls": "the secure connection to {} failed",
    "timeout": "{} did not answer in time",
    "unauthorised": "{} refused the credentials",
    "forbidden": "{} denied access",
    "not_found": "{} does not have what was asked for",
    "query_refused": "{} refused the query",
    "filter_ignored": "{} ignored a filter of the query",
    "rate_limited": "{} asked for fewer requests",
    "server_error": "{} failed to answer",
    "bad_answer": "{} answered something that cannot be read",
    "too_large": "the answer of {} is too large",
    "shrunk": "{} has lost too many objects at once to be believed",
    "internal": "syncd itself failed while measuring {}",
}


SHAPES: Final = {
    Status.ACHIEVED: "✔",
    Status.ON_TRACK: "●",
    Status.AT_RISK: "◆",
    Status.OFF_TRACK: "▲",
    Status.MISSED: "✖",
    Status.NO_TARGET: "–",
    Status.NO_DATA: "?",
    Status.STALE: "◌",
    Status.ABANDONED: "⊘",
    Status.CARRIED: "→",
}
"""A status is told by shape and word, then by colour; the same on the page and in a terminal."""


BY_HAND: Final = {"overridden": "set by hand", "paused": "paused"}
"""What stands beside a status while a person has it so, by the assessment's field."""


def status_words(status: Status) -> str:
    """The status as a lead says it.

    >>> status_words(Status.OFF_TRACK)
    'off track'
    """
    return _STATUS[status]


def external_words(state: ExternalState | None) -> str:
    """What was said of a dependency outside, as a lead says it.

    >>> external_words(ExternalState.SLIPPED), external_words(None)
    ('slipped', 'nothing said yet')
    """
    return "nothing said yet" if state is None else _EXTERNAL[state]


def adjustment_words(said: Adjustment, timezone: str, now: datetime) -> str:
    """What a person does to a key result and until when, in small letters.

    >>> from datetime import UTC
    >>> since, until = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 16, tzinfo=UTC)
    >>> pause = Adjustment("7", AdjustmentKind.PAUSE, "Ada", "no power", since, until)
    >>> adjustment_words(pause, "UTC", since)
    'paused until 15 Mar'
    """
    if said.kind is AdjustmentKind.NOTE or said.until is None:
        return f"note of {date(said.since, timezone, now)}"
    done = "paused" if said.status is None else f"set to {status_words(said.status)}"
    return f"{done} until {last_moment(said.until, timezone, now)}"


def adjustment_sentence(said: Adjustment, timezone: str, now: datetime) -> str:
    """The same with who says so and why, as it stands on the page and in a terminal.

    >>> from datetime import UTC
    >>> since, until = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 16, tzinfo=UTC)
    >>> kind, status = AdjustmentKind.OVERRIDE, Status.ON_TRACK
    >>> said = Adjustment("7", kind, "Ada", "the vendor called", since, until, status)
    >>> adjustment_sentence(said, "UTC", since)
    'Set to on track until 15 Mar by Ada: the vendor called'
    """
    words = adjustment_words(said, timezone, now)
    return f"{words[0].upper()}{words[1:]} by {said.by}: {said.reason}"


def source_name(source: str | None) -> str:
    """The source as it is written in a sentence; unknown names stay as they are.

    >>> source_name("netbox"), source_name("jira-dc"), source_name(None)
    ('NetBox', 'jira-dc', 'the source')
    """
    return "the source" if source is None else _SOURCES.get(source, source)


def cause(failure: Failure, source: str | None) -> str:
    """Why the last attempt to measure failed, in words, without a final stop."""
    words = _CAUSES.get(failure.error_type)
    return words.format(source_name(source)) if words else failure.message.rstrip(". ")


def quantity(
    value: float | None,
    dimension: Dimension = Dimension.COUNT,
    unit: str | None = None,
    *,
    beside: float | None = None,
) -> str:
    """A value in base units as people write it, about three significant digits.

    Shares become per cent, durations take the unit given or the one that fits (seconds only below
    two minutes: an upstream that counts them asks nobody to read them), everything else is
    followed by its unit. A value that differs from `beside` gets enough decimals to look
    different from it, so that 99.97 % never reads "100 % of 100 %".

    >>> quantity(0.741, Dimension.RATIO), quantity(0.99996, Dimension.RATIO, beside=1.0)
    ('74.1 %', '99.996 %')
    >>> quantity(86400, Dimension.DURATION), quantity(777600, Dimension.DURATION, "d")
    ('24 h', '9 d')
    >>> quantity(83300, Dimension.DURATION, "s"), quantity(90, Dimension.DURATION, "s")
    ('23.1 h', '90 s')
    >>> quantity(12940), quantity(2.456, Dimension.OTHER, "USD/host/h")
    ('12,940', '2.46 USD/host/h')
    >>> quantity(33.5, Dimension.OTHER, "1/w")
    '33.5 a week'
    """
    if value is None or not math.isfinite(value):
        return NOTHING
    scale, suffix = scale_of(value, dimension, unit)
    shown = value * scale
    decimals = _decimals(shown)
    text = _number(shown, decimals)
    if beside is not None and math.isfinite(beside):
        other = beside * scale
        while (
            decimals < _MOST_DECIMALS
            and not math.isclose(shown, other)
            and text == _number(other, decimals)
        ):
            decimals += 1
            text = _number(shown, decimals)
    return f"{text} {suffix}" if suffix else text


def duration(seconds: float) -> str:
    """A time span in the unit that fits.

    >>> duration(40), duration(300), duration(7200), duration(604800)
    ('40 s', '5 min', '2 h', '7 d')
    """
    return quantity(seconds, Dimension.DURATION)


def size(count: int) -> str:
    """Bytes, in thousands of thousands.

    >>> size(0), size(48_300), size(999_960), size(3_000_000_000)
    ('0 B', '48.3 kB', '1 MB', '3 GB')
    """
    amount, unit = float(count), "B"
    for larger in ("kB", "MB", "GB", "TB"):
        if float(f"{amount:.3g}") < 1000:
            break
        amount, unit = amount / 1000, larger
    return f"{amount:.3g} {unit}"


def points(difference: float) -> str:
    """A difference of two ratios in percentage points, always signed.

    >>> points(-0.12), points(0.004), points(0)
    ('-12 points', '+0.4 points', '0 points')
    """
    rounded = round(difference * 100, 1)
    sign = "+" if rounded > 0 else ""
    return f"{sign}{_number(rounded, 1)} points"


def listed(names: Sequence[str]) -> str:
    """Names as a sentence lists them; at least one is needed.

    >>> listed(["site"]), listed(["site", "racked"]), listed(["a", "b", "c"])
    ('site', 'site and racked', 'a, b and c')
    """
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that this one is most likely a slip of, or None."""
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return close[0] if close else None


def did_you_mean(word: str, known: Iterable[str], otherwise: str = "") -> str:
    """The end of a sentence on a word that nobody knows: the nearest one, or else these words.

    >>> did_you_mean("site", ["sites", "racks"])
    '; did you mean sites?'
    >>> did_you_mean("x", ["sites"]), did_you_mean("x", ["sites"], "`syncd status` lists them")
    ('', '; `syncd status` lists them')
    """
    near = nearest(word, known)
    words = f"did you mean {near}?" if near else otherwise
    return f"; {words}" if words else ""


def date(moment: datetime, timezone: str, now: datetime | None = None) -> str:
    """The day of the moment in the timezone; with its year where that is not the year of `now`.

    >>> from datetime import UTC
    >>> date(datetime(2026, 2, 16, 7, 59, tzinfo=UTC), "America/Los_Angeles")
    '15 Feb 2026'
    """
    zone = ZoneInfo(timezone)
    local = moment.astimezone(zone)
    text = f"{local.day} {_MONTHS[local.month - 1]}"
    if now is not None and now.astimezone(zone).year == local.year:
        return text
    return f"{text} {local.year}"


def last_day(end: datetime, timezone: str, now: datetime | None = None) -> str:
    """The day that ends at `end`, whether `end` is its last moment or the midnight after it."""
    return date(end - timedelta(microseconds=1), timezone, now)


def last_moment(end: datetime, timezone: str, now: datetime) -> str:
    """What ends at `end` (not in it): the last day where that is a midnight, else the time.

    >>> from datetime import UTC
    >>> now = datetime(2026, 3, 1, tzinfo=UTC)
    >>> last_moment(datetime(2026, 3, 16, tzinfo=UTC), "UTC", now)
    '15 Mar'
    >>> last_moment(datetime(2026, 3, 15, 17, 30, tzinfo=UTC), "UTC", now)
    '15 Mar, 17:30'
    """
    local = end.astimezone(ZoneInfo(timezone))
    if local.time() == local.time().min:
        return last_day(end, timezone, now)
    return clock(end, timezone, now)


def clock(moment: datetime, timezone: str, now: datetime) -> str:
    """The time of day, preceded by the day where that is not the day of `now`.

    >>> from datetime import UTC
    >>> now = datetime(2026, 2, 20, 12, tzinfo=UTC)
    >>> clock(datetime(2026, 2, 20, 9, 12, tzinfo=UTC), "UTC", now)
    '09:12'
    >>> clock(datetime(2026, 2, 18, 9, 12, tzinfo=UTC), "UTC", now)
    '18 Feb, 09:12'
    """
    zone = ZoneInfo(timezone)
    local = moment.astimezone(zone)
    time = f"{local.hour:02}:{local.minute:02}"
    if local.date() == now.astimezone(zone).date():
        return time
    return f"{date(moment, timezone, now)}, {time}"


def scale_of(value: float, dimension: Dimension, unit: str | None) -> tuple[float, str | None]:
    """What to multiply a value in base units by to write it as `quantity` does, and the word that
    follows.

    >>> scale_of(0.5, Dimension.RATIO, None)
    (100.0, '%')
    """
    if dimension is Dimension.RATIO:
        return (1.0, "x") if unit == "x" else (100.0, "%")
    if dimension is Dimension.DURATION:
        asked = unit if unit in _SECONDS_PER and unit != "s" else None
        word = asked or _fitting_unit(abs(value))
        return 1.0 / _SECONDS_PER[word], word
    return 1.0, None if unit is None else _FREQUENCIES.get(unit, unit)


def _fitting_unit(seconds: float) -> str:
    """The largest unit of which there are at least two; weeks are never chosen."""
    for word in ("d", "h", "min"):
        if seconds >= 2 * _SECONDS_PER[word]:
            return word
    return "s"


def _decimals(value: float) -> int:
    if value == 0:
        return 0
    return min(_MOST_DECIMALS, max(1, 2 - math.floor(math.log10(abs(value)))))


def _number(value: float, decimals: int) -> str:
    text = f"{value:,.{decimals}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
