"""Webhooks out: an event as a CloudEvent (1.0, structured JSON), signed as Standard Webhooks say.

https://cloudevents.io, https://www.standardwebhooks.com
"""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache

import httpx
from cloudevents.conversion import to_structured
from cloudevents.http import CloudEvent
from standardwebhooks.webhooks import Webhook

from syncd.model import Event
from syncd.outgoing.destination import WEBHOOK, Chosen, Undelivered
from syncd.surfaces.event_documents import event_document

_LATER = frozenset({408, 425, 429, 502, 503, 504})
"""Answers that say that the target is away, and not that it dislikes this event."""
_GONE = 410


@cache
def _usual_authorities() -> ssl.SSLContext:
    """Those that httpx trusts, read once: for each letter it took 30 ms of processor."""
    return httpx.create_ssl_context()


@dataclass(frozen=True)
class WebhookTarget:
    """Where events are posted. `base` is the address people reach syncd at (empty: not known), for
    the links; `verify`: the certificate authorities to trust (True: the usual ones).
    """

    called: str
    url: str
    secret: str = field(repr=False)
    chosen: Chosen
    base: str
    attempts: int = 12
    seconds: float = 10.0
    verify: str | bool = True
    together: bool = False
    once_an_outage: bool = False

    @property
    def name(self) -> str:
        """What it is called in the outbox."""
        return f"{WEBHOOK}{self.called}"

    def takes(self, event: Event) -> bool:
        """Whether it is to be sent at all."""
        return self.chosen.takes(event)

    def opens_at(self, events: Sequence[Event], now: datetime) -> datetime:  # noqa: ARG002
        """At once."""
        return now

    def send(self, events: Sequence[Event], now: datetime) -> None:
        """Posts each. Raises Undelivered at the first that the target does not take."""
        for event in events:
            self._post(event, now)

    def _post(self, event: Event, now: datetime) -> None:
        headers, body = signed(event, base=self.base, secret=self.secret, now=now)
        verify = _usual_authorities() if self.verify is True else self.verify
        if isinstance(verify, str):
            verify = ssl.create_default_context(cafile=verify)
        try:
            with (
                httpx.Client(verify=verify, timeout=self.seconds) as client,
                client.stream("POST", self.url, headers=headers, content=body) as answer,
            ):
                status, asked = answer.status_code, answer.headers.get("retry-after")
        except httpx.TimeoutException as error:
            raise Undelivered(f"no answer within {self.seconds:g} s", away=True) from error
        except httpx.HTTPError as error:
            raise Undelivered(f"cannot be reached ({type(error).__name__})", away=True) from error
        if 200 <= status < 300:
            return
        raise Undelivered(
            f"answered {status}",
            for_good=status == _GONE,
            away=status in _LATER,
            retry_after_seconds=_seconds(asked, now),
        )


def signed(event: Event, *, base: str, secret: str, now: datetime) -> tuple[dict[str, str], bytes]:
    """The headers and the body for one event, signed at `now`. The event's id is the CloudEvent's
    and `webhook-id`: the key by which a receiver knows what it has had.
    """
    told = CloudEvent(
        {
            "id": str(event.id),
            "source": base or "urn:syncd",
            "type": f"syncd.{event.kind.value}",
            "subject": event.subject,
            "time": event.at.isoformat(),
            "datacontenttype": "application/json",
        },
        dict(event_document(event, base)),
    )
    headers, body = to_structured(told)
    signature = Webhook(secret).sign(str(event.id), now, body.decode())
    return {
        **headers,
        "webhook-id": str(event.id),
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": signature,
        "user-agent": "syncd",
    }, body


def _seconds(asked: str | None, now: datetime) -> float | None:
    """What `Retry-After` asks for: seconds or a date."""
    if asked is None:
        return None
    if asked.isascii() and asked.isdigit():
        return float(asked[:9])
    try:
        until = parsedate_to_datetime(asked)
    except ValueError:
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return max(0.0, (until - now).total_seconds())
