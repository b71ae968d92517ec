"""Notices of changes that upstreams send: hints that make scopes due at once.

Nothing that a notice says is believed; the source is read as ever, only sooner. A burst of
notices costs one look at the scopes a second and source: those that come meanwhile wait for the
next look, and none is lost.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Any, Protocol

import sqlalchemy as sa
import structlog

from connectors.base import Hook
from syncd.clock import Clock

log = structlog.get_logger(__name__)

PAUSE_SECONDS = 1.0
"""The shortest time between two looks at a source's scopes."""

MOST_WAITING = 100
"""Notices kept until the next look; more than these are taken to concern every scope."""

REPLAY_WINDOW = timedelta(minutes=5)
"""The same notice, to the byte, is looked at once in this time: so that somebody who sends it again
and again has a source read no more often than it is by itself. No longer, because a rule that an
administrator wrote may send the same words for each change.
"""

MOST_REMEMBERED = 10_000
"""Notices of a source that are known again; of more the oldest are forgotten."""

TELL_EVERY = timedelta(minutes=1)
"""Refused notices are logged at most this often for a source."""

Json = Any
Concerns = Callable[[Mapping[str, Json], Sequence[Json]], bool]
"""Whether a scope of this definition, read for judges of these, is concerned."""


class NoSuchHook(Exception):
    """No source of this name takes notices."""


class HookClosed(Exception):
    """The source has no secret configured, so nobody can prove to be it."""


class NotAuthentic(Exception):
    """The notice was not signed with the source's secret."""


class NotReadable(Exception):
    """The notice was signed, and is not JSON."""


class HookOutcome(StrEnum):
    """What became of a notice, for the metrics."""

    DUE = "due"  # scopes were made due
    WAITING = "waiting"  # it waits for the next look
    REPEATED = "repeated"  # the same was taken before
    UNKNOWN = "unknown"
    CLOSED = "closed"
    NOT_AUTHENTIC = "not_authentic"
    NOT_READABLE = "not_readable"
    TOO_LARGE = "too_large"


@dataclass(frozen=True)
class HookPort:
    """Where one source's notices come in. `secret` None: it takes none."""

    source: str
    hook: Hook
    secret: str | None = field(default=None, repr=False)


class MakeDue(Protocol):
    """Makes the scopes of a source due that `concerned` picks; returns how many they are."""

    def __call__(self, source: str, concerned: Concerns) -> int:
        """Called at most once a pause and source."""
        ...


class HookObserver(Protocol):
    """Told of each notice; must be quick and must not raise. `source` is empty for one that no
    source answers to.
    """

    def noticed(self, source: str, outcome: HookOutcome) -> None:
        """Called once a notice."""
        ...


Later = Callable[[float, Callable[[], None]], None]
"""Calls a function after some seconds, on a thread of its own."""


def later(seconds: float, call: Callable[[], None]) -> None:
    """`Later` by a thread that does not hold up the process's end."""
    timer = threading.Timer(seconds, call)
    timer.daemon = True
    timer.start()


class Hooks:
    """The notices of all sources. `ports` by what stands in the address: a source's name, or its
    kind. Safe to call from several threads.
    """

    def __init__(
        self,
        ports: Mapping[str, HookPort],
        make_due: MakeDue,
        clock: Clock,
        observer: HookObserver,
        *,
        later: Later = later,
    ) -> None:
        self._ports = dict(ports)
        self._observer = observer
        self._refusals = _Refusals(clock)
        self._looks = {
            port.source: _Looks(port.source, make_due, later) for port in self._ports.values()
        }
        self._taken = {source: _Taken(clock) for source in self._looks}

    def renew(self, ports: Mapping[str, HookPort]) -> None:
        """From now on with these secrets; the sources are those that there were."""
        self._ports = dict(ports)

    def port(self, name: str) -> HookPort:
        """The open port of this name. Raises NoSuchHook and HookClosed."""
        port = self._ports.get(name)
        if port is None:
            self._observer.noticed("", HookOutcome.UNKNOWN)
            raise NoSuchHook(f"no source {name[:80]!r} takes notices")
        if port.secret is None:
            self._observer.noticed(port.source, HookOutcome.CLOSED)
            raise HookClosed(
                f"source {port.source} takes no notices: it has no hook_secret in the settings"
            )
        return port

    def receive(self, port: HookPort, headers: Mapping[str, str], body: bytes) -> int | None:
        """How many scopes a notice made due; None: it waits for the next look, within a second.
        One that was taken before makes none due: Jira and NetBox put the time into each, so it is
        no change, but sent again by somebody.

        Header names come in small letters. The body is read as JSON only after its signature was
        found to be right. Raises NotAuthentic, NotReadable, and what the store raises.
        """
        if port.secret is None or not port.hook.authentic(port.secret, headers, body):
            self._observer.noticed(port.source, HookOutcome.NOT_AUTHENTIC)
            self._refusals.add(port.source)
            raise NotAuthentic("the signature is missing, or not made with this source's secret")
        try:
            notice = json.loads(body)
        except (ValueError, RecursionError) as error:
            self._observer.noticed(port.source, HookOutcome.NOT_READABLE)
            raise NotReadable("the notice is not JSON that can be read") from error
        taken = self._taken[port.source]
        if not taken.is_new(body):
            self._observer.noticed(port.source, HookOutcome.REPEATED)
            return 0
        try:
            due = self._looks[port.source].take(partial(port.hook.touches, notice=notice))
        except BaseException:
            taken.forget(body)  # its sender is told, and shall send it again
            raise
        self._observer.noticed(port.source, HookOutcome.WAITING if due is None else HookOutcome.DUE)
        return due

    def too_large(self, port: HookPort) -> None:
        """Counts a notice whose body was longer than anybody reads."""
        self._observer.noticed(port.source, HookOutcome.TOO_LARGE)

    def close(self) -> None:
        """Looks once more for what still waits."""
        for looks in self._looks.values():
            looks.look()


