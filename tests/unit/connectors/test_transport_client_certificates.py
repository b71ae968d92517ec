"""Client certificates (mutual TLS), the same under requests and under httpx, over real sockets."""

from __future__ import annotations

import os
import ssl
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme

from connectors.base import SilentObserver, SourceConfig, TlsFailed
from connectors.prometheus import connector
from connectors.prometheus.measures import Query
from connectors.transport import Transport, json_of
from tests.contract.face_prometheus import healthy as prometheus
from tests.contract.faces import NOW, QUICK, Recorder
from tests.contract.faultserver import FaultServer

LIBRARIES: dict[str, Callable[[Transport], Any]] = {
    "requests": Transport.requests_session,
    "httpx": Transport.httpx_client,
}

under_each = pytest.mark.parametrize("library", LIBRARIES)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def folder(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`ca.pem`; `me.crt`, `me.key` and `me.both` of the server's own authority, and of another
    the same as `stranger`.
    """
    made = tmp_path_factory.mktemp("certificates")
    authority.cert_pem.write_to_path(made / "ca.pem")
    for name, issuer in (("me", authority), ("stranger", trustme.CA())):
        write(issuer, made, name)
    return made


def write(issuer: trustme.CA, folder: Path, name: str) -> None:
    """A new certificate, its key, and both in one file."""
    leaf = issuer.issue_cert("syncd@client.example.org")
    (folder / f"{name}.crt").write_bytes(b"".join(pem.bytes() for pem in leaf.cert_chain_pems))
    (folder / f"{name}.key").write_bytes(leaf.private_key_pem.bytes())
    (folder / f"{name}.both").write_bytes(leaf.private_key_and_cert_chain_pem.bytes())


@pytest.fixture(params=[ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=lambda v: v.name)
def asking(authority: trustme.CA, request: pytest.FixtureRequest) -> Iterator[FaultServer]:
    """A Prometheus that wants to know who asks."""
    yield from listening(authority, request.param)


@pytest.fixture
def refusing(authority: trustme.CA) -> Iterator[FaultServer]:
    """The same under TLS 1.2, where the refusal is part of the handshake; under 1.3 it comes after
    it, and may be overtaken by the end of the connection.
    """
    yield from listening(authority, ssl.TLSVersion.TLSv1_2)


def listening(authority: trustme.CA, version: ssl.TLSVersion) -> Iterator[FaultServer]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = context.maximum_version = version
    context.verify_mode = ssl.CERT_REQUIRED
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.configure_trust(context)
    with FaultServer(prometheus, tls=context) as running:
        yield running


Asker = Callable[..., Any]


@pytest.fixture
def ask(folder: Path) -> Iterator[Asker]:
    """Asks a server for its version, showing these files of the folder."""
    transports: list[Transport] = []

    def ask_it(
        library: str, server: FaultServer, cert: str | None, key: str | None, observer: Any = None
    ) -> Any:
        config = config_of(server, folder, cert, key)
        transports.append(Transport(config, observer or SilentObserver()))
        client = LIBRARIES[library](transports[-1])
        return json_of(client.get(f"{server.url}/api/v1/status/buildinfo"))["data"]["version"]

    yield ask_it
    for transport in transports:
        transport.close()


def config_of(server: FaultServer, folder: Path, cert: str | None, key: str | None) -> SourceConfig:
    return SourceConfig(
        "src",
        "prometheus",
        server.url,
        verify=str(folder / "ca.pem"),
        limits=QUICK,
        client_cert=None if cert is None else str(folder / cert),
        client_key=None if key is None else str(folder / key),
    )


@under_each
@pytest.mark.parametrize(("cert", "key"), [("me.crt", "me.key"), ("me.both", None)])
def test_a_server_that_asks_is_shown_who_we_are(
    library: str, asking: FaultServer, ask: Asker, cert: str, key: str | None
) -> None:
    assert ask(library, asking, cert, key) == "2.42.0"


@under_each
@pytest.mark.parametrize(("cert", "key"), [(None, None), ("stranger.crt", "stranger.key")])
def test_without_a_certificate_that_it_trusts_the_server_refuses(
    library: str, refusing: FaultServer, ask: Asker, cert: str | None, key: str | None
) -> None:
    recorder = Recorder()

    with pytest.raises(TlsFailed, match=r"^src: GET /api/v1/status/buildinfo: TLS failed: "):
        ask(library, refusing, cert, key, recorder)

    assert [exchange.error_type for exchange in recorder.exchanges] == ["tls"]
    assert refusing.requests == []


@under_each
@pytest.mark.parametrize(
    ("cert", "key", "words"),
    [
        ("gone.crt", "me.key", "cannot be read"),
        ("me.crt", "gone.key", "cannot be read"),
        ("me.crt", "stranger.key", "key values mismatch"),
        ("me.key", None, "TLS failed"),
        ("ca.pem", None, "TLS failed"),
    ],
)
def test_files_of_no_use_are_a_tls_failure_that_names_no_path(
    library: str,
    refusing: FaultServer,
    ask: Asker,
    folder: Path,
    cert: str,
    key: str | None,
    words: str,
) -> None:
    with pytest.raises(TlsFailed, match=words) as caught:
        ask(library, refusing, cert, key)

    assert str(folder) not in str(caught.value)
    assert refusing.requests == []


@under_each
def test_a_certificate_that_is_renewed_in_place_is_used_from_the_next_connection_on(
    library: str,
    refusing: FaultServer,
    authority: trustme.CA,
    tmp_path: Path,
) -> None:
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    write(trustme.CA(), tmp_path, "me")
    transport = Transport(config_of(refusing, tmp_path, "me.crt", "me.key"), SilentObserver())
    client = LIBRARIES[library](transport)
    with pytest.raises(TlsFailed):
        client.get(f"{refusing.url}/api/v1/status/buildinfo")

    write(authority, tmp_path, "me")
    later = time.time_ns() + 1_000_000_000
    for file in ("me.crt", "me.key"):
        os.utime(tmp_path / file, ns=(later, later))

    assert client.get(f"{refusing.url}/api/v1/status/buildinfo").status_code == 200
    transport.close()


def test_a_prometheus_behind_mutual_tls_is_read(asking: FaultServer, folder: Path) -> None:
    session = connector.open(config_of(asking, folder, "me.crt", "me.key"), SilentObserver())
    plan = Query(measure="prometheus.query", query="sum(up)").plan("src")

    assert session.identify(time.monotonic() + 30).version == "2.42.0"
    assert session.read(plan, NOW, time.monotonic() + 30).value == 42.0
    session.close()
