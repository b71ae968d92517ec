"""Certificate files of a source are tried when the settings are read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import trustme
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from connectors.base import SourceConfig
from syncd.registry import connectors
from syncd.settings import SettingsRefused, load_settings


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("SYNCD_")]:
        monkeypatch.delenv(name)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("certificates")
    authority = trustme.CA()
    authority.cert_pem.write_to_path(made / "ca.pem")
    leaf, other = authority.issue_cert("me@example.org"), authority.issue_cert("it@example.org")
    (made / "me.crt").write_bytes(leaf.cert_chain_pems[0].bytes())
    (made / "me.key").write_bytes(leaf.private_key_pem.bytes())
    (made / "me.both").write_bytes(leaf.private_key_and_cert_chain_pem.bytes())
    (made / "other.key").write_bytes(other.private_key_pem.bytes())
    key = load_pem_private_key(leaf.private_key_pem.bytes(), None)
    locked = BestAvailableEncryption(b"s3cret")
    (made / "locked.key").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, locked))
    (made / "note.txt").write_text("this is not PEM", encoding="utf-8")
    return made


def config(folder: Path, url: str = "https://prometheus.example.org", **files: str) -> SourceConfig:
    text = f"sources:\n  prom:\n    kind: prometheus\n    url: {url}\n"
    text += "".join(f'    {key}: "{folder / name}"\n' for key, name in files.items())
    settings = folder / "settings.yaml"
    settings.write_text(text, encoding="utf-8")
    found = load_settings(connectors(), {"config": settings})
    return found.sources["prom"].config("prom")


def test_certificates_reach_the_source(folder: Path) -> None:
    found = config(folder, ca_file="ca.pem", client_cert="me.crt", client_key="me.key")

    assert found.verify == str(folder / "ca.pem")
    assert (found.client_cert, found.client_key) == (
        str(folder / "me.crt"),
        str(folder / "me.key"),
    )


def test_a_key_may_stand_in_the_certificates_file(folder: Path) -> None:
    found = config(folder, client_cert="me.both")

    assert (found.client_cert, found.client_key) == (str(folder / "me.both"), None)


@pytest.mark.parametrize(
    ("files", "key", "words"),
    [
        ({"ca_file": "gone.pem"}, "ca_file", "cannot be read"),
        ({"ca_file": "."}, "ca_file", "cannot be read"),
        ({"ca_file": "note.txt"}, "ca_file", "holds no certificate"),
        ({"ca_file": "me.key"}, "ca_file", "holds no certificate"),
        ({"client_cert": "gone.crt", "client_key": "me.key"}, "client_cert", "cannot be read"),
        ({"client_cert": "me.crt", "client_key": "gone.key"}, "client_key", "cannot be read"),
        ({"client_cert": "me.crt"}, "client_cert", "hold no certificate with its key"),
        ({"client_cert": "note.txt", "client_key": "me.key"}, "client_cert", "hold no certificate"),
        ({"client_cert": "me.crt", "client_key": "other.key"}, "client_key", "is not the key of"),
        ({"client_cert": "me.crt", "client_key": "locked.key"}, "client_key", "an encrypted key"),
        ({"client_key": "me.key"}, "client_key", "a key without a certificate"),
    ],
)
def test_files_of_no_use_are_refused_at_the_setting_that_names_them(
    folder: Path, files: dict[str, str], key: str, words: str
) -> None:
    with pytest.raises(SettingsRefused) as caught:
        config(folder, **files)

    [fault] = caught.value.faults
    assert fault.path == f"sources.prom.{key}"
    assert words in str(fault)
    assert "; expected " in str(fault)
    assert "; fix: " in str(fault)
    assert "PRIVATE KEY-----" not in str(fault)


def test_a_client_certificate_without_tls_would_never_be_shown_and_is_refused(folder: Path) -> None:
    with pytest.raises(SettingsRefused, match="an address without TLS"):
        config(folder, "http://prometheus.example.org", client_cert="me.both")


def test_every_file_of_no_use_is_named_at_once(folder: Path) -> None:
    with pytest.raises(SettingsRefused) as caught:
        config(folder, ca_file="gone.pem", client_cert="gone.crt", client_key="gone.key")

    assert [fault.path.rpartition(".")[2] for fault in caught.value.faults] == [
        "ca_file",
        "client_cert",
        "client_key",
    ]
