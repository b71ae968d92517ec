"""Secrets, targets and the process that serves here: each fault made for real."""

from __future__ import annotations

import socket
import ssl
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from connectors.checkup import Finding
from syncd.doctor.secrets import look_at_secrets
from syncd.doctor.targets import address_of_service, look_at_route, look_at_webhook
from syncd.doctor.worker import look_at_worker
from syncd.settings import Installation, Secret, Settings, SourceSetting
from syncd.settings.outgoing import RouteSetting, WebhookSetting
from tests.contract.faultserver import FaultServer, Reply, Request
from tests.unit.outgoing.receiver import SECRET, receiver

SECONDS = 5.0


def levels(findings: Iterator[Finding]) -> list[tuple[str, str]]:
    return [(one.about, one.level.value) for one in findings]


# -------------------------------------------------------------------------------------- secrets


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that everybody may enter, as a mounted volume is."""
    with tempfile.TemporaryDirectory() as path:
        Path(path).chmod(0o755)
        yield Path(path)


def installed(token: Secret | None, url: str = "https://netbox.example.org") -> Installation:
    settings = Settings(database_url="sqlite:///x.db")  # type: ignore[arg-type]
    return Installation(settings, {"netbox": SourceSetting(kind="netbox", url=url, token=token)})


def written(folder: Path, text: str = "s3cr3t-token", mode: int = 0o640) -> Secret:
    path = folder / "token"
    path.write_text(text)
    path.chmod(mode)
    return Secret(file=path)


def test_a_secret_that_is_there_for_few_is_as_it_should_be(folder: Path) -> None:
    assert levels(look_at_secrets(installed(written(folder)))) == [("secrets", "ok")]


def test_a_secret_that_everybody_can_read_is_told_with_its_file(folder: Path) -> None:
    (found,) = look_at_secrets(installed(written(folder, mode=0o644)))

    assert found.level.value == "warning"
    assert str(folder / "token") in found.says
    assert "s3cr3t" not in str(found)


def test_a_file_for_everybody_in_a_folder_for_few_is_for_few(folder: Path) -> None:
    secret = written(folder, mode=0o644)
    folder.chmod(0o700)

    assert levels(look_at_secrets(installed(secret))) == [("secrets", "ok")]


def test_a_secret_that_is_empty_or_not_there_is_a_problem_each(folder: Path) -> None:
    missing = Secret(file=folder / "nowhere")

    for secret in (written(folder, text="\n"), missing, Secret(env="T_NOT_SET")):
        (found,) = look_at_secrets(installed(secret))
        assert found.level.value == "problem"
        assert "sources.netbox.token" in found.says


def test_a_token_that_leaves_this_machine_without_tls_is_told(folder: Path) -> None:
    secret = written(folder)

    def told(url: str, token: Secret | None = secret) -> list[tuple[str, str]]:
        return levels(look_at_secrets(installed(token, url)))

    assert ("secrets", "warning") in told("http://netbox.example.org")
    assert ("secrets", "warning") not in told("http://127.0.0.1:8000")
    assert ("secrets", "warning") not in told("http://prometheus.example.org", None)


def test_of_one_source_only_its_own_secrets_are_looked_at(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("T_TOKEN", "s3cr3t-token")
    found = installed(written(folder))
    other = SourceSetting(kind="jira", url="https://j.example.org", token=Secret(env="T_NOT_SET"))
    both = Installation(found.settings, {**found.sources, "jira": other})

    assert levels(look_at_secrets(both, "netbox")) == [("secrets", "ok")]
    assert ("secrets", "problem") in levels(look_at_secrets(both))


def test_settings_with_which_nothing_would_be_served_are_told(tmp_path: Path) -> None:
    (tmp_path / "tls.crt").write_text("no certificate")
    settings = Settings(
        database_url="sqlite:///x.db",  # type: ignore[arg-type]
        listen="0.0.0.0:9464",
        tls_cert_file=tmp_path / "tls.crt",
    )
    source = SourceSetting(kind="prometheus", url="http://127.0.0.1:9090")

    found = list(look_at_secrets(Installation(settings, {"prometheus": source})))

    assert [(one.about, one.level.value) for one in found] == [("serving", "problem")] * 2
    assert "reading: nothing" in found[0].says
    assert "tls_cert_file" in found[1].says


def test_without_a_source_there_is_nothing_to_run() -> None:
    settings = Settings(database_url="sqlite:///x.db")  # type: ignore[arg-type]

    assert levels(look_at_secrets(Installation(settings))) == [("sources", "problem")]


# -------------------------------------------------------------------------------------- targets


@pytest.fixture
def hook_secret(monkeypatch: pytest.MonkeyPatch) -> Secret:
    monkeypatch.setenv("T_HOOK", SECRET)
    return Secret(env="T_HOOK")


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def test_a_webhook_is_reached_and_sent_nothing(hook_secret: Secret) -> None:
    with receiver() as target:
        found = levels(look_at_webhook("ops", webhook(target.url, hook_secret), SECONDS))

    assert found == [("reachable", "ok")]
    assert target.requests == []


def test_a_webhook_where_nobody_is_is_a_problem(hook_secret: Secret) -> None:
    url = f"http://127.0.0.1:{free_port()}/hook"

    assert levels(look_at_webhook("ops", webhook(url, hook_secret), SECONDS)) == [
        ("reachable", "problem")
    ]


def webhook(url: str, secret: Secret, ca_file: Path | None = None) -> WebhookSetting:
    return WebhookSetting(url=url, secret=secret, ca_file=ca_file)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of 127.0.0.1, signed by itself, with its key, for three days."""
    path = tmp_path_factory.mktemp("tls") / "own.pem"
    words = "req -x509 -newkey rsa:2048 -nodes -days 3 -subj /CN=127.0.0.1"
    alternative = ["-addext", "subjectAltName=IP:127.0.0.1"]
    files = ["-keyout", str(path), "-out", f"{path}.crt"]
    subprocess.run(
        ["openssl", *words.split(), *alternative, *files], check=True, capture_output=True
    )
    path.write_text(path.read_text() + Path(f"{path}.crt").read_text())
    return path


