"""One configured source: where it is, how hard it may be asked, what is told of each request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from connectors.definition import Json


@dataclass(frozen=True)
class Budget:
    """How many requests a server said it will still take before it asks for fewer, and of how many
    in all (None: it did not say).
    """

    left: float
    limit: float | None


@dataclass(frozen=True)
class Exchange:
    """One finished HTTP exchange, for metrics, logs and traces. `path` carries no query string.
    `budget`: what the server said of its limit; None: it said nothing. `waited_seconds`: how long
    it had waited for its turn (limits of the source, the pause before another attempt), which is
    not part of `seconds`. `port` None: the usual one.
    `date`: the server's clock when it answered, in whole Unix seconds; None: it did not say.
    """

    source: str
    method: str
    path: str
    status: int | None
    error_type: str | None
    seconds: float
    bytes_received: int
    attempt: int
    budget: Budget | None = None
    waited_seconds: float = 0.0
    host: str = ""
    port: int | None = None
    date: float | None = None


class Observer(Protocol):
    """Told of every exchange; must be quick and must not raise."""

    def exchanged(self, exchange: Exchange) -> None:
        """Called after each attempt, successful or not."""
        ...


class SilentObserver:
    """An observer that listens to nothing."""

    def exchanged(self, exchange: Exchange) -> None:
        """Ignores the exchange."""


@dataclass(frozen=True)
class Limits:
    """How hard a source may be asked; every figure can be set per source.

    Seconds for times, requests per second for `rate_per_second` (None: unlimited), bytes for
    `body_bytes`. `attempts` counts the first try.
    """

    concurrency: int = 4
    rate_per_second: float | None = None
    connect_seconds: float = 5.0
    read_seconds: float = 30.0
    attempts: int = 4
    backoff_seconds: float = 0.5
    backoff_max_seconds: float = 30.0
    body_bytes: int = 64 * 1024 * 1024


@dataclass(frozen=True)
class Turn:
    """When one request may begin: from the first moment on, and no more from the second on. Both
    in `time.monotonic()` seconds.
    """

    comes_at: float
    passes_at: float


class SharedRate(Protocol):
    """Where the rates of sources are kept that several processes ask together."""

    def reserve(self, source: str, rate_per_second: float, count: int) -> Sequence[Turn]:
        """The next `count` turns (at least one), which nobody else gets, the earliest first."""
        ...


@dataclass(frozen=True)
class SourceConfig:
    """One configured source, secrets already resolved.

    `secrets` maps a role (``token``, ``user``, ``password``) to its value; `headers` are sent
    as they are; both are never printed (they are left out of ``repr``). `options` are the
    kind's own settings, validated by the connector (`flavour`, `browse_url`, ...).
    `client_cert` and `client_key` are files in PEM that we show who we are with under TLS; the
    key may stand in the certificate's file (`client_key` None) and is not encrypted.
    `shared_rate`: the limits' rate is for all who ask there; None: for this process.
    """

    name: str
    kind: str
    url: str
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    verify: bool | str = True
    limits: Limits = Limits()
    options: Mapping[str, Json] = field(default_factory=dict)
    client_cert: str | None = None
    client_key: str | None = None
    shared_rate: SharedRate | None = field(default=None, repr=False, compare=False)
