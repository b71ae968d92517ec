"""What a client of httpx is given that talks plain HTTP, as all do on loopback."""

from __future__ import annotations

import ssl

NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""For `verify`: it trusts nobody. Left to itself, httpx loads all known authorities for each client
and each call of `httpx.get`, which takes 30 ms of processor.
"""
