"""Compacting: what of the past goes, and that nobody who may ask finds anything else than before."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from syncd.clock import ManualClock
from syncd.compactor import Compactor
from syncd.model import Event, EventKind
from syncd.store.catalogue import put_in_force
from syncd.store.columns import MICROSECOND
from syncd.store.compacting import Compacted, coarse_before, compact, would_go
from syncd.store.engine import Store
from syncd.store.events import append_events
from syncd.store.feed import Gone, Wanted, following, position_of
from syncd.store.past import daily
from syncd.store.removing import Keep, Kind
from syncd.store.schema import (
    assessments,
    compactions,
    events,
    indicators,
    outbox,
    outbox_targets,
    readings,
    tallies,
    verdict_sets,
    verdicts,
)
from syncd.store.told import key_results_known
from syncd.store.vitals import vitals
from syncd.surfaces.answers import as_of
from syncd.surfaces.asked import as_of_words, asked
from tests.examples import examples
from tests.store.catalogues import catalogue, judged, key_result, numbered, scanned
from tests.store.made import made

ZONE = ZoneInfo("America/Los_Angeles")
BEFORE = datetime(2025, 10, 1, 7, tzinfo=UTC)
BEGINS = datetime(2026, 1, 1, 8, tzinfo=UTC)
ENDS = datetime(2026, 4, 1, 7, tzinfo=UTC)
NOW = datetime(2026, 2, 20, 12, tzinfo=UTC)
KEEP = Keep(fine=timedelta(days=14), events=timedelta(days=90), letters=timedelta(days=30))
DAY = timedelta(days=1)
UP = numbered("up")
STAYS = key_result("dcim-o1-kr1", UP)
OLD, RUNNING = "2025-Q4/dcim-o1-kr1", "2026-Q1/dcim-o1-kr1"

Told = tuple[int, int, int, str, float, bool, bool]
"""A day, a minute of it, which key result, its status, its value, whether it repeats, and whether an
event tells it."""


@pytest.fixture
def lived(store: Store) -> Store:
    """A store with a quarter that is over and one that runs, in which nothing was told yet."""
    begin(store)
    return store


def begin(store: Store) -> None:
    before = catalogue([UP], [STAYS], period="2025-Q4", starts=BEFORE, ends=BEGINS)
    running = catalogue([UP], [STAYS], period="2026-Q1", starts=BEGINS, ends=ENDS)
    put_in_force(
        store,
        before,
        running,
        interval_of=lambda _: 300.0,
        link_of=lambda _: None,
        now=BEFORE - DAY,
    )


def tell(store: Store, every: list[Told]) -> None:
    """Readings and assessments as a worker writes them down, in the order of their moments."""
    with store.write() as connection:
        for day, minute, which, status, value, repeated, told in sorted(every, key=lambda e: e[:2]):
            at = BEFORE + timedelta(days=day, minutes=minute)
            key = (OLD, RUNNING)[which]
            said = connection.execute(
                sa.insert(readings)
                .values(
                    indicator=UP.fingerprint,
                    value=value,
                    complete=status != "no_data",
                    approximate=False,
                    lower_bound=False,
                    observed_at=at,
                    at=at,
                    recorded_at=at,
                    origin="live",
                )
                .returning(readings.c.id)
            ).scalar_one()
            assessment = {
                "key_result": key,
                "at": at.isoformat(),
                "status": status,
                "raw_status": status,
                "since": at.isoformat(),
                "reason": f"{value} {repeated}",
                "value": value,
                "start": None,
                "goal": 1.0,
                "progress": value,
                "progress_unbounded": value,
                "expected": None,
                "pace": None,
                "observed_at": at.isoformat(),
                "complete": True,
            }
            connection.execute(
                sa.insert(assessments).values(
                    key_result=key,
                    at=at,
                    status=status,
                    value=value,
                    progress=value,
                    reading_id=said,
                    indicator=UP.fingerprint,
                    assessment=assessment,
                    repeated=repeated,
                )
            )
            if told:
                append_events(connection, [event(at, key)])
        connection.execute(
            sa.update(indicators).values(
                first_reading_id=sa.select(sa.func.min(readings.c.id)).scalar_subquery(),
                reading_id=sa.select(sa.func.max(readings.c.id)).scalar_subquery(),
            )
        )


def event(at: datetime, key: str) -> Event:
    return Event(at, EventKind.STATUS_CHANGED, key, "t", "t", "r", key_result=key)


def run(store: Store, at: datetime = NOW, *, due: bool = True) -> dict[Kind, Compacted]:
    done = compact(store, lambda: at, KEEP, every=DAY, due=due)
    return {one.kind: one for one in done}


def asked_of(store: Store, every: list[Told]) -> list[object]:
    """What anybody may ask: at any moment of what runs, and at the end of each day of what is over,
    in any of its timezones.
    """
    moments = sorted({BEFORE + timedelta(days=day, minutes=minute) for day, minute, *_ in every})
    wanted = [at for one in moments for at in (one - MICROSECOND, one) if at >= BEGINS]
    for at, zone in itertools.product(moments, (ZONE, UTC)):
        day = at.astimezone(zone).date()
        wanted += [datetime.combine(day + n * DAY, time(), zone) - MICROSECOND for n in (0, 1)]
    with store.read() as connection:
        return [
            daily(connection, until=NOW, timezone=ZONE.key),
            *(key_results_known(connection, at) for at in sorted({*wanted, BEGINS, NOW})),
        ]


def count(store: Store, table: sa.Table) -> int:
    with store.read() as connection:
        return int(connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())


STATUSES = ("on_track", "at_risk", "off_track", "no_data")
told_things = st.lists(
    st.tuples(
        st.integers(0, 4) | st.integers(90, 95),
        st.integers(0, 1439),
        st.integers(0, 1),
        st.sampled_from(STATUSES),
        st.sampled_from((0.1, 0.5, 0.9)),
        st.booleans(),
        st.booleans(),
    ),
    min_size=10,
    max_size=16,
    unique_by=lambda one: one[:2],
)


@settings(
    max_examples=examples(5),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(every=told_things)
def test_nobody_finds_anything_else_in_what_runs_nor_at_the_end_of_a_day(
    every: list[Told], tmp_path: Path
) -> None:
    store = made(tmp_path / "syncd.db")
    begin(store)
    tell(store, every)
    before = asked_of(store, every)

    run(store)

    assert asked_of(store, every) == before
    store.close()


def test_of_a_day_that_is_over_the_last_is_kept_and_of_one_that_runs_everything(
    lived: Store,
) -> None:
    hourly = [(0, 60 * hour, 0, "on_track", 0.1, False, False) for hour in range(24)]
    running = [(100, 60 * hour, 1, "on_track", 0.1, False, False) for hour in range(24)]
    tell(lived, [*hourly, *running])
    before = asked_of(lived, [*hourly[::6], *running[::6]])
    with lived.read() as connection:
        foreseen: dict[Kind, int] = {}
        for kind, rows in would_go(lived, KEEP, NOW):
            foreseen[kind] = foreseen.get(kind, 0) + rows

    done = run(lived)

    # of the quarter's first day, which is two in UTC: the last of each, and the first known
    assert done[Kind.ASSESSMENTS].removed == foreseen[Kind.ASSESSMENTS] == 21
    assert done[Kind.READINGS].removed == 21
    assert (count(lived, assessments), count(lived, readings)) == (27, 27)
    assert done[Kind.READINGS].kept == 27
    assert asked_of(lived, [*hourly[::6], *running[::6]]) == before
    with lived.read() as connection:
        assert coarse_before(connection) == BEGINS
        counted = connection.execute(sa.select(compactions.c.removed)).scalars()
        assert sum(counted) == 42


def test_what_an_event_rests_on_is_kept_and_what_it_was_judged_by(lived: Store) -> None:
    tell(lived, [(0, 60 * hour, 0, "on_track", 0.1, False, hour == 5) for hour in range(15)])

    run(lived)

    with lived.read() as connection:
        kept = connection.execute(sa.select(assessments.c.at).order_by(assessments.c.at)).scalars()
        assert [(at - BEFORE).total_seconds() / 3600 for at in kept] == [0, 5, 14]
        kept = connection.execute(sa.select(readings.c.at).order_by(readings.c.at)).scalars()
        assert [(at - BEFORE).total_seconds() / 3600 for at in kept] == [0, 5, 14]


def test_what_people_gave_and_what_was_rebuilt_is_never_thinned(lived: Store) -> None:
    tell(lived, [(0, 60 * hour, 0, "on_track", 0.1, False, False) for hour in range(15)])
    with lived.write() as connection:
        connection.execute(sa.update(readings).values(origin="backfill"))
        connection.execute(sa.update(assessments).values(reading_id=None))

    run(lived)

    assert count(lived, readings) == 15


def test_it_is_done_once_a_turn_by_one_worker(lived: Store) -> None:
    tell(lived, [(0, 60 * hour, 0, "on_track", 0.1, False, False) for hour in range(15)])

    first = run(lived)
    again = run(lived, NOW + timedelta(hours=23))
    later = run(lived, NOW + timedelta(hours=25))

    assert set(first) == set(Kind)
    assert again == {}
    assert set(later) == set(Kind)


def test_who_has_a_kind_keeps_it_until_the_lease_ends(lived: Store) -> None:
    run(lived)
    with lived.write() as connection:
        connection.execute(
            sa.update(compactions)
            .where(compactions.c.kind == Kind.READINGS.value)
            .values(lease_token="another", lease_until=NOW + timedelta(minutes=5))
        )

    meanwhile = run(lived, NOW, due=False)
    after = run(lived, NOW + timedelta(minutes=6), due=False)

    assert [kind for kind, one in meanwhile.items() if not one.taken] == [Kind.READINGS]
    assert all(one.taken for one in after.values())


def test_one_that_is_told_to_stop_goes_on_later_where_it_stood(lived: Store) -> None:
    tell(lived, [(0, 60 * hour, 0, "on_track", 0.1, False, False) for hour in range(15)])

    cut = compact(lived, lambda: NOW, KEEP, every=DAY, stopping=lambda: True)
    rest = run(lived, NOW)

    assert [one.kind for one in cut] == [Kind.ASSESSMENTS]
    assert set(rest) == set(Kind)


def test_a_reader_whose_events_are_gone_is_told_so_and_one_who_has_them_goes_on(
    lived: Store,
) -> None:
    old = NOW - timedelta(days=400)
    with lived.write() as connection:
        connection.execute(sa.delete(events))
        connection.execute(sa.text("UPDATE counters SET value = 0"))
        append_events(connection, [event(old + n * DAY, OLD) for n in range(5)])
        append_events(connection, [event(NOW - DAY, RUNNING)])

    run(lived)

    with lived.read() as connection:
        kept = connection.execute(sa.select(events.c.position)).scalars().all()
        assert sorted(kept) == [1, 5, 6]
        for cursor in ("0", "1", "4"):
            with pytest.raises(Gone, match="begin with 5"):
                position_of(connection, cursor)
        after = position_of(connection, "5")
        assert [one.position for one in following(connection, Wanted(), after=after, limit=9)] == [
            6
        ]


def test_an_event_that_is_still_to_be_sent_is_kept_and_a_letter_given_up_long_ago_is_not(
    lived: Store,
) -> None:
    with lived.write() as connection:
        connection.execute(sa.insert(outbox_targets), [{"name": "a", "active": True}])
        append_events(connection, [event(NOW - timedelta(days=400), OLD) for _ in range(4)])
        newest = connection.execute(sa.select(sa.func.max(events.c.position))).scalar_one()
        dead = sa.update(outbox).where(outbox.c.position == newest - 1)
        connection.execute(dead.values(dead_at=NOW - timedelta(days=31)))
        dead = sa.update(outbox).where(outbox.c.position == newest)
        connection.execute(dead.values(dead_at=NOW - timedelta(days=29)))

    done = run(lived)

    assert done[Kind.LETTERS].removed == 1
    assert done[Kind.EVENTS].removed == 0
    assert count(lived, outbox) == 3


def test_verdicts_of_what_is_measured_no_more_go_with_the_period_that_asked_for_them(
    store: Store, clock: ManualClock, in_force: Callable[..., None], fill: Callable[..., None]
) -> None:
    devices, others = scanned("completeness"), scanned("others", scope="others", judge="complete")
    first = catalogue(
        [devices], [key_result("dcim-o1-kr1", devices)], period="a", starts=BEGINS, ends=ENDS
    )
    in_force(first)
    fill(devices, judged(clock.now(), passing=["1"], failing=["2"]))
    second = catalogue(
        [others],
        [key_result("dcim-o1-kr1", others, start=ENDS, due=ENDS + 90 * DAY)],
        period="b",
        starts=ENDS,
        ends=ENDS + 90 * DAY,
    )
    in_force(second)
    fill(others, judged(clock.now(), passing=["1"]))

    early = run(store, ENDS + 13 * DAY)
    late = run(store, ENDS + 15 * DAY)

    assert early[Kind.VERDICTS].removed == 0
    assert late[Kind.VERDICTS].removed == 4  # two verdicts, and the two objects
    assert count(store, verdicts) == 1
    assert count(store, tallies) == 1
    in_force(first, second)
    with store.read() as connection:
        filled = connection.execute(sa.select(verdict_sets.c.filled)).scalars().all()
    assert sorted(filled) == [False, True]  # what comes back is read anew


def test_a_moment_within_such_a_day_is_asked_to_the_day_and_the_end_of_it_is_exact(
    lived: Store,
) -> None:
    tell(lived, [(0, 60 * hour, 0, "on_track", 0.1, False, False) for hour in range(15)])
    run(lived)

    with lived.read() as connection:
        within = asked(connection, "2025-10-01T12:00", NOW)
        day = asked(connection, "2025-10-01", NOW)
        running = asked(connection, "2026-02-01T12:00", NOW)

    assert (within.coarse, day.coarse, running.coarse) == (True, False, False)
    assert "only what was told last" in as_of_words(within, "UTC")
    assert as_of(within)["to_the_day"] is True
    assert "to_the_day" not in as_of(running)


def test_the_thread_beside_the_worker_does_it_when_it_is_due(lived: Store) -> None:
    tell(lived, [(0, 60 * hour, 0, "on_track", 0.1, False, False) for hour in range(15)])
    compactor = Compactor(lived, ManualClock(NOW), KEEP, DAY)

    first, again = compactor.look(), compactor.look()

    assert {one.kind: one.removed for one in first}[Kind.READINGS] == 13
    assert again == []
    with lived.read() as connection:
        told = {one.kind: one for one in vitals(connection, NOW).compactions}
    assert (told["readings"].removed, told["readings"].kept) == (13, 2)
    assert told["readings"].finished_at == NOW


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_an_sqlite_file_becomes_smaller(lived: Store) -> None:
    day = [(0, minute, 0, "on_track", 0.1, False, False) for minute in range(1200)]
    tell(lived, day)
    assert lived.file is not None

    def size() -> int:
        with lived.read() as connection:
            pages: int = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            return pages

    before = size()
    run(lived)

    assert size() < before * 0.6
