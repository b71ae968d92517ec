"""The past that is rebuilt from the change log, and what is said where it cannot be."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.base import Outcome, Timeline
from syncd.demo.netbox.world import LogRow
from tests.unit.connectors.netbox.forgetful import (
    FIRST,
    Forgetful,
    before,
    device,
    hour,
    nothing,
)
from tests.unit.connectors.netbox.sandboxed import (
    HOURS,
    SCOPE,
    Watcher,
    at,
    opened,
    planned,
    surroundings,
    text,
)

PASS, FAIL, PENDING = Outcome.PASS, Outcome.FAIL, Outcome.PENDING
SERIAL: dict[str, Any] = {"measure": "netbox.completeness", "required": [{"fields": ["serial"]}]}
NOW = HOURS


def rebuilt(
    measure: dict[str, Any],
    *devices: dict[str, Any],
    since: float = 0,
    lost: Any = None,
    filter_: dict[str, Any] | None = None,
    **seed: Any,
) -> tuple[dict[str, Timeline], tuple[str, ...]]:
    made = {**surroundings(), "devices": [FIRST, *devices], **seed}
    plan = planned({**SCOPE, **({"filter": filter_} if filter_ else {}), **measure})
    with Forgetful(made, lost or nothing) as upstream:
        upstream.moment = at(NOW)
        session = opened(upstream.url)
        batches = list(Watcher(session, plan).batches(at(NOW), since=at(since)))
        session.close()
    assert [batch.cursor is None for batch in batches] == [True] * (len(batches) - 1) + [False]
    assert all(batch.untold == () for batch in batches[:-1])
    return {t.object_id: t for b in batches for t in b.timelines[0]}, batches[-1].untold_for(0)


def rows(timeline: Timeline) -> list[tuple[float, float | None, Outcome]]:
    """From which hour to which, and what."""
    return [
        (hour(v.valid_from), None if v.valid_to is None else hour(v.valid_to), v.outcome)
        for v in timeline.verdicts
    ]


# ----------------------------------------------------------------------------------- what is told


def test_each_version_of_an_object_is_judged_as_it_was() -> None:
    told, untold = rebuilt(SERIAL, device(1, (20, {"serial": "A"}), (30, {"serial": ""})))

    assert rows(told["1"]) == [(10, 20, FAIL), (20, 30, PASS), (30, None, FAIL)]
    assert untold == ()


def test_a_change_that_changes_no_verdict_begins_no_row() -> None:
    told, _ = rebuilt(SERIAL, device(1, (20, {"asset_tag": "T"}), (30, {"name": "c-one"})))

    assert rows(told["1"]) == [(10, None, FAIL)]


def test_an_object_has_no_verdict_while_it_was_outside_the_scope() -> None:
    leave, come = {"status": "offline"}, {"status": "active"}
    told, _ = rebuilt(SERIAL, device(1, (20, leave), (30, come)))

    assert rows(told["1"]) == [(10, 20, FAIL), (30, None, FAIL)]


def test_what_was_deleted_is_told_until_then_under_its_last_name() -> None:
    gone = device(1, (20, {"serial": "A", "name": "c-one"}), deleted_at=text(30))
    told, untold = rebuilt(SERIAL, gone, device(2))

    assert rows(told["1"]) == [(10, 20, FAIL), (20, 30, PASS)]
    assert told["1"].label == "c-one"
    assert untold == ()


def test_what_left_the_scope_is_told_until_then() -> None:
    told, _ = rebuilt(SERIAL, device(1, (20, {"status": "offline"})), device(2))

    assert rows(told["1"]) == [(10, 20, FAIL)]


def test_what_was_never_in_the_scope_is_not_told() -> None:
    told, _ = rebuilt(SERIAL, device(1, (20, {"serial": "A"}), site="s3"), device(2))

    assert told.keys() == {"2"}


def test_a_history_begins_at_the_asked_moment_with_what_was_so_then() -> None:
    told, untold = rebuilt(SERIAL, device(1, (20, {"serial": "A"}), (60, {"serial": ""})), since=40)

    assert rows(told["1"]) == [(40, 60, PASS), (60, None, FAIL)]
    assert told["1"].since == at(40)
    assert untold == ()


def test_cables_of_interfaces_are_known_in_the_past_too() -> None:
    cabled = {"fields": [{"any": "interfaces", "has": "cable"}]}
    port = {"id": 1, "name": "m0", "created": text(15), "created_by": "svc"}
    far = {"id": 9, "name": "p1", "created": text(15), "created_by": "svc"}
    told, untold = rebuilt(
        {"measure": "netbox.completeness", "required": [cabled]},
        device(1, interfaces=[port]),
        device(9, site="s3", interfaces=[far]),
        cables=[
            {
                "id": 1,
                "a": ["c-1", "m0"],
                "b": ["c-9", "p1"],
                "created": text(20),
                "deleted": text(40),
            }
        ],
    )

    assert rows(told["1"]) == [(10, 20, FAIL), (20, 40, PASS), (40, None, FAIL)]
    assert untold == ()


def test_a_latency_tells_its_own_past_and_that_of_what_left() -> None:
    measure = {
        "measure": "netbox.latency",
        "from": "first_seen",
        "to": "cf.live_at",
        "within": "24 h",
    }
    live = {"custom_fields": {"live_at": text(20)}}
    told, _ = rebuilt(measure, device(1, (20, live)), device(2, (20, live), deleted_at=text(50)))

    assert rows(told["1"]) == [(10, 20, PENDING), (20, None, PASS)]
    assert rows(told["2"]) == [(10, 20, PENDING), (20, 50, PASS)]
    # What has a `since` and ended is out of the scope; the other's whole history is rewritten.
    assert (told["1"].since, told["2"].since) == (None, at(0))


def test_a_latency_counts_while_its_object_is_in_the_scope_and_from_its_own_beginning() -> None:
    measure = {"measure": "netbox.latency", "from": "created", "to": "cf.live_at", "mean": True}
    leave, come = {"status": "offline"}, {"status": "active"}
    told, _ = rebuilt(measure, device(1, (20, leave), (30, come)))

    assert rows(told["1"]) == [(10, 20, PENDING), (30, None, PENDING)]
    assert {verdict.since for verdict in told["1"].verdicts} == {at(10)}


def test_a_date_that_was_entered_later_is_judged_from_when_it_was_entered() -> None:
    measure = {
        "measure": "netbox.latency",
        "from": "cf.live_at",
        "to": "first_seen",
        "within": "1 h",
    }
    told, _ = rebuilt(measure, device(1, (40, {"custom_fields": {"live_at": text(5)}})))

    assert rows(told["1"]) == [(40, None, FAIL)]
    assert told["1"].verdicts[0].since == at(10)


def test_what_a_latency_says_of_before_the_log_begins_stays() -> None:
    measure = {"measure": "netbox.latency", "from": "created", "to": "cf.live_at", "mean": True}
    live = {"custom_fields": {"live_at": text(60)}}
    told, untold = rebuilt(measure, device(1, (60, live)), device(2), lost=before(50))

    assert rows(told["1"]) == [(10, 60, PENDING), (60, None, PASS)]
    assert rows(told["2"]) == [(10, None, PENDING)]
    assert "change log begins" in untold[0]


def test_what_was_deleted_and_not_known_to_be_created_is_said_to_be_gone() -> None:
    measure = {"measure": "netbox.latency", "from": "created", "to": "cf.live_at", "mean": True}
    gone = device(1, (60, {"serial": "A"}), deleted_at=text(80))
    told, untold = rebuilt(measure, gone, device(2), lost=before(50), since=55)

    assert told.keys() == {"2"}
    assert untold[-1].startswith("When 1 object was created that was deleted since")


# -------------------------------------------------------------------------------- what is not told


def nothing_before_now(told: dict[str, Timeline]) -> bool:
    return {v.valid_from for t in told.values() for v in t.verdicts} == {at(NOW)}


def test_a_log_that_does_not_reach_back_is_told_from_where_it_begins() -> None:
    told, untold = rebuilt(
        SERIAL, device(1, (20, {"serial": "A"}), (60, {"serial": ""})), lost=before(50)
    )

    assert rows(told["1"]) == [(60, None, FAIL)]
    (sentence,) = untold
    assert (
        sentence == "NetBox's change log begins at 2026-01-03 12:00 UTC: nothing is told of before"
    )


def test_an_empty_log_tells_nothing_and_says_so() -> None:
    told, untold = rebuilt(SERIAL, device(1), lost=before(NOW))

    assert nothing_before_now(told)
    assert "change log is empty" in untold[0]


def test_a_change_that_was_not_logged_is_told_from_the_next_row_on() -> None:
    def lost(row: LogRow) -> bool:
        return row.time == at(20)

    told, untold = rebuilt(
        SERIAL, device(1, (20, {"serial": "A"}), (60, {"serial": ""})), device(2), lost=lost
    )

    assert rows(told["1"]) == [(60, None, FAIL)]
    assert rows(told["2"]) == [(10, None, FAIL)]
    assert untold == (
        "1 object changed without a row in the change log: told from the next row on",
    )


@pytest.mark.parametrize(
    ("filter_", "words"),
    [
        ({"manufacturer": "acme"}, "The filter manufacturer cannot be tested on what objects were"),
        ({"interfaces": False}, "The filter interfaces cannot be tested on what objects were"),
    ],
)
def test_a_filter_that_an_objects_own_data_cannot_answer_is_named(
    filter_: dict[str, Any], words: str
) -> None:
    told, untold = rebuilt(SERIAL, device(1, (20, {"serial": "A"})), filter_=filter_)

    assert nothing_before_now(told)
    assert words in untold[0]


def test_a_field_of_another_object_is_told_from_now_on() -> None:
    measure = {"measure": "netbox.completeness", "required": [{"fields": ["site.status"]}]}
    told, untold = rebuilt(measure, device(1, (20, {"serial": "A"})))

    assert nothing_before_now(told)
    assert untold[0].startswith("site.status is a field of another object")


def test_a_computed_field_is_told_from_now_on() -> None:
    measure = {"measure": "netbox.completeness", "required": [{"fields": ["primary_ip"]}]}
    told, untold = rebuilt(measure, device(1, (20, {"serial": "A"})))

    assert nothing_before_now(told)
    assert untold[0].startswith("NetBox's change log does not hold primary_ip")


def test_a_drift_from_other_objects_is_told_from_now_on() -> None:
    expected = {"endpoint": "dcim.devices", "match": "name", "by": "serial", "field": "name"}
    measure = {"measure": "netbox.drift", "field": "name", "expected": expected}
    told, untold = rebuilt(measure, device(1, (20, {"serial": "S1"})))

    assert nothing_before_now(told)
    assert untold[0].startswith("What dcim.devices said earlier is not rebuilt")


def test_the_journals_of_what_was_deleted_are_said_to_be_gone() -> None:
    entry = {
        "id": 1,
        "device": "c-1",
        "kind": "success",
        "created": text(20),
        "created_by": "svc",
    }
    measure = {
        "measure": "netbox.latency",
        "from": "created",
        "to": {"journal": "success"},
        "mean": True,
    }
    told, untold = rebuilt(measure, device(1, deleted_at=text(40)), device(2), journal=[entry])

    assert told.keys() == {"2"}
    assert untold == ("The journals of 1 object went with them: those are not told",)
