"""A certificate renewed under a running server: no handshake meets half of a pair."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import trustme
from starlette.applications import Starlette

from syncd.certificates import Certificate
from syncd.surfaces.serve import WebServer

RENEWALS = 150


@pytest.fixture
def files(tmp_path: Path) -> Certificate:
    return Certificate(tmp_path / "tls.crt", tmp_path / "tls.key")


@pytest.fixture
def server(authority: trustme.CA, files: Certificate) -> Iterator[WebServer]:
    write(authority.issue_cert("localhost"), files)
    web = WebServer(Starlette(), "127.0.0.1", 0, certificate=files)
    yield web
    web.stop()


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def write(issued: trustme.LeafCert, files: Certificate) -> None:
    assert files.key is not None
    issued.private_key_pem.write_to_path(str(files.key))
    files.chain.write_bytes(b"".join(one.bytes() for one in issued.cert_chain_pems))


def leaf(issued: trustme.LeafCert) -> bytes:
    return ssl.PEM_cert_to_DER_cert(issued.cert_chain_pems[0].bytes().decode())


def shown(port: int, authority: trustme.CA, name: str | None = "localhost") -> bytes:
    """The certificate that a new connection is shown. `name`: the server that it asks for."""
    trusted = ssl.create_default_context()
    authority.configure_trust(trusted)
    trusted.check_hostname = name is not None
    with (
        socket.create_connection(("127.0.0.1", port), timeout=30) as plain,
        trusted.wrap_socket(plain, server_hostname=name) as secure,
    ):
        found = secure.getpeercert(True)
    assert found is not None
    return found


def test_every_handshake_succeeds_while_the_certificate_is_renewed(
    server: WebServer, files: Certificate, authority: trustme.CA
) -> None:
    port = urlsplit(server.start()).port
    assert port is not None
    pair = [authority.issue_cert("localhost"), authority.issue_cert("localhost")]
    done = threading.Event()
    renewed = 0

    def renew() -> None:
        nonlocal renewed
        try:
            while renewed < RENEWALS:
                write(pair[renewed % 2], files)
                server.renew()
                renewed += 1
        finally:
            done.set()

    renewing = threading.Thread(target=renew)
    renewing.start()
    seen = set()
    try:
        while not done.is_set():
            seen.add(shown(port, authority))
    finally:
        renewing.join()

    assert renewed == RENEWALS
    assert seen & {leaf(one) for one in pair}
    assert shown(port, authority) == leaf(pair[(RENEWALS - 1) % 2])


def test_a_client_that_names_no_server_is_shown_the_renewed_certificate(
    server: WebServer, files: Certificate, authority: trustme.CA
) -> None:
    port = urlsplit(server.start()).port
    assert port is not None
    renewed = authority.issue_cert("localhost")
    write(renewed, files)

    before = shown(port, authority, name=None)
    server.renew()

    assert before != leaf(renewed)
    assert shown(port, authority, name=None) == leaf(renewed)


def test_a_pair_that_does_not_fit_is_refused_and_the_one_in_use_stays(
    server: WebServer, files: Certificate, authority: trustme.CA
) -> None:
    port = urlsplit(server.start()).port
    assert port is not None
    assert files.key is not None
    before = shown(port, authority)
    authority.issue_cert("localhost").private_key_pem.write_to_path(str(files.key))

    with pytest.raises(ssl.SSLError):
        server.renew()

    assert shown(port, authority) == before
