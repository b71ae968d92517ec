"""The settings of a process."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import platformdirs
from pydantic import AfterValidator, Field, SecretStr
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from connectors.addresses import is_loopback
from connectors.quantity import Duration
from syncd.certificates import Certificate, unfit_pair
from syncd.intake.reading import Reading
from syncd.mapping.fault import Fault
from syncd.settings.access import ProxySetting
from syncd.settings.secrets import Secret, SettingsRefused, read_secret


def _default_database() -> SecretStr:
    folder = Path(platformdirs.user_data_dir("syncd", appauthor=False))
    return SecretStr(f"sqlite:///{folder / 'syncd.db'}")


def _address(text: str) -> str:
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit() or int(port) > 65535:
        raise ValueError("expected HOST:PORT, for example 0.0.0.0:9464")
    return text


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
        default=None, description="The settings file with the sources; not in the file itself."
    )
    mappings: Path = Field(
        default=Path("mappings/q1-2026"),
        description="The folder of mapping files, or of such folders, one for each period.",
    )
    database_url: SecretStr = Field(
        default_factory=_default_database,
        description="sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME; with a password "
        "not in the settings file.",
    )
    database_url_file: Path | None = Field(
        default=None,
        description="A file that holds the database URL (a mounted secret); wins over "
        "`database_url` at the same place.",
    )
    api_token: Annotated[Secret | SecretStr | None, NoDecode] = Field(
        default=None,
        description="A token that may write over HTTP. In the file: {env: NAME} or {file: PATH}.",
    )
    api_token_file: Path | None = Field(
        default=None,
        description="A file that holds the API token (a mounted secret); wins over "
        "`api_token` at the same place.",
    )
    listen: Annotated[str, AfterValidator(_address)] = Field(
        default="127.0.0.1:9464", description="HOST:PORT of metrics, feed, API and page."
    )
    metrics_listen: Annotated[str, AfterValidator(_address)] | None = Field(
        default=None,
        description="HOST:PORT of metrics and probes alone, which then ask for no token; "
        "none: they are at `listen`.",
    )
    reading: Reading | None = Field(
        default=None,
        description="Who may read: `open` (everybody), `token`, or whom a `proxy` has signed in. "
        "Must be said where other machines reach `listen`.",
    )
    proxy: ProxySetting | None = Field(
        default=None, description="The proxy that signs people in; for `reading: proxy`."
    )
    most_requests: int = Field(
        default=100, ge=1, description="Requests that are in work or wait for it at once, in all."
    )
    most_requests_each: int = Field(
        default=25, ge=1, description="The same of one reader: a token, a person, or an address."
    )
    most_streams: int = Field(default=500, ge=1, description="Streams that are open at once.")
    most_streams_each: int = Field(default=100, ge=1, description="The same of one reader.")
    renderers: int = Field(
        default=1,
        ge=0,
        le=64,
        description="Processes beside this one that make pages, feed and the API's answers, one at "
        "a time each; 0: it makes them itself, and they take from the worker.",
    )
    tls_cert_file: Path | None = Field(
        default=None, description="A certificate (and its chain) in PEM: `listen` speaks HTTPS."
    )
    tls_key_file: Path | None = Field(
        default=None, description="Its private key; none: it is in the certificate's file."
    )
    external_url: str | None = Field(
        default=None, description="Where people reach the page, for links in the feed."
    )
    role: Literal["all", "worker", "web"] = Field(
        default="all",
        description="What this process does: `worker` measures and judges, `web` serves, "
        "`all` does both.",
    )
    log_format: Literal["auto", "console", "json"] = Field(
        default="auto", description="`auto`: console on a terminal, else JSON."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="The least that is logged."
    )
    traces: Literal["off", "runs", "all"] = Field(
        default="off",
        description="Traces over OTLP, set up by the `OTEL_*` variables: `runs`: of what syncd "
        "does by itself; `all`: of requests to it as well.",
    )
    run: Duration = Field(default="5 min", description="The longest one measurement may take.")
    lease: Duration = Field(
        default="60 s",
        description="How long what a killed process measured or sent waits for another; renewed "
        "four times in that span.",
    )
    full_every: Duration = Field(
        default="24 h", description="How often everything is read again, changed or not."
    )
    grace: Duration = Field(
        default="20 s", description="How long runs may go on after SIGTERM before they are cut."
    )
    keep_fine: Duration = Field(
        default="30 d",
        description="How long after a period's end what was measured and told of it is kept as it "
        "came; of each day before that, the last is kept.",
    )
    keep_events: Duration = Field(default="730 d", description="How long events are kept.")
    keep_letters: Duration = Field(
        default="90 d", description="How long letters that were given up are kept."
    )
    compact_every: Duration = Field(
        default="24 h", description="How often what is kept no longer is removed."
    )
    reload_every: Duration = Field(
        default="5 s", description="How often mapping files and secrets in files are looked at."
    )

    def who_reads(self) -> Reading:
        """Who may read. Raises SettingsRefused where other machines reach the port and nothing is
        said: nobody should find out later that everybody could.
        """
        host = self.listen.rpartition(":")[0]
        if self.reading is None and not is_loopback(host):
            raise SettingsRefused(
                [Fault("settings", 0, "reading",
                       f"nothing, and other machines reach {self.listen}", "token, proxy or open",
                       "SYNCD_READING=token, and `syncd token create NAME` for each who reads; "
                       "see docs/guide/access.md")]
            )  # fmt: skip
        if self.reading is Reading.PROXY and self.proxy is None:
            raise SettingsRefused(
                [Fault("settings", 0, "proxy", "nothing, and reading: proxy",
                       "whom to believe who somebody is",
                       "settings: {proxy: {trusted: [10.0.0.0/8]}}; see docs/guide/access.md")]
            )  # fmt: skip
        return self.reading or Reading.OPEN

    def certificate(self) -> Certificate | None:
        """What HTTPS is spoken with. Raises SettingsRefused when it cannot be."""
        chain, key = self.tls_cert_file, self.tls_key_file
        faults = [
            Fault("settings", 0, one.key, one.got, one.expected, one.fix)
            for one in unfit_pair("tls_cert_file", chain, "tls_key_file", key)
        ]
        if faults:
            raise SettingsRefused(faults)
        return None if chain is None else Certificate(chain, key)

    def check_serving(self) -> None:
        """Raises SettingsRefused when a process that serves cannot do it as it is said."""
        if self.role != "worker":
            self.who_reads()
            self.certificate()

    def database(self) -> str:
        """The database URL. Raises SettingsRefused when its file cannot be read."""
        if self.database_url_file is None:
            return self.database_url.get_secret_value()
        return read_secret(self.database_url_file, "SYNCD_DATABASE_URL_FILE")

    def token(self) -> str | None:
        """The API token; None: writing over HTTP is off. Raises SettingsRefused when its place
        cannot be read or is empty: an empty token would let everybody write.
        """
        if self.api_token_file is not None:
            return read_secret(self.api_token_file, "SYNCD_API_TOKEN_FILE")
        if isinstance(self.api_token, Secret):
            return self.api_token.value("settings.api_token")
        return None if self.api_token is None else self.api_token.get_secret_value()