def test_a_certificate_that_is_not_trusted_or_ends_soon_is_told(
    hook_secret: Secret, certificate: Path
) -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)

    with FaultServer(lambda _: Reply(), tls) as server:
        unknown = levels(look_at_webhook("ops", webhook(server.url, hook_secret), SECONDS))
        known = levels(
            look_at_webhook("ops", webhook(server.url, hook_secret, certificate), SECONDS)
        )
        asked = len(server.requests)

    assert unknown == [("reachable", "problem")]
    assert known == [("reachable", "ok"), ("certificate", "warning")]
    assert asked == 0


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("json://127.0.0.1:{port}/s3cr3t", [("reachable", "problem")]),
        ("mailto://who:s3cr3t@example.org?smtp=127.0.0.1&port={port}", [("reachable", "problem")]),
        ("gotify://127.0.0.1:{port}/s3cr3tToken1234", [("reachable", "unknown")]),
    ],
)
def test_a_service_is_reached_where_its_host_can_be_known(
    monkeypatch: pytest.MonkeyPatch, url: str, told: list[tuple[str, str]]
) -> None:
    monkeypatch.setenv("T_ROUTE", url.format(port=free_port()))

    found = list(look_at_route("ops", RouteSetting(url=Secret(env="T_ROUTE")), SECONDS))

    assert [(one.about, one.level.value) for one in found] == told
    assert "s3cr3t" not in str(found)


@pytest.mark.parametrize(
    ("url", "host"),
    [
        # what stands where others have a host is a secret of theirs
        ("pover://s3cr3tuser0123456789@s3cr3ttoken", "api.pushover.net"),
        ("slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#okr", "hooks.slack.com"),
        ("discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js", "discord.com"),
    ],
)
def test_a_service_that_all_share_is_known_by_its_own_address(url: str, host: str) -> None:
    address = address_of_service(url)

    assert isinstance(address, str)
    assert urlsplit(address).hostname == host


# -------------------------------------------------------------------------------------- process


def test_a_process_that_is_ready_and_can_be_scraped_is_told() -> None:
    def answers(request: Request) -> Reply:
        body = b"# HELP x\nsyncd_up 1\n" if request.path == "/metrics" else b"{}"
        return Reply(200, body, "text/plain")

    with FaultServer(answers) as server:
        found = list(look_at_worker(server.url.removeprefix("http://"), SECONDS))

    assert [(one.about, one.level.value) for one in found] == [("running", "ok"), ("metrics", "ok")]
    assert "1 series" in found[1].says


def test_a_process_that_is_not_ready_says_why() -> None:
    with FaultServer(lambda _: Reply(503, b"no mapping has been accepted", "text/plain")) as server:
        found = list(look_at_worker(server.url.removeprefix("http://"), SECONDS))

    assert [one.level.value for one in found] == ["problem", "problem"]
    assert "no mapping has been accepted" in found[0].says


def test_metrics_that_ask_for_a_token_are_not_known() -> None:
    def answers(request: Request) -> Reply:
        return Reply(401 if request.path == "/metrics" else 200, b"", "text/plain")

    with FaultServer(answers) as server:
        found = levels(look_at_worker(server.url.removeprefix("http://"), SECONDS))

    assert found == [("running", "ok"), ("metrics", "unknown")]


def test_a_process_that_serves_with_a_certificate_of_another_name_is_asked(
    certificate: Path,
) -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)

    with FaultServer(lambda _: Reply(200, b"syncd_up 1\n", "text/plain"), tls) as server:
        address = server.url.removeprefix("https://").replace("127.0.0.1", "localhost")
        found = levels(look_at_worker(address, SECONDS, tls=True))

    assert found == [("running", "ok"), ("metrics", "ok")]


def test_where_nothing_runs_nothing_is_known() -> None:
    assert levels(look_at_worker(f"127.0.0.1:{free_port()}", SECONDS)) == [("running", "unknown")]
