"""A receiver of webhooks that verifies what it gets, and answers as it is told."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="


class Receiver:
    """`answers` are given in turn, then 204 for ever; `got` has the events that were signed."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.answers: list[int] = []
        self.headers: dict[str, str] = {}
        self.got: list[Any] = []
        self.requests: list[dict[str, str]] = []
        self.bodies: list[str] = []
        self.forged = 0

    def ids(self) -> list[str]:
        return [one["id"] for one in self.got]


@contextmanager
def receiver(tls: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """One on loopback; over TLS where that is given."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            headers = {key.lower(): value for key, value in self.headers.items()}
            found.requests.append(headers)
            found.bodies.append(body)
            status = found.answers.pop(0) if found.answers else 204
            try:
                if "webhook-id" in headers:
                    Webhook(SECRET).verify(body, headers)
                if status < 300:
                    found.got.append(json.loads(body))
            except WebhookVerificationError:
                found.forged += 1
                status = 401
            self.send_response(status)
            for key, value in found.headers.items():
                self.send_header(key, value)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    scheme = "http" if tls is None else "https"
    found = Receiver(f"{scheme}://127.0.0.1:{server.server_address[1]}/hook")
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
