"""How one installation runs: environment variables first, then the settings file.

The settings file (`SYNCD_CONFIG`) is YAML: the sources and their credentials' places, how often
to measure, variables, and any setting of `Settings` under its own name. Secrets never stand in
it: they are named as ``{env: NAME}`` or ``{file: PATH}``.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import platformdirs
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from connectors.base import Connector, Limits, SourceConfig
from connectors.quantity import Duration, parse_duration
from syncd.certificates import unfit
from syncd.mapping.document import Document
from syncd.mapping.fault import Fault, Location, nearest
from syncd.mapping.tree import parse
from syncd.model import Indicator

Json = Any


class SettingsRefused(Exception):
    """The settings cannot be used. `faults` has every one of them."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = faults


def _default_database() -> SecretStr:
    folder = Path(platformdirs.user_data_dir("syncd", appauthor=False))
    return SecretStr(f"sqlite:///{folder / 'syncd.db'}")


def _address(text: str) -> str:
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit() or int(port) > 65535:
        raise ValueError("expected HOST:PORT, for example 0.0.0.0:9464")
    return text


class Secret(BaseModel):
    """Where a secret is: an environment variable, or a file (a mounted secret)."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    env: str | None = None
    file: Path | None = None

    @model_validator(mode="before")
    @classmethod
    def _no_plain_secret(cls, value: Json) -> Json:
        if not isinstance(value, dict):
            # the value itself must not be repeated in the error
            raise ValueError("no secret may stand here; write {env: NAME} or {file: PATH}")  # noqa: TRY004  pydantic reports ValueErrors
        return value

    @model_validator(mode="after")
    def _one(self) -> Secret:
        if (self.env is None) == (self.file is None):
            raise ValueError("write either {env: NAME} or {file: PATH}")
        return self

    def value(self, where: str) -> str:
        """The secret. Raises SettingsRefused that names the variable or file, never the value."""
        if self.env is not None:
            found = os.environ.get(self.env)
            if not found:
                raise SettingsRefused(
                    [
                        Fault(
                            "environment",
                            0,
                            where,
                            f"{self.env} is not set",
                            "a secret in it",
                            f"export {self.env}=...",
                        )
                    ]
                )
            return found
        if self.file is None:
            raise TypeError("a validated secret has one place")
        return _read_secret(self.file, where)


class Settings(BaseSettings):
    """Every setting of a process. Each is also an environment variable: ``SYNCD_`` + its name."""

    model_config = SettingsConfigDict(
        env_prefix="SYNCD_",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    config: Path | None = Field(
        default=None, description="The settings file with the sources; see docs/guide/settings.md."
    )
    mappings: Path = Field(
        default=Path("mappings/q1-2026"), description="The folder of mapping files."
    )
    database_url: SecretStr = Field(
        default_factory=_default_database,
        description="sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME.",
    )
    database_url_file: Path | None = Field(
        default=None, description="A file that holds the database URL (a mounted secret)."
    )
    api_token: Annotated[Secret | SecretStr | None, NoDecode] = Field(
        default=None, description="What writing over HTTP asks for; without it, it is off."
    )
    api_token_file: Path | None = Field(
        default=None, description="A file that holds the API token (a mounted secret)."
    )
    listen: Annotated[str, AfterValidator(_address)] = Field(
        default="127.0.0.1:9464", description="HOST:PORT of metrics, feed, API and page."
    )
    external_url: str | None = Field(
        default=None, description="Where people reach the page, for links in the feed."
    )
    role: Literal["all", "worker", "web"] = Field(
        default="all", description="What this process does: measure and judge, serve, or both."
    )
    log_format: Literal["auto", "console", "json"] = Field(
        default="auto", description="auto: console on a terminal, else JSON."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(default="info")
    run: Duration = Field(default="5 min", description="The longest one measurement may take.")
    full_every: Duration = Field(
        default="24 h", description="How often everything is read again, changed or not."
    )
    grace: Duration = Field(
        default="20 s", description="How long runs may go on after SIGTERM before they are cut."
    )
    reload_every: Duration = Field(
        default="5 s", description="How often the mapping files are looked at for changes."
    )

    def database(self) -> str:
        """The database URL. Raises SettingsRefused when its file cannot be read."""
        if self.database_url_file is None:
            return self.database_url.get_secret_value()
        return _read_secret(self.database_url_file, "SYNCD_DATABASE_URL_FILE")

    def token(self) -> str | None:
        """The API token; None: writing over HTTP is off. Raises SettingsRefused when its place
        cannot be read or is empty: an empty token would let everybody write.
        """
        if self.api_token_file is not None:
            return _read_secret(self.api_token_file, "SYNCD_API_TOKEN_FILE")
        if isinstance(self.api_token, Secret):
            return self.api_token.value("settings.api_token")
        return None if self.api_token is None else self.api_token.get_secret_value()


class Auth(BaseModel):
    """HTTP authentication, where a kind has no words of its own."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    class Basic(BaseModel):
        """User name and password."""

        model_config = ConfigDict(extra="forbid", frozen=True)
        user: Secret
        password: Secret

    bearer: Secret | None = None
    basic: Basic | None = None


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
    concurrency: int = Field(default=4, ge=1, le=64)
    rate: Annotated[str, AfterValidator(_rate)] | None = None
    connect: Duration = "5 s"
    read: Duration = "30 s"
    attempts: int = Field(default=4, ge=1, le=10)

    def limits(self) -> Limits:
        """In the transport's terms."""
        return Limits(
            concurrency=self.concurrency,
            rate_per_second=None if self.rate is None else float(self.rate.partition("/")[0]),
            connect_seconds=parse_duration(self.connect),
            read_seconds=parse_duration(self.read),
            attempts=self.attempts,
        )


