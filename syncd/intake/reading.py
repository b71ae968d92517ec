"""Who may read: everybody, who has a token, or whom a proxy has signed in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network
from urllib.parse import urlsplit

from connectors.addresses import address_of
from syncd.intake.access import Caller, Scope

Network = IPv4Network | IPv6Network
_FORWARDED = "x-forwarded-for"


class Reading(StrEnum):
    """What reading asks for."""

    OPEN = "open"
    TOKEN = "token"  # noqa: S105  a word of the settings
    PROXY = "proxy"


class Refusal(StrEnum):
    """Why a request is not let in."""

    NO_TOKEN = "no_token"  # noqa: S105  a reason
    BAD_TOKEN = "bad_token"  # noqa: S105
    TOO_MANY = "too_many"
    CROSS_SITE = "cross_site"
    NOT_SIGNED_IN = "not_signed_in"
    BUSY = "busy"
    READER_BUSY = "reader_busy"
    STREAMS = "streams"
    READER_STREAMS = "reader_streams"


@dataclass(frozen=True)
class Proxy:
    """A proxy that signs people in. From the addresses in `trusted`, and from nowhere else,
    `user_header` says who it is, and `groups_header` (None: nothing) their groups, separated by
    commas; who is in one of `writers` or `admins` may write or administer, and others read.
    """

    trusted: tuple[Network, ...]
    user_header: str = "X-Forwarded-User"
    groups_header: str | None = None
    writers: frozenset[str] = frozenset()
    admins: frozenset[str] = frozenset()

    def signed_in(self, peer: str, headers: Mapping[str, str]) -> Caller | None:
        """Whom the proxy has signed in; None: nobody, or it is not the proxy who says so.
        `headers` by their names in small letters.
        """
        name = headers.get(self.user_header.lower(), "").strip()
        if not name or not self.trusts(peer):
            return None
        said = "" if self.groups_header is None else headers.get(self.groups_header.lower(), "")
        groups = {group.strip() for group in said.split(",")} - {""}
        scope = Scope.READ
        if groups & self.writers:
            scope = Scope.WRITE
        if groups & self.admins:
            scope = Scope.ADMIN
        return Caller(name, scope)

    def trusts(self, peer: str) -> bool:
        """Whether the address is a proxy's."""
        found = address_of(peer)
        return found is not None and any(found in network for network in self.trusted)


def client_of(proxy: Proxy | None, peer: str, headers: Mapping[str, str]) -> str:
    """The address that a request comes from: the peer's, or the last one before the proxies that
    are trusted (`X-Forwarded-For`; what stands before that anybody may have written).
    """
    if proxy is None:
        return peer
    hops = [hop.strip() for hop in headers.get(_FORWARDED, "").split(",") if hop.strip()]
    found = peer
    while hops and proxy.trusts(found):
        found = hops.pop()
    return found


def from_another_site(method: str, headers: Mapping[str, str], own: str | None) -> bool:
    """Whether a browser sends this for a page of another site. What changes nothing never counts.

    As Go's `http.CrossOriginProtection`: a browser says so in `Sec-Fetch-Site`, an older one in
    `Origin`, which is then neither the `Host` that is asked nor `own` (where people reach syncd);
    who sends neither is no browser.
    """
    if method in ("GET", "HEAD", "OPTIONS"):
        return False
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is not None:
        if site in ("same-origin", "none"):
            return False
    elif origin is None:
        return False
    if origin is None:
        return True
    asked = urlsplit(origin)
    if own is not None and (asked.scheme, asked.netloc) == urlsplit(own)[:2]:
        return False
    return site is not None or asked.netloc != headers.get("host")
