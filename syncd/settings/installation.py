"""One installation: the environment, then the settings file."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from pydantic import ValidationError

from connectors.base import Connector
from syncd.mapping.fault import Fault
from syncd.outgoing.destination import NOTIFY, WEBHOOK, Destination
from syncd.settings.misfit import of_error
from syncd.settings.process import Settings
from syncd.settings.secrets import Secret, SettingsRefused, values
from syncd.settings.sources import Every, SourceSetting

if TYPE_CHECKING:
    from syncd.settings.outgoing import RouteSetting, WebhookSetting

Json = Any


@dataclass(frozen=True)
class Installation:
    """Everything a process is told from outside. `said_by` has the environment variable of each of
    the `variables` that the environment says; the rest stand in the settings file.
    """

    settings: Settings
    sources: Mapping[str, SourceSetting] = field(default_factory=dict)
    every: Every = field(default_factory=Every.model_construct)
    variables: Mapping[str, Json] = field(default_factory=dict)
    said_by: Mapping[str, str] = field(default_factory=dict)
    webhooks: Mapping[str, WebhookSetting] = field(default_factory=dict)
    notifications: Mapping[str, RouteSetting] = field(default_factory=dict)

    def destinations(self) -> list[Destination]:
        """Whom events are sent to, their secrets read. Raises SettingsRefused with every fault."""
        base = (self.settings.external_url or "").rstrip("/")
        found: list[Destination] = []
        faults: list[Fault] = []
        for name, webhook in self.webhooks.items():
            try:
                found.append(webhook.target(name, base))
            except SettingsRefused as error:
                faults += error.faults
        for name, route in self.notifications.items():
            try:
                found.append(route.route(name, base))
            except SettingsRefused as error:
                faults += error.faults
        if faults:
            raise SettingsRefused(faults)
        return found

    @property
    def targets(self) -> list[str]:
        """What the destinations are called in the outbox."""
        return [
            *(f"{WEBHOOK}{name}" for name in self.webhooks),
            *(f"{NOTIFY}{name}" for name in self.notifications),
        ]

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

    def places(self) -> dict[str, Secret]:
        """Where the secrets of sources and of whom events are sent to are, by what they are for."""
        found = self._outgoing()
        for name, source in self.sources.items():
            found |= source.places(name)
        return found

    def outgoing_secrets(self) -> dict[str, str]:
        """The secrets of whom events are sent to. Raises SettingsRefused with every fault."""
        return values(self._outgoing())

    def secret_values(self) -> list[str]:
        """Every secret of the installation, for hiding them in logs. Raises SettingsRefused with
        all that are not there, whatever the source.
        """
        found = list(values(self.places()).values())
        for source in self.sources.values():
            found += [value for value in source.headers.values() if isinstance(value, str)]
        token, password = self.settings.token(), urlsplit(self.settings.database()).password
        # as it stands in the URL, and as the driver has it
        found += [password, unquote(password)] if password else []
        return [secret for secret in (*found, token) if secret]

    def _outgoing(self) -> dict[str, Secret]:
        return {
            **{f"webhooks.{name}.secret": one.secret for name, one in self.webhooks.items()},
            **{f"notifications.{name}.url": one.url for name, one in self.notifications.items()},
        }


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
    said_by = {
        name.removeprefix("SYNCD_VAR_").lower(): name
        for name in os.environ
        if name.startswith("SYNCD_VAR_")
    }
    variables = {name: os.environ[said] for name, said in said_by.items()}
    if settings.config is None:
        return Installation(settings, variables=variables, said_by=said_by)
    # here and not above: who has no such file need not wait for what reads it
    from syncd.settings.file import read_document, validated

    document = read_document(settings.config)
    found = validated(document, connectors)
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
            where, said = ("settings", *one["loc"]), of_error(one)
            document.fault(where, document.got(where), said.expected, said.fix)
        raise SettingsRefused(document.faults) from error
    variables = {**found.variables, **variables}
    return Installation(
        settings,
        found.sources,
        found.every,
        variables,
        said_by,
        found.webhooks,
        found.notifications,
    )


def _faults_of_environment(error: ValidationError) -> list[Fault]:
    faults = []
    for one in error.errors():
        name, said = "_".join(str(step) for step in one["loc"]).upper(), of_error(one)
        faults.append(Fault("environment", 0, f"SYNCD_{name}", said.got, said.expected, said.fix))
    return faults
