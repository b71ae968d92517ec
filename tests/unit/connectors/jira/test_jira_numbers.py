"""jira.sum, jira.mean, jira.value and jira.done: what they plan, judge and read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from connectors.base import Aggregation, BadAnswer, Dimension, Outcome, Verdict
from connectors.jira import connector
from connectors.jira.number_judges import Done, FieldWeight, NumberOf, TimeWeight
from tests.unit.connectors.jira.sandboxes import START, Served, serving
from tests.unit.connectors.jira.stand_in import planned

NOW = datetime(2026, 2, 1, 12, tzinfo=UTC)
WORK = "project = PROC"


def row(**fields: Any) -> dict[str, Any]:
    return {"id": "1", "key": "PROC-1", "url": None, "fields": fields, "passing": {}}


def status(category: str = "new") -> dict[str, Any]:
    return {"name": "Any", "statusCategory": {"key": category, "name": "Whatever"}}


@pytest.fixture(params=["cloud", "datacenter"])
def served(request: pytest.FixtureRequest) -> Iterator[Served]:
    with serving(request.param) as one:
        yield one


# ------------------------------------------------------------------------------- numbers of a field


@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("jira.sum", Aggregation.SUM),
        ("jira.mean", Aggregation.MEAN),
        ("jira.value", Aggregation.ONLY),
    ],
)
def test_a_field_of_numbers_is_summed_averaged_or_taken(name: str, how: Aggregation) -> None:
    plan = planned(name, jql=WORK, field="Racks")

    assert (plan.aggregate.how, plan.dimension) == (how, Dimension.COUNT)


def test_a_sum_and_a_mean_of_one_field_share_their_verdicts() -> None:
    total, mean = (planned(name, jql=WORK, field="Racks") for name in ("jira.sum", "jira.mean"))

    assert total.judge.definition == mean.judge.definition
    assert planned("jira.value", jql=WORK, field="Racks").judge.definition != mean.judge.definition


@pytest.mark.parametrize(
    ("unit", "dimension", "base"),
    [
        (None, Dimension.COUNT, 90.0),
        ("GPU", Dimension.OTHER, 90.0),
        ("percent", Dimension.RATIO, 0.9),
        ("min", Dimension.DURATION, 5400.0),
    ],
)
def test_a_number_is_kept_in_the_base_unit_of_its_unit(
    unit: str | None, dimension: Dimension, base: float
) -> None:
    plan = planned("jira.sum", jql=WORK, field="Racks", unit=unit)

    assert plan.dimension is dimension
    assert plan.judge.judge(row(Racks=90), NOW).verdicts[0].number == base


@given(st.integers(-(10**12), 10**12) | st.floats(allow_nan=False, allow_infinity=False))
def test_any_number_passes_with_itself(number: float) -> None:
    [verdict] = NumberOf("Racks").judge(row(Racks=number), NOW).verdicts

    assert verdict == Verdict(NOW, None, Outcome.PASS, number=float(number))


def test_an_empty_field_is_pending_and_named_so_that_no_mean_counts_it() -> None:
    [verdict] = NumberOf("Racks").judge(row(Racks=None), NOW).verdicts

    assert verdict == Verdict(NOW, None, Outcome.PENDING, missing=("Racks",))


def test_an_empty_field_of_the_only_issue_is_no_value_and_still_an_issue() -> None:
    judge = planned("jira.value", jql=WORK, field="Racks").judge

    [verdict] = judge.judge(row(Racks=None), NOW).verdicts

    assert verdict == Verdict(NOW, None, Outcome.PASS, number=None, missing=("Racks",))


@pytest.mark.parametrize(
    ("value", "kind"),
    [("12 racks", "text"), ("12", "text"), (True, "bool"), ([1], "list"), ({"value": 1}, "dict")],
)
def test_what_is_no_number_is_refused_with_issue_and_field_and_not_shown(
    value: Any, kind: str
) -> None:
    with pytest.raises(BadAnswer) as caught:
        NumberOf("Racks").judge(row(Racks=value), NOW)

    assert str(caught.value) == (
        f'issue PROC-1: the field "Racks" holds {kind}; expected a number; fix: name a field of '
        "numbers"
    )


@pytest.mark.parametrize(("value", "unit"), [(10**400, None), (1e308, "w")])
def test_a_number_too_large_to_add_up_is_refused(value: float, unit: str | None) -> None:
    with pytest.raises(BadAnswer) as caught:
        NumberOf("Racks", unit).judge(row(Racks=value), NOW)

    assert str(caught.value) == (
        'issue PROC-1: the field "Racks" holds a number that is too large to add up'
    )


def test_the_numbers_of_a_project_are_read(served: Served) -> None:
    served.put(Racks=4)
    served.put(Racks=0)
    served.put(Racks=12.5)
    served.put()

    told = served.told(planned("jira.sum", jql=WORK, field="racks"))

    assert {label: (v.outcome, v.number, v.missing) for label, v in told.items()} == {
        "PROC-1": (Outcome.PASS, 4.0, ()),
        "PROC-2": (Outcome.PASS, 0.0, ()),
        "PROC-3": (Outcome.PASS, 12.5, ()),
        "PROC-4": (Outcome.PENDING, None, ("racks",)),
    }


def test_the_numbers_of_a_board_are_read(served: Served) -> None:
    served.put(Racks=4)
    served.put("CE", Racks=5)

    told = served.told(planned("jira.mean", board=7, field="customfield_10010"))

    assert {label: verdict.number for label, verdict in told.items()} == {"PROC-1": 4.0}


def test_the_time_that_jira_tracks_is_a_field_of_seconds(served: Served) -> None:
    served.put(timespent=7200)

    told = served.told(planned("jira.sum", jql=WORK, field="timespent", unit="s"))

    assert told["PROC-1"].number == 7200.0


def test_a_text_field_is_refused_whole(served: Served) -> None:
    served.put(Cluster="12")

    with pytest.raises(BadAnswer, match='PROC-1: the field "Cluster" holds text'):
        served.told(planned("jira.sum", jql=WORK, field="Cluster"))


def test_an_edited_number_changes_from_now_on(served: Served) -> None:
    plan = planned("jira.sum", jql=WORK, field="Racks")
    key = served.put(Racks=4)
    first = served.read(plan)
    served.later(minutes=20)
    served.jira.edit_issue(key, {"Racks": 6})
    now = served.later(minutes=1)

    turn = served.read(plan, cursor=first.cursor, known=first.outcomes)

    [line] = turn.timelines.values()
    assert (line.since, line.verdicts) == (now, (Verdict(now, None, Outcome.PASS, number=6.0),))


# ----------------------------------------------------------------------------------- what is done


@pytest.mark.parametrize(
    ("category", "outcome"),
    [
        ("done", Outcome.PASS),
        ("new", Outcome.FAIL),
        ("indeterminate", Outcome.FAIL),
        ("undefined", Outcome.FAIL),
    ],
)
def test_done_is_a_category_of_statuses_whatever_they_are_called(
    category: str, outcome: Outcome
) -> None:
    [verdict] = Done().judge(row(status=status(category)), NOW).verdicts

    assert verdict == Verdict(NOW, None, outcome)


@pytest.mark.parametrize("found", [None, "Done", {}, {"statusCategory": {"name": "Done"}}])
def test_a_status_without_a_category_is_no_answer(found: Any) -> None:
    with pytest.raises(BadAnswer) as caught:
        Done().judge(row(status=found), NOW)

    assert str(caught.value) == (
        "issue PROC-1: got a status without the key of its category; expected new, indeterminate "
        "or done"
    )


@pytest.mark.parametrize(
    ("by", "how", "weight"),
    [
        ({}, Aggregation.SHARE, None),
        ({"by": "count"}, Aggregation.SHARE, None),
        ({"by": "time"}, Aggregation.WEIGHTED_SHARE, TimeWeight()),
        ({"by": {"weight": "time"}}, Aggregation.WEIGHTED_SHARE, FieldWeight("time")),
    ],
)
def test_what_is_done_is_a_share_by_count_time_or_field(
    by: dict[str, Any], how: Aggregation, weight: Any
) -> None:
    plan = planned("jira.done", jql=WORK, **by)

    assert plan.judge == Done(weight)
    assert (plan.aggregate.how, plan.dimension) == (how, Dimension.RATIO)


def test_no_two_ways_to_weigh_share_verdicts() -> None:
    ways: list[Any] = ["count", "time", {"weight": "time"}, {"weight": "count"}]

    definitions = [planned("jira.done", jql=WORK, by=way).judge.definition for way in ways]

    assert len({str(definition) for definition in definitions}) == len(ways)


@pytest.mark.parametrize(
    ("value", "number", "missing"),
    [(3, 3.0, ()), (0, 0.0, ()), (None, 0.0, ("Racks",))],
)
def test_a_weight_is_what_the_field_holds_and_an_empty_one_is_0_and_named(
    value: float | None, number: float, missing: tuple[str, ...]
) -> None:
    judge = Done(FieldWeight("Racks"))

    [verdict] = judge.judge(row(status=status("done"), Racks=value), NOW).verdicts

    assert (verdict.outcome, verdict.number, verdict.missing) == (Outcome.PASS, number, missing)


def test_a_weight_below_0_is_refused() -> None:
    with pytest.raises(BadAnswer) as caught:
        Done(FieldWeight("Racks")).judge(row(status=status(), Racks=-3), NOW)

    assert str(caught.value) == (
        'issue PROC-1: the field "Racks" holds -3; expected 0 or more, because it is a weight'
    )


@pytest.mark.parametrize(
    ("tracked", "number", "missing"),
    [
        ({"timeoriginalestimate": 7200, "timespent": 60, "timeestimate": 9}, 7200.0, ()),
        ({"timeoriginalestimate": 0, "timespent": 60}, 0.0, ()),
        ({"timespent": 3600, "timeestimate": 1800}, 5400.0, ()),
        ({"timespent": 3600}, 3600.0, ()),
        ({"timeestimate": 1800}, 1800.0, ()),
        ({"timespent": 0, "timeestimate": 0}, 0.0, ()),
        ({}, 0.0, ("Original estimate",)),
    ],
)
def test_the_time_of_an_issue_is_its_estimate_or_what_was_spent_and_remains(
    tracked: dict[str, int], number: float, missing: tuple[str, ...]
) -> None:
    [verdict] = Done(TimeWeight()).judge(row(status=status(), **tracked), NOW).verdicts

    assert (verdict.number, verdict.missing) == (number, missing)


def test_work_done_is_read_with_its_time(served: Served) -> None:
    served.put(status="Done", timeoriginalestimate=3600)
    served.put(timeestimate=1800, timespent=600)
    served.put(status="Delivered")

    told = served.told(planned("jira.done", jql=WORK, by="time"))

    assert {label: (v.outcome, v.number) for label, v in told.items()} == {
        "PROC-1": (Outcome.PASS, 3600.0),
        "PROC-2": (Outcome.FAIL, 2400.0),
        "PROC-3": (Outcome.FAIL, 0.0),
    }
    assert told["PROC-3"].missing == ("Original estimate",)


def test_what_is_done_on_a_board_is_read(served: Served) -> None:
    served.put(status="Done")

    told = served.told(planned("jira.done", board=7))

    assert told["PROC-1"].outcome is Outcome.PASS


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "got none of jql, board and epic"),
        ({"epic": "PROC-1", "board": 1}, "got board and epic"),
        ({"epic": "PROC"}, "expected the key of an issue"),
        ({"epic": "PROC-1", "by": "points"}, "expected count, time or {weight: FIELD}"),
        ({"epic": "PROC-1", "by": {"weight": " "}}, "weight"),
        ({"epic": "PROC-1", "by": {"field": "x"}}, "expected count, time or {weight: FIELD}"),
        ({"epic": "PROC-1", "by": ["count"]}, "expected count, time or {weight: FIELD}"),
    ],
)
def test_a_done_that_cannot_be_right_is_refused(given: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        connector.measures["jira.done"].model_validate({"measure": "jira.done"} | given)


@pytest.mark.parametrize(
    ("judge", "fields"),
    [
        (NumberOf("Racks"), {"Racks"}),
        (NumberOf("Racks", titles=True), {"Racks", "summary"}),
        (Done(), {"status"}),
        (Done(FieldWeight("Racks")), {"status", "Racks"}),
        (Done(TimeWeight()), {"status", "timeoriginalestimate", "timeestimate", "timespent"}),
    ],
)
def test_only_what_is_looked_at_is_asked_for(judge: NumberOf | Done, fields: set[str]) -> None:
    assert judge.fields == fields


def test_titles_are_kept_only_when_asked_for(served: Served) -> None:
    served.put(summary="Racks for the lab", Racks=1, status="Done")

    for name, options in (("jira.sum", {"field": "Racks"}), ("jira.done", {})):
        assert set(served.told(planned(name, jql=WORK, **options))) == {"PROC-1"}
        titled = planned(name, jql=WORK, evidence="titles", **options)
        assert set(served.told(titled)) == {"PROC-1 Racks for the lab"}


def test_everything_is_said_from_now_on(served: Served) -> None:
    served.put(Racks=1)

    assert served.told(planned("jira.sum", jql=WORK, field="Racks"))["PROC-1"].valid_from == START
