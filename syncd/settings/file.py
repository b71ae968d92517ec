"""The settings file, and every fault in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from connectors.base import Connector
from syncd.certificates import unfit
from syncd.mapping.document import Document
from syncd.mapping.fault import Fault, Location
from syncd.mapping.tree import parse
from syncd.settings.misfit import of_error
from syncd.settings.outgoing import QuietSetting, RouteSetting, WebhookSetting
from syncd.settings.process import Settings
from syncd.settings.secrets import Secret, SettingsRefused
from syncd.settings.sources import Auth, Every, LimitsSetting, SourceSetting
from syncd.wording import nearest

Json = Any


class SettingsFile(BaseModel):
    """What the settings file may hold."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    sources: dict[str, SourceSetting] = Field(description="The sources, each by a name.")
    every: Every = Field(default=Every(), description="How often indicators are measured.")
    variables: dict[str, Json] = Field(
        default_factory=dict, description="Values that win over those of the mapping files."
    )
    settings: dict[str, Json] = Field(
        default_factory=dict, description="Settings of the process, all but `config`."
    )
    webhooks: dict[str, WebhookSetting] = Field(
        default_factory=dict, description="Where events are posted, each target by a name."
    )
    notifications: dict[str, RouteSetting] = Field(
        default_factory=dict, description="Whom chats, mails and pagers tell, by a route's name."
    )


def read_document(path: Path) -> Document:
    """The file, parsed. Raises SettingsRefused when it cannot be read."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise SettingsRefused(
            [Fault(str(path), 0, "", f"a file that cannot be read ({reason})", "YAML text",
                   "set SYNCD_CONFIG (or --config) to the settings file")]
        ) from error  # fmt: skip
    return Document(path.name, parse(text))


def validated(
    document: Document, connectors: Mapping[str, Connector] | None
) -> SettingsFile | None:
    """What the file says; None, with every fault noted in the document, where it cannot be used.
    `connectors` None: what only a connector knows of its sources is not checked.
    """
    if not document.readable:
        return None
    try:
        found = SettingsFile.model_validate(document.root.plain)
    except ValidationError as error:
        for one in error.errors():
            where = tuple(step for step in one["loc"] if not _is_type_name(step))
            if one["type"] == "extra_forbidden":
                near = nearest(str(where[-1]), _known_keys(where))
                document.fault(
                    where, f'"{where[-1]}"', "a known key", f"{near}?" if near else "take it out"
                )
            else:
                # what stands there may be a secret written in the wrong place: never repeated
                document.fault(where, *astuple(of_error(one)))
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
            got, expected, fix = astuple(of_error(one))
            if one["type"] == "extra_forbidden":
                got, expected = f'"{key}"', f"a setting of a {source.kind} source"
                fix = f"{near}?" if near else fix
            document.fault((*where, *one["loc"]), got, expected, fix)


def _known_keys(where: Location) -> list[str]:
    if len(where) == 1:
        return list(SettingsFile.model_fields)
    if where[0] in ("webhooks", "notifications") and len(where) == 3:
        shape = WebhookSetting if where[0] == "webhooks" else RouteSetting
        return [field.alias or name for name, field in shape.model_fields.items()]
    inside: dict[str | int, type[BaseModel]] = {
        "quiet": QuietSetting,
        "limits": LimitsSetting,
        "auth": Auth,
        "basic": Auth.Basic,
    }
    return list(inside.get(where[-2], Secret).model_fields)


def _is_type_name(step: int | str) -> bool:
    # pydantic adds the union's member to a location; authors know no such step
    return step in ("Secret", "str")