class _Taken:
    """The notices of a source that were taken of late, by their digests."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._since: dict[bytes, datetime] = {}

    def is_new(self, body: bytes) -> bool:
        """Whether it was not taken within the window; it is from now on."""
        now, digest = self._clock.now(), hashlib.sha256(body).digest()
        with self._lock:
            since = self._since.get(digest)
            if since is not None and abs(now - since) < REPLAY_WINDOW:
                return False
            self._since.pop(digest, None)
            self._since[digest] = now
            while len(self._since) > MOST_REMEMBERED:
                del self._since[next(iter(self._since))]
            return True

    def forget(self, body: bytes) -> None:
        """As if it had never come."""
        with self._lock:
            self._since.pop(hashlib.sha256(body).digest(), None)


class _Looks:
    """The looks at one source's scopes: one at once, then at most one in each pause."""

    def __init__(self, source: str, make_due: MakeDue, later: Later) -> None:
        self._source = source
        self._make_due = make_due
        self._later = later
        self._lock = threading.Lock()
        self._pausing = False
        self._store_is_away = False
        self._waiting: list[Concerns] = []

    def take(self, concerns: Concerns) -> int | None:
        """How many scopes it made due, or None when it waits."""
        with self._lock:
            if self._pausing:
                full = len(self._waiting) >= MOST_WAITING
                self._waiting = [_every] if full else [*self._waiting, concerns]
                return None
            self._pausing = True
        try:
            return self._make_due(self._source, concerns)
        finally:
            self._later(PAUSE_SECONDS, self._pause_ended)

    def look(self) -> bool:
        """Makes due what the waiting notices concern; False when none waits. A store that is
        away is logged, and they go on waiting.
        """
        with self._lock:
            waiting, self._waiting = self._waiting, []
        if not waiting:
            return False
        try:
            self._make_due(
                self._source,
                lambda scope, judges: any(concerns(scope, judges) for concerns in waiting),
            )
        except sa.exc.DBAPIError as error:
            if not self._store_is_away:
                log.debug("hook.store_away", source=self._source, error=str(error.orig))
            self._store_is_away = True
            with self._lock:
                self._waiting = [*waiting, *self._waiting]
        else:
            self._store_is_away = False
        return True

    def _pause_ended(self) -> None:
        if self.look():
            self._later(PAUSE_SECONDS, self._pause_ended)
            return
        with self._lock:
            # one may have come since the look
            self._pausing = bool(self._waiting)
        if self._pausing:
            self._pause_ended()


def _every(scope: Mapping[str, Json], judges: Sequence[Json]) -> bool:  # noqa: ARG001
    return True


class _Refusals:
    """Logs refused notices, a line a minute at most for a source, so that nobody fills the log."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._told: dict[str, datetime] = {}
        self._untold: dict[str, int] = {}

    def add(self, source: str) -> None:
        """One more of this source."""
        now = self._clock.now()
        with self._lock:
            self._untold[source] = self._untold.get(source, 0) + 1
            told = self._told.get(source)
            if told is not None and abs(now - told) < TELL_EVERY:
                return
            self._told[source] = now
            refused = self._untold.pop(source)
        log.warning(
            "hook.not_authentic",
            source=source,
            refused=refused,
            fix="set the same secret in the upstream's webhook and as the source's hook_secret",
        )