def _clean_url(text: str) -> str:
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
    kind: str
    url: Annotated[str, AfterValidator(_clean_url)]
    user: Secret | None = None
    token: Secret | None = None
    password: Secret | None = None
    auth: Auth | None = None
    headers: dict[str, Secret | str] = Field(default_factory=dict)
    ca_file: Path | None = None
    client_cert: Path | None = None
    client_key: Path | None = None
    hook_secret: Secret | None = None
    limits: LimitsSetting = LimitsSetting()
    default: bool = False

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
        found = {key.removeprefix(where): value for key, value in _values(places).items()}
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
    default: Duration = "5 min"
    indicators: dict[str, Duration] = Field(default_factory=dict)

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


class SettingsFile(BaseModel):
    """What the settings file may hold."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    sources: dict[str, SourceSetting]
    every: Every = Every()
    variables: dict[str, Json] = Field(default_factory=dict)
    settings: dict[str, Json] = Field(default_factory=dict)


@dataclass(frozen=True)
class Installation:
    """Everything a process is told from outside."""

    settings: Settings
    sources: Mapping[str, SourceSetting] = field(default_factory=dict)
    every: Every = field(default_factory=Every.model_construct)
    variables: Mapping[str, Json] = field(default_factory=dict)

    @property
    def kinds(self) -> dict[str, str]:
        """Source name to kind."""
        return {name: source.kind for name, source in self.sources.items()}

    @property
    def defaults(self) -> dict[str, str]:
        """Kind to the name of its default source: the one that says so, or the only one."""
        chosen: dict[str, str] = {}
        for kind in set(self.kinds.values()):
            names = [name for name, source in self.sources.items() if source.kind == kind]
            said = [name for name in names if self.sources[name].default]
            if said or len(names) == 1:
                chosen[kind] = (said or names)[0]
        return chosen

    def secret_values(self) -> list[str]:
        """Every secret of the installation, for hiding them in logs. Raises SettingsRefused with
        all that are not there, whatever the source.
        """
        places: dict[str, Secret] = {}
        for name, source in self.sources.items():
            places |= source.places(name)
        found = list(_values(places).values())
        for source in self.sources.values():
            found += [value for value in source.headers.values() if isinstance(value, str)]
        token, password = self.settings.token(), urlsplit(self.settings.database()).password
        return [secret for secret in (*found, token, password) if secret]


def load_settings(
    connectors: Mapping[str, Connector] | None, overrides: Mapping[str, Json] | None = None
) -> Installation:
    """The installation, from the environment and the file that `SYNCD_CONFIG` (or the override
    `config`) names. `overrides` (the command line's) win. Raises SettingsRefused with every
    fault. `connectors` None: what only a connector knows of its sources is not checked, for those
    who only read the store and should not wait for the connectors' libraries.
    """
    given = {key: value for key, value in (overrides or {}).items() if value is not None}
    if "database_url" in given:
        given["database_url_file"] = None
    try:
        settings = Settings(**given)
    except ValidationError as error:
        raise SettingsRefused(_faults_of_environment(error)) from error
    variables = {
        name.removeprefix("SYNCD_VAR_").lower(): value
        for name, value in os.environ.items()
        if name.startswith("SYNCD_VAR_")
    }
    if settings.config is None:
        return Installation(settings, variables=variables)
    document = _document(settings.config)
    found = _validated(document, connectors)
    if found is None:
        raise SettingsRefused(document.faults)
    from_environment = settings.model_fields_set
    rest = {key: value for key, value in found.settings.items() if key not in from_environment}
    for name in ("database_url", "api_token"):
        if from_environment & {name, f"{name}_file"}:
            rest.pop(name, None)
            rest.pop(f"{name}_file", None)
    try:
        settings = Settings(**{**rest, **given})
    except ValidationError as error:
        for one in error.errors():
            document.fault(
                ("settings", *one["loc"]),
                document.got(("settings", *one["loc"])),
                str(one["msg"]).removeprefix("Value error, "),
                "see docs/guide/settings.md",
            )
        raise SettingsRefused(document.faults) from error
    return Installation(settings, found.sources, found.every, {**found.variables, **variables})


def _document(path: Path) -> Document:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise SettingsRefused(
            [Fault(str(path), 0, "", f"a file that cannot be read ({reason})", "YAML text",
                   "set SYNCD_CONFIG (or --config) to the settings file")]
        ) from error  # fmt: skip
    return Document(path.name, parse(text))


def _validated(
    document: Document, connectors: Mapping[str, Connector] | None
) -> SettingsFile | None:
    if not document.readable:
        return None
    try:
        found = SettingsFile.model_validate(document.root.plain)
    except ValidationError as error:
        for one in error.errors():
            where = tuple(step for step in one["loc"] if not _is_type_name(step))
            words = str(one["msg"]).removeprefix("Value error, ")
            if one["type"] == "extra_forbidden":
                near = nearest(str(where[-1]), _known_keys(where))
                document.fault(
                    where, f'"{where[-1]}"', "a known key", f"{near}?" if near else "take it out"
                )
            else:
                # what stands there may be a secret written in the wrong place: never repeated
                document.fault(
                    where, "a value that does not fit", words, "see docs/guide/settings.md"
                )
        return None
    if connectors is not None:
        _check_kinds(document, connectors, found)
    for key in found.settings:
        if key not in Settings.model_fields or key == "config":
            near = nearest(key, Settings.model_fields)
            document.fault(
                ("settings", key), f'"{key}"', "a setting", f"{near}?" if near else "take it out"
            )
        elif key == "api_token" and not isinstance(found.settings[key], dict):
            document.fault(
                ("settings", key),
                "a value that does not fit",
                "the place of a secret",
                "api_token: {env: NAME} or {file: PATH}",
            )
        elif key == "database_url" and urlsplit(str(found.settings[key])).password:
            document.fault(
                ("settings", key),
                "a URL with a password in it",
                "no secret in this file",
                "set SYNCD_DATABASE_URL, or database_url_file to a mounted secret",
            )
    for kind in {source.kind for source in found.sources.values()}:
        said = [n for n, s in found.sources.items() if s.kind == kind and s.default]
        if len(said) > 1:
            document.fault(
                ("sources", said[1], "default"),
                "a second default source of its kind",
                "one default a kind",
                f"take default: true out of {' or '.join(said)}",
            )
    return None if document.faults else found


def _check_kinds(
    document: Document, connectors: Mapping[str, Connector], found: SettingsFile
) -> None:
    for name, source in found.sources.items():
        _check_source(document, connectors, name, source)
    measured = [name for connector in connectors.values() for name in connector.measures]
    for name in found.every.model_extra or {}:
        if name not in measured:
            near = nearest(name, measured)
            document.fault(
                ("every", name), f'"{name}"', "a measure", f"{near}?" if near else "take it out"
            )


def _check_source(
    document: Document, connectors: Mapping[str, Connector], name: str, source: SourceSetting
) -> None:
    where = ("sources", name)
    files = source.ca_file, source.client_cert, source.client_key
    for found in unfit(source.url, *files):
        document.fault((*where, found.key), found.got, found.expected, found.fix)
    connector = connectors.get(source.kind)
    if connector is None:
        near = nearest(source.kind, connectors)
        document.fault(
            (*where, "kind"),
            f'"{source.kind}"',
            f"one of {', '.join(sorted(connectors))}",
            f"kind: {near}" if near else "install the connector's package",
        )
        return
    try:
        connector.options.model_validate(dict(source.model_extra or {}))
    except ValidationError as error:
        for one in error.errors():
            key = str(one["loc"][0]) if one["loc"] else ""
            near = nearest(key, [*SourceSetting.model_fields, *connector.options.model_fields])
            unknown = one["type"] == "extra_forbidden"
            document.fault(
                (*where, *one["loc"]),
                f'"{key}"' if unknown else "a value that does not fit",
                f"a setting of a {source.kind} source" if unknown else str(one["msg"]),
                f"{near}?" if unknown and near else "see docs/guide/settings.md",
            )


def _known_keys(where: Location) -> list[str]:
    if len(where) == 1:
        return list(SettingsFile.model_fields)
    inside: dict[str | int, type[BaseModel]] = {
        "limits": LimitsSetting,
        "auth": Auth,
        "basic": Auth.Basic,
    }
    return list(inside.get(where[-2], Secret).model_fields)


def _is_type_name(step: int | str) -> bool:
    # pydantic adds the union's member to a location; authors know no such step
    return step in ("Secret", "str")


def _faults_of_environment(error: ValidationError) -> list[Fault]:
    return [
        Fault(
            "environment",
            0,
            f"SYNCD_{'_'.join(str(step) for step in one['loc']).upper()}",
            "a value that does not fit",
            str(one["msg"]).removeprefix("Value error, "),
            "see docs/guide/settings.md",
        )
        for one in error.errors()
    ]


def _values(places: Mapping[str, Secret]) -> dict[str, str]:
    """The secrets by what they are for. Raises SettingsRefused with every one that is not there."""
    found: dict[str, str] = {}
    faults: list[Fault] = []
    for where, secret in places.items():
        try:
            found[where] = secret.value(where)
        except SettingsRefused as error:
            faults.extend(error.faults)
    if faults:
        raise SettingsRefused(faults)
    return found


def _read_secret(path: Path, where: str) -> str:
    try:
        found = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise SettingsRefused(
            [Fault(str(path), 0, where, f"a file that cannot be read ({reason})", "a secret",
                   "mount the secret there, and let this user read it")]
        ) from error  # fmt: skip
    if not found:
        raise SettingsRefused(
            [Fault(str(path), 0, where, "an empty file", "a secret", "write the secret into it")]
        )
    return found
