"""Whether an address takes connections, and TLS ones: nothing is sent beyond the handshake."""

from __future__ import annotations

import socket
import ssl
import time
from dataclasses import dataclass
from urllib.parse import urlsplit


class Unanswered(Exception):  # as in connectors.base: says what is so
    """No connection; `says` why, `tls`: it was the handshake."""

    def __init__(self, says: str, *, tls: bool = False) -> None:
        super().__init__(says)
        self.says = says
        self.tls = tls


@dataclass(frozen=True)
class Address:
    """Where to connect, and whether with TLS from the first byte."""

    host: str
    port: int
    tls: bool

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


def address_of(url: str) -> Address:
    """Where an http or https URL leads."""
    parts = urlsplit(url)
    tls = parts.scheme == "https"
    return Address(parts.hostname or "", parts.port or (443 if tls else 80), tls)


def connected(address: Address, context: ssl.SSLContext | None, seconds: float) -> float | None:
    """How many seconds the certificate there still holds; None without TLS. `context`: whom we
    trust and who we are (None: the usual). Raises Unanswered.
    """
    try:
        raw = socket.create_connection((address.host, address.port), timeout=seconds)
    except OSError as error:
        raise Unanswered(_words(error)) from error
    with raw:
        if not address.tls:
            return None
        try:
            trust = context or ssl.create_default_context()
            with trust.wrap_socket(raw, server_hostname=address.host) as wrapped:
                ends = (wrapped.getpeercert() or {}).get("notAfter")
        except ssl.SSLCertVerificationError as error:
            raise Unanswered(
                f"its certificate is not accepted ({error.verify_message})", tls=True
            ) from error
        except (ssl.SSLError, OSError) as error:
            raise Unanswered(f"no TLS is spoken there ({_words(error)})", tls=True) from error
    return None if ends is None else ssl.cert_time_to_seconds(str(ends)) - time.time()


def _words(error: OSError) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, socket.gaierror):
        return "its name does not resolve"
    return (error.strerror or getattr(error, "reason", None) or type(error).__name__).lower()
