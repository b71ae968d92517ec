"""Plain pages at NetBox's own addresses, so that links to devices lead somewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

_SHELL = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title} | NetBox (sandbox)</title></head>
<body><p><a href="/dcim/devices/">Devices</a></p><h1>{title}</h1>{body}</body></html>
"""


def page(title: str, body: str) -> str:
    """A page; `body` is HTML already."""
    return _SHELL.format(title=escape(title), body=body)


def device_page(device: Mapping[str, Any], interfaces: Sequence[Mapping[str, Any]]) -> str:
    """One device: its fields, its custom fields and its interfaces."""
    rows = [
        (name, _text(device[name]))
        for name in (
            "site",
            "rack",
            "position",
            "role",
            "device_type",
            "status",
            "serial",
            "asset_tag",
            "primary_ip4",
            "created",
            "last_updated",
        )
    ]
    rows += [(f"cf.{name}", _text(value)) for name, value in device["custom_fields"].items()]
    cables = [
        (each["name"], f"cable {each['cable']['display']}" if each["cable"] else "not cabled")
        for each in interfaces
    ]
    body = f"{_table(rows)}<h2>Interfaces</h2>{_table(cables)}"
    return page(device["display"], body)


def device_list(devices: Sequence[Mapping[str, Any]], total: int) -> str:
    """The devices that a query selects, the first of them listed."""
    items = "".join(
        f'<li><a href="/dcim/devices/{each["id"]}/">{escape(each["display"])}</a> '
        f"{escape(_text(each['site']))}, {escape(_text(each['status']))}</li>"
        for each in devices
    )
    return page("Devices", f"<p>{total} devices, {len(devices)} shown</p><ul>{items}</ul>")


def _table(rows: Sequence[tuple[str, str]]) -> str:
    cells = "".join(
        f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>" for name, value in rows
    )
    return f"<table>{cells}</table>"


def _text(value: Any) -> str:
    if isinstance(value, Mapping):
        return str(value.get("display") or value.get("label"))
    return "-" if value is None else str(value)
