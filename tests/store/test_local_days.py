"""Days are those of the people, also where summer time begins or ends, in Lord Howe by half an hour."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from syncd.model import Catalogue
from syncd.store.catalogue import put_in_force
from syncd.store.engine import Store
from syncd.store.local_days import day_number, day_of
from syncd.store.past import daily
from syncd.store.read import key_result_views
from syncd.store.rebuilding import key_results_rebuilt
from syncd.store.schema import assessments, readings
from syncd.surfaces.report.groups import course
from tests.store.catalogues import catalogue, key_result, numbered

BERLIN, NEW_YORK, LORD_HOWE = "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"
CHANGES = [
    (BERLIN, date(2026, 3, 29)),
    (BERLIN, date(2026, 10, 25)),
    (NEW_YORK, date(2026, 3, 8)),
    (NEW_YORK, date(2026, 11, 1)),
    (LORD_HOWE, date(2026, 4, 5)),
    (LORD_HOWE, date(2026, 10, 4)),
    (BERLIN, date(2026, 12, 31)),
]
DAY = timedelta(days=1)
HALF_HOUR = timedelta(minutes=30)
UP = numbered("up")
SAID = {"indicator": UP.fingerprint, "value": 0.5, "assessment": {}, "repeated": False}


def at(day: date, clock: time, timezone: str) -> datetime:
    return datetime.combine(day, clock, ZoneInfo(timezone)).astimezone(UTC)


def around(change: date, timezone: str, period: str = "it") -> Catalogue:
    """A key result of the days around a change, and of its timezone."""
    begins, ends = (at(change + n * DAY, time(), timezone) for n in (-4, 5))
    due = ends - timedelta(microseconds=1)
    kr = key_result("a-1", UP, start=begins, due=due, timezone=timezone)
    found = catalogue([UP], [kr], period=period, starts=begins, ends=ends)
    return replace(found, timezone=timezone)


def in_force(store: Store, *what: Catalogue) -> None:
    put_in_force(
        store,
        *what,
        interval_of=lambda _: 300.0,
        link_of=lambda _: None,
        now=datetime(2026, 1, 1, tzinfo=UTC),
    )


def test_a_database_counts_the_days_as_calendars_do(store: Store) -> None:
    in_force(store, around(date(2026, 3, 29), BERLIN))
    for timezone, change in CHANGES:
        moment, every = at(change - 2 * DAY, time(), timezone), []
        while moment < at(change + 2 * DAY, time(), timezone):
            every += [moment - timedelta(microseconds=1), moment]
            moment += HALF_HOUR
        day = day_of(assessments.c.at, timezone, every[-1])
        with store.write() as connection:
            connection.execute(sa.delete(assessments))
            connection.execute(
                sa.insert(assessments),
                [SAID | {"key_result": "it/a-1", "at": one, "status": "stale"} for one in every],
            )
            found = list(connection.execute(sa.select(day).order_by(assessments.c.id)).scalars())
        assert found == [day_number(one, timezone) for one in every], (timezone, change)


def test_each_day_of_a_report_is_told_by_its_last_word_and_none_twice_or_not_at_all(
    store: Store,
) -> None:
    in_force(store, *(around(day, zone, f"p{n}") for n, (zone, day) in enumerate(CHANGES)))
    told = []
    for number, (timezone, change) in enumerate(CHANGES):
        for day in range(-4, 4):
            last = ("on_track", "off_track")[day % 2]
            for clock, status in (
                (time(0, 5), "at_risk"),
                (time(12), "at_risk"),
                (time(23, 55), last),
            ):
                moment = at(change + day * DAY, clock, timezone)
                told.append({"key_result": f"p{number}/a-1", "at": moment, "status": status})
    with store.write() as connection:
        connection.execute(sa.insert(assessments), [one | SAID for one in told])

    for number, (timezone, change) in enumerate(CHANGES):
        now = at(change + 3 * DAY, time(23, 59), timezone)
        with store.read() as connection:
            which = [f"p{number}"]
            views = key_result_views(connection, periods=which)
            keys = [view.key_result.key for view in views]
            past = daily(connection, until=now, timezone=timezone, told=True, only=keys)
        drawn = course(views, past, timezone=timezone, now=now)
        assert drawn is not None
        assert [sign.name for sign in drawn.signs] == ["on_track", "off_track"]
        counts = [None if one is None else list(one.counts) for one in drawn.columns]
        assert counts == [[1, 0], [0, 1]] * 4, (timezone, change)
        assert len(past[f"p{number}/a-1"]) == 8


def test_a_rebuilt_day_speaks_for_the_whole_of_the_next_one_also_where_that_has_25_hours(
    store: Store,
) -> None:
    change = date(2026, 10, 25)
    what = around(change, BERLIN)
    in_force(store, what)
    end = at(change, time(), BERLIN) - timedelta(microseconds=1)
    with store.write() as connection:
        told = {"indicator": UP.fingerprint, "value": 0.5, "complete": True, "approximate": False}
        times = dict.fromkeys(("observed_at", "at", "recorded_at"), end)
        connection.execute(
            sa.insert(readings).values(**told, **times, lower_bound=False, origin="backfill")
        )

    def value(moment: datetime) -> float | None:
        with store.read() as connection:
            (view,) = key_results_rebuilt(connection, moment)
        return None if view.assessment is None else view.assessment.value

    assert value(at(change, time(23, 45), BERLIN)) == 0.5
    assert value(at(change + DAY, time(1), BERLIN)) is None
