"""Whom an installation sends events to: webhooks, and routes of notifications."""

from __future__ import annotations

import base64
import binascii
from datetime import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from connectors.quantity import Duration, parse_duration
from syncd.mapping.fault import Fault
from syncd.model import EventKind
from syncd.outgoing.destination import Chosen
from syncd.outgoing.severity import Severity
from syncd.outgoing.timing import Quiet, Rhythm, Timing
from syncd.settings.secrets import Secret, SettingsRefused
from syncd.settings.sources import clean_url

if TYPE_CHECKING:
    from syncd.outgoing.notifications import Route
    from syncd.outgoing.webhooks import WebhookTarget

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LEAST_SECRET = 24
"""Bytes, as Standard Webhooks ask for."""


def _clock(text: str) -> str:
    try:
        if len(text) == len("08:00"):
            time.fromisoformat(text)
            return text
    except ValueError:
        pass
    raise ValueError('expected a time of the day such as "08:00", in quotes')


def _zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError("expected an IANA name such as Europe/Berlin") from error
    return text


Clock = Annotated[str, AfterValidator(_clock)]


class _Choosing(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    teams: list[str] = Field(default_factory=list, description="Of which teams; none: of all.")
    kinds: list[EventKind] = Field(
        default_factory=list, description="Which kinds of events; none: all."
    )
    attempts: int = Field(default=12, ge=1, le=30, description="How often one letter is tried.")

    def chosen(self) -> Chosen:
        """Which events it gets."""
        return Chosen(tuple(self.teams), tuple(self.kinds))


class WebhookSetting(_Choosing):
    """Where events are posted, and what they are signed with."""

    url: Annotated[str, AfterValidator(clean_url)] = Field(
        description="Where events are posted; without credentials."
    )
    secret: Secret = Field(description="What they are signed with: whsec_ and base64.")
    timeout: Duration = Field(default="10 s", description="How long an answer may take.")
    ca_file: Path | None = Field(
        default=None, description="The certificate authority of a target with its own, in PEM."
    )

    def target(self, name: str, base: str) -> WebhookTarget:
        """The target with its secret read. Raises SettingsRefused."""
        # here and not above: who only reads the store need not wait for their libraries
        from syncd.outgoing.webhooks import WebhookTarget

        where = f"webhooks.{name}.secret"
        secret = self.secret.value(where)
        try:
            key = base64.b64decode(secret.removeprefix("whsec_") + "==", validate=False)
        except (ValueError, binascii.Error):
            key = b""
        if len(key) < LEAST_SECRET:
            raise _refused(
                where,
                "a secret that is too short or no base64",
                f"whsec_ and at least {LEAST_SECRET} random bytes in base64",
                'echo "whsec_$(openssl rand -base64 32)"',
            )
        return WebhookTarget(
            called=name,
            url=self.url,
            secret=secret,
            chosen=self.chosen(),
            base=base,
            attempts=self.attempts,
            seconds=parse_duration(self.timeout),
            verify=True if self.ca_file is None else str(self.ca_file),
        )


class QuietSetting(BaseModel):
    """Hours of every day in which nothing is told."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    from_: Clock = Field(alias="from", description="Since when nothing is told, such as 20:00.")
    to: Clock = Field(description="When it is told again; the next day, where it is earlier.")


class RouteSetting(_Choosing):
    """What is told to which service, and when."""

    url: Secret = Field(description="An address of apprise; it holds credentials.")
    at_least: Literal["info", "warning", "critical"] = Field(
        default="warning", description="The least that is told."
    )
    send: Rhythm = Field(default=Rhythm.IMMEDIATELY, description="At once, or as a digest.")
    gather: Duration = Field(
        default="2 min", description="How long what follows the first event is waited for."
    )
    at: Clock = Field(default="08:00", description="When a digest is sent.")
    on_day: Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"] = Field(
        default="mon", description="On which day a weekly one is."
    )
    quiet: QuietSetting | None = Field(
        default=None, description="Hours in which nothing is told; it comes when they end."
    )
    timezone: Annotated[str, AfterValidator(_zone)] = Field(
        default="UTC", description="Of `at` and `quiet`."
    )
    template: Path | None = Field(
        default=None, description="A file with the words; none: those that are shipped."
    )

    def route(self, name: str, base: str) -> Route:
        """The route with its address and its template read. Raises SettingsRefused."""
        from syncd.outgoing.message import TemplateRefused, read_template
        from syncd.outgoing.notifications import MISSING, Route, can_notify, unfit_url

        where = f"notifications.{name}"
        if not can_notify():
            raise _refused(where, "a route", "the extra notify", MISSING)
        url = self.url.value(f"{where}.url")
        if unfit_url(url):
            raise _refused(
                f"{where}.url",
                "an address that apprise does not know",
                "an address such as slack://... or mailto://...",
                "see docs/guide/notifications.md",
            )
        try:
            template = read_template(self.template)
        except TemplateRefused as error:
            raise _refused(f"{where}.template", str(error), "a template", "mend it") from error
        quiet = self.quiet
        return Route(
            called=name,
            url=url,
            chosen=self.chosen(),
            least=Severity[self.at_least.upper()],
            timing=Timing(
                timezone=self.timezone,
                rhythm=self.send,
                gather_seconds=parse_duration(self.gather),
                at=time.fromisoformat(self.at),
                weekday=DAYS.index(self.on_day),
                quiet=None
                if quiet is None
                else Quiet(time.fromisoformat(quiet.from_), time.fromisoformat(quiet.to)),
            ),
            template=template,
            base=base,
            attempts=self.attempts,
        )


def _refused(where: str, got: str, expected: str, fix: str) -> SettingsRefused:
    return SettingsRefused([Fault("settings", 0, where, got, expected, fix)])
