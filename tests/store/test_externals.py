"""Dependencies outside the key results: what is declared, what people say, who needs it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from syncd.clock import ManualClock
from syncd.model import Catalogue, Event, External, ExternalState, Status
from syncd.store import read
from syncd.store.assessing import assessing
from syncd.store.engine import Store
from syncd.store.externals import (
    ExternalView,
    NotDeclared,
    Said,
    external_statuses,
    external_views,
    record_state,
)
from syncd.store.manual import record_manual
from syncd.store.schema import external_states, key_results
from tests.store.catalogues import START, by_hand, catalogue, key_result, numbered
from tests.store.state import assess_all

InForce = Callable[[Catalogue], None]
RECRUITING = External("recruiting", "Recruiting keeps pace", "Head of recruiting")
ACCESS = External("gnmi-api-access", "gNMI API access granted", None, START + timedelta(days=45))
NUMBER = numbered("hired")
NEEDING = catalogue(
    [NUMBER],
    [
        key_result("inf-o1-kr1", NUMBER, needs=("external:recruiting",)),
        key_result("net-o1-kr1", NUMBER, needs=("external:gnmi-api-access", "inf-o1-kr1")),
        key_result("ops-o1-kr1", NUMBER, needs=("external:recruiting",)),
        key_result("ops-o1-kr2", NUMBER),
    ],
    [RECRUITING, ACCESS],
)


@pytest.fixture
def declared(in_force: InForce) -> None:
    in_force(NEEDING)


def say(
    store: Store, clock: ManualClock, state: ExternalState, at: datetime | None = None, **more: str
) -> Said:
    return record_state(
        store,
        more.get("name", "recruiting"),
        state,
        note=more.get("note", "two offers declined"),
        by=more.get("by", "Ada"),
        at=at or clock.now(),
        now=clock.now(),
        timezone="UTC",
    )


def views(store: Store) -> list[ExternalView]:
    with store.read() as connection:
        return external_views(connection)


def statuses(store: Store) -> dict[str, Status]:
    with store.read() as connection:
        return external_statuses(connection)


def dirty(store: Store) -> set[str]:
    with store.read() as connection:
        return set(
            connection.execute(sa.select(key_results.c.id).where(key_results.c.dirty)).scalars()
        )


def events(store: Store) -> list[Event]:
    with store.read() as connection:
        return [event for event in read.feed(connection, after=0) if event.kind == "external_set"]


@pytest.mark.usefixtures("declared")
class TestADependency:
    def test_is_listed_with_who_needs_it_and_nothing_said(self, store: Store) -> None:
        assert views(store) == [
            ExternalView(RECRUITING, None, ("inf-o1-kr1", "ops-o1-kr1")),
            ExternalView(ACCESS, None, ("net-o1-kr1",)),
        ]

    def test_of_which_nothing_was_said_has_no_data(self, store: Store) -> None:
        assert statuses(store) == {
            "external:recruiting": Status.NO_DATA,
            "external:gnmi-api-access": Status.NO_DATA,
        }

    @pytest.mark.parametrize(
        ("state", "status"),
        [
            (ExternalState.ON_TRACK, Status.ON_TRACK),
            (ExternalState.AT_RISK, Status.AT_RISK),
            (ExternalState.SLIPPED, Status.OFF_TRACK),
            (ExternalState.DONE, Status.ACHIEVED),
        ],
    )
    def test_is_what_was_said_of_it(
        self, store: Store, clock: ManualClock, state: ExternalState, status: Status
    ) -> None:
        said = say(store, clock, state)

        assert statuses(store)["external:recruiting"] is status
        assert statuses(store)["external:gnmi-api-access"] is Status.NO_DATA
        assert views(store)[0].said == said

    def test_marks_those_that_need_it_and_no_others(self, store: Store, clock: ManualClock) -> None:
        assess_all(store, clock)
        assert dirty(store) == set()

        say(store, clock, ExternalState.SLIPPED)

        assert dirty(store) == {"inf-o1-kr1", "ops-o1-kr1"}

    def test_is_told_to_judgement(self, store: Store, clock: ManualClock) -> None:
        say(store, clock, ExternalState.SLIPPED)

        with assessing(store, now=clock.now()) as work:
            told = [work.told(need).status for need in ("external:recruiting", "external:nobodys")]

        assert told == [Status.OFF_TRACK, None]

    def test_is_told_in_the_feed_with_what_it_was(self, store: Store, clock: ManualClock) -> None:
        say(store, clock, ExternalState.ON_TRACK, note="four signed")
        clock.advance(days=3)
        say(store, clock, ExternalState.SLIPPED)

        first, second = events(store)
        assert first.title == "Recruiting keeps pace: on track"
        assert first.text == "By Ada: four signed"
        assert (second.subject, second.at) == ("external:recruiting", clock.now())
        assert second.title == "Recruiting keeps pace: slipped (was on track)"
        assert (second.before, second.after) == ({"state": "on_track"}, {"state": "slipped"})
        assert second.data == {
            "holds": True,
            "note": "two offers declined",
            "by": "Ada",
            "at": clock.now().isoformat(),
        }

    def test_said_of_an_earlier_moment_is_kept_and_replaces_nothing(
        self, store: Store, clock: ManualClock
    ) -> None:
        newest = say(store, clock, ExternalState.SLIPPED)

        say(store, clock, ExternalState.ON_TRACK, START - timedelta(days=2))

        assert views(store)[0].said == newest
        assert events(store)[-1].title == "Recruiting keeps pace: on track"
        assert events(store)[-1].text == "By Ada, as of 30 Dec 2025, 08:00: two offers declined"
        with store.read() as connection:
            assert len(connection.execute(sa.select(external_states)).all()) == 2

    def test_said_twice_of_one_moment_is_corrected(self, store: Store, clock: ManualClock) -> None:
        say(store, clock, ExternalState.SLIPPED)

        corrected = say(store, clock, ExternalState.AT_RISK)

        assert views(store)[0].said == corrected

    def test_said_of_the_future_is_refused(self, store: Store, clock: ManualClock) -> None:
        with pytest.raises(ValueError, match="not come yet"):
            say(store, clock, ExternalState.DONE, clock.now() + timedelta(seconds=1))

        assert events(store) == []

    def test_that_nobody_declares_is_refused(self, store: Store, clock: ManualClock) -> None:
        with pytest.raises(NotDeclared, match="'nobodys'"):
            say(store, clock, ExternalState.DONE, name="nobodys")


def test_what_was_said_stays_when_the_mapping_files_change(
    store: Store, clock: ManualClock, in_force: InForce
) -> None:
    in_force(NEEDING)
    said = say(store, clock, ExternalState.SLIPPED)
    in_force(catalogue([NUMBER], []))
    gone = views(store)

    in_force(NEEDING)

    assert gone == []
    assert views(store)[0].said == said


def test_a_dependency_that_is_declared_no_more_is_told_to_nobody(
    store: Store, clock: ManualClock, in_force: InForce
) -> None:
    in_force(NEEDING)
    say(store, clock, ExternalState.SLIPPED)

    in_force(catalogue([NUMBER], [], [ACCESS]))

    assert statuses(store) == {"external:gnmi-api-access": Status.NO_DATA}
    with pytest.raises(NotDeclared):
        say(store, clock, ExternalState.DONE)


def test_who_needs_one_that_slips_is_at_risk_because_of_it_and_back_when_it_is_done(
    store: Store, clock: ManualClock, in_force: InForce
) -> None:
    said = by_hand("hired_by_hand", stale_after=timedelta(days=90))
    in_force(
        catalogue(
            [said], [key_result("inf-o1-kr1", said, needs=("external:recruiting",))], [RECRUITING]
        )
    )
    clock.advance(days=30)
    record_manual(store, "hired_by_hand", 0.9, note=None, by="Ada", at=clock.now(), now=clock.now())
    told = []
    for state in (None, ExternalState.SLIPPED, ExternalState.DONE):
        if state is not None:
            clock.advance(minutes=1)
            say(store, clock, state)
        assess_all(store, clock)
        with store.read() as connection:
            (view,) = read.key_result_views(connection)
        assert view.assessment is not None
        told.append((view.assessment.status, view.assessment.because))

    assert told == [
        (Status.ON_TRACK, ()),
        (Status.AT_RISK, ("external:recruiting",)),
        (Status.ON_TRACK, ()),
    ]
