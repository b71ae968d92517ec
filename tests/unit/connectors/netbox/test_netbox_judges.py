from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base import Outcome, Timeline
from connectors.netbox.judges import CompletenessJudge, LatencyJudge, passing_judge
from connectors.netbox.needs import FIRST_SEEN, LISTS_KEY, PASSING, passing_key
from connectors.netbox.points import parsed
from connectors.netbox.required import Requirement

NOW = datetime(2026, 1, 15, 10, 0, tzinfo=UTC)
DELIVERED = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
START = DELIVERED.isoformat()
HOUR = timedelta(hours=1)
PASS, FAIL, PENDING = Outcome.PASS, Outcome.FAIL, Outcome.PENDING


def blade(**more: Any) -> dict[str, Any]:
    return {"id": 7, "display": "c-0007", **more}


def judged(required: list[dict[str, Any]], row: dict[str, Any]) -> tuple[str, ...]:
    judge = CompletenessJudge(tuple(Requirement.model_validate(entry) for entry in required))
    timeline = judge.judge(row, NOW)
    (verdict,) = timeline.verdicts
    assert (timeline.object_id, timeline.label, timeline.since) == ("7", "c-0007", NOW)
    assert (verdict.valid_from, verdict.valid_to) == (NOW, None)
    assert verdict.outcome is (FAIL if verdict.missing else PASS)
    return verdict.missing


# -------------------------------------------------------------------------------- completeness


def test_entries_whose_condition_holds_add_up_and_others_ask_nothing() -> None:
    required: list[dict[str, Any]] = [
        {"fields": ["serial", "rack"]},
        {"when": {"parent_device": None}, "fields": ["position"]},
        {"when": {"role": "switch"}, "fields": ["asset_tag"]},
    ]
    row = blade(
        serial="",
        rack={"id": 1},
        parent_device={"id": 3},
        position=None,
        role={"slug": "compute"},
        asset_tag=None,
    )

    assert judged(required, row) == ("serial",)
    assert judged(required, {**row, "parent_device": None}) == ("serial", "position")


def test_a_field_that_two_entries_ask_for_is_missing_once() -> None:
    required = [{"fields": ["serial"]}, {"fields": ["serial", "asset_tag"]}]

    assert judged(required, blade(serial=None, asset_tag=None)) == ("serial", "asset_tag")


EVERY = {"every": "interfaces", "where": {"mgmt_only": True}, "has": "cable"}
ANY = {"any": "interfaces", "has": "cable"}
CABLED, BARE = {"mgmt_only": True, "cable": {"id": 1}}, {"mgmt_only": True, "cable": None}
DATA = {"mgmt_only": False, "cable": None}


@pytest.mark.parametrize(
    ("field", "rows", "complete"),
    [
        (EVERY, [CABLED, DATA], True),
        (EVERY, [CABLED, BARE], False),
        (EVERY, [], True),
        (EVERY, [DATA], True),
        (ANY, [CABLED, DATA], True),
        (ANY, [BARE, DATA], False),
        (ANY, [], False),
    ],
)
def test_every_of_none_is_complete_and_any_of_none_is_not(
    field: dict[str, Any], rows: list[dict[str, Any]], complete: bool
) -> None:
    row = blade(**{LISTS_KEY: {"interfaces": rows}})

    assert (judged([{"fields": [field]}], row) == ()) is complete


def test_a_missing_list_field_is_named_as_its_author_wrote_it() -> None:
    row = blade(**{LISTS_KEY: {"interfaces": [BARE]}})

    assert judged([{"fields": [EVERY]}, {"fields": [ANY]}], row) == (
        "{every: interfaces, where: {mgmt_only: true}, has: cable}",
        "{any: interfaces, has: cable}",
    )


def test_a_completeness_asks_for_the_fields_it_reads_and_nothing_else() -> None:
    entry = {"when": {"role": "x"}, "fields": ["serial", "cf.delivered_at", EVERY]}
    needs = CompletenessJudge((Requirement.model_validate(entry),)).needs

    wanted = ["custom_fields", "display", "id", "last_updated", "role", "serial"]
    assert needs.fields() == wanted
    assert needs.lists == {"interfaces": {("cable",), ("mgmt_only",)}}
    assert needs.related_types("dcim.devices") == {
        "dcim.interface",
        "dcim.cable",
        "dcim.cabletermination",
        "dcim.devicerole",
    }


# --------------------------------------------------------------------------------------- ratio


@pytest.mark.parametrize(("inside", "outcome"), [(True, PASS), (False, FAIL)])
def test_a_ratio_passes_what_the_server_lists_under_the_second_filter(
    inside: bool, outcome: Outcome
) -> None:
    passing = {"serial__empty": False}
    members = frozenset({passing_key(passing)}) if inside else frozenset()

    timeline = passing_judge(passing).judge(blade(**{PASSING: members}), NOW)

    assert [verdict.outcome for verdict in timeline.verdicts] == [outcome]


# ------------------------------------------------------------------------------------- latency


def tracked(
    seen: timedelta | None,
    *,
    by: str = "svc-asn",
    to_by: tuple[str, ...] | None = ("svc-asn",),
    within: float | None = 86_400.0,
    delivered: Any = START,
) -> Timeline:
    judge = LatencyJudge("cf.delivered_at", "first_seen", to_by, within)
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
    judge = LatencyJudge("created", "cf.live_at", None, within)
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
    assert any("nobody knows" in note for note in timeline.verdicts[-1].missing)


def test_without_a_create_row_what_was_late_whoever_did_it_still_fails() -> None:
    judge = LatencyJudge("cf.d", "first_seen", ("svc-asn",), 3600.0)
    created = (DELIVERED + 5 * HOUR).isoformat()
    row = blade(created=created, custom_fields={"d": DELIVERED.isoformat()}, **{FIRST_SEEN: None})

    assert judge.judge(row, NOW).verdicts[-1].outcome is FAIL


@pytest.mark.parametrize("empty", [None, ""])
def test_an_object_that_has_not_begun_is_in_the_scope_without_a_verdict(empty: Any) -> None:
    timeline = tracked(HOUR, delivered=empty)

    assert timeline.verdicts == ()
    assert not timeline.left


def test_a_start_that_is_no_date_is_pending_and_named() -> None:
    (verdict,) = tracked(HOUR, delivered="next week").verdicts

    assert verdict.outcome is PENDING
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
