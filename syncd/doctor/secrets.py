"""Whether the settings' secrets are where they should be, and only for whom they should be."""

from __future__ import annotations

import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from connectors.addresses import is_loopback
from connectors.checkup import Finding
from syncd.settings import Installation, Secret, SettingsRefused

SECRETS = "secrets"


def look_at_secrets(installation: Installation, only: str | None = None) -> Iterator[Finding]:
    """What is found of the secrets of the installation, or of the source `only` alone. Never a
    value.
    """
    if not installation.sources:
        yield Finding.problem(
            "sources",
            "none are configured",
            "write a settings file (docs/guide/settings.md has one to start from) and name it with "
            "--config",
        )
    places = dict(_places(installation))
    if only is not None:
        places = {key: one for key, one in places.items() if key.startswith(f"sources.{only}.")}
    good = 0
    for where, secret in places.items():
        try:
            secret.value(where)
        except SettingsRefused as error:
            for fault in error.faults:
                at = "" if fault.file == "environment" else f"{fault.file}: "
                yield Finding.problem(SECRETS, f"{where}: {at}{fault.got}", fault.fix)
            continue
        if secret.file is not None and for_everybody(secret.file):
            yield Finding.warning(
                SECRETS,
                f"{where}: everybody on this machine can read {secret.file}",
                f"chmod o-r {secret.file}; on Kubernetes defaultMode: 0440 of the volume",
            )
            continue
        good += 1
    if good:
        plural = "s are" if good != 1 else " is"
        yield Finding.ok(SECRETS, f"{good} secret{plural} there, and not for everybody to read")
    yield from _in_the_clear(installation, only)
    if only is None:
        yield from _how_it_serves(installation)


def _how_it_serves(installation: Installation) -> Iterator[Finding]:
    """Why `syncd run` would not begin to serve."""
    for said in (installation.settings.who_reads, installation.settings.certificate):
        try:
            said()
        except SettingsRefused as error:
            for fault in error.faults:
                yield Finding.problem("serving", f"{fault.path}: {fault.got}", fault.fix)


def for_everybody(path: Path) -> bool:
    """Whether any user of this machine can read the file: it, and all folders on the way to it."""
    real = path.resolve()
    return bool(real.stat().st_mode & stat.S_IROTH) and all(
        folder.stat().st_mode & stat.S_IXOTH for folder in real.parents
    )


def _places(installation: Installation) -> Mapping[str, Secret]:
    found = dict(installation.places())
    settings = installation.settings
    if isinstance(settings.api_token, Secret):
        found["settings.api_token"] = settings.api_token
    if settings.api_token_file is not None:
        found["SYNCD_API_TOKEN_FILE"] = Secret(file=settings.api_token_file)
    if settings.tls_key_file is not None:
        found["SYNCD_TLS_KEY_FILE"] = Secret(file=settings.tls_key_file)
    if settings.database_url_file is not None:
        found["SYNCD_DATABASE_URL_FILE"] = Secret(file=settings.database_url_file)
    return found


def _in_the_clear(installation: Installation, only: str | None) -> Iterator[Finding]:
    for name, source in installation.sources.items():
        address = urlsplit(source.url)
        secret = bool(source.places(name))
        plain = address.scheme == "http" and not is_loopback(address.hostname or "")
        if secret and plain and only in (None, name):
            yield Finding.warning(
                SECRETS,
                f"sources.{name}: its secrets go to {address.hostname} without TLS",
                "url: https://...",
            )
