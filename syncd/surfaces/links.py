"""Addresses that upstreams give."""

from __future__ import annotations

from urllib.parse import urlsplit


def web_link(url: str | None) -> str | None:
    """The address if a browser may follow it, else None: what an upstream gives is not trusted.

    >>> web_link("https://jira.example.org/browse/A-1"), web_link("javascript:alert(1)")
    ('https://jira.example.org/browse/A-1', None)
    """
    if url is None:
        return None
    try:
        scheme = urlsplit(url).scheme
    except ValueError:
        return None
    return url if scheme in ("http", "https") else None
