"""Without the extras all goes on that does not ask for them, and what does says which one to install."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.site import ROOT
from tests.unit.documents.reader import SECONDS, Reader

LIBRARIES = ("apprise", "opentelemetry.exporter", "opentelemetry.sdk", "psycopg", "typst")
HIDES = f"""
import importlib.machinery
found = importlib.machinery.PathFinder.find_spec
def find_spec(name, path=None, target=None):
    return None if name in {LIBRARIES} else found(name, path, target)
importlib.machinery.PathFinder.find_spec = find_spec
"""
"""What a Python does at its start that has none of them installed, as far as imports can tell."""
HERE = "--config settings.yaml --mappings mappings/mine"


@pytest.fixture
def reader(tmp_path: Path, urls: dict[str, str]) -> Reader:
    """Where none of the extras' libraries can be imported."""
    found = Reader(tmp_path, urls)
    (tmp_path / "hidden").mkdir()
    found.write("hidden/sitecustomize.py", HIDES)
    found.environment["PYTHONPATH"] = f"{tmp_path / 'hidden'}:{ROOT}"
    return found


def does(reader: Reader, line: str) -> subprocess.CompletedProcess[str]:
    """In a Python of its own: the one that commands are forked from has the libraries already."""
    return subprocess.run(
        [sys.executable, "-m", "syncd", *shlex.split(line)],
        cwd=reader.folder,
        env=reader.environment,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


def test_numbers_are_measured_shown_and_reported_without_them(reader: Reader) -> None:
    once = does(reader, f"{HERE} once")
    report = does(reader, f"{HERE} report --output q1.html")

    assert (once.returncode, report.returncode) == (0, 0), once.stderr + report.stderr
    assert "66.7 %" in once.stdout
    assert "66.7 %" in (reader.folder / "q1.html").read_text(encoding="utf-8")


def test_the_store_on_postgresql_asks_for_its_driver(reader: Reader) -> None:
    reader.environment["SYNCD_DATABASE_URL"] = "postgresql://syncd@127.0.0.1:9/syncd"

    told = does(reader, f"{HERE} once")

    assert told.returncode != 0
    assert "pip install 'syncd[postgresql]'" in told.stderr
    assert "Traceback" not in told.stderr


def test_a_report_as_pdf_asks_for_the_extra(reader: Reader) -> None:
    does(reader, f"{HERE} once")

    told = does(reader, f"{HERE} report --output q1.pdf")

    assert told.returncode != 0
    assert "pip install 'syncd[pdf]'" in told.stderr


def test_traces_ask_for_the_extra(reader: Reader) -> None:
    reader.environment["SYNCD_TRACES"] = "runs"

    told = does(reader, f"{HERE} run --listen 127.0.0.1:0")

    assert told.returncode != 0
    assert "pip install 'syncd[otel]'" in told.stderr


def test_notifications_ask_for_the_extra(reader: Reader) -> None:
    text = (reader.folder / "settings.yaml").read_text(encoding="utf-8")
    reader.write("settings.yaml", f"{text}notifications: {{chat: {{url: {{env: CHAT}}}}}}\n")
    reader.environment["CHAT"] = "json://127.0.0.1:9"

    told = does(reader, f"{HERE} notify --test chat")

    assert told.returncode != 0
    assert "pip install 'syncd[notify]'" in told.stderr
