"""The settings of a process."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import platformdirs
from pydantic import AfterValidator, Field, SecretStr
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from connectors.quantity import Duration
from syncd.settings.secrets import Secret, read_secret


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
        default=None, description="The settings file with the sources; see docs/guide/settings.md."
    )
    mappings: Path = Field(
        default=Path("mappings/q1-2026"),
        description="The folder of mapping files, or of such folders, one for each period.",
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
    traces: Literal["off", "runs", "all"] = Field(
        default="off",
        description="Traces over OTLP, set up by the OTEL_* variables: of what syncd does by "
        "itself, or of requests to it as well.",
    )
    run: Duration = Field(default="5 min", description="The longest one measurement may take.")
    full_every: Duration = Field(
        default="24 h", description="How often everything is read again, changed or not."
    )
    grace: Duration = Field(
        default="20 s", description="How long runs may go on after SIGTERM before they are cut."
    )
    reload_every: Duration = Field(
        default="5 s", description="How often mapping files and secrets in files are looked at."
    )

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
