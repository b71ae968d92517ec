"""How long objects took: pending, in time, late, at whose hands, in whose hours."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base import BusinessHours, Outcome, Timeline
from connectors.netbox.latency import LatencyJudge
from connectors.netbox.needs import FIRST_SEEN, JOURNAL
from connectors.netbox.points import JournalPoint, parsed
from connectors.waiting import Wait

NOW = datetime(2026, 1, 15, 10, 0, tzinfo=UTC)
DELIVERED = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
START = DELIVERED.isoformat()
HOUR = timedelta(hours=1)
PASS, FAIL, PENDING = Outcome.PASS, Outcome.FAIL, Outcome.PENDING


def blade(**more: Any) -> dict[str, Any]:
    return {"id": 7, "display": "c-0007", "created": START, **more}


def tracked(
    seen: timedelta | None,
    *,
    by: str = "svc-asn",
    to_by: tuple[str, ...] | None = ("svc-asn",),
    within: float | None = 86_400.0,
    delivered: Any = START,
) -> Timeline:
    judge = LatencyJudge("cf.delivered_at", "first_seen", to_by=to_by, wait=Wait(within))
    at = DELIVERED + (seen or timedelta())
    log = {"time": at.isoformat(), "user": by} if seen is not None else None
    fields = {"custom_fields": {"delivered_at": delivered}, "created": (at + HOUR).isoformat()}
    return judge.judge(blade(**fields, **{FIRST_SEEN: log}), NOW)


def told(timeline: Timeline) -> list[tuple[float, Outcome, float | None]]:
    """Hours since delivery, outcome and hours of each verdict."""
    return [
        (
            (verdict.valid_from - DELIVERED) / HOUR,
            verdict.outcome,
            None if verdict.number is None else verdict.number / 3600,
        )
        for verdict in timeline.verdicts
    ]


@pytest.mark.parametrize(
    ("hours", "rows"),
    [
        (3, [(0, PENDING, None), (3, PASS, 3)]),
        (24, [(0, PENDING, None), (24, PASS, 24)]),
        (48, [(0, PENDING, None), (24, FAIL, None), (48, FAIL, 48)]),
        (0, [(0, PASS, 0)]),
        (-5, [(0, PASS, 0)]),
    ],
)
def test_a_limit_makes_pending_then_fail_then_what_it_came_to(hours: int, rows: list[Any]) -> None:
    timeline = tracked(hours * HOUR)

    assert told(timeline) == rows
    assert timeline.since is None


def open_device(within: float | None) -> Timeline:
    judge = LatencyJudge("created", "cf.live_at", wait=Wait(within))
    row = blade(created=DELIVERED.isoformat(), custom_fields={"live_at": None})
    return judge.judge(row, DELIVERED + HOUR)


def test_an_open_object_fails_by_itself_at_its_deadline_which_is_written_ahead() -> None:
    assert told(open_device(86_400.0)) == [(0, PENDING, None), (24, FAIL, None)]


def test_without_a_limit_an_open_object_stays_pending_and_a_finished_one_passes() -> None:
    assert told(open_device(None)) == [(0, PENDING, None)]
    assert told(tracked(48 * HOUR, within=None)) == [(0, PENDING, None), (48, PASS, 48)]


@pytest.mark.parametrize("within", [86_400.0, None])
def test_tracked_by_somebody_else_fails_from_that_moment(within: float | None) -> None:
    timeline = tracked(3 * HOUR, by="alice", within=within)

    assert told(timeline) == [(0, PENDING, None), (3, FAIL, 3)]
    assert timeline.verdicts[-1].missing == ("to_by (it was alice)",)


def test_without_a_create_row_the_created_field_counts_and_that_is_said() -> None:
    timeline = tracked(None, to_by=None)

    assert told(timeline) == [(0, PENDING, None), (1, PASS, 1)]
    assert "pruned" in timeline.verdicts[-1].missing[0]


def test_without_a_create_row_nobody_knows_who_so_it_neither_passes_nor_fails_for_that() -> None:
    timeline = tracked(None)

    assert told(timeline)[-1] == (1, PENDING, 1)
    assert "to_by (nobody knows any more)" in timeline.verdicts[-1].missing


def test_without_a_create_row_what_was_late_whoever_did_it_still_fails() -> None:
    judge = LatencyJudge("cf.d", "first_seen", to_by=("svc-asn",), wait=Wait(3600.0))
    created = (DELIVERED + 5 * HOUR).isoformat()
    row = blade(created=created, custom_fields={"d": DELIVERED.isoformat()}, **{FIRST_SEEN: None})

    assert judge.judge(row, NOW).verdicts[-1].outcome is FAIL


@pytest.mark.parametrize("empty", [None, ""])
def test_an_object_that_has_not_begun_is_in_the_scope_without_a_verdict(empty: Any) -> None:
    timeline = tracked(HOUR, delivered=empty)

    assert timeline.verdicts == ()
    assert not timeline.left


def test_a_judge_says_what_it_must_read() -> None:
    call = JournalPoint(journal="info")
    by_anybody = LatencyJudge(call, "cf.live_at").needs
    by_some = LatencyJudge(call, "cf.live_at", to_by=("svc-asn",), to_tag=("import",)).needs

    assert by_anybody.paths == {("created",), ("custom_fields", "live_at")}
    assert by_anybody.journal == {"info"}
    assert not by_anybody.journal_accounts
    assert by_some.paths == by_anybody.paths | {("tags", "slug")}
    assert by_some.journal_accounts


def test_while_it_is_open_it_says_what_its_beginning_is_not() -> None:
    note = "first_seen (pruned from the change log; created taken)"
    judge = LatencyJudge("first_seen", "cf.live_at", wait=Wait(3600.0))
    row = blade(custom_fields={"live_at": None}, **{FIRST_SEEN: None})

    waiting, late = judge.judge(row, NOW).verdicts

    assert (waiting.missing, late.missing) == ((note,), (note, "no cf.live_at yet"))


def test_a_start_that_is_no_date_is_pending_since_the_creation_and_named() -> None:
    (verdict,) = tracked(HOUR, delivered="next week").verdicts

    assert verdict.outcome is PENDING
    assert verdict.valid_from == DELIVERED + 2 * HOUR
    assert verdict.missing == ("cf.delivered_at (not a date and time)",)


@given(
    st.integers(-100_000, 1_000_000),
    st.one_of(st.none(), st.integers(1, 500_000)),
    st.sampled_from([None, ("svc-asn",), ("alice",)]),
)
def test_a_timeline_is_ordered_without_gaps_and_ends_open(
    seconds: int, within: int | None, to_by: tuple[str, ...] | None
) -> None:
    limit = None if within is None else float(within)
    timeline = tracked(timedelta(seconds=seconds), to_by=to_by, within=limit)

    assert timeline.verdicts[0].valid_from == DELIVERED
    assert timeline.verdicts[-1].valid_to is None
    for before, after in pairwise(timeline.verdicts):
        assert before.valid_to == after.valid_from
        assert before.valid_from < after.valid_from
    in_time = within is None or seconds <= within
    allowed = to_by is None or "svc-asn" in to_by
    assert timeline.verdicts[-1].outcome is (PASS if in_time and allowed else FAIL)
    assert timeline.verdicts[-1].number == max(0, seconds)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-01-05T09:00:00Z", DELIVERED),
        ("2026-01-05T10:00:00+01:00", DELIVERED),
        ("2026-01-05T09:00:00.5Z", DELIVERED + timedelta(seconds=0.5)),
        ("2026-01-05T09:00:00", DELIVERED),
        ("2026-01-05", datetime(2026, 1, 5, tzinfo=UTC)),
        ("yesterday", None),
        (17, None),
        (None, None),
    ],
)
def test_netboxes_moments_are_read_as_utc(text: Any, at: datetime | None) -> None:
    assert parsed(text) == at


# -------------------------------------------------------------------------- journals, tags, hours

LIVE = JournalPoint(journal="success")


def journalled(entry: dict[str, Any] | None, **limits: Any) -> Timeline:
    judge = LatencyJudge("created", LIVE, **limits)
    return judge.judge(blade(**{JOURNAL: {} if entry is None else {"success": entry}}), NOW)


def written(hours: float, by: str | None = None) -> dict[str, Any]:
    return {"time": (DELIVERED + hours * HOUR).isoformat(), "user": by}


def test_the_first_journal_entry_of_a_kind_is_a_moment() -> None:
    assert told(journalled(written(5), wait=Wait(86_400.0)))[-1] == (5, PASS, 5)
    assert told(journalled(written(30), wait=Wait(86_400.0)))[-1] == (30, FAIL, 30)


def test_what_did_not_arrive_by_its_deadline_says_what_it_waits_for() -> None:
    timeline = journalled(None, wait=Wait(86_400.0))

    assert told(timeline) == [(0, PENDING, None), (24, FAIL, None)]
    assert timeline.verdicts[-1].missing == ("no {journal: success} yet",)


@pytest.mark.parametrize(("by", "outcome"), [("svc-asn", PASS), ("alice", FAIL), (None, PENDING)])
def test_who_wrote_the_entry_counts_as_who_brought_it_about(
    by: str | None, outcome: Outcome
) -> None:
    assert told(journalled(written(5, by), to_by=("svc-asn",)))[-1] == (5, outcome, 5)


@pytest.mark.parametrize(
    ("tags", "outcome"), [(["asn-import"], PASS), (["other", "atlas"], PASS), ([], FAIL)]
)
def test_an_object_without_a_tag_of_its_source_was_entered_by_hand(
    tags: list[str], outcome: Outcome
) -> None:
    judge = LatencyJudge("cf.d", "created", to_tag=("asn-import", "atlas"))
    row = blade(custom_fields={"d": START}, tags=[{"slug": tag} for tag in tags])

    (verdict,) = judge.judge(row, NOW).verdicts

    assert verdict.outcome is outcome
    assert verdict.missing == (() if outcome is PASS else ("to_tag (asn-import or atlas)",))


OFFICE = BusinessHours(frozenset(range(5)), time(9), time(17), "UTC")
FRIDAY = datetime(2026, 1, 9, 16, 0, tzinfo=UTC)
MONDAY = FRIDAY + timedelta(days=3)


def in_office(
    live: datetime | None, within: float | None = None, *, aged: bool = False
) -> Timeline:
    judge = LatencyJudge("created", "cf.live_at", wait=Wait(within, OFFICE, aged=aged))
    field = {"live_at": None if live is None else live.isoformat()}
    return judge.judge(blade(created=FRIDAY.isoformat(), custom_fields=field), MONDAY)


def test_in_business_time_a_weekend_takes_no_time() -> None:
    last = in_office(MONDAY.replace(hour=10), within=2 * 3600.0).verdicts[-1]

    assert (last.outcome, last.number) == (PASS, 2 * 3600.0)


def test_in_business_time_a_deadline_waits_for_the_next_working_hours() -> None:
    first, second = in_office(None, within=2 * 3600.0).verdicts

    assert (first.outcome, first.valid_to) == (PENDING, MONDAY.replace(hour=10))
    assert second.outcome is FAIL


def test_an_age_that_is_looked_at_grows_by_business_time_alone() -> None:
    ages = [(v.valid_from, v.number) for v in in_office(None, aged=True).verdicts[:3]]

    assert ages == [
        (FRIDAY, None),
        (FRIDAY + HOUR, 3600.0),
        (MONDAY.replace(hour=17), 9 * 3600.0),
    ]


@pytest.mark.parametrize(
    ("timezone", "hour"), [("UTC", 0), ("America/Los_Angeles", 8), ("Asia/Tokyo", -9)]
)
def test_a_date_without_a_time_is_the_start_of_that_day_in_the_mappings_timezone(
    timezone: str, hour: int
) -> None:
    judge = LatencyJudge("cf.day", "cf.live_at", timezone=timezone)
    row = blade(custom_fields={"day": "2026-01-05", "live_at": None})

    (verdict,) = judge.judge(row, NOW).verdicts

    assert verdict.valid_from == datetime(2026, 1, 5, tzinfo=UTC) + hour * HOUR


def test_where_no_timezone_is_said_a_day_begins_in_utc() -> None:
    judge = LatencyJudge("cf.day", "cf.live_at")
    row = blade(custom_fields={"day": "2026-01-05", "live_at": None})

    assert judge.judge(row, NOW).verdicts[0].valid_from == datetime(2026, 1, 5, tzinfo=UTC)


def test_every_timeline_tells_the_whole_past() -> None:
    for timeline in (journalled(None), tracked(HOUR), tracked(HOUR, delivered="next week")):
        assert timeline.since is None
