"""Whom we trust, and through whom we ask: the same under requests and under httpx, over real sockets."""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from connectors.base import (
    TimedOut,
    TlsFailed,
    Unreachable,
)
from connectors.transport import PARTING
from tests.contract import faults
from tests.contract.faces import Recorder
from tests.contract.faultserver import Fault, FaultServer
from tests.unit.connectors.transport.parts import (
    PATIENT,
    Opener,
    healthy,
    under_each,
    until_asked,
)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def tls_server(authority: trustme.CA) -> Iterator[FaultServer]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    with FaultServer(healthy, tls=context) as running:
        yield running


@pytest.fixture
def bundle(authority: trustme.CA, tmp_path: Path) -> str:
    file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(file)
    return str(file)


@under_each
def test_a_certificate_of_a_named_authority_is_accepted(
    library: str,
    tls_server: FaultServer,
    opened: Opener,
    bundle: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere.pem")
    _, client = opened(library, tls_server.url, verify=bundle)

    assert client.get(f"{tls_server.url}/").status_code == 200


@under_each
def test_a_connection_that_was_parted_with_is_asked_nothing_more_under_tls_either(
    library: str, tls_server: FaultServer, opened: Opener, bundle: str
) -> None:
    recorder = Recorder()
    _, client = opened(library, tls_server.url, verify=bundle, observer=recorder)

    for number in range(4):
        client.get(f"{tls_server.url}/", headers=PARTING if number == 1 else None)

    assert [exchange.error_type for exchange in recorder.exchanges] == [None] * 4
    first, second, third, fourth = (request.peer for request in tls_server.requests)
    assert first == second != third == fourth


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_requests_trusts_whom_the_environment_names_where_no_setting_does(
    tls_server: FaultServer,
    opened: Opener,
    bundle: str,
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
) -> None:
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    monkeypatch.setenv(variable, bundle)
    _, client = opened("requests", tls_server.url)

    assert client.get(f"{tls_server.url}/").status_code == 200


@under_each
def test_a_strangers_certificate_is_a_tls_failure_and_is_not_tried_again(
    library: str, tls_server: FaultServer, opened: Opener
) -> None:
    recorder = Recorder()
    _, client = opened(library, tls_server.url, observer=recorder)

    with pytest.raises(TlsFailed, match="the certificate was not accepted"):
        client.get(f"{tls_server.url}/?q=private")

    assert [exchange.error_type for exchange in recorder.exchanges] == ["tls"]


@under_each
@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
def test_verification_can_be_switched_off(
    library: str, tls_server: FaultServer, opened: Opener
) -> None:
    _, client = opened(library, tls_server.url, verify=False)

    assert client.get(f"{tls_server.url}/").status_code == 200


@under_each
def test_plain_http_at_a_tls_address_is_a_tls_failure(
    library: str, server: FaultServer, opened: Opener
) -> None:
    url = server.url.replace("http:", "https:")
    _, client = opened(library, url)

    with pytest.raises(TlsFailed):
        client.get(f"{url}/")


@under_each
@pytest.mark.parametrize("fault", [faults.one_byte_at_a_time, faults.body_one_byte_at_a_time])
def test_the_deadline_holds_under_tls(
    library: str, tls_server: FaultServer, opened: Opener, bundle: str, fault: Fault
) -> None:
    transport, client = opened(library, tls_server.url, verify=bundle, limits=PATIENT)
    tls_server.fail(fault)

    with transport.deadline(time.monotonic() + 0.3), pytest.raises(TimedOut):
        client.get(f"{tls_server.url}/")


@under_each
def test_closing_ends_a_wait_under_tls(
    library: str, tls_server: FaultServer, opened: Opener, bundle: str
) -> None:
    transport, client = opened(library, tls_server.url, verify=bundle, limits=PATIENT)
    tls_server.fail(faults.never_answers)
    caught: list[BaseException] = []

    def ask() -> None:
        with pytest.raises(Unreachable) as error:
            client.get(f"{tls_server.url}/")
        caught.append(error.value)

    waiting = threading.Thread(target=ask)
    waiting.start()
    until_asked(tls_server)
    transport.close()
    waiting.join(timeout=30)

    assert "the session was closed" in str(caught[0])


@under_each
def test_the_proxy_of_the_environment_is_used(
    library: str, server: FaultServer, opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", server.url)
    monkeypatch.delenv("no_proxy", raising=False)
    _, client = opened(library, "http://upstream.example")

    client.get("http://upstream.example/metrics")

    assert server.requests[0].headers["host"] == "upstream.example"


@under_each
def test_no_proxy_is_used_for_this_machine(
    library: str, server: FaultServer, opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    _, client = opened(library, server.url)

    assert client.get(f"{server.url}/").status_code == 200


@under_each
def test_a_proxy_that_does_not_connect_is_unreachable(
    library: str, opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    with faults.refusing_url() as proxy:
        monkeypatch.setenv("https_proxy", proxy.replace("http://", "http://user:s3cr3t-pw@"))
        monkeypatch.delenv("no_proxy", raising=False)
        _, client = opened(library, "https://upstream.example")
        with pytest.raises(Unreachable) as caught:
            client.get("https://upstream.example/")

    assert "s3cr3t" not in repr(caught.value)
