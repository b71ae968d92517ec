"""What a session finds when it looks whether its upstream is fit for what is asked of it.

A session that can tell offers `examine` (`Examinable`); one that cannot is only asked who we are.
Whatever is found is a `Finding`, and holds no secret.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol, Self, runtime_checkable

from connectors.base import Identity, Plan
from connectors.errors import UpstreamError


class Level(StrEnum):
    """How much a finding asks of its reader, the least first."""

    OK = "ok"
    UNKNOWN = "unknown"
    """It could not be found out, which is neither good nor bad."""
    WARNING = "warning"
    """It works, and will not for long, or not wholly."""
    PROBLEM = "problem"
    """It does not work."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: `about` in a word or two, what is so, and how to mend it.

    A warning and a problem always have a `fix`. Raises ValueError for one without.
    """

    about: str
    level: Level
    says: str
    fix: str = ""

    def __post_init__(self) -> None:
        if self.level in (Level.WARNING, Level.PROBLEM) and not self.fix:
            raise ValueError(f"{self.about}: a {self.level} without a fix: {self.says}")

    @classmethod
    def ok(cls, about: str, says: str) -> Self:
        """It is as it should be."""
        return cls(about, Level.OK, says)

    @classmethod
    def unknown(cls, about: str, says: str, fix: str = "") -> Self:
        """It could not be found out."""
        return cls(about, Level.UNKNOWN, says, fix)

    @classmethod
    def warning(cls, about: str, says: str, fix: str) -> Self:
        """It works, with a but."""
        return cls(about, Level.WARNING, says, fix)

    @classmethod
    def problem(cls, about: str, says: str, fix: str) -> Self:
        """It does not work."""
        return cls(about, Level.PROBLEM, says, fix)


@dataclass(frozen=True)
class Wanted:
    """One thing that is measured of the source: what people call it, how it is read, how often
    (seconds), and from which moment on (the beginning of its period, aware UTC; None: it has none).
    """

    name: str
    plan: Plan
    every_seconds: float = 300.0
    since: datetime | None = None


@dataclass(frozen=True)
class Checkup:
    """What a source is looked at for. `identity` is what it said of us; `now` is the clock's
    moment, aware UTC; `deadline` is in ``time.monotonic()`` seconds.
    """

    wanted: Sequence[Wanted]
    identity: Identity
    now: datetime
    deadline: float


@runtime_checkable
class Examinable(Protocol):
    """A session that knows what to look at in its upstream."""

    def examine(self, checkup: Checkup) -> Iterator[Finding]:
        """What is found, one after another, so that what was found before a deadline is told.
        Changes nothing upstream. Raises an UpstreamError where it cannot go on.
        """
        ...


_FIXES: Mapping[str, str] = {
    "unreachable": "check the source's url, that its name resolves here, and what stands between: "
    "a firewall, a NetworkPolicy, a proxy (HTTPS_PROXY, NO_PROXY)",
    "tls": "set ca_file of the source to the authority that signed its certificate; if it asks for "
    "one of ours, client_cert and client_key; if it speaks no TLS (wrong version number), write "
    "http:// in its url",
    "timeout": "look at the source's own load; limits.read of the source says how long it may take",
    "unauthorised": "make a token that lives (docs/guide/tokens.md), and put it where the settings "
    "say",
    "forbidden": "give the account what docs/guide/tokens.md lists for this",
    "not_found": "check the source's url, with the path that its API is under, and the name in the "
    "mapping",
    "query_refused": "mend the query; `syncd check --live` tries every one",
    "filter_ignored": "mend the filter; `syncd check --live` tries every one",
    "rate_limited": "ask less: limits.rate and limits.concurrency of the source, `every` in the "
    "settings",
    "server_error": "look at the source's own log; syncd tries again by itself",
    "bad_answer": "check the source's url: what answers there does not speak its API",
    "too_large": "narrow the query",
}
_WHATEVER = "see what it says, and docs/guide/tokens.md"


def mend(error_type: str) -> str:
    """The usual mend of a kind of error, for whoever is told of it. Never empty.

    >>> mend("too_large")
    'narrow the query'
    """
    return _FIXES.get(error_type, _WHATEVER)


def failed(about: str, error: UpstreamError, fix: str = "") -> Finding:
    """A problem made of what an upstream refused, with the usual mend where there is no better."""
    return Finding.problem(about, str(error), fix or mend(error.error_type))


Version = tuple[int, int]
"""Major and minor."""

_VERSION = re.compile(r"v?(\d{1,6})\.(\d{1,6})")


def version_of(text: str) -> Version | None:
    """Major and minor of what a server calls itself; None where that is no such version.

    >>> version_of("v4.7.1-Docker"), version_of("unknown")
    ((4, 7), None)
    """
    match = _VERSION.match(text)
    return None if match is None else (int(match[1]), int(match[2]))


def version_fits(called: str, told: str, *, oldest: Version, tested: Version) -> Finding:
    """Whether a server's version is one that syncd works with: too old, newer than tested, or as
    it should be. `called` is the server's name.
    """
    found = version_of(told)
    if found is None:
        return Finding.unknown("version", f"{called} does not say which version it is")
    if found < oldest:
        return Finding.problem(
            "version",
            f"{called} {told} is older than {_dotted(oldest)}, the oldest that syncd can read",
            f"upgrade {called}",
        )
    if found > tested:
        return Finding.unknown(
            "version",
            f"{called} {told} is newer than {_dotted(tested)}, the newest that syncd was tested "
            "with",
            "`syncd check --live` tries every query on it",
        )
    return Finding.ok("version", f"{called} {told}")


def _dotted(version: Version) -> str:
    return ".".join(map(str, version))


def a_few(names: Sequence[str], most: int = 3) -> str:
    """Some names for a sentence, in order, and how many more there are.

    >>> a_few(["b", "a", "d", "c"])
    'a, b, c and 1 more'
    """
    ordered = sorted(set(names))
    more = len(ordered) - most
    return ", ".join(ordered[:most]) + (f" and {more} more" if more > 0 else "")
