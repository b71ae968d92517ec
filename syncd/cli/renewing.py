"""The secrets of a running process, and whom each is for."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from urllib.parse import urlsplit

from syncd import log
from syncd.cli.ports import hook_ports
from syncd.intake.access import Access
from syncd.intake.hooks import Hooks
from syncd.outgoing.courier import Courier
from syncd.process import Assembly
from syncd.renewal import Renewal, Renewals
from syncd.settings import Installation, Settings, SettingsRefused
from syncd.surfaces.serve import WebServer


def renewals(
    assembly: Assembly,
    access: Access,
    hooks: Hooks | None,
    couriers: Courier | None,
    webs: Sequence[WebServer] = (),
) -> Renewals:
    """All secrets that this process uses; None: it has no such part. Raises SettingsRefused."""
    installation = assembly.installation
    settings = installation.settings
    # first: what is new is hidden before anybody has it
    found = [Renewal("log", partial(_to_hide, installation), _Hidden(installation).add)]
    for name, source in installation.sources.items():
        found.append(
            Renewal(f"sources.{name}", partial(source.config, name), assembly.sessions[name].renew)
        )
    if hooks is not None:
        found.append(Renewal("hooks", partial(hook_ports, installation), hooks.renew))
        found.append(Renewal("api_token", settings.token, access.renew))
    if settings.tls_cert_file is not None and webs:
        found.append(Renewal("tls", partial(_certificate, settings), partial(_speak, webs)))
    if couriers is not None:
        found.append(
            Renewal(
                "outgoing",
                installation.outgoing_secrets,
                lambda _: couriers.renew(installation.destinations()),
            )
        )
    if not assembly.store.is_sqlite:
        found.append(Renewal("database_url", settings.database, assembly.store.renew))
    return Renewals(found)


def _certificate(settings: Settings) -> bytes:
    """What tells one certificate from another. Raises SettingsRefused when it cannot be used."""
    found = settings.certificate()
    if found is None:
        return b""
    files = [found.chain] if found.key is None else [found.chain, found.key]
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).digest()


def _speak(webs: Sequence[WebServer], _: bytes) -> None:
    for web in webs:
        web.renew()


def _to_hide(installation: Installation) -> frozenset[str]:
    """The secrets that can be read now, whatever has become of the others."""
    found: set[str | None] = set()
    for where, secret in installation.places().items():
        with suppress(SettingsRefused):
            found.add(secret.value(where))
    settings = installation.settings
    with suppress(SettingsRefused):
        found.add(settings.token())
    with suppress(SettingsRefused):
        found.add(urlsplit(settings.database()).password)
    return frozenset(one for one in found if one)


class _Hidden:
    """What logs hide: what was ever read, because the upstream may still say the old one."""

    def __init__(self, installation: Installation) -> None:
        self._settings = installation.settings
        self._secrets = set(installation.secret_values())

    def add(self, secrets: frozenset[str]) -> None:
        self._secrets |= secrets
        log.set_up(
            form=self._settings.log_format, level=self._settings.log_level, secrets=self._secrets
        )
