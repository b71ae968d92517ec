"""The state of dependencies outside, as people set it: names, words and moments."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from syncd.clock import ManualClock
from syncd.intake.externals import GivenState, set_state
from syncd.intake.texts import Refused, Unknown
from syncd.model import External, ExternalState
from syncd.store.catalogue import put_in_force
from syncd.store.engine import Store
from syncd.store.externals import external_views
from syncd.store.read import feed
from tests.store.catalogues import START, catalogue, numbered
from tests.store.made import made

GIVEN = GivenState("slipped", "two offers\n declined", by="Ada")


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START + timedelta(days=30))


@pytest.fixture
def store(tmp_path: Path, clock: ManualClock) -> Iterator[Store]:
    opened = made(tmp_path / "syncd.db")
    declared = [External("recruiting", "Recruiting"), External("gnmi-api-access", "gNMI")]
    put_in_force(
        opened,
        catalogue([numbered("hired")], [], declared),
        interval_of=lambda _: 300.0,
        link_of=lambda _: None,
        now=clock.now(),
    )
    yield opened
    opened.close()


@pytest.mark.parametrize("name", ["recruiting", "external:recruiting"])
def test_a_state_is_written_down_with_who_says_so(
    store: Store, clock: ManualClock, name: str
) -> None:
    said = set_state(store, name, GIVEN, now=clock.now())

    assert (said.state, said.note, said.by) == (
        ExternalState.SLIPPED,
        "two offers declined",
        "Ada",
    )
    assert (said.at, said.recorded_at) == (clock.now(), clock.now())
    with store.read() as connection:
        assert external_views(connection)[0].said == said


def test_as_of_a_day_is_of_its_end_in_the_organisations_timezone(
    store: Store, clock: ManualClock
) -> None:
    said = set_state(store, "recruiting", replace(GIVEN, at="2026-01-15"), now=clock.now())

    assert said.at == datetime(2026, 1, 16, 8, tzinfo=UTC)
    assert said.recorded_at == clock.now()


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("recruitng", "did you mean recruiting?"),
        ("x", "the mapping files declare gnmi-api-access, recruiting"),
    ],
)
def test_an_unknown_name_is_answered_with_what_there_is(
    store: Store, clock: ManualClock, name: str, hint: str
) -> None:
    with pytest.raises(Unknown) as unknown:
        set_state(store, name, GIVEN, now=clock.now())

    assert hint in str(unknown.value)


def test_where_none_is_declared_the_words_say_where_one_would_be(tmp_path: Path) -> None:
    empty = made(tmp_path / "empty.db")

    with pytest.raises(Unknown, match="external: in the organisation file"):
        set_state(empty, "recruiting", GIVEN, now=START)
    empty.close()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (replace(GIVEN, state="sliped"), "state: got 'sliped'.*fix: slipped"),
        (replace(GIVEN, state="off_track"), "state: got 'off_track'"),
        (replace(GIVEN, note=" "), "note: got 0"),
        (replace(GIVEN, note="x" * 2001), "note: got 2001"),
        (replace(GIVEN, note="a\0b"), "note: got the control"),
        (replace(GIVEN, by=""), "by: got 0"),
        (replace(GIVEN, by="A" * 201), "by: got 201"),
        (replace(GIVEN, at="2026-03-01"), "at: got"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_written(
    store: Store, clock: ManualClock, given: GivenState, words: str
) -> None:
    with pytest.raises(Refused, match=f"^{words}"):
        set_state(store, "recruiting", given, now=clock.now())

    with store.read() as connection:
        assert external_views(connection)[0].said is None
        assert feed(connection, subject="external:recruiting") == []
