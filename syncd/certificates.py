"""Whether the certificate files of a source can be used, found out before anything is asked."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Unfit:
    """What is wrong with the setting `key` of a source. Holds nothing of a file's content."""

    key: str
    got: str
    expected: str
    fix: str


def unfit(
    url: str, ca_file: Path | None, client_cert: Path | None, client_key: Path | None
) -> Iterator[Unfit]:
    """What of a source's certificates cannot be used at this address."""
    if ca_file is not None:
        yield from _authority(ca_file)
    if client_cert is None:
        if client_key is not None:
            yield Unfit(
                "client_key",
                "a key without a certificate",
                "client_cert beside it",
                "client_cert: the certificate's file, or take client_key out",
            )
        return
    if not url.lower().startswith("https:"):
        yield Unfit(
            "client_cert",
            "a client certificate for an address without TLS",
            "an https:// address",
            "url: https://..., or take client_cert out",
        )
    unreadable = list(_unreadable("client_cert", client_cert))
    if client_key is not None:
        unreadable += _unreadable("client_key", client_key)
    yield from unreadable or _pair(client_cert, client_key)


def _authority(file: Path) -> Iterator[Unfit]:
    unreadable = list(_unreadable("ca_file", file))
    yield from unreadable
    if unreadable:
        return
    try:
        ssl.create_default_context(cafile=file)
    except (ssl.SSLError, OSError):
        yield Unfit(
            "ca_file",
            f"{file}, which holds no certificate",
            "certificates in PEM (-----BEGIN CERTIFICATE-----)",
            "the authority's certificate; openssl x509 -inform der -in FILE makes PEM of DER",
        )


def _pair(certificate: Path, key: Path | None) -> Iterator[Unfit]:
    encrypted = False

    def no_password() -> str:
        nonlocal encrypted
        encrypted = True
        return ""

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.load_cert_chain(certificate, key, password=no_password)
    except (ssl.SSLError, OSError, ValueError) as error:
        reason = getattr(error, "reason", None)
    else:
        return
    setting, file = ("client_cert", certificate) if key is None else ("client_key", key)
    if encrypted:
        yield Unfit(
            setting,
            f"{file}, an encrypted key",
            "a key without a password",
            "openssl pkey -in FILE -out NEW, and let only syncd's user read it",
        )
    elif reason == "KEY_VALUES_MISMATCH":
        yield Unfit(
            setting,
            f"{file}, which is not the key of {certificate}",
            "the certificate and the private key that belongs to it",
            "name the two files of one pair",
        )
    else:
        both = f"{certificate} and {key}" if key is not None else str(certificate)
        yield Unfit(
            "client_cert",
            f"{both}, which hold no certificate with its key",
            "a certificate and its private key in PEM",
            "client_cert: the certificate (and its chain), client_key: its private key",
        )


def _unreadable(setting: str, file: Path) -> Iterator[Unfit]:
    try:
        with file.open("rb"):
            return
    except OSError as error:
        yield Unfit(
            setting,
            f"{file}, a file that cannot be read ({error.strerror})",
            "a file in PEM",
            "mount it there, and let this user read it",
        )
