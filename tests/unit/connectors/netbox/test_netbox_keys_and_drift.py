"""The keys that objects put into a set, and the fields that drifted from what they should be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from connectors.base import Outcome, QueryRefused, Verdict
from connectors.netbox.drift import DriftJudge, Expected, agrees
from connectors.netbox.keys import KeysJudge
from connectors.netbox.needs import FIRST_SEEN, OTHERS, Needs
from connectors.netbox.required import Requirement

NOW = datetime(2026, 1, 15, 10, 0, tzinfo=UTC)
BORN = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
PASS, FAIL, PENDING = Outcome.PASS, Outcome.FAIL, Outcome.PENDING


def blade(**more: Any) -> dict[str, Any]:
    return {"id": 7, "display": "c-0007", "created": BORN.isoformat(), **more}


# ---------------------------------------------------------------------------------------- keys


def keyed(value: Any, **judge: Any) -> Verdict:
    row = blade(serial=value, custom_fields={"tracked_at": None}, rack=None)
    (verdict,) = KeysJudge("serial", **judge).judge(row, NOW).verdicts
    return verdict


@pytest.mark.parametrize(
    ("value", "keys"),
    [
        ("S-1", ("S-1",)),
        (" S-1 ", ("S-1",)),
        (17, ("17",)),
        (["a", "b", "a", ""], ("a", "b")),
        ({"value": "x", "label": "The X"}, ("x",)),
        ({"id": 3, "name": "Site 3", "slug": "site-3"}, ("site-3",)),
        ({"id": 3, "name": "Rack 3"}, ("Rack 3",)),
    ],
)
def test_a_key_is_what_the_field_holds_is_called(value: Any, keys: tuple[str, ...]) -> None:
    verdict = keyed(value)

    assert (verdict.outcome, verdict.keys, verdict.valid_from) == (PASS, keys, NOW)


@pytest.mark.parametrize("empty", [None, "", "  ", []])
def test_an_object_without_a_key_fails_and_names_the_field(empty: Any) -> None:
    verdict = keyed(empty)

    assert (verdict.outcome, verdict.missing, verdict.keys) == (FAIL, ("serial",), ())


def test_an_object_that_lacks_what_is_required_fails_and_keeps_its_key() -> None:
    verdict = keyed("S-1", required=(Requirement(fields=["rack"]),))

    assert (verdict.outcome, verdict.missing, verdict.keys) == (FAIL, ("rack",), ("S-1",))


def at_tracking(tracked: datetime | None) -> tuple[Verdict, ...]:
    value = None if tracked is None else tracked.isoformat()
    row = blade(serial="S-1", custom_fields={"tracked_at": value})
    timeline = KeysJudge("serial", at="cf.tracked_at").judge(row, NOW)
    assert timeline.since is None
    return timeline.verdicts


def test_a_key_counts_from_its_moment_and_is_pending_before() -> None:
    before, after = at_tracking(BORN + 2 * DAY)

    tracked = BORN + 2 * DAY
    assert before == Verdict(BORN, tracked, PENDING, missing=("cf.tracked_at",), keys=("S-1",))
    assert after == Verdict(tracked, None, PASS, keys=("S-1",))


def test_a_key_without_its_moment_is_pending_and_says_what_it_waits_for() -> None:
    (verdict,) = at_tracking(None)

    assert (verdict.outcome, verdict.missing, verdict.keys) == (
        PENDING,
        ("cf.tracked_at",),
        ("S-1",),
    )


@pytest.mark.parametrize("tracked", [BORN, BORN - DAY])
def test_a_key_from_before_the_object_was_created_counts_from_there(tracked: datetime) -> None:
    assert at_tracking(tracked) == (Verdict(tracked, None, PASS, keys=("S-1",)),)


def test_where_no_timezone_is_said_a_day_begins_in_utc() -> None:
    row = blade(serial="S-1", custom_fields={"day": "2026-01-06"})

    assert KeysJudge("serial", at="cf.day").judge(row, NOW).verdicts[1].valid_from == datetime(
        2026, 1, 6, tzinfo=UTC
    )


def test_a_key_whose_moment_is_not_what_it_seems_says_so() -> None:
    seen = "first_seen (pruned from the change log; created taken)"
    none = "cf.tracked_at (not a date and time)"
    row = blade(serial="S-1", custom_fields={"tracked_at": "soon"}, **{FIRST_SEEN: None})

    (pruned,) = KeysJudge("serial", at="first_seen").judge(row, NOW).verdicts
    (undated,) = KeysJudge("serial", at="cf.tracked_at").judge(row, NOW).verdicts

    assert pruned == Verdict(BORN, None, PASS, missing=(seen,), keys=("S-1",))
    assert undated == Verdict(BORN, None, PENDING, missing=(none,), keys=("S-1",))


def test_with_a_requirement_a_key_is_told_from_now_on_with_when_it_came() -> None:
    judge = KeysJudge("serial", at="created", required=(Requirement(fields=["rack"]),))

    timeline = judge.judge(blade(serial="S-1", rack=None), NOW)

    assert timeline.since == NOW
    assert timeline.verdicts == (
        Verdict(NOW, None, FAIL, missing=("rack",), keys=("S-1",), began=BORN),
    )


def test_a_set_says_what_it_must_read() -> None:
    serial, rack = ("serial",), ("rack",)
    required = (Requirement(fields=["rack"]),)

    assert KeysJudge("serial").needs == Needs(frozenset({serial}), frozenset({serial}))
    assert KeysJudge("serial", "cf.live", required).needs == Needs(
        frozenset({serial, rack, ("created",), ("custom_fields", "live")}), frozenset({serial})
    )


@pytest.mark.parametrize(
    "judge",
    [
        KeysJudge("seriall"),
        DriftJudge("seriall", "x"),
        DriftJudge(
            "serial", Expected(endpoint="dcim.sites", match="name", by="seriall", field="name")
        ),
    ],
)
def test_a_field_that_there_is_not_is_refused(judge: KeysJudge | DriftJudge) -> None:
    with pytest.raises(QueryRefused) as caught:
        judge.judge(blade(serial="S-1"), NOW)

    assert str(caught.value) == (
        "NetBox gives no field seriall on these objects; did you mean serial?"
    )


# --------------------------------------------------------------------------------------- drift


def drifted(value: Any, expected: Any) -> tuple[str, ...]:
    (verdict,) = (
        DriftJudge("cf.firmware", expected)
        .judge(blade(custom_fields={"firmware": value}), NOW)
        .verdicts
    )
    assert verdict.outcome is (FAIL if verdict.missing else PASS)
    return verdict.missing


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2.1", "2.1"),
        ("2.1", ["2.0", "2.1"]),
        ({"value": "2.1", "label": "2.1 LTS"}, "2.1"),
        ({"id": 1, "slug": "two-one", "name": "2.1"}, "two-one"),
        (None, None),
        ("", None),
        (3.0, 3),
        (False, False),
    ],
)
def test_a_field_that_says_what_is_declared_agrees(value: Any, expected: Any) -> None:
    assert drifted(value, expected) == ()


@pytest.mark.parametrize(
    ("value", "expected", "words"),
    [
        ("2.0", "2.1", "cf.firmware is 2.0, expected 2.1"),
        (None, "2.1", "cf.firmware is empty, expected 2.1"),
        ("", "2.1", "cf.firmware is empty, expected 2.1"),
        ("2.0", None, "cf.firmware is 2.0, expected empty"),
        ("2.0", ["2.1", "2.2"], "cf.firmware is 2.0, expected 2.1 or 2.2"),
        ("x" * 900, "2.1", f"cf.firmware is {'x' * 60}, expected 2.1"),
        ("1", list("abc"), "cf.firmware is 1, expected a or b or c"),
        ("1", list("abcdef"), "cf.firmware is 1, expected a or b or c or 3 others"),
    ],
)
def test_a_field_that_says_something_else_names_both_and_stays_short(
    value: Any, expected: Any, words: str
) -> None:
    assert drifted(value, expected) == (words,)


PLANNED = Expected(endpoint="plugins.planner.plans", match="serial", by="serial", field="firmware")


def compared(value: Any, plans: dict[str, list[Any]], serial: str = "S-1") -> tuple[str, ...]:
    row = blade(
        serial=serial,
        custom_fields={"firmware": value},
        **{OTHERS: {PLANNED.other.key: plans}},
    )
    (verdict,) = DriftJudge("cf.firmware", PLANNED).judge(row, NOW).verdicts
    return verdict.missing


@pytest.mark.parametrize(
    ("value", "plans", "missing"),
    [
        ("2.1", {"S-1": [["2.1"]]}, ()),
        ("2.0", {"S-1": [["2.1"]]}, ("cf.firmware is 2.0, expected 2.1",)),
        ("2.1", {"S-1": [["2.0"], ["2.1"]]}, ()),
        (None, {"S-1": [None]}, ()),
        ("2.1", {"S-1": [None]}, ("cf.firmware is 2.1, expected empty",)),
        ("2.1", {"S-2": [["2.1"]]}, ("no object of plugins.planner.plans has serial S-1",)),
    ],
)
def test_a_field_is_compared_with_what_its_counterpart_says(
    value: Any, plans: dict[str, list[Any]], missing: tuple[str, ...]
) -> None:
    assert compared(value, plans) == missing


def test_an_object_with_nothing_to_match_by_fails_and_says_so() -> None:
    assert compared("2.1", {"S-1": [["2.1"]]}, serial="") == (
        "serial is empty, nothing to match by",
    )


def test_a_drift_says_what_it_must_read() -> None:
    firmware, serial = ("custom_fields", "firmware"), ("serial",)
    both, other = frozenset({firmware, serial}), PLANNED.other

    assert DriftJudge("cf.firmware", "2.1").needs == Needs(
        frozenset({firmware}), frozenset({firmware})
    )
    assert DriftJudge("cf.firmware", PLANNED).needs == Needs(both, both, others={other.key: other})


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (None, "", True),
        (None, [], True),
        (3, 3.0, True),
        ("3", 3.0, True),
        (["a", "b"], ["b", "a"], True),
        ({"value": "a"}, " a ", True),
        (None, "None", False),
        ("a", "b", False),
        (["a"], ["a", "b"], False),
        (3.5, 3, False),
    ],
)
def test_two_fields_say_the_same_by_what_they_are_called(one: Any, other: Any, same: bool) -> None:
    assert agrees(one, other) is same


def test_what_is_expected_is_what_its_author_wrote_and_stays_so() -> None:
    with pytest.raises(ValidationError, match="not permitted"):
        Expected.model_validate({**PLANNED.model_dump(), "filed": "state"})
    with pytest.raises(ValidationError, match="frozen"):
        PLANNED.match = "name"


values = st.one_of(st.none(), st.text(), st.integers(), st.booleans(), st.lists(st.text()))


@given(values, values)
def test_agreeing_is_symmetric_and_every_value_agrees_with_itself(one: Any, other: Any) -> None:
    assert agrees(one, one)
    assert agrees(one, other) == agrees(other, one)
