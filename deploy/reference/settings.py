"""The page of the settings, made of the models that read them."""

from __future__ import annotations

import types
from collections.abc import Mapping
from datetime import timedelta
from enum import Enum
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from connectors.quantity import Duration
from deploy.reference.tables import MADE, code, sentence, table
from syncd.registry import connectors
from syncd.settings.access import ProxySetting
from syncd.settings.file import SettingsFile
from syncd.settings.outgoing import QuietSetting, RouteSetting, WebhookSetting
from syncd.settings.process import Settings
from syncd.settings.secrets import Secret
from syncd.settings.sources import Auth, Every, LimitsSetting, SourceSetting

HEAD = f"""\
# Every setting

{MADE}
How they are used, with an example: [settings](../guide/settings.md).

A *duration* is a number and a unit, such as `5 min`. The *place of a secret* is
`{{env: NAME}}` or `{{file: PATH}}`.

"""
MORE: Mapping[str, str] = {
    "api_token": "../guide/access.md#tokens",
    "keep_fine": "../guide/backup.md#what-is-kept",
    "log_level": "../guide/logs.md",
    "metrics_listen": "../guide/access.md#metrics-and-probes-on-a-port-of-their-own",
    "most_requests": "../guide/access.md#how-much-at-once",
    "most_streams": "../guide/access.md#how-much-at-once",
    "proxy": "../guide/access.md#a-proxy-that-signs-people-in",
    "reading": "../guide/access.md",
    "renderers": "../guide/access.md#how-much-at-once",
    "tls_cert_file": "../guide/access.md#https",
    "traces": "../guide/traces.md",
    "hook_secret": "../guide/hooks.md",
    "notifications": "../guide/notifications.md",
    "webhooks": "../guide/webhooks.md",
}
"""Where more is said of a setting."""
PLAIN = {
    bool: "true or false",
    int: "whole number",
    float: "number",
    str: "text",
    Path: "file",
    timedelta: "duration",
}


def settings_page() -> str:
    """docs/reference/settings.md."""
    kinds = "".join(
        f"### Of kind `{name}`\n\n{_keys(connector.options)}"
        for name, connector in sorted(connectors().items())
    )
    return (
        f"{HEAD}"
        "## Of a process\n\nEach is also an environment variable, `SYNCD_` and the name in "
        "capitals, which wins over `settings` in the file.\n\n"
        f"{_keys(Settings)}"
        "### `proxy`\n\nAs an environment variable it is JSON.\n\n"
        f"{_keys(ProxySetting)}"
        f"## The file\n\n{_keys(SettingsFile)}"
        f"## `sources`, each\n\n{_keys(SourceSetting)}"
        f"### `auth`\n\n{_keys(Auth)}"
        f"### `limits`\n\n{_keys(LimitsSetting)}"
        f"{kinds}"
        "## `every`\n\nBeside these, any measure by its full name: `jira.ratio: 15 min`.\n\n"
        f"{_keys(Every)}"
        f"## `webhooks`, each\n\n{_keys(WebhookSetting)}"
        f"## `notifications`, each\n\n{_keys(RouteSetting)}"
        f"### `quiet`\n\n{_keys(QuietSetting)}"
    ).rstrip("\n") + "\n"


def _keys(model: type[BaseModel]) -> str:
    return table(
        ("key", "what it takes", "default", "meaning"),
        (
            (code(field.alias or name), _takes(field), _default(name, field), _meaning(name, field))
            for name, field in model.model_fields.items()
        ),
    )


def _meaning(name: str, field: FieldInfo) -> str:
    if not field.description:
        raise ValueError(f"the setting {name} has no description")
    more = f" [More]({MORE[name]})." if name in MORE else ""
    return sentence(field.description) + more


def _takes(field: FieldInfo) -> str:
    bounds = {
        mark: getattr(one, key)
        for one in field.metadata
        for key, mark in (("ge", "from"), ("le", "to"))
        if getattr(one, key, None) is not None
    }
    said = "".join(f" {mark} {value}" for mark, value in bounds.items())
    if _is_duration(field) or timedelta in (field.annotation, *get_args(field.annotation)):
        return "duration"
    return _named(field.annotation) + said


def _is_duration(field: FieldInfo) -> bool:
    """Durations are text to pydantic, told apart by what checks them."""
    checks = get_args(Duration)[1:]
    inside = get_args(field.annotation)
    is_one = any(one in field.metadata for one in checks) or Duration in inside
    return is_one and get_origin(field.annotation) is not dict


def _named(kind: Any) -> str:
    if get_origin(kind) in (Union, types.UnionType):
        words = dict.fromkeys(_named(one) for one in get_args(kind) if one is not type(None))
        return " or ".join(words)
    if get_origin(kind) is Literal:
        return ", ".join(code(one) for one in get_args(kind))
    if get_origin(kind) is list:
        return f"list of {_named(get_args(kind)[0])}"
    if get_origin(kind) is dict:
        inside = get_args(kind)[1]
        return "duration by name" if inside is Duration else f"{_named(inside)} by name"
    if kind in (Secret, SecretStr):
        return "place of a secret" if kind is Secret else "text"
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return "keys"
    if isinstance(kind, type) and issubclass(kind, Enum):
        values = [code(one.value) for one in kind]
        return ", ".join(values) if len(values) < 8 else "words"
    inside = get_args(kind)
    return PLAIN.get(kind) or (_named(inside[0]) if inside else "any")


def _default(name: str, field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    if name == "database_url":
        return "SQLite in the user's data folder"
    value = field.default
    if value is PydanticUndefined or value is None or isinstance(value, BaseModel) or value == []:
        return "none" if not isinstance(value, BaseModel) else "those below"
    if isinstance(value, timedelta):
        return code(_duration(value))
    if isinstance(value, Enum | Path):
        return code(str(getattr(value, "value", value)))
    return code(value)


def _duration(value: timedelta) -> str:
    minutes = int(value.total_seconds() // 60)
    return f"{minutes // 60} h" if minutes % 60 == 0 else f"{minutes} min"
