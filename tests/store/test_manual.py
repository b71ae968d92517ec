"""Numbers that people give."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from syncd.clock import ManualClock
from syncd.model import Catalogue, Combining, Origin, Reading, Status
from syncd.store import read
from syncd.store.composing import compose
from syncd.store.engine import Store
from syncd.store.manual import NotManual, record_manual
from syncd.store.schema import readings
from tests.store.catalogues import (
    START,
    by_hand,
    catalogue,
    combined,
    key_result,
    numbered,
)
from tests.store.state import assess_all

InForce = Callable[[Catalogue], None]

SAID = by_hand("tested_nodes", stale_after=timedelta(days=14))


@pytest.fixture
def said(in_force: InForce) -> None:
    in_force(catalogue([SAID, numbered("measured")], [key_result("obs-o4-kr2", SAID)]))


def say(store: Store, clock: ManualClock, value: float, **more: object) -> Reading:
    options = {"note": "run 7", "by": "lead", "at": clock.now(), "now": clock.now()} | more
    return record_manual(store, "tested_nodes", value, **options)  # type: ignore[arg-type]


def newest(store: Store) -> Reading | None:
    with store.read() as connection:
        (view,) = read.indicator_views(connection, {SAID.fingerprint})
    return view.reading


def status(store: Store) -> Status:
    with store.read() as connection:
        (view,) = read.key_result_views(connection)
    assert view.assessment is not None
    return view.assessment.status


@pytest.mark.usefixtures("said")
class TestANumber:
    def test_is_a_reading_with_who_said_so(self, store: Store, clock: ManualClock) -> None:
        written = say(store, clock, 9000.0)

        assert newest(store) == written
        assert written.origin is Origin.MANUAL
        assert written.value == 9000.0
        assert written.details == {"by": "lead", "note": "run 7"}

    def test_is_told_in_the_feed(self, store: Store, clock: ManualClock) -> None:
        say(store, clock, 9000.0)

        with store.read() as connection:
            event = read.feed(connection)[0]
        assert (event.kind, event.subject) == ("number_set", "tested_nodes")
        assert event.title == "tested_nodes set to 9,000"
        assert event.text == "By lead: run 7"
        assert event.data["by"] == "lead"

    def test_without_a_name_is_told_by_the_key_result_that_it_was_written_in(
        self, store: Store, clock: ManualClock, in_force: InForce
    ) -> None:
        nameless = replace(SAID, name=None)
        kr = key_result("obs-o4-kr2", nameless, title="Tested for CB3")
        in_force(catalogue([nameless], [kr]))

        record_manual(
            store, nameless.fingerprint, 9.0, note=None, by="x", at=clock.now(), now=clock.now()
        )

        with store.read() as connection:
            assert read.feed(connection)[0].title == "Tested for CB3 set to 9"

    def test_without_a_name_is_told_by_the_key_result_that_is_made_of_it(
        self, store: Store, clock: ManualClock, in_force: InForce
    ) -> None:
        nameless = replace(SAID, name=None)
        half = combined("half", Combining.MINIMUM, nameless, by_hand("other"))
        whole = combined("whole", Combining.MINIMUM, half, numbered("measured"))
        kr = key_result("obs-o4-kr2", whole, title="Tested everywhere")
        in_force(catalogue([nameless, by_hand("other"), half, numbered("measured"), whole], [kr]))

        record_manual(
            store, nameless.fingerprint, 9.0, note=None, by="x", at=clock.now(), now=clock.now()
        )

        with store.read() as connection:
            assert read.feed(connection)[0].title == "Tested everywhere set to 9"

    def test_may_be_named_by_its_fingerprint(self, store: Store, clock: ManualClock) -> None:
        record_manual(
            store, SAID.fingerprint, 1.0, note=None, by="x", at=clock.now(), now=clock.now()
        )

        assert newest(store) is not None

    def test_is_assessed_at_once(self, store: Store, clock: ManualClock) -> None:
        assess_all(store, clock)
        assert status(store) is Status.NO_DATA

        say(store, clock, 9000.0)
        assess_all(store, clock)

        assert status(store) is not Status.NO_DATA

    def test_is_stale_when_its_own_time_has_passed(self, store: Store, clock: ManualClock) -> None:
        say(store, clock, 9000.0)
        clock.advance(days=13)
        assess_all(store, clock)
        fresh = status(store)

        clock.advance(days=2)
        assess_all(store, clock)

        assert fresh is not Status.STALE
        assert status(store) is Status.STALE

    def test_of_an_earlier_moment_is_kept_beside_the_newest(
        self, store: Store, clock: ManualClock
    ) -> None:
        say(store, clock, 9000.0)
        clock.advance(hours=1)

        say(store, clock, 5.0, at=START - timedelta(days=3))

        found = newest(store)
        assert found is not None
        assert found.value == 9000.0
        with store.read() as connection:
            values = connection.execute(
                sa.select(readings.c.value).order_by(readings.c.at)
            ).scalars()
            assert list(values) == [5.0, 9000.0]

    def test_of_the_same_moment_corrects(self, store: Store, clock: ManualClock) -> None:
        say(store, clock, 9000.0)

        say(store, clock, 8000.0)

        found = newest(store)
        assert found is not None
        assert found.value == 8000.0

    @pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
    def test_that_is_none_is_refused(self, store: Store, clock: ManualClock, value: float) -> None:
        with pytest.raises(ValueError, match="finite"):
            say(store, clock, value)

        assert newest(store) is None

    def test_of_the_future_is_refused(self, store: Store, clock: ManualClock) -> None:
        with pytest.raises(ValueError, match="not come yet"):
            say(store, clock, 1.0, at=clock.now() + timedelta(seconds=1))

    @pytest.mark.parametrize(
        ("name", "words"),
        [("measured", "test.number; expected a manual"), ("nobody", "in force")],
    )
    def test_of_anything_else_is_refused(
        self, store: Store, clock: ManualClock, name: str, words: str
    ) -> None:
        with pytest.raises(NotManual, match=words):
            record_manual(store, name, 1.0, note=None, by="x", at=clock.now(), now=clock.now())


def test_what_is_made_of_it_follows(store: Store, clock: ManualClock, in_force: InForce) -> None:
    other = by_hand("tested_gpus")
    lowest = combined("lowest", Combining.MINIMUM, SAID, other)
    in_force(catalogue([SAID, other, lowest], []))
    say(store, clock, 3.0)
    record_manual(store, "tested_gpus", 2.0, note=None, by="x", at=clock.now(), now=clock.now())

    compose(store, now=clock.now())

    with store.read() as connection:
        (view,) = read.indicator_views(connection, {lowest.fingerprint})
    assert view.reading is not None
    assert view.reading.value == 2.0
