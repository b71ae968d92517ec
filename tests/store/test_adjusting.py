"""Notes, pauses and overrides: written down once, shown until they end, each end told once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from syncd.clock import ManualClock
from syncd.model import Adjustment, AdjustmentKind, Catalogue, Event, EventKind, Status
from syncd.store import read
from syncd.store.adjusting import (
    AdjustmentView,
    HasEnded,
    NoAdjustment,
    NoKeyResult,
    adjustment_views,
    adjustments_of,
    say,
    withdraw,
)
from syncd.store.assessing import assessing
from syncd.store.engine import Store
from syncd.store.manual import record_manual
from syncd.store.schema import adjustments, key_results
from tests.store.catalogues import by_hand, catalogue, key_result, numbered
from tests.store.state import assess_all

InForce = Callable[[Catalogue], None]
NUMBER = numbered("hired")
KEY = "inf-o1-kr1"
NOTE, PAUSE, OVERRIDE = AdjustmentKind.NOTE, AdjustmentKind.PAUSE, AdjustmentKind.OVERRIDE
PEOPLE = {
    EventKind.NOTE_ADDED,
    EventKind.NOTE_WITHDRAWN,
    EventKind.PAUSE_SET,
    EventKind.PAUSE_ENDED,
    EventKind.OVERRIDE_SET,
    EventKind.OVERRIDE_ENDED,
}
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def declared(in_force: InForce) -> None:
    in_force(catalogue([NUMBER], [key_result(KEY, NUMBER), key_result("inf-o1-kr2", NUMBER)]))


def give(
    store: Store,
    clock: ManualClock,
    kind: AdjustmentKind,
    lasts: timedelta | None = HOUR,
    **more: Any,
) -> AdjustmentView:
    """An override is to on_track; what is not a note lasts an hour."""
    options: dict[str, Any] = {"by": "Ada", "reason": "the vendor called", "since": clock.now()}
    if kind is not NOTE and lasts is not None:
        options["until"] = clock.now() + lasts
    if kind is OVERRIDE:
        options["status"] = Status.ON_TRACK
    return say(store, more.pop("key", KEY), kind, now=clock.now(), **(options | more))


def take(store: Store, clock: ManualClock, view: AdjustmentView) -> AdjustmentView:
    return withdraw(
        store, int(view.said.id), of=None, by="Bob", reason="it was wrong", now=clock.now()
    )


def known(store: Store, key: str = KEY) -> tuple[Adjustment, ...]:
    with store.read() as connection:
        return adjustments_of(connection, [key]).get(key, ())


def told(store: Store) -> list[Event]:
    with store.read() as connection:
        events = read.feed(connection, after=0, limit=10_000)
    return [event for event in events if event.kind in PEOPLE]


def kinds(store: Store) -> list[str]:
    return [event.kind for event in told(store)]


def test_what_is_said_is_known_to_judgement_of_that_key_result_only(
    store: Store, clock: ManualClock
) -> None:
    said = [give(store, clock, kind).said for kind in (NOTE, PAUSE, OVERRIDE)]

    with assessing(store, now=clock.now()) as work:
        evidence = {key: one.evidence.adjustments for key, one in work.candidates.items()}

    assert evidence == {KEY: tuple(said), "inf-o1-kr2": ()}


def test_saying_something_marks_the_key_result(store: Store, clock: ManualClock) -> None:
    assess_all(store, clock)

    give(store, clock, PAUSE)

    with store.read() as connection:
        dirty = connection.execute(sa.select(key_results.c.id).where(key_results.c.dirty))
        assert dirty.scalars().all() == [KEY]


class TestTheFeed:
    def test_tells_an_override_with_its_end_its_reason_and_what_was_measured(
        self, store: Store, clock: ManualClock
    ) -> None:
        assess_all(store, clock)

        view = give(store, clock, OVERRIDE, timedelta(days=3))

        (event,) = told(store)
        assert (event.kind, event.subject, event.at) == ("override_set", KEY, clock.now())
        assert event.title == f"Title of {KEY}: set to on track until 3 Jan"
        assert event.text == "By Ada: the vendor called (measured: no data)"
        assert event.data == {
            "adjustment": view.said.id,
            "status": "on_track",
            "since": clock.now().isoformat(),
            "until": (clock.now() + timedelta(days=3)).isoformat(),
            "reason": "the vendor called",
            "by": "Ada",
            "measured": "no_data",
            "objective": "inf-o1",
            "owner": ["Lead"],
        }

    def test_tells_a_note_and_of_what_moment_it_is(self, store: Store, clock: ManualClock) -> None:
        give(store, clock, NOTE)
        give(store, clock, NOTE, since=clock.now() - timedelta(days=3))

        now, then = told(store)
        assert (now.kind, now.title) == ("note_added", f"Title of {KEY}: note of 1 Jan")
        assert now.text == "By Ada: the vendor called"
        assert then.title == f"Title of {KEY}: note of 29 Dec 2025"

    @pytest.mark.parametrize(
        ("kind", "ended"), [(PAUSE, "pause_ended"), (OVERRIDE, "override_ended")]
    )
    def test_tells_once_that_something_ran_out(
        self, store: Store, clock: ManualClock, kind: AdjustmentKind, ended: str
    ) -> None:
        view = give(store, clock, kind)
        assess_all(store, clock)
        clock.advance(minutes=59)
        assess_all(store, clock)
        before = kinds(store)

        clock.advance(minutes=1)
        for _ in range(3):
            assess_all(store, clock)
            clock.advance(hours=1)

        assert before == [ended.replace("ended", "set")]
        assert kinds(store) == [*before, ended]
        assert told(store)[-1].data["cause"] == "ran_out"
        assert told(store)[-1].data["adjustment"] == view.said.id
        assert told(store)[-1].text == "It lasted until 01:00, as Ada had said."

    def test_tells_an_end_at_its_moment_although_nothing_else_is_due(
        self, store: Store, clock: ManualClock
    ) -> None:
        give(store, clock, PAUSE, timedelta(seconds=17))
        assess_all(store, clock)

        clock.advance(seconds=17)
        due = assess_all(store, clock)

        assert due == [KEY]
        assert kinds(store) == ["pause_set", "pause_ended"]

    @pytest.mark.parametrize(
        ("kind", "ended"),
        [(NOTE, "note_withdrawn"), (PAUSE, "pause_ended"), (OVERRIDE, "override_ended")],
    )
    def test_tells_once_that_something_was_withdrawn(
        self, store: Store, clock: ManualClock, kind: AdjustmentKind, ended: str
    ) -> None:
        view = give(store, clock, kind)
        clock.advance(minutes=5)
        take(store, clock, view)
        clock.advance(hours=2)
        assess_all(store, clock)

        assert kinds(store)[1:] == [ended]
        assert told(store)[-1].text == "Withdrawn by Bob: it was wrong"
        assert told(store)[-1].data["cause"] == "withdrawn"

    def test_tells_nothing_of_what_was_not_committed(
        self, store: Store, clock: ManualClock
    ) -> None:
        give(store, clock, PAUSE)
        clock.advance(hours=2)

        with pytest.raises(ZeroDivisionError), assessing(store, now=clock.now()):
            raise ZeroDivisionError
        before = kinds(store)
        assess_all(store, clock)

        assert before == ["pause_set"]
        assert kinds(store) == ["pause_set", "pause_ended"]


class TestAWithdrawal:
    @pytest.mark.parametrize("kind", [PAUSE, OVERRIDE])
    def test_ends_it_then_and_leaves_what_was_before(
        self, store: Store, clock: ManualClock, kind: AdjustmentKind
    ) -> None:
        view = give(store, clock, kind)
        clock.advance(minutes=5)

        take(store, clock, view)

        (said,) = known(store)
        assert (said.since, said.until) == (view.said.since, clock.now())

    def test_of_a_note_leaves_it_out_of_judgement(self, store: Store, clock: ManualClock) -> None:
        take(store, clock, give(store, clock, NOTE))

        assert known(store) == ()

    def test_stays_visible_beside_what_was_said(self, store: Store, clock: ManualClock) -> None:
        view = give(store, clock, PAUSE)
        clock.advance(minutes=5)
        taken = take(store, clock, view)

        with store.read() as connection:
            assert adjustment_views(connection, [KEY]) == [taken]
        assert taken.said == view.said
        assert taken.withdrawn is not None
        assert (taken.withdrawn.at, taken.withdrawn.by) == (clock.now(), "Bob")

    @pytest.mark.parametrize("kind", list(AdjustmentKind))
    def test_cannot_be_done_twice(
        self, store: Store, clock: ManualClock, kind: AdjustmentKind
    ) -> None:
        view = give(store, clock, kind)
        take(store, clock, view)
        before = kinds(store)

        with pytest.raises(HasEnded, match="has ended already"):
            take(store, clock, view)

        assert kinds(store) == before

    def test_of_what_ran_out_is_refused_though_nobody_told_it_yet(
        self, store: Store, clock: ManualClock
    ) -> None:
        view = give(store, clock, PAUSE)
        clock.advance(hours=1)

        with pytest.raises(HasEnded):
            take(store, clock, view)

        assess_all(store, clock)
        assert kinds(store) == ["pause_set", "pause_ended"]

    def test_of_nothing_or_of_another_key_results_is_refused(
        self, store: Store, clock: ManualClock
    ) -> None:
        number = int(give(store, clock, PAUSE).said.id)
        options: Mapping[str, Any] = {"by": "Bob", "reason": "x", "now": clock.now()}

        for wrong, of in ((number + 1, None), (number, "inf-o1-kr2")):
            with pytest.raises(NoAdjustment, match=str(wrong)):
                withdraw(store, wrong, of=of, **options)

        assert kinds(store) == ["pause_set"]


class TestASecondOne:
    def test_of_its_kind_replaces_the_first(self, store: Store, clock: ManualClock) -> None:
        give(store, clock, OVERRIDE)
        clock.advance(minutes=5)

        second = give(store, clock, OVERRIDE, status=Status.AT_RISK, by="Bob")

        first, found = known(store)
        assert found == second.said
        assert first.until == clock.now()
        assert kinds(store) == ["override_set", "override_ended", "override_set"]
        assert told(store)[1].data["cause"] == "replaced"

    def test_of_another_kind_or_key_result_leaves_it(
        self, store: Store, clock: ManualClock
    ) -> None:
        first = give(store, clock, OVERRIDE)

        give(store, clock, PAUSE)
        give(store, clock, NOTE)
        give(store, clock, OVERRIDE, key="inf-o1-kr2")

        assert known(store)[0] == first.said

    def test_comes_after_the_end_of_one_that_had_run_out_untold(
        self, store: Store, clock: ManualClock
    ) -> None:
        give(store, clock, OVERRIDE)
        clock.advance(hours=1)

        give(store, clock, OVERRIDE)
        assess_all(store, clock)

        assert kinds(store) == ["override_set", "override_ended", "override_set"]
        assert told(store)[1].data["cause"] == "ran_out"


def test_of_no_key_result_nothing_can_be_said(store: Store, clock: ManualClock) -> None:
    with pytest.raises(NoKeyResult, match="nobodys-o1-kr1"):
        give(store, clock, NOTE, key="nobodys-o1-kr1")


def test_one_that_nobody_measures_any_more_keeps_what_was_said(
    store: Store, clock: ManualClock, in_force: InForce
) -> None:
    view = give(store, clock, PAUSE)
    in_force(catalogue([NUMBER], [key_result("inf-o1-kr2", NUMBER)]))
    with pytest.raises(NoKeyResult):
        give(store, clock, NOTE)

    in_force(catalogue([NUMBER], [key_result(KEY, NUMBER)]))

    assert known(store) == (view.said,)


def test_a_rebuilt_past_is_held_to_the_line_that_stood_still(
    store: Store, clock: ManualClock, in_force: InForce
) -> None:
    said = by_hand("hired_by_hand")
    in_force(catalogue([said], [key_result(KEY, said)]))
    clock.advance(days=20)
    give(store, clock, PAUSE, timedelta(days=20))
    clock.advance(days=15)
    for ago in (14, 1):
        at = clock.now() - timedelta(days=ago)
        record_manual(store, "hired_by_hand", 0.2, note=None, by="Ada", at=at, now=clock.now())

    with store.read() as connection:
        points = read.history(connection, KEY)

    assert [point.rebuilt for point in points] == [True, True]
    assert points[0].expected == points[1].expected == pytest.approx(20 / 90, abs=0.001)


def test_workers_and_people_at_once_tell_every_end_once(store: Store, clock: ManualClock) -> None:
    ends = [
        give(store, clock, kind, key=key)
        for kind in (PAUSE, OVERRIDE)
        for key in (KEY, "inf-o1-kr2")
    ]
    clock.advance(hours=1)
    failures: list[BaseException] = []

    def work() -> None:
        try:
            assess_all(store, clock)
        except BaseException as error:  # noqa: BLE001  told by the assertion below
            failures.append(error)

    def people() -> None:
        try:
            give(store, clock, OVERRIDE)
        except BaseException as error:  # noqa: BLE001  told by the assertion below
            failures.append(error)

    threads = [threading.Thread(target=target) for target in (work, people, work, people, work)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert sorted(
        event.data["adjustment"] for event in told(store) if event.data.get("cause") == "ran_out"
    ) == sorted(view.said.id for view in ends)


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("say"), st.sampled_from([NOTE, PAUSE, OVERRIDE]), st.integers(1, 90)),
        st.tuples(st.just("withdraw"), st.integers(0, 9), st.just(0)),
        st.tuples(st.just("assess"), st.just(0), st.just(0)),
        st.tuples(st.just("wait"), st.integers(1, 120), st.just(0)),
    ),
    max_size=14,
)


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=STEPS)
def test_whatever_is_said_withdrawn_and_left_to_run_out_ends_once_and_one_holds_at_a_time(
    store: Store, clock: ManualClock, steps: list[tuple[str, Any, Any]]
) -> None:
    with store.write() as connection:
        connection.execute(sa.delete(adjustments))
        connection.exec_driver_sql("DELETE FROM events")
    said: list[AdjustmentView] = []

    for step, what, minutes in steps:
        if step == "say":
            said.append(give(store, clock, what, timedelta(minutes=minutes)))
        elif step == "withdraw" and what < len(said):
            try:
                take(store, clock, said[what])
            except HasEnded:
                continue
        elif step == "assess":
            assess_all(store, clock)
        elif step == "wait":
            clock.advance(minutes=what)
        in_force = [one for one in known(store) if holds(one, clock.now())]
        assert len({one.kind for one in in_force}) == len(in_force)
    clock.advance(hours=2)
    assess_all(store, clock)

    events = told(store)
    begun = [event.data["adjustment"] for event in events if "cause" not in event.data]
    ended = [event.data["adjustment"] for event in events if "cause" in event.data]
    assert begun == [view.said.id for view in said]
    assert len(set(ended)) == len(ended)
    assert {view.said.id for view in said if view.said.kind is not NOTE} <= set(ended)
    for event in events:
        assert "cause" not in event.data or event.data["adjustment"] in begun
    assert [event.at for event in events] == sorted(event.at for event in events)


def holds(said: Adjustment, now: datetime) -> bool:
    return said.until is not None and said.since <= now < said.until
