"""Notes, pauses and overrides, as people give them: what fits, and what is refused with what would."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from syncd.clock import ManualClock
from syncd.intake.adjusting import SETTABLE, GivenAdjustment, adjust, withdraw
from syncd.intake.texts import Refused, Unknown
from syncd.model import AdjustmentKind, Ending, Status
from syncd.store.adjusting import adjustment_views
from syncd.store.catalogue import put_in_force
from syncd.store.engine import Store
from syncd.store.read import feed
from tests.store.catalogues import DUE, START, catalogue, key_result, numbered
from tests.store.made import made

KEY = "inf-o1-kr1"
NOTE = GivenAdjustment("note", "the scanners\n arrived", by="Ada")
PAUSE = GivenAdjustment("pause", "no power", by="Ada", until="2026-02-10")
OVERRIDE = GivenAdjustment("override", "they sign", by="Ada", until="2026-02-10", status="on_track")


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START + timedelta(days=30))


@pytest.fixture
def store(tmp_path: Path, clock: ManualClock) -> Iterator[Store]:
    opened = made(tmp_path / "syncd.db")
    number = numbered("hired")
    ended = Ending(clock.now() - timedelta(days=1), "given up")
    put_in_force(
        opened,
        catalogue(
            [number],
            [
                key_result(KEY, number),
                key_result("inf-o1-kr2", number, ending=ended),
                key_result("inf-o1-kr3", number, ending=replace(ended, into="inf-o9-kr1")),
            ],
        ),
        interval_of=lambda _: 300.0,
        link_of=lambda _: None,
        now=clock.now(),
    )
    yield opened
    opened.close()


def nothing_is_written(store: Store) -> bool:
    with store.read() as connection:
        told = [event for event in feed(connection) if event.kind.startswith("kr.")]
        return not adjustment_views(connection) and not told


class TestWhatIsSaid:
    def test_a_note_is_of_now_and_has_no_end(self, store: Store, clock: ManualClock) -> None:
        said = adjust(store, KEY, NOTE, now=clock.now()).said

        assert (said.kind, said.reason, said.by) == (
            AdjustmentKind.NOTE,
            "the scanners arrived",
            "Ada",
        )
        assert (said.since, said.until, said.status) == (clock.now(), None, None)

    def test_a_note_may_be_of_a_day_that_has_passed(self, store: Store, clock: ManualClock) -> None:
        said = adjust(store, KEY, replace(NOTE, at="2026-01-15"), now=clock.now()).said

        assert said.since == datetime(2026, 1, 16, 8, tzinfo=UTC)

    def test_a_day_that_something_lasts_until_is_in_it(
        self, store: Store, clock: ManualClock
    ) -> None:
        said = adjust(store, KEY, PAUSE, now=clock.now()).said

        assert (said.since, said.until) == (clock.now(), datetime(2026, 2, 11, 8, tzinfo=UTC))

    def test_today_is_long_enough(self, store: Store, clock: ManualClock) -> None:
        said = adjust(store, KEY, replace(PAUSE, until="2026-01-31"), now=clock.now()).said

        assert said.until == datetime(2026, 2, 1, 8, tzinfo=UTC)

    @pytest.mark.parametrize("status", [*SETTABLE])
    def test_an_override_sets_a_status(
        self, store: Store, clock: ManualClock, status: Status
    ) -> None:
        given = replace(OVERRIDE, status=status.value)

        assert adjust(store, KEY, given, now=clock.now()).said.status is status

    def test_a_month_after_the_due_date_is_the_latest_end(
        self, store: Store, clock: ManualClock
    ) -> None:
        # due on 31 March in Los Angeles
        said = adjust(store, KEY, replace(PAUSE, until="2026-05-01"), now=clock.now()).said
        assert said.until == DUE + timedelta(days=31, microseconds=1)

        for late in ("2026-05-02", "2026-05-02T00:00:01"):
            with pytest.raises(Refused, match=f"^until: got {late}; expected 2026-05-01 at the"):
                adjust(store, KEY, replace(PAUSE, until=late), now=clock.now())


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (replace(NOTE, kind="memo"), "kind: got 'memo'; expected note, pause or override"),
        (replace(NOTE, reason=" "), "reason: got 0 characters"),
        (replace(NOTE, reason="x" * 2001), "reason: got 2001 characters"),
        (replace(PAUSE, reason="x" * 301), "reason: got 301 characters; expected 1 to 300"),
        (replace(PAUSE, reason="a\x1b[2J"), "reason: got the control character"),
        (replace(NOTE, by=""), "by: got 0 characters"),
        (replace(NOTE, by="A" * 201), "by: got 201 characters"),
        (replace(NOTE, at="2026-02-15"), "at: got 2026-02-15, which has not come yet"),
        (replace(NOTE, until="2026-02-15"), "until: got '2026-02-15'; expected none"),
        (replace(NOTE, status="on_track"), "status: got 'on_track'; expected none"),
        (replace(PAUSE, at="2026-01-15"), "at: got '2026-01-15'; expected none"),
        (replace(PAUSE, status="on_track"), "status: got 'on_track'; expected none"),
        (
            replace(PAUSE, until=None),
            "until: got none; expected the last day of the pause, such as 2026-02-07",
        ),
        (replace(PAUSE, until="2026-01-30"), "until: got 2026-01-30, which has passed"),
        (replace(PAUSE, until="soon"), "until: got 'soon'; expected a day"),
        (replace(PAUSE, until="9999-12-31"), "until: got"),
        (replace(OVERRIDE, until=None), "until: got none; expected the last day of the override"),
        (replace(OVERRIDE, status=None), "status: got ''; expected on_track"),
        (replace(OVERRIDE, status="on track"), "status: got 'on track'.*; fix: on_track"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_written(
    store: Store, clock: ManualClock, given: GivenAdjustment, words: str
) -> None:
    with pytest.raises(Refused, match=f"^{words}"):
        adjust(store, KEY, given, now=clock.now())

    assert nothing_is_written(store)


@pytest.mark.parametrize("status", sorted(set(Status) - set(SETTABLE)))
def test_nobody_can_set_that_something_is_unknown_or_ended(
    store: Store, clock: ManualClock, status: Status
) -> None:
    with pytest.raises(Refused, match=f"^status: got '{status.value}'; expected on_track"):
        adjust(store, KEY, replace(OVERRIDE, status=status.value), now=clock.now())

    assert nothing_is_written(store)


@pytest.mark.parametrize(
    ("name", "words"), [("inf-o1-kr2", "is abandoned"), ("inf-o1-kr3", "is carried over")]
)
def test_what_is_judged_no_more_takes_notes_only(
    store: Store, clock: ManualClock, name: str, words: str
) -> None:
    for given in (PAUSE, OVERRIDE):
        with pytest.raises(Refused, match=words):
            adjust(store, name, given, now=clock.now())

    assert adjust(store, name, NOTE, now=clock.now()).key_result == name


def test_an_unknown_key_result_is_answered_with_the_nearest(
    store: Store, clock: ManualClock
) -> None:
    with pytest.raises(Unknown, match=r"did you mean inf-o1-kr1\?"):
        adjust(store, "inf-o1-kr11", NOTE, now=clock.now())
    with pytest.raises(Unknown, match="`syncd status` lists them"):
        adjust(store, "x", NOTE, now=clock.now())


class TestWithdrawing:
    def test_says_who_and_why(self, store: Store, clock: ManualClock) -> None:
        number = adjust(store, KEY, PAUSE, now=clock.now()).said.id

        taken = withdraw(store, number, by="Bob", reason="the  power is back", now=clock.now())

        assert taken.withdrawn is not None
        assert (taken.withdrawn.by, taken.withdrawn.reason) == ("Bob", "the power is back")

    @pytest.mark.parametrize("number", ["", "-1", "1.0", "seven", "9" * 30, "²"])
    def test_takes_only_a_number(self, store: Store, clock: ManualClock, number: str) -> None:
        with pytest.raises(Refused, match="expected the number of"):
            withdraw(store, number, by="Bob", reason="x", now=clock.now())

    @pytest.mark.parametrize(
        ("by", "reason"), [("", "x"), ("Bob", ""), ("B\0b", "x"), ("Bob", "x" * 301)]
    )
    def test_needs_a_name_and_a_reason(
        self, store: Store, clock: ManualClock, by: str, reason: str
    ) -> None:
        number = adjust(store, KEY, PAUSE, now=clock.now()).said.id

        with pytest.raises(Refused, match=r"^(by|reason): got"):
            withdraw(store, number, by=by, reason=reason, now=clock.now())

        with store.read() as connection:
            assert adjustment_views(connection)[0].withdrawn is None

    def test_of_what_is_not_there_is_answered_with_where_to_look(
        self, store: Store, clock: ManualClock
    ) -> None:
        with pytest.raises(Unknown, match="`syncd adjustments` lists them"):
            withdraw(store, "7", by="Bob", reason="x", now=clock.now())

    def test_twice_is_refused(self, store: Store, clock: ManualClock) -> None:
        number = adjust(store, KEY, NOTE, now=clock.now()).said.id
        withdraw(store, number, by="Bob", reason="x", now=clock.now())

        with pytest.raises(Refused, match="has ended already"):
            withdraw(store, number, by="Bob", reason="x", now=clock.now())
