"""The sources of an installation, and how often they are asked."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from connectors.base import Limits, SourceConfig
from connectors.quantity import Duration, parse_duration
from syncd.model import Indicator
from syncd.settings.secrets import Secret, values


class Auth(BaseModel):
    """HTTP authentication, where a kind has no words of its own."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    class Basic(BaseModel):
        """User name and password."""

        model_config = ConfigDict(extra="forbid", frozen=True)
        user: Secret
        password: Secret

    bearer: Secret | None = Field(default=None, description="A bearer token.")
    basic: Basic | None = Field(default=None, description="`user` and `password`.")


def _rate(text: str) -> str:
    number, _, per = text.partition("/")
    try:
        if per == "s" and float(number) > 0:
            return text
    except ValueError:
        pass
    raise ValueError("expected requests a second, for example 5/s")


class LimitsSetting(BaseModel):
    """How hard a source may be asked."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    concurrency: int = Field(default=4, ge=1, le=64, description="Requests at once.")
    rate: Annotated[str, AfterValidator(_rate)] | None = Field(
        default=None, description="Requests a second, such as 5/s, of all replicas together."
    )
    connect: Duration = Field(default="5 s", description="How long a connection may take.")
    read: Duration = Field(default="30 s", description="How long it may be silent.")
    attempts: int = Field(
        default=4, ge=1, le=10, description="How often a request is tried that may yet succeed."
    )

    def limits(self) -> Limits:
        """In the transport's terms."""
        return Limits(
            concurrency=self.concurrency,
            rate_per_second=None if self.rate is None else float(self.rate.partition("/")[0]),
            connect_seconds=parse_duration(self.connect),
            read_seconds=parse_duration(self.read),
            attempts=self.attempts,
        )


def clean_url(text: str) -> str:
    """An address without credentials. Raises ValueError, in words."""
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("expected http(s)://HOST[:PORT][/PATH]")
    if parts.username or parts.password:
        raise ValueError("a URL without credentials; move them to token, user or auth")
    _ = parts.port  # raises ValueError when it is out of range
    return text


_SECRET_HEADERS = ("authorization", "cookie", "token", "secret", "password", "key")


class SourceSetting(BaseModel):
    """One source; keys that are not listed here are its kind's own options."""

    model_config = ConfigDict(extra="allow", frozen=True)
    kind: str = Field(description="What it is: `jira`, `netbox`, `prometheus`, or one installed.")
    url: Annotated[str, AfterValidator(clean_url)] = Field(
        description="Where it is asked; without credentials."
    )
    user: Secret | None = Field(
        default=None, description="The e-mail of a Jira Cloud account, or a user's name."
    )
    token: Secret | None = Field(default=None, description="Its API token.")
    password: Secret | None = Field(default=None, description="The user's password.")
    auth: Auth | None = Field(
        default=None, description="HTTP authentication, where its kind has no words of its own."
    )
    headers: dict[str, Secret | str] = Field(
        default_factory=dict, description="Headers of every request; a secret one by its place."
    )
    ca_file: Path | None = Field(
        default=None, description="The certificate authority of an upstream with its own, in PEM."
    )
    client_cert: Path | None = Field(
        default=None, description="The certificate to show an upstream that asks for one, in PEM."
    )
    client_key: Path | None = Field(
        default=None, description="Its private key; none: it is in the certificate's file."
    )
    hook_secret: Secret | None = Field(
        default=None, description="What notices of changes are signed with; none: none are taken."
    )
    limits: LimitsSetting = Field(default=LimitsSetting(), description="How hard it may be asked.")
    default: bool = Field(
        default=False, description="Of several sources of a kind, the one that mappings mean."
    )

    @model_validator(mode="after")
    def _no_secret_in_a_header(self) -> SourceSetting:
        for name, value in self.headers.items():
            if isinstance(value, str) and any(word in name.lower() for word in _SECRET_HEADERS):
                raise ValueError(f"headers.{name}: write {{env: NAME}} or {{file: PATH}}")
        return self

    def places(self, name: str) -> dict[str, Secret]:
        """Where its secrets are, by what they are for: ``sources.NAME.token`` and the like."""
        found = {
            "user": self.user,
            "token": self.token,
            "password": self.password,
            "hook_secret": self.hook_secret,
        }
        if self.auth is not None and self.auth.bearer is not None:
            found["token"] = self.auth.bearer
        if self.auth is not None and self.auth.basic is not None:
            found |= {"user": self.auth.basic.user, "password": self.auth.basic.password}
        found |= {
            f"headers.{key}": value
            for key, value in self.headers.items()
            if isinstance(value, Secret)
        }
        return {f"sources.{name}.{what}": its for what, its in found.items() if its is not None}

    def config(self, name: str) -> SourceConfig:
        """The source with its secrets read. Raises SettingsRefused with every one that is not
        there.
        """
        where = f"sources.{name}."
        places = self.places(name)
        places.pop(f"{where}hook_secret", None)  # no session needs it
        found = {key.removeprefix(where): value for key, value in values(places).items()}
        return SourceConfig(
            name=name,
            kind=self.kind,
            url=self.url.rstrip("/"),
            secrets={
                what: value for what, value in found.items() if not what.startswith("headers.")
            },
            headers={
                key: value if isinstance(value, str) else found[f"headers.{key}"]
                for key, value in self.headers.items()
            },
            verify=True if self.ca_file is None else str(self.ca_file),
            limits=self.limits.limits(),
            options=dict(self.model_extra or {}),
            client_cert=None if self.client_cert is None else str(self.client_cert),
            client_key=None if self.client_key is None else str(self.client_key),
        )

    def hook_key(self, name: str) -> str | None:
        """What notices of the source are signed with; None: none are taken. Raises
        SettingsRefused.
        """
        if self.hook_secret is None:
            return None
        return self.hook_secret.value(f"sources.{name}.hook_secret")


class Every(BaseModel):
    """How often indicators are measured: `default`, by measure (``jira.ratio: 15 min``), or by
    indicator name.
    """

    model_config = ConfigDict(extra="allow", frozen=True)
    default: Duration = Field(default="5 min", description="Where nothing else is said.")
    indicators: dict[str, Duration] = Field(
        default_factory=dict, description="By an indicator's name; wins over its measure's."
    )

    @model_validator(mode="after")
    def _measures_have_durations(self) -> Every:
        for name, value in (self.model_extra or {}).items():
            if "." not in name:
                raise ValueError(f"{name}: expected default, indicators, or a measure's full name")
            parse_duration(str(value))
        return self

    def seconds(self, indicator: Indicator) -> float:
        """The indicator's interval in seconds: its own, else its measure's, else the default."""
        own = None if indicator.name is None else self.indicators.get(indicator.name)
        measure = (self.model_extra or {}).get(indicator.measure)
        return parse_duration(own or measure or self.default)
