"""Addresses of machines, as people and headers write them."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address


def address_of(text: str) -> IPv4Address | IPv6Address | None:
    """The address; of an IPv4 one that is written as IPv6 the IPv4 one. None: it is none."""
    try:
        found = ip_address(text.strip("[]").partition("%")[0])
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped or found


def is_loopback(host: str) -> bool:
    """Whether a host is this machine alone, by its name (RFC 6761) or its address.

    >>> [is_loopback(one) for one in ("127.0.0.1", "[::1]", "localhost", "0.0.0.0", "syncd")]
    [True, True, True, False, False]
    """
    name = host.lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    found = address_of(host)
    return found is not None and found.is_loopback
