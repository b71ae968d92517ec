"""`syncd token`, and the process that lets in whom it made a token for."""

from __future__ import annotations

import json
import os
import re
import signal
import ssl
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import trustme

from tests import command
from tests.peers.process import free_port
from tests.plain import NO_TLS
from tests.waiting import until

SECONDS = 60.0
SOURCE = 'sources: {prometheus: {kind: prometheus, url: "http://127.0.0.1:9"}}\n'


def call(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """What `syncd token WORDS` printed about the store in the folder, and how it ended."""
    database = f"sqlite:///{folder / 'syncd.db'}"
    environment = {k: v for k, v in os.environ.items() if not k.startswith("SYNCD_")}
    return command.syncd("--database-url", database, "token", *words, environment=environment)


def said(folder: Path, *words: str) -> str:
    """What it printed, once it has ended well."""
    ended = call(folder, *words)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def test_a_token_is_made_once_listed_without_it_and_revoked(tmp_path: Path) -> None:
    token = said(tmp_path, "create", "grafana", "--by", "Ada").strip()
    assert re.fullmatch(r"syncd_[A-Za-z0-9_-]{43}", token)

    (listed,) = json.loads(said(tmp_path, "list", "--json"))
    shown = said(tmp_path, "list")
    assert (listed["name"], listed["scope"], listed["created_by"]) == ("grafana", "read", "Ada")
    assert listed["in_use"] is True
    assert token not in shown
    assert "when it is revoked" in shown

    assert said(tmp_path, "revoke", "grafana", "--by", "Bob") == "grafana is revoked\n"
    assert "by Bob" in said(tmp_path, "list")


def test_one_that_ends_says_when_to_scripts(tmp_path: Path) -> None:
    made = json.loads(
        said(tmp_path, "create", "ada", "--scope", "write", "--expires", "90 d", "--json")
    )

    assert (made["name"], made["scope"]) == ("ada", "write")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT.*Z", made["expires_at"])


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["create", "a b"], "name: got 'a b'"),
        (["create", "a", "--scope", "all"], "expected read, write or admin"),
        (["create", "a", "--expires", "soon"], "expires: "),
        (["create", "a", "--expires", "0 d"], "expires: "),
        (["revoke", "nobody"], "there is no token 'nobody'"),
    ],
)
def test_what_will_not_do_is_refused_in_words(tmp_path: Path, words: list[str], told: str) -> None:
    ended = call(tmp_path, *words)

    assert ended.returncode == 2
    assert told in ended.stderr
    assert "Traceback" not in ended.stderr


@contextmanager
def running(folder: Path, more: Mapping[str, str]) -> Iterator[subprocess.Popen[str]]:
    """`syncd run` with one source that does not answer, its log in the folder."""
    (folder / "settings.yaml").write_text(SOURCE, encoding="utf-8")
    (folder / "mappings").mkdir(exist_ok=True)
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith("SYNCD_")},
        "SYNCD_CONFIG": str(folder / "settings.yaml"),
        "SYNCD_MAPPINGS": str(folder / "mappings"),
        "SYNCD_DATABASE_URL": f"sqlite:///{folder / 'syncd.db'}",
        "SYNCD_LOG_FORMAT": "json",
        **more,
    }
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "syncd", "run"], env=environment, stderr=log, text=True
        )
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(SECONDS)


def until_up(process: subprocess.Popen[str], url: str, log: Path) -> None:
    def up() -> bool:
        assert process.poll() is None, log.read_text()
        httpx.get(url, timeout=SECONDS)
        return True

    until(up, lambda: f"it did not come up\n{log.read_text()}", passes=(httpx.TransportError,))


def test_a_process_that_others_reach_does_not_start_before_it_is_said_who_reads(
    tmp_path: Path,
) -> None:
    with running(tmp_path, {"SYNCD_LISTEN": f"0.0.0.0:{free_port()}"}) as process:
        assert process.wait(SECONDS) == 2

    told = " ".join((tmp_path / "log").read_text().split())
    assert "got nothing, and other machines reach 0.0.0.0:" in told
    assert "SYNCD_READING=token" in told


def test_a_process_serves_whom_the_command_made_a_token_for_over_tls_that_is_renewed(
    tmp_path: Path,
) -> None:
    authority = trustme.CA()
    certificate, key = tmp_path / "tls.crt", tmp_path / "tls.key"

    def issue() -> None:
        issued = authority.issue_cert("localhost")
        issued.private_key_pem.write_to_path(str(key))
        certificate.write_bytes(b"".join(one.bytes() for one in issued.cert_chain_pems))

    issue()
    trusted = ssl.create_default_context()
    authority.configure_trust(trusted)
    port, own = free_port(), free_port()
    page = f"https://localhost:{port}"
    environment = {
        "SYNCD_LISTEN": f"0.0.0.0:{port}",
        "SYNCD_METRICS_LISTEN": f"127.0.0.1:{own}",
        "SYNCD_READING": "token",
        "SYNCD_TLS_CERT_FILE": str(certificate),
        "SYNCD_TLS_KEY_FILE": str(key),
        "SYNCD_RELOAD_EVERY": "1 h",
    }

    def shown() -> bytes:
        """The certificate that a new connection is shown."""
        with (
            httpx.Client(verify=trusted) as client,
            client.stream("GET", f"{page}/", timeout=SECONDS) as answer,
        ):
            session = answer.extensions["network_stream"].get_extra_info("ssl_object")
            found: bytes = session.getpeercert(True)
            return found

    with running(tmp_path, environment) as process:
        log = tmp_path / "log"
        until_up(process, f"http://127.0.0.1:{own}/livez", log)
        token = said(tmp_path, "create", "ada").strip()

        with httpx.Client(base_url=page, verify=trusted, timeout=SECONDS) as client:
            assert client.get("/").status_code == 401
            read = client.get("/", auth=("", token))
            assert read.status_code == 200
            assert read.headers["strict-transport-security"].startswith("max-age=")
            said(tmp_path, "revoke", "ada")
            assert client.get("/", auth=("", token)).status_code == 401
        assert (
            "syncd_requests_refused_total"
            in httpx.get(f"http://127.0.0.1:{own}/metrics", verify=NO_TLS).text
        )

        before = shown()
        issue()
        process.send_signal(signal.SIGHUP)
        until(lambda: shown() != before, "the certificate stays as it was")

        # a pair that does not fit is told, and what is in use stays
        in_use = shown()
        key.write_text("not a key")
        process.send_signal(signal.SIGHUP)
        until(lambda: "secret.not_read" in log.read_text(), "it is not told")
        assert shown() == in_use

    text = log.read_text()
    assert token not in text
    assert '"event": "access.nobody"' in text
