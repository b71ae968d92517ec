"""Notifications, through apprise: a route says what is told to which service, and when."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from jinja2 import Template

from syncd.model import Event
from syncd.outgoing.destination import NOTIFY, Chosen, Undelivered
from syncd.outgoing.grouping import Line, lines
from syncd.outgoing.message import TemplateRefused, message
from syncd.outgoing.severity import Severity, severity_of
from syncd.outgoing.timing import Rhythm, Timing

MISSING = "notifications need apprise, which is not installed; pip install 'syncd[notify]'"


def can_notify() -> bool:
    """Whether the extra `notify` is installed."""
    return importlib.util.find_spec("apprise") is not None


def unfit_url(url: str) -> bool:
    """Whether apprise knows no service of this address; needs apprise."""
    from apprise import Apprise

    return not Apprise().add(url)


@dataclass(frozen=True)
class Route:
    """To whom (`url`, an address of apprise's, which holds the credentials), what, and when.

    `base` is the address people reach syncd at, empty where it is not known.
    """

    called: str
    url: str = field(repr=False)
    chosen: Chosen
    least: Severity
    timing: Timing
    template: Template
    base: str
    attempts: int = 12
    seconds: float = 60.0
    together: bool = True

    @property
    def name(self) -> str:
        """What it is called in the outbox."""
        return f"{NOTIFY}{self.called}"

    @property
    def once_an_outage(self) -> bool:
        """A digest is one message anyhow, and may list them all."""
        return self.timing.rhythm is Rhythm.IMMEDIATELY

    def takes(self, event: Event) -> bool:
        """Whether it is to be told at all."""
        return severity_of(event) >= self.least and self.chosen.takes(event)

    def opens_at(self, events: Sequence[Event], now: datetime) -> datetime:
        """After gathering, at the digest's time, and not in quiet hours."""
        return self.timing.opens_at(min(event.at for event in events), now)

    def send(self, events: Sequence[Event], now: datetime) -> None:  # noqa: ARG002
        """Tells them as one message. Raises Undelivered."""
        found = lines(events, self.base, once_an_outage=self.once_an_outage)
        try:
            told = message(self.template, found, self.base)
        except TemplateRefused as error:
            raise Undelivered(str(error)) from error
        from apprise import Apprise, AppriseAsset, NotifyFormat

        # a message, and what it is sent with, goes where the settings say and nowhere else, unless
        # the address itself asks for it (`redirect=yes`)
        service = Apprise(asset=AppriseAsset(http_redirects=False))
        if not service.add(self.url):
            raise Undelivered("apprise knows no such service", for_good=True)
        if not service.notify(
            title=told.title,
            body=told.body,
            notify_type=_type(found),
            body_format=NotifyFormat.TEXT,
        ):
            raise Undelivered("the service did not take it", away=True)


def _type(found: Sequence[Line]) -> str:
    """In apprise's words."""
    worst = max(line.severity for line in found)
    if worst is Severity.CRITICAL:
        return "failure"
    if worst is Severity.WARNING:
        return "warning"
    return "success" if all(line.good for line in found) else "info"
