"""What people say on the command line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from syncd.clock import ManualClock, SystemClock
from syncd.model import External
from syncd.store.catalogue import put_in_force
from syncd.store.engine import Store
from tests.store.catalogues import catalogue, key_result, numbered
from tests.store.made import made
from tests.store.state import assess_all
from tests.unit.cli.test_explain_and_set import Shell

NUMBER = numbered("hired")


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    """A store with two key results, one of which needs a dependency outside."""
    address = f"sqlite:///{tmp_path / 'syncd.db'}"
    store = made(tmp_path / "syncd.db")
    clock = ManualClock(SystemClock().now() - timedelta(hours=1))
    now = clock.now()
    span = {"start": now - timedelta(days=30), "due": now + timedelta(days=30)}
    put_in_force(
        store,
        catalogue(
            [NUMBER],
            [
                key_result("inf-o1-kr1", NUMBER, needs=("external:recruiting",), **span),
                key_result("ops-o1-kr1", NUMBER, **span),
            ],
            [
                External("recruiting", "Recruiting keeps pace", plan="https://wiki.example.org/r"),
                External("gnmi-api-access", "gNMI API access granted", "Vendor"),
            ],
        ),
        interval_of=lambda _: 300.0,
        link_of=lambda _: None,
        now=now,
    )
    assess_all(store, clock)
    yield address
    store.close()


@pytest.fixture
def syncd(url: str) -> Shell:
    return Shell(url)


class TestExternal:
    def test_set_writes_down_what_list_then_tells(self, syncd: Shell) -> None:
        answer = syncd(
            "external", "set", "recruiting", "slipped", "--note", "two declined", "--by", "Ada"
        )

        assert answer.returncode == 0, answer.stderr
        assert answer.stdout == "recruiting is slipped, says Ada\n"
        recruiting, access = json.loads(syncd("external", "list", "--json").stdout)
        assert (recruiting["state"], recruiting["note"], recruiting["by"]) == (
            "slipped",
            "two declined",
            "Ada",
        )
        assert recruiting["needed_by"] == ["inf-o1-kr1"]
        assert access["state"] is None

    def test_list_tells_people_all_that_is_known(self, syncd: Shell) -> None:
        syncd("external", "set", "recruiting", "slipped", "--note", "two declined", "--by", "Ada")

        told = syncd("external", "list", COLUMNS="160").stdout

        for words in (
            "▲ slipped",
            "Recruiting keeps pace recruiting",
            "says Ada: two declined",
            "plan: https://wiki.example.org/r",
            "inf-o1-kr1",
            "? nothing said yet",
            "Vendor",
        ):
            assert words in told

    def test_takes_the_login_name_unless_it_is_told_another(self, syncd: Shell) -> None:
        answer = syncd(
            "external", "set", "recruiting", "done", "--note", "x", "--json", LOGNAME="grace"
        )

        assert json.loads(answer.stdout)["by"] == "grace"

    @pytest.mark.parametrize(
        ("words", "told"),
        [
            (["recruting", "done", "--note", "x"], "did you mean recruiting?"),
            (["recruiting", "slip", "--note", "x"], "fix: slipped"),
            (["recruiting", "done"], "--note"),
        ],
    )
    def test_what_does_not_fit_is_refused_with_what_would(
        self, syncd: Shell, words: list[str], told: str
    ) -> None:
        answer = syncd("external", "set", *words)

        assert answer.returncode == 2
        assert told in answer.stderr
        assert all(
            one["state"] is None for one in json.loads(syncd("external", "list", "--json").stdout)
        )

    def test_names_are_completed(self, syncd: Shell) -> None:
        answer = syncd.apart(
            _SYNCD_COMPLETE="complete_zsh", _TYPER_COMPLETE_ARGS="syncd external set re"
        )

        assert '"recruiting"' in answer.stdout


def day(ahead: int) -> str:
    return (SystemClock().now() + timedelta(days=ahead)).date().isoformat()


class TestAdjustments:
    def listed(self, syncd: Shell, *of: str) -> list[dict[str, object]]:
        found = json.loads(syncd("adjustments", *of, "--json").stdout)
        assert isinstance(found, list)
        return found

    def test_are_written_down_by_kind_and_listed_in_their_order(self, syncd: Shell) -> None:
        said = ["--by", "Ada", "--until", day(5), "--reason"]
        answers = [
            syncd("note", "inf-o1-kr1", "the scanners arrived", "--by", "Ada"),
            syncd("pause", "inf-o1-kr1", *said, "no power"),
            syncd("override", "ops-o1-kr1", "on_track", *said, "they sign on Friday"),
        ]

        assert [answer.returncode for answer in answers] == [0, 0, 0], answers
        assert answers[1].stdout.startswith("inf-o1-kr1: Paused until ")
        assert answers[2].stdout.startswith("ops-o1-kr1: Set to on track until ")
        assert [(one["id"], one["kind"], one["in_force"]) for one in self.listed(syncd)] == [
            ("1", "note", False),
            ("2", "pause", True),
            ("3", "override", True),
        ]
        assert [one["id"] for one in self.listed(syncd, "ops-o1-kr1")] == ["3"]

    def test_are_withdrawn_by_their_number_and_stay_visible(self, syncd: Shell) -> None:
        syncd("pause", "inf-o1-kr1", "--until", day(5), "--reason", "no power", "--by", "Ada")

        answer = syncd("withdraw", "1", "--reason", "it is back", "--by", "Bob")

        assert answer.stdout == "pause 1 of inf-o1-kr1 is withdrawn\n"
        told = syncd("adjustments").stdout
        assert "by Ada: no power" in told
        assert "by Bob: it is back" in told
        assert [one["in_force"] for one in self.listed(syncd)] == [False]

    def test_take_the_login_name_unless_they_are_told_another(self, syncd: Shell) -> None:
        answer = syncd("note", "inf-o1-kr1", "x", "--json", LOGNAME="grace")

        assert json.loads(answer.stdout)["by"] == "grace"

    def test_none_are_told_to_be_none(self, syncd: Shell) -> None:
        assert syncd("adjustments").stdout == "Nobody has said anything yet.\n"

    @pytest.mark.parametrize(
        ("words", "told"),
        [
            (["pause", "inf-o1-kr1", "--reason", "x"], "--until"),
            (["pause", "inf-o1-kr1", "--until", "2026-01-01"], "--reason"),
            (["pause", "inf-o1-kr1", "--until", "2020-01-01", "--reason", "x"], "has passed"),
            (["pause", "inf-o1-kr1", "--until", "2999-01-01", "--reason", "x"], "at the latest"),
            (["override", "inf-o1-kr1", "good", "--until", "x", "--reason", "x"], "expected"),
            (["note", "inf-o1-kr9", "x"], "did you mean inf-o1-kr1?"),
            (["note", "inf-o1-kr1", " "], "expected 1 to"),
            (["withdraw", "7", "--reason", "x"], "`syncd adjustments` lists them"),
            (["adjustments", "inf-o1-kr9"], "did you mean inf-o1-kr1?"),
        ],
    )
    def test_what_does_not_fit_is_refused_with_what_would(
        self, syncd: Shell, words: list[str], told: str
    ) -> None:
        answer = syncd(*words)

        assert answer.returncode == 2
        assert told in answer.stderr
        assert self.listed(syncd) == []


def assessed(syncd: Shell) -> None:
    store = Store(syncd.url)
    assess_all(store, SystemClock())
    store.close()


def test_status_and_explain_show_what_people_say(syncd: Shell) -> None:
    said = ["--by", "Ada", "--until", day(5), "--reason"]
    syncd("override", "inf-o1-kr1", "on_track", *said, "they sign on Friday")
    syncd("pause", "inf-o1-kr1", *said, "no power")
    syncd("note", "inf-o1-kr1", "the scanners arrived", "--by", "Bob")
    assessed(syncd)

    told = syncd("status", COLUMNS="200").stdout
    explained = syncd("explain", "inf-o1-kr1").stdout
    document = json.loads(syncd("status", "--json").stdout)[0]

    assert "● on track" in told
    assert told.count("set by hand") == told.count("  paused  ") == 1
    assert "by Ada: they sign on Friday" in told
    assert "  measured: no_data\n" in explained
    assert "  override 1: Set to on track until " in explained
    assert "  pause 2: Paused until " in explained
    assert "  note 3: Note of " in explained
    assert (document["status"], document["raw_status"]) == ("on_track", "no_data")
    assert (document["overridden"]["id"], document["paused"]["id"]) == ("1", "2")


def test_status_has_a_line_for_each_team_and_one_for_the_organisation(syncd: Shell) -> None:
    told = syncd("status", COLUMNS="200").stdout

    for words in ("INF  nothing is known yet", "OPS  nothing is known yet", "Test  nothing is"):
        assert told.count(words) == 1
    assert told.index("OPS  ") < told.index("ops-o1-kr1") < told.index("Test  ")


class TestPath:
    def test_tells_what_a_due_date_hangs_on(self, syncd: Shell) -> None:
        syncd("external", "set", "recruiting", "slipped", "--note", "two declined", "--by", "Ada")

        told = syncd("path", "inf-o1-kr1").stdout.splitlines()
        document = json.loads(syncd("path", "inf-o1-kr1", "--json").stdout)

        assert told[0].startswith("Title of inf-o1-kr1 (inf-o1-kr1), due ")
        assert told[1] == (
            "└─ Recruiting keeps pace (external:recruiting): slipped; nothing is known of it; "
            "Ada says: two declined"
        )
        assert [step["id"] for step in document["steps"]] == ["external:recruiting"]

    def test_of_an_unknown_key_result_is_answered_with_the_nearest(self, syncd: Shell) -> None:
        answer = syncd("path", "inf-o1-kr9")

        assert answer.returncode == 2
        assert "did you mean inf-o1-kr1?" in answer.stderr
