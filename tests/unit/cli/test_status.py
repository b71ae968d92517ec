"""`syncd status`: of some teams, as an exit status for scripts, again and again in a terminal."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.base import Number
from syncd.clock import ManualClock, SystemClock
from syncd.store.catalogue import put_in_force
from syncd.store.claims import claim_due
from syncd.store.publish import publish_number
from tests.command import interruptible
from tests.store.catalogues import catalogue, key_result, numbered
from tests.store.made import made
from tests.store.state import assess_all
from tests.unit.cli.test_explain_and_set import Shell

ONE, NOTHING = numbered("one"), numbered("nothing", query="absent")
READ_SECONDS = 60


@pytest.fixture
def syncd(tmp_path: Path) -> Iterator[Shell]:
    """Of the team `dcim` a key result is achieved; of `ce` nothing was read for one."""
    address = f"sqlite:///{tmp_path / 'syncd.db'}"
    store = made(tmp_path / "syncd.db")
    now = SystemClock().now()
    wanted = catalogue(
        [ONE, NOTHING], [key_result("dcim-o1-kr1", ONE), key_result("ce-o1-kr1", NOTHING)]
    )
    put_in_force(store, wanted, interval_of=lambda _: 60.0, link_of=lambda _: None, now=now)
    for claim in claim_due(
        store, now=now, room={"prometheus": 9}, lease_seconds=60, full_every_seconds=1
    ):
        value = 1.0 if claim.fingerprint == ONE.plan.fingerprint else None  # type: ignore[union-attr]
        publish_number(store, claim, Number(value, now), now=now)
    assess_all(store, ManualClock(now))
    yield Shell(address)
    store.close()


def test_a_team_is_shown_alone(syncd: Shell) -> None:
    shown = syncd("status", "--team", "dcim").stdout
    documents = json.loads(syncd("status", "--team", "ce", "--json").stdout)

    assert "dcim-o1-kr1" in shown
    assert "ce-o1-kr1" not in shown
    assert [one["id"] for one in documents] == ["ce-o1-kr1"]


@pytest.mark.parametrize("more", [[], ["--json"]])
def test_an_unknown_team_is_refused_with_those_there_are(syncd: Shell, more: list[str]) -> None:
    answer = syncd("status", "--team", "dcmi", *more)

    assert answer.returncode == 2
    assert "--team: got 'dcmi'; expected one of dcim, ce" in answer.stderr


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--fail-on", "no_data"], 3),
        (["--fail-on", "off_track"], 0),
        (["--fail-on", "off_track", "--fail-on", "no_data", "--json"], 3),
        (["--fail-on", "no_data", "--team", "dcim"], 0),
        (["--fail-on", "fine"], 2),
    ],
)
def test_a_script_is_stopped_by_what_it_named(
    syncd: Shell, options: list[str], expected: int
) -> None:
    assert syncd("status", *options).returncode == expected


def test_watching_needs_a_terminal(syncd: Shell) -> None:
    answer = syncd("status", "--watch")

    assert answer.returncode == 2
    assert "the output is no terminal" in answer.stderr


def test_watching_shows_the_table_until_it_is_ended(syncd: Shell) -> None:
    terminal, end = pty.openpty()
    command = [sys.executable, "-m", "syncd", "--database-url", syncd.url, "status", "--watch"]
    environment = {**os.environ, "COLUMNS": "120", "LINES": "40", "TERM": "xterm"}
    watching = subprocess.Popen(
        command, stdout=end, stderr=end, env=environment, preexec_fn=interruptible
    )
    os.close(end)
    try:
        seen = read_until(terminal, b"dcim-o1-kr1")
        watching.send_signal(signal.SIGINT)
        drain(terminal)

        assert b"dcim-o1-kr1" in seen
        assert watching.wait(READ_SECONDS) == 0
    finally:
        watching.kill()
        watching.wait()
        os.close(terminal)


def read_until(terminal: int, wanted: bytes) -> bytes:
    """What stands in the terminal when this has come, or when it is closed."""
    seen = b""
    while wanted not in seen:
        try:
            seen += os.read(terminal, 4096)
        except OSError:
            return seen
    return seen


def drain(terminal: int) -> None:
    """Reads until the other side is closed, so that nobody waits for room to write."""
    try:
        while os.read(terminal, 4096):
            pass
    except OSError:
        return
