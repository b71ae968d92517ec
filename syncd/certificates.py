"""Whether certificate files can be used, found out before anything is done with them."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Certificate:
    """A certificate with its chain, and its private key (None: it is in the certificate's file),
    both PEM.
    """

    chain: Path
    key: Path | None = None


@dataclass(frozen=True)
class Unfit:
    """What is wrong with the setting `key`. Holds nothing of a file's content."""

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
    if client_cert is not None and not url.lower().startswith("https:"):
        yield Unfit(
            "client_cert",
            "a client certificate for an address without TLS",
            "an https:// address",
            "url: https://..., or take client_cert out",
        )
    yield from unfit_pair("client_cert", client_cert, "client_key", client_key)


def unfit_pair(
    certificate: str, chain: Path | None, private: str, key: Path | None
) -> Iterator[Unfit]:
    """What of a certificate and its private key, of the settings of these names, cannot be used."""
    if chain is None:
        if key is not None:
            yield Unfit(
                private,
                "a key without a certificate",
                f"{certificate} beside it",
                f"{certificate}: the certificate's file, or take {private} out",
            )
        return
    unreadable = list(_unreadable(certificate, chain))
    if key is not None:
        unreadable += _unreadable(private, key)
    yield from unreadable or _pair(certificate, chain, private, key)


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


def _pair(certificate: str, chain: Path, private: str, key: Path | None) -> Iterator[Unfit]:
    encrypted = False

    def no_password() -> str:
        nonlocal encrypted
        encrypted = True
        return ""

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.load_cert_chain(chain, key, password=no_password)
    except (ssl.SSLError, OSError, ValueError) as error:
        reason = getattr(error, "reason", None)
    else:
        return
    setting, file = (certificate, chain) if key is None else (private, key)
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
            f"{file}, which is not the key of {chain}",
            "the certificate and the private key that belongs to it",
            "name the two files of one pair",
        )
    else:
        both = f"{chain} and {key}" if key is not None else str(chain)
        yield Unfit(
            certificate,
            f"{both}, which hold no certificate with its key",
            "a certificate and its private key in PEM",
            f"{certificate}: the certificate (and its chain), {private}: its private key",
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
