"""Where events are sent to: whether a connection can be made, without sending anything."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from urllib.parse import urlsplit

from connectors.checkup import Finding
from connectors.transport.proxies import proxy_for
from syncd.doctor.judging import certificate_told
from syncd.doctor.wire import Address, Unanswered, address_of, connected
from syncd.settings.outgoing import RouteSetting, WebhookSetting
from syncd.settings.secrets import SettingsRefused

_OPEN_SCHEMAS = ("json", "jsons", "form", "forms", "xml", "xmls")
"""Services of apprise whose address is the host that is asked."""
_ADDRESSES = ("notify_url", "webhook_url", "api_url", "cloud_notify_url")
"""Where services of apprise keep the address that all of their users share."""


def look_at_webhook(name: str, setting: WebhookSetting, seconds: float) -> Iterator[Finding]:
    """Whether the address takes connections, and whether the secret can sign."""
    try:
        setting.target(name, "")
    except SettingsRefused as error:
        for fault in error.faults:
            yield Finding.problem("settings", f"{fault.path}: {fault.got}", fault.fix)
    file = None if setting.ca_file is None else str(setting.ca_file)
    yield from _look_at(setting.url, file, seconds)


def look_at_route(name: str, setting: RouteSetting, seconds: float) -> Iterator[Finding]:
    """Whether the service takes connections, where it has an address that can be known."""
    try:
        route = setting.route(name, "")
    except SettingsRefused as error:
        for fault in error.faults:
            yield Finding.problem("settings", f"{fault.path}: {fault.got}", fault.fix)
        return
    found = address_of_service(route.url)
    if found is None:
        yield Finding.unknown(
            "reachable",
            "where this service takes messages is not known without sending one",
            f"`syncd notify --test {name}` sends one",
        )
    elif isinstance(found, str):
        yield from _look_at(found, None, seconds)
    else:
        yield from _connect(found, None, seconds)


def _look_at(url: str, ca_file: str | None, seconds: float) -> Iterator[Finding]:
    if proxy_for(url) is not None:
        yield Finding.unknown(
            "reachable", f"{urlsplit(url).hostname} is reached through a proxy only"
        )
        return
    yield from _connect(address_of(url), ca_file, seconds)


def _connect(address: Address, ca_file: str | None, seconds: float) -> Iterator[Finding]:
    context = ssl.create_default_context(cafile=ca_file) if address.tls else None
    try:
        left = connected(address, context, seconds)
    except Unanswered as why:
        fix = (
            "have its certificate mended, or set ca_file to the authority that signed it"
            if why.tls
            else "check the address, and what stands between: a firewall, a NetworkPolicy, a proxy"
        )
        yield Finding.problem("reachable", f"{address}: {why.says}", fix)
        return
    secured = " with TLS" if address.tls else ""
    yield Finding.ok("reachable", f"{address} takes connections{secured}; nothing was sent")
    if left is not None:
        yield from certificate_told(left)


def address_of_service(url: str) -> str | Address | None:
    """Where the service of an address of apprise's takes messages: an URL, or a host; None where
    that is not known. An address of a service may hold a secret where others have a host, so a host
    is believed only of services that are known to have one.
    """
    from apprise import Apprise

    service = Apprise.instantiate(url, suppress_exceptions=True)
    if service is None:
        return None
    scheme = url.partition("://")[0].lower()
    if scheme in _OPEN_SCHEMAS:
        tls = bool(service.secure)
        return Address(str(service.host), int(service.port or (443 if tls else 80)), tls)
    if scheme in ("mailto", "mailtos"):
        tls = bool(service.secure) and getattr(service, "secure_mode", "") == "ssl"
        host = getattr(service, "smtp_host", None) or service.host
        return Address(str(host), int(service.port or (465 if tls else 587)), tls)
    for key in _ADDRESSES:
        address = getattr(type(service), key, None)
        if isinstance(address, str) and "{" not in (urlsplit(address).hostname or "{"):
            return address
    return None
