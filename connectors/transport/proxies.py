"""Which proxy of the environment leads to an address; the same for both libraries."""

from __future__ import annotations

from urllib.parse import urlsplit

from requests.utils import get_environ_proxies, select_proxy

from connectors.addresses import is_loopback


def proxy_for(url: str) -> str | None:
    """The proxy's address by HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY, or None.

    Never one for this machine's own addresses: a proxy elsewhere has a loopback of its own.
    """
    if is_loopback(urlsplit(url).hostname or ""):
        return None
    proxy: str | None = select_proxy(url, get_environ_proxies(url))
    return proxy
