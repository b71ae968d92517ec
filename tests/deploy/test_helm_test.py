"""What the pod of `helm test` runs: it passes where syncd is ready and took its mapping files."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.deploy.cases import the

READY = (200, '{"ready": true, "reasons": []}')
NOT_READY = (503, '{"ready": false, "reasons": ["no mapping files have been loaded yet"]}')
ACCEPTED = (200, "# HELP syncd_mapping_accepted x\nsyncd_mapping_accepted 1.0\n")
REFUSED = (200, "syncd_mapping_accepted 0.0\n")


@contextmanager
def answering(readyz: tuple[int, str], metrics: tuple[int, str]) -> Iterator[str]:
    """The address of somebody who answers like this."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = readyz if self.path == "/readyz" else metrics
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *args: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def asked(address: str) -> tuple[int, str]:
    """How the pod's program ends when it has no time to wait, and what it prints."""
    (container,) = the("Pod", {})["spec"]["containers"]
    script, _, _ = container["args"]
    done = subprocess.run(
        [sys.executable, "-c", script, address, "0"], capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout


@pytest.mark.parametrize(
    ("readyz", "metrics", "code", "words"),
    [
        (READY, ACCEPTED, 0, "/metrics: 200 syncd_mapping_accepted 1.0"),
        (NOT_READY, ACCEPTED, 1, "no mapping files have been loaded yet"),
        (READY, REFUSED, 1, "/metrics: 200 syncd_mapping_accepted 0.0"),
        (READY, (500, "no"), 1, "/metrics: 500"),
    ],
)
def test_it_passes_only_where_all_is_well_and_prints_what_it_saw(
    readyz: tuple[int, str], metrics: tuple[int, str], code: int, words: str
) -> None:
    with answering(readyz, metrics) as address:
        ended, printed = asked(address)

    assert ended == code
    assert words in printed


def test_it_fails_where_nobody_answers() -> None:
    ended, printed = asked("http://127.0.0.1:9")

    assert ended == 1
    assert "/readyz: None" in printed


def test_it_asks_the_service() -> None:
    (container,) = the("Pod", {"metricsPort": 8081})["spec"]["containers"]

    assert container["args"][1:] == ["http://demo-syncd:8081", "90"]
