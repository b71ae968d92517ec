"""`syncd explain` and `syncd set`, as people and scripts call them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from connectors.base import Batch, judge_fingerprint
from syncd.cli import call
from syncd.cli.app import app
from syncd.clock import ManualClock, SystemClock
from syncd.store.catalogue import put_in_force
from syncd.store.claims import claim_due
from syncd.store.engine import Store
from syncd.store.publish import Cost, begin, publish_scan
from syncd.store.readings import Content, write_reading
from syncd.store.schema import indicators
from tests.store.catalogues import Named, catalogue, judged, key_result, scanned
from tests.store.made import made
from tests.store.state import assess_all
from tests.unit.intake.test_manual import SHARE

SECONDS = 45.0
COMMAND = str(Path(sys.executable).parent / "syncd")
FAILING = [f"{number:03}" for number in range(70)]


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    """A store in which, an hour ago, 70 of 100 devices failed; and a number nobody has set."""
    address = f"sqlite:///{tmp_path / 'syncd.db'}"
    store = made(tmp_path / "syncd.db")
    clock = ManualClock(SystemClock().now() - timedelta(hours=1))
    now = clock.now()
    scan = scanned("complete_devices")
    put_in_force(
        store,
        catalogue(
            [scan, SHARE], [key_result("dcim-o1-kr1", scan), key_result("ops-o1-kr1", SHARE)]
        ),
        interval_of=lambda _: 300.0,
        link_of=lambda _: "https://netbox.example.org/?q",
        now=now,
    )
    (claim,) = claim_due(
        store, now=now, room={"netbox": 1}, lease_seconds=60, full_every_seconds=86_400
    )
    begin(store, claim)
    passing = [f"{number:03}" for number in range(70, 100)]
    publish_scan(
        store,
        claim,
        (judge_fingerprint(Named("complete")),),
        Batch((judged(now, passing=passing, failing=FAILING),), cursor={"at": "end"}),
        observed_at=now,
        now=now,
        cost=Cost(seconds=2.34, requests=14, bytes_received=230_400),
    )
    assess_all(store, clock)
    yield address
    store.close()


@dataclass(frozen=True)
class Answer:
    """What a call printed, and how it ended."""

    stdout: str
    stderr: str
    returncode: int


class Shell:
    """Calls `syncd` on one store: in this process, or (`apart`) in one of its own."""

    def __init__(self, url: str) -> None:
        self.url = url

    def __call__(self, *words: str, **more: str) -> Answer:
        environment: dict[str, str | None] = dict.fromkeys(
            name for name in os.environ if name.startswith("SYNCD_")
        )
        # a console reads its width when it is made, and these are made once a process
        columns = int(more.pop("COLUMNS", 80))
        for console in (call.out, call.err):
            console.width = columns
        found = CliRunner().invoke(
            app, words, env={**environment, "SYNCD_DATABASE_URL": self.url, **more}
        )
        return Answer(found.stdout, found.stderr, found.exit_code)

    def apart(self, *words: str, program: Sequence[str] = (COMMAND,), **more: str) -> Answer:
        clean = {k: v for k, v in os.environ.items() if not k.startswith("SYNCD_")}
        found = subprocess.run(
            [*program, *words],
            env={**clean, "SYNCD_DATABASE_URL": self.url, **more},
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        return Answer(found.stdout, found.stderr, found.returncode)

    def json(self, *words: str, **more: str) -> Any:
        answer = self(*words, "--format", "json", **more)
        assert answer.returncode == 0, answer.stderr
        return json.loads(answer.stdout)


@pytest.fixture
def syncd(url: str) -> Shell:
    return Shell(url)


class TestExplain:
    def test_leads_from_the_query_over_number_and_cost_to_the_objects_and_the_status(
        self, syncd: Shell
    ) -> None:
        told = syncd("explain", "dcim-o1-kr1").stdout

        for words in (
            "the share of objects that pass",
            "https://netbox.example.org/?q",
            "30 %",
            "numerator: 30",
            "2.3 s, 14 requests, 230 kB",
            "Objects that fail: 70",
            "device 000: serial",
            "https://netbox.example.org/000",
            "1 to 50 of 70; --page 2 goes on",
            "70 in all: serial",
            "target: at least 100 %",
        ):
            assert words in told

    def test_shows_a_newer_partial_number_beside_the_one_that_counts(self, syncd: Shell) -> None:
        store, now = Store(syncd.url), SystemClock().now()
        with store.write() as connection:
            row = connection.execute(
                sa.select(indicators).where(indicators.c.name == "complete_devices")
            ).one()
            words = {"words": ["the log begins on 2 January"]}
            partial = Content(0.5, complete=False, details=words)
            write_reading(connection, row, partial, observed_at=now, now=now)
        store.close()

        told = syncd("explain", "complete_devices").stdout

        assert told.index("30 %") < told.index("50 %  (0.5), partial")
        assert "the log begins on 2 January" in told

    @pytest.mark.parametrize("name", ["dcim-o1-kr1", "complete_devices"])
    def test_takes_a_key_result_or_an_indicator(self, syncd: Shell, name: str) -> None:
        found = syncd.json("explain", name)

        assert found["indicator"]["name"] == "complete_devices"
        assert (found["key_result"] is None) == (name == "complete_devices")

    def test_pages_hold_every_object_once(self, syncd: Shell) -> None:
        pages = [
            syncd.json("explain", "complete_devices", "--page", page, "--per-page", "40")
            for page in ("1", "2", "3")
        ]

        ids = [found["id"] for page in pages for found in page["objects"]["objects"]]
        assert ids == FAILING

    @pytest.mark.parametrize(("outcome", "total"), [("pass", 30), ("pending", 0), ("all", 100)])
    def test_lists_the_outcome_that_is_asked_for(
        self, syncd: Shell, outcome: str, total: int
    ) -> None:
        found = syncd.json("explain", "complete_devices", "--outcome", outcome)

        assert found["objects"]["total"] == total

    def test_of_a_moment_before_anything_was_read_claims_nothing(self, syncd: Shell) -> None:
        found = syncd.json("explain", "complete_devices", "--at", "2026-01-01", "--reconstructed")

        assert found["indicator"]["value"] is None
        assert found["objects"]["total"] is None
        words = syncd("explain", "complete_devices", "--at", "2026-01-01", "--reconstructed").stdout
        assert "nothing is known of the objects before" in words
        assert "Objects that fail" not in words

    @pytest.mark.parametrize("at", ["soon", "2999-01-01"])
    def test_a_moment_that_cannot_be_is_refused(self, syncd: Shell, at: str) -> None:
        answer = syncd("explain", "complete_devices", "--at", at)

        assert answer.returncode == 2
        assert "--at: got" in answer.stderr
        assert "expected a day (2026-02-15)" in answer.stderr

    @pytest.mark.parametrize(
        ("name", "near"), [("complete_device", "complete_devices"), ("dcim-o1-kr", "dcim-o1-kr1")]
    )
    def test_an_unknown_name_is_answered_with_the_nearest(
        self, syncd: Shell, name: str, near: str
    ) -> None:
        answer = syncd("explain", name)

        assert answer.returncode == 2
        assert f"did you mean {near}?" in answer.stderr


class TestSet:
    def test_writes_the_number_down_and_explain_tells_who_said_so(self, syncd: Shell) -> None:
        answer = syncd("set", "support_coverage", "62 %", "--note", "signed", "--by", "Ada")

        assert answer.returncode == 0, answer.stderr
        assert answer.stdout == "support_coverage set to 62 % by Ada\n"
        found = syncd.json("explain", "support_coverage")["indicator"]
        assert found["value"] == 0.62
        assert (found["manual"]["by"], found["manual"]["note"]) == ("Ada", "signed")
        assert "by Ada" in syncd("explain", "support_coverage").stdout

    def test_takes_the_login_name_unless_it_is_told_another(self, syncd: Shell) -> None:
        assert syncd.json("set", "support_coverage", "62 %", LOGNAME="grace")["by"] == "grace"

    def test_a_value_without_its_unit_is_refused_with_the_mend(self, syncd: Shell) -> None:
        answer = syncd("set", "support_coverage", "62", "--by", "Ada")

        assert answer.returncode == 2
        assert "fix: 62 %" in answer.stderr
        assert syncd.json("explain", "support_coverage")["indicator"]["value"] is None

    def test_a_measured_indicator_cannot_be_set(self, syncd: Shell) -> None:
        answer = syncd("set", "complete_devices", "62 %")

        assert answer.returncode == 2
        assert "is measured" in answer.stderr


class TestCompletion:
    """What a shell gets for the word under the cursor (click's protocol for zsh)."""

    def completed(self, syncd: Shell, *words: str, last: str) -> list[str]:
        line = " ".join(["syncd", *words, last])
        answer = syncd.apart(_SYNCD_COMPLETE="complete_zsh", _TYPER_COMPLETE_ARGS=line)
        assert answer.stderr == ""
        return re.findall(r'"([a-z][a-z0-9_-]+)"', answer.stdout)

    def test_explain_completes_key_results_and_indicators(self, syncd: Shell) -> None:
        assert self.completed(syncd, "explain", last="dc") == ["dcim-o1-kr1"]
        assert self.completed(syncd, "explain", last="comp") == ["complete_devices"]

    def test_set_completes_only_what_people_set(self, syncd: Shell) -> None:
        assert self.completed(syncd, "set", last="s") == ["support_coverage"]
        assert self.completed(syncd, "set", last="comp") == []

    def test_without_a_store_there_is_nothing_to_complete_and_none_is_made(
        self, tmp_path: Path
    ) -> None:
        absent = tmp_path / "absent.db"

        assert self.completed(Shell(f"sqlite:///{absent}"), "explain", last="dc") == []
        assert not absent.exists()

    def test_a_store_that_cannot_be_reached_is_met_with_silence(self) -> None:
        away = Shell("postgresql://nobody@127.0.0.1:1/nothing")

        assert self.completed(away, "explain", last="dc") == []


def test_the_database_on_the_command_line_beats_the_file_that_the_environment_names(
    syncd: Shell, tmp_path: Path
) -> None:
    other = tmp_path / "url"
    other.write_text(f"sqlite:///{tmp_path / 'other.db'}", encoding="utf-8")

    typed = syncd(
        "--database-url", syncd.url, "status", "--json", SYNCD_DATABASE_URL_FILE=str(other)
    )
    untyped = syncd("status", "--json", SYNCD_DATABASE_URL_FILE=str(other))

    assert [one["id"] for one in json.loads(typed.stdout)] == ["dcim-o1-kr1", "ops-o1-kr1"]
    assert json.loads(untyped.stdout) == []
