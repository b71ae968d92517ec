"""One policy for every request to an upstream, under requests and under httpx alike.

What it promises:

- **Time.** Every wait (connecting, sending, each read) fits the limits of the source and what
  remains of the calling thread's deadline, so an upstream that sends a byte a second cannot
  outlive the deadline. Resolving a host name is the operating system's and cannot be cut.
- **Attempts.** Failures whose class says `retryable` are tried again, for reads only; a wait
  that does not fit the deadline is not begun: the error carries `retry_after_seconds`.
- **Size.** Bodies are read in chunks, decoded piece by piece, and refused over the limit.
- **Place.** Credentials go to the host of the source's url and nowhere else. Redirects are not
  followed, but for a trailing slash of a GET.
- **Errors.** Everything leaves as a `connectors.base.UpstreamError`, whose message names source,
  method and path, and neither query, header nor secret; nor does what it was raised from.
- **Ending.** `close` from any thread ends whatever waits.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import requests

from connectors.base import Json, Observer, SourceConfig
from connectors.transport.decoding import Shape
from connectors.transport.httpx_side import PolicyTransport
from connectors.transport.policy import Policy
from connectors.transport.refusals import Classify, parsed
from connectors.transport.requests_side import (
    PARTING,
    PolicyAdapter,
    PolicySession,
    Posting,
    govern,
)

__all__ = ["PARTING", "Classify", "Posting", "Shape", "Transport", "json_of"]

USER_AGENT = "syncd"
_DRAIN_SECONDS = 1.0


class Transport:
    """The sessions and clients of one source, under one policy.

    `classify` may read an error answer in the kind's own way (status, JSON body or None) and
    name the error; None leaves it to the status. Raises ValueError for a config that cannot
    work: a url without scheme and host or with credentials in it, a secret or header that
    cannot be sent.
    """

    def __init__(
        self, config: SourceConfig, observer: Observer, *, classify: Classify | None = None
    ) -> None:
        _check(config)
        self._config = config
        self._policy = Policy(config, observer, classify)
        self._adapter = PolicyAdapter(self._policy, config)
        self._transport = PolicyTransport(self._policy, config)
        self._closing = threading.Lock()

    def requests_session(self) -> requests.Session:
        """A new session under the policy; several share connections and limits."""
        session = PolicySession(self._config.name)
        session.headers.update({"User-Agent": USER_AGENT, "Accept": "application/json"})
        self.govern(session)
        return session

    def govern(self, session: requests.Session) -> None:
        """Puts a session that somebody else made (the `jira` package makes its own) under the
        policy. Its `auth`, hooks and headers stay; its adapters do not.
        """
        govern(session, self._adapter, self._config)

    def posting(self, session: requests.Session, url: str) -> Posting:
        """Sends JSON to one address again and again, as the governed session does now."""
        return Posting(session, self._adapter, url)

    def httpx_client(self) -> httpx.Client:
        """A new client under the policy; several share connections and limits."""
        headers = {"User-Agent": USER_AGENT, "Accept": "application/json", **self._config.headers}
        return httpx.Client(transport=self._transport, headers=headers, trust_env=False)

    @contextlib.contextmanager
    def deadline(self, monotonic_seconds: float) -> Iterator[None]:
        """Within it, requests of the calling thread end by this moment of `time.monotonic()`,
        with TimedOut if need be. Of nested ones the earlier holds.
        """
        with self._policy.budget.until(monotonic_seconds):
            yield

    def label(self, method: str, url: str) -> str:
        """What messages about a request begin with: source, method and path, no query."""
        return self._policy.label(method, url)

    def redact(self, text: str) -> str:
        """An upstream's words without the source's secrets, on one line, cut to fit an error."""
        return self._policy.redact(text)

    def close(self) -> None:
        """Ends what waits, in any thread, and closes the connections. Twice is harmless.

        Requests made afterwards raise Unreachable.
        """
        self._policy.budget.close()
        self._policy.gate.close()
        with self._closing:
            self._policy.gate.drain(_DRAIN_SECONDS)
            self._adapter.close()
            self._transport.close()


def json_of(response: requests.Response | httpx.Response) -> Json:
    """The parsed body of an answer that came through a Transport.

    Raises BadAnswer when it is not JSON (HTML, another content type, empty, broken, `NaN`), and
    Unauthorised when it is a login page.
    """
    method, url = str(response.request.method), str(response.request.url)
    content_type = response.headers.get("content-type", "").lower()
    policy = _policy_of(response)
    if policy is None:
        raise TypeError("json_of: the response did not come through a Transport")
    return parsed(policy.label(method, url), content_type, response.content, policy.redact)


def _policy_of(response: requests.Response | httpx.Response) -> Policy | None:
    if isinstance(response, httpx.Response):
        policy = response.extensions.get("policy")
        return policy if isinstance(policy, Policy) else None
    adapter = getattr(response, "connection", None)
    return adapter.policy if isinstance(adapter, PolicyAdapter) else None


def _check(config: SourceConfig) -> None:
    """Refuses what would fail later with a message that shows it."""
    try:
        parts = urlsplit(requests.Request("GET", config.url).prepare().url or "")
        parts = parts if httpx.URL(config.url).host else urlsplit("")
    except (ValueError, httpx.InvalidURL):
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(
            f"source {config.name}: url: not an address; expected http(s)://host[:port][/path]"
        )
    if parts.username is not None or parts.password is not None:
        raise ValueError(f"source {config.name}: url: holds credentials; fix: move them to auth")
    ascii_only = {**config.headers, **{k: v for k, v in config.secrets.items() if k == "token"}}
    for name, value in {**config.secrets, **config.headers}.items():
        if not value.isprintable():
            raise ValueError(
                f"source {config.name}: {name}: holds a line break or control character; "
                "fix: strip it from the file or variable it comes from"
            )
        if name in ascii_only and not value.isascii():
            raise ValueError(f"source {config.name}: {name}: a header must be plain ASCII")
