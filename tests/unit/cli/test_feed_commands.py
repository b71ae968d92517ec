"""`syncd events`, `outbox` and `notify`, and what `syncd run` sends, in processes of their own."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from syncd.model import Event, EventKind
from syncd.store.engine import Store
from syncd.store.events import append_events
from syncd.store.outbox import Bag, claim_letters, failed, register
from tests import command
from tests.store.catalogues import START
from tests.store.made import made
from tests.unit.cli.test_several_periods import TEAM
from tests.unit.outgoing.receiver import SECRET, Receiver, receiver

SECONDS = 60.0
HOSTILE = "a [bold]title\x1b[2J\u202e"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = made(tmp_path / "syncd.db")
    register(opened, ["webhook:ops"], START)
    yield opened
    opened.close()


@pytest.fixture
def ops() -> Iterator[Receiver]:
    with receiver() as found:
        yield found


def tell(store: Store, *titles: str, **more: Any) -> None:
    known: dict[str, Any] = {"kind": EventKind.MISSED, "subject": "x", "team": "dcim"}
    with store.write() as connection:
        append_events(
            connection,
            [
                Event(at=START, title=one, text="why", reason="r", **(known | more))
                for one in titles
            ],
        )


def store_of(folder: Path) -> str:
    return f"sqlite:///{folder / 'syncd.db'}"


def words(folder: Path, *asked: str) -> list[str]:
    return [sys.executable, "-m", "syncd", "--database-url", store_of(folder), *asked]


def environment(folder: Path) -> dict[str, str]:
    return {
        "PATH": "/usr/bin:/bin",
        "HOME": str(folder),
        "COLUMNS": "200",
        "OPS": SECRET,
        "LEAD": "json://127.0.0.1:9/",
    }


def syncd(folder: Path, *asked: str) -> subprocess.CompletedProcess[str]:
    return command.syncd(
        "--database-url", store_of(folder), *asked, environment=environment(folder)
    )


def test_events_are_listed_and_filtered_and_strangers_do_no_harm(
    store: Store, tmp_path: Path
) -> None:
    tell(store, "first", HOSTILE)
    tell(store, "of others", team="net")

    listed = syncd(tmp_path, "events", "--team", "dcim")
    as_json = syncd(tmp_path, "events", "--json", "--kind", "missed", "--last", "2")
    refused = syncd(tmp_path, "events", "--kind", "mised")

    assert "first" in listed.stdout
    assert "a [bold]title[2J" in listed.stdout
    assert "\x1b" not in listed.stdout
    assert "of others" not in listed.stdout
    found = [json.loads(line) for line in as_json.stdout.splitlines()]
    assert [one["title"] for one in found] == ["a [bold]title[2J", "of others"]
    assert refused.returncode == 2
    assert "expected missed" in refused.stderr


def test_events_are_followed_as_they_are_told(store: Store, tmp_path: Path) -> None:
    tell(store, "before")
    process = subprocess.Popen(
        words(tmp_path, "events", "--follow", "--json", "--last", "1"),
        env=environment(tmp_path),
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=command.interruptible,
    )
    try:
        assert process.stdout is not None
        first = json.loads(process.stdout.readline())
        tell(store, "while following", "and one more")
        rest = [json.loads(process.stdout.readline()) for _ in range(2)]
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=SECONDS)

    assert [one["title"] for one in (first, *rest)] == ["before", "while following", "and one more"]
    assert process.returncode in (0, 130)


def test_dead_letters_are_listed_and_sent_again(store: Store, tmp_path: Path) -> None:
    tell(store, "one")
    bag: Bag | None = claim_letters(
        store, "webhook:ops", now=START, most=1, lease_seconds=60, together=False
    )
    assert bag is not None
    failed(store, bag, "answered 410", until=None, now=START)

    listed = syncd(tmp_path, "outbox", "list", "--json")
    nothing_said = syncd(tmp_path, "outbox", "retry")
    again = syncd(tmp_path, "outbox", "retry", "--target", "webhook:ops")
    after = syncd(tmp_path, "outbox", "list")

    found = json.loads(listed.stdout)
    assert found["targets"] == [{"target": "webhook:ops", "waiting": 0, "dead": 1}]
    assert [one["error"] for one in found["dead_letters"]] == ["answered 410"]
    assert (nothing_said.returncode, again.returncode) == (2, 0)
    assert "1 dead letter will be sent again" in again.stdout
    assert "answered 410" not in after.stdout


def test_a_route_is_tried_and_says_whether_it_works(tmp_path: Path, ops: Receiver) -> None:
    settings = tmp_path / "settings.yaml"
    settings.write_text(
        'sources: {prom: {kind: prometheus, url: "http://127.0.0.1:9"}}\n'
        "notifications:\n"
        f"  works: {{url: {{file: {tmp_path / 'url'}}}}}\n"
        "  fails: {url: {env: LEAD}}\n"
    )
    (tmp_path / "url").write_text(ops.url.replace("http://", "json://"))
    config = ["--config", str(settings)]

    good = syncd(tmp_path, *config, "notify", "--test", "works")
    bad = syncd(tmp_path, *config, "notify", "--test", "fails")
    unknown = syncd(tmp_path, *config, "notify", "--test", "work")

    assert good.returncode == 0, good.stderr
    assert [one["title"] for one in ops.got] == ["A test of the route works"]
    assert bad.returncode == 1
    assert "the route fails does not work" in bad.stderr
    assert unknown.returncode == 2
    assert "did you mean works?" in unknown.stderr


def test_what_a_running_process_tells_is_sent_from_its_first_event_on(
    tmp_path: Path, ops: Receiver
) -> None:
    settings = tmp_path / "settings.yaml"
    settings.write_text(
        'sources: {prom: {kind: prometheus, url: "http://127.0.0.1:9"}}\n'
        f'webhooks: {{ops: {{url: "{ops.url}", secret: {{env: OPS}}}}}}\n'
        "settings: {grace: 2 s}\n"
    )
    mappings = tmp_path / "mappings"
    mappings.mkdir()
    (mappings / "organisation.yaml").write_text("organisation: A\nperiod: 2026-Q1\ntimezone: UTC\n")
    (mappings / "ops.yaml").write_text(TEAM)
    options = ["--config", str(settings), "--mappings", str(mappings)]
    process = subprocess.Popen(
        words(tmp_path, *options, "run", "--listen", "127.0.0.1:0"),
        env=environment(tmp_path),
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    try:
        deadline, idle = time.monotonic() + SECONDS, threading.Event()
        while len(ops.got) < 2:
            assert process.poll() is None, "it ended by itself"
            assert time.monotonic() < deadline
            idle.wait(0.05)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(SECONDS)

    assert process.returncode == 0
    assert [one["type"] for one in ops.got[:2]] == ["syncd.mapping_changed", "syncd.status_changed"]
    assert ops.forged == 0
