"""Any moment is told as it was told then, whatever came later."""

from __future__ import annotations

import contextlib
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from syncd.clock import ManualClock
from syncd.intake.adjusting import GivenAdjustment, adjust, withdraw
from syncd.intake.texts import Refused, Unknown
from syncd.model import ExternalState, Origin
from syncd.store.engine import Store
from syncd.store.externals import record_state
from syncd.store.readings import Content, insert_reading
from syncd.store.schema import counters, metadata
from tests.store.as_of.world import DAY, DUE, GOODS, HOUR, Quarter, second, set_number, shown
from tests.store.catalogues import START


def edit(quarter: Quarter, goal: float) -> None:
    quarter.goal, quarter.title = goal, f"Goods, {goal:g} of them"
    quarter.put()


def give_up(quarter: Quarter, really: bool) -> None:
    quarter.given_up = quarter.clock.now() - HOUR if really else None
    quarter.put()


def say(quarter: Quarter, kind: str) -> None:
    until = (quarter.clock.now() + 3 * DAY).date().isoformat()
    status = "off_track" if kind == "override" else None
    words = GivenAdjustment(kind, "so it is", "Ada", None if kind == "note" else until, status)
    try:
        adjust(quarter.store, "a-1", words, now=quarter.clock.now())
    except Refused:
        assert quarter.clock.now() > DUE, "only after its due day"


def take_back(quarter: Quarter, which: int) -> None:
    # there may be none of that number, or it is over
    with contextlib.suppress(Refused, Unknown):
        withdraw(quarter.store, str(which), by="Bob", reason="it is not", now=quarter.clock.now())


def outside(quarter: Quarter, state: ExternalState, late: timedelta) -> None:
    now = quarter.clock.now()
    record_state(
        quarter.store,
        "vendor",
        state,
        note="they say",
        by="Ada",
        at=now - late,
        now=now,
        timezone="UTC",
    )


def rebuild(quarter: Quarter, value: float) -> None:
    """A reading of long ago is written down now, as a backfill does."""
    now = quarter.clock.now()
    with quarter.store.write() as connection:
        at = START - DAY
        insert_reading(
            connection,
            GOODS.fingerprint,
            Content(value),
            observed_at=at,
            at=at,
            recorded_at=now,
            origin=Origin.BACKFILL,
        )


VALUES = st.integers(0, 12).map(float)
LATE = st.sampled_from([timedelta(0), DAY, 6 * DAY])
STEP = st.one_of(
    st.tuples(st.just(Quarter.read), VALUES),
    st.tuples(st.just(edit), st.sampled_from([5.0, 10.0, 20.0])),
    st.tuples(st.just(second), st.booleans()),
    st.tuples(st.just(give_up), st.booleans()),
    st.tuples(st.just(say), st.sampled_from(["note", "pause", "override"])),
    st.tuples(st.just(take_back), st.integers(1, 3)),
    st.tuples(st.just(outside), st.sampled_from(list(ExternalState)), LATE),
    st.tuples(st.just(set_number), VALUES, LATE),
    st.tuples(st.just(rebuild), VALUES),
)
HOURS = st.integers(1, 60)


def begun(store: Store) -> Quarter:
    """A quarter from its first day on, in a store that holds nothing of another one."""
    with store.write() as connection:
        for table in reversed(metadata.sorted_tables):
            if table is not counters:
                connection.execute(sa.delete(table))
    found = Quarter(store, ManualClock(START))
    found.put()
    found.read(1.0)
    found.look()
    return found


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(st.tuples(HOURS, STEP), min_size=3, max_size=14))
def test_any_moment_is_told_as_it_was_told_then(
    store: Store, steps: list[tuple[int, tuple[Any, ...]]]
) -> None:
    quarter = begun(store)

    for hours, (act, *given_to_it) in steps:
        quarter.clock.advance(hours=hours)
        act(quarter, *given_to_it)
        quarter.look()

    now = quarter.clock.now()
    for at, told in quarter.seen.items():
        assert shown(store, now, at) == told, f"as of {at}"
