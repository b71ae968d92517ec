"""Secrets that are planted wherever an installation can have one, and looked for everywhere."""

from __future__ import annotations

import base64
import hashlib
import html
import json
from collections.abc import Iterator, Mapping
from urllib.parse import quote, quote_plus

USER = "reader@example.org"
"""Who signs in by name; a name is an account's, and may show."""


def planted(name: str) -> str:
    """A secret like no other text, with characters that are written otherwise in a URL, in JSON and
    in a page.
    """
    return f"pl4nt/{hashlib.sha256(name.encode()).hexdigest()[:12]}+&=<{name}>"


def forms(secret: str) -> Iterator[str]:
    """Every way in which a secret may be written down: as it is, in a URL, in JSON, in a page, in
    base64 by itself and as the password of a user.
    """
    yield secret
    yield quote(secret, safe="")
    yield quote_plus(secret)
    yield json.dumps(secret)[1:-1]
    yield html.escape(secret)
    for whole in (secret, f"{USER}:{secret}"):
        yield base64.b64encode(whole.encode()).decode().rstrip("=")
        yield base64.urlsafe_b64encode(whole.encode()).decode().rstrip("=")


def leaks(surfaces: Mapping[str, bytes], secrets: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Where which secret is told, and in which words."""
    return [
        (surface, name, form)
        for surface, told in surfaces.items()
        for name, secret in secrets.items()
        for form in dict.fromkeys(forms(secret))
        if form.encode() in told
    ]
