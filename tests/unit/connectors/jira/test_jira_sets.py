"""jira.keys: a set of keys made of issues."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from connectors.base import Aggregation, BadAnswer, Dimension, Outcome, Verdict
from connectors.jira import connector
from connectors.jira.changelog import Change
from connectors.jira.judges import Requirement
from connectors.jira.points import Created, InStatus
from connectors.jira.set_judges import KeyField, Keys
from connectors.jira.statuses import Statuses
from tests.unit.connectors.jira.sandboxes import START, Served, serving
from tests.unit.connectors.jira.stand_in import planned

NOW = datetime(2026, 2, 1, 12, tzinfo=UTC)
BORN = datetime(2026, 1, 5, 9, tzinfo=UTC)
DELIVERED_AT = datetime(2026, 1, 20, 9, tzinfo=UTC)
WORK = "project = PROC"
STATUSES = Statuses(
    [
        {"id": "1", "name": "To Do", "statusCategory": {"key": "new"}},
        {"id": "2", "name": "Delivered", "statusCategory": {"key": "indeterminate"}},
    ],
    "jira",
)


def row(passing: dict[str, bool] | None = None, **fields: Any) -> dict[str, Any]:
    born = {"created": BORN.isoformat()}
    return {
        "id": "1",
        "key": "PROC-1",
        "url": None,
        "fields": born | fields,
        "passing": passing or {},
        "statuses": STATUSES,
        "changes": {"status": ()},
    }


def document(*paragraphs: str) -> dict[str, Any]:
    return {
        "type": "doc",
        "version": 1,
        "content": [
            {"type": "paragraph", "content": [{"type": "text", "text": text}]}
            for text in paragraphs
        ],
    }


def keys_of(value: Any, split: str | None = None) -> tuple[str, ...]:
    return KeyField("F", split).of(row(F=value))


@pytest.fixture(params=["cloud", "datacenter"])
def served(request: pytest.FixtureRequest) -> Iterator[Served]:
    with serving(request.param) as one:
        yield one


# ------------------------------------------------------------------------------------------- keys


@pytest.mark.parametrize(
    ("value", "keys"),
    [
        (" c-1 ", ("c-1",)),
        ("c-1, c-2", ("c-1, c-2",)),
        (12, ("12",)),
        (10042.0, ("10042",)),
        (2.5, ("2.5",)),
        (["a", "b", "a"], ("a", "b")),
        ({"value": "EU", "id": "1"}, ("EU",)),
        ([{"name": "lab"}, {"name": "dc"}], ("lab", "dc")),
        ({"displayName": "Alice", "accountId": "u"}, ("Alice",)),
        ({"name": "aames", "displayName": "Alice"}, ("aames",)),
        ({"key": "SRE", "id": "1"}, ("SRE",)),
        (document("c-1"), ("c-1",)),
        (None, ()),
        ("  ", ()),
        ([], ()),
        (document(), ()),
    ],
)
def test_a_key_is_the_text_the_number_or_the_name_of_what_a_field_holds(
    value: Any, keys: tuple[str, ...]
) -> None:
    assert keys_of(value) == keys


@pytest.mark.parametrize(
    ("value", "keys"),
    [
        ("S1,S2 , S1,,", ("S1", "S2")),
        ("S1\nS2,S3\r\n", ("S1", "S2", "S3")),
        (document("S1, S2", "S3"), ("S1", "S2", "S3")),
        (["S1,S2", "S2,S3"], ("S1", "S2", "S3")),
        (",, ,", ()),
        (None, ()),
    ],
)
def test_one_value_may_hold_several_keys(value: Any, keys: tuple[str, ...]) -> None:
    assert keys_of(value, ",") == keys


@pytest.mark.parametrize(
    ("kind", "keys"),
    [
        *((kind, ("S1", "S2")) for kind in ("paragraph", "heading", "listItem", "codeBlock")),
        *((kind, ("S1", "S2")) for kind in ("tableRow", "hardBreak")),
        ("text", ("S1S2",)),
        ("tableCell", ("S1S2",)),
    ],
)
def test_what_has_a_line_of_its_own_in_a_document_holds_a_key_of_its_own(
    kind: str, keys: tuple[str, ...]
) -> None:
    parts = [{"type": kind, "text": text} for text in ("S1", "S2")]

    assert keys_of({"type": "doc", "content": parts}, ",") == keys


@given(st.lists(st.text(st.characters(categories=["L", "N"]), min_size=1)), st.data())
def test_split_keys_are_the_joined_ones_each_once(parts: list[str], data: st.DataObject) -> None:
    between = data.draw(st.sampled_from([",", ";", " / ", "\n"]))

    assert keys_of(between.join(parts), between.strip() or ",") == tuple(dict.fromkeys(parts))


def test_the_key_of_the_issue_itself_asks_for_no_field() -> None:
    key = KeyField("key")

    assert key.fields == frozenset()
    assert key.of(row(key="a field of that name")) == ("PROC-1",)


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (True, "true or false"),
        ({"self": "x"}, "a thing without a name"),
        ([{"value": 3}], "a thing without a name"),
    ],
)
def test_what_can_be_no_key_is_refused_with_issue_and_field(value: Any, found: str) -> None:
    with pytest.raises(BadAnswer) as caught:
        keys_of(value)

    assert str(caught.value) == (
        f'issue PROC-1: the field "F" holds {found}; expected text, a number, a choice or a list '
        "of such; fix: name a field that holds the keys of a set"
    )


# --------------------------------------------------------------------------------------- judgement


def test_an_issue_passes_with_its_keys() -> None:
    [verdict] = Keys(KeyField("F")).judge(row(F="c-1"), NOW).verdicts

    assert verdict == Verdict(NOW, None, Outcome.PASS, keys=("c-1",))


def test_an_issue_without_a_key_fails_and_says_so() -> None:
    [verdict] = Keys(KeyField("F")).judge(row(F=" "), NOW).verdicts

    assert verdict == Verdict(NOW, None, Outcome.FAIL, missing=("F",))


@pytest.mark.parametrize(("found", "outcome"), [(True, Outcome.PASS), (False, Outcome.FAIL)])
def test_only_what_passes_matches_and_the_rest_keeps_its_keys(
    found: bool, outcome: Outcome
) -> None:
    judge = Keys(KeyField("F"), passing="status = Done")

    [verdict] = judge.judge(row({"status = Done": found}, F="c-1"), NOW).verdicts

    assert verdict == Verdict(NOW, None, outcome, keys=("c-1",))


def test_what_lacks_a_required_field_fails_and_keeps_its_keys() -> None:
    judge = Keys(
        KeyField("F"),
        required=(Requirement(("Owner", "F")), Requirement(("Size",), {"Region": "EU"})),
    )

    assert judge.fields == {"F", "Owner", "Size", "Region"}
    [verdict] = judge.judge(row(F="c-1", Region={"value": "EU"}, Owner=""), NOW).verdicts
    assert verdict == Verdict(NOW, None, Outcome.FAIL, missing=("Owner", "Size"), keys=("c-1",))
    [verdict] = judge.judge(row(F="c-1", Owner="x"), NOW).verdicts
    assert verdict.outcome is Outcome.PASS


def test_a_missing_key_that_is_also_required_is_named_once() -> None:
    judge = Keys(KeyField("F"), required=(Requirement(("Owner", "F")),))

    [verdict] = judge.judge(row(), NOW).verdicts

    assert verdict.missing == ("F", "Owner")


def test_a_key_is_in_the_set_since_its_issue_reached_the_point() -> None:
    judge = Keys(KeyField("F"), at=InStatus("Delivered"))
    change = Change(DELIVERED_AT, None, "status", "1", "To Do", "2", "Delivered")
    delivered = row(F="S1", status={"id": "2", "name": "Delivered"})
    delivered["changes"] = {"status": (change,)}

    timeline = judge.judge(delivered, NOW)

    assert timeline.since is None
    assert timeline.verdicts == (Verdict(DELIVERED_AT, None, Outcome.PASS, keys=("S1",)),)


def test_an_issue_that_has_not_reached_the_point_is_not_judged() -> None:
    judge = Keys(KeyField("F"), at=InStatus("Delivered"))

    timeline = judge.judge(row(F="S1", status={"id": "1", "name": "To Do"}), NOW)

    assert (timeline.since, timeline.verdicts, timeline.left) == (None, (), False)


def test_an_issue_that_reached_the_point_without_a_key_fails_since_then() -> None:
    [verdict] = Keys(KeyField("F"), at=Created()).judge(row(), NOW).verdicts

    assert verdict == Verdict(BORN, None, Outcome.FAIL, missing=("F",))


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (BORN - timedelta(hours=1), Verdict(BORN, None, Outcome.PASS, keys=("c-1",))),
        (BORN, Verdict(BORN, None, Outcome.PASS, keys=("c-1",))),
        (NOW, Verdict(NOW, None, Outcome.PASS, keys=("c-1",), began=BORN)),
    ],
)
def test_with_a_condition_a_key_is_told_from_now_on_and_never_from_before_its_point(
    now: datetime, said: Verdict
) -> None:
    judge = Keys(KeyField("F"), "status = Done", at=Created())

    assert judge.judge(row({"status = Done": True}, F="c-1"), now).verdicts == (said,)


def test_with_a_condition_an_issue_that_has_not_reached_the_point_is_not_judged_either() -> None:
    judge = Keys(KeyField("F"), "status = Done", at=InStatus("Delivered"))
    waiting = row({"status = Done": True}, F="S1", status={"id": "1", "name": "To Do"})

    timeline = judge.judge(waiting, NOW)

    assert (timeline.since, timeline.verdicts) == (None, ())


# ------------------------------------------------------------------------------------ what is asked


def test_a_set_can_be_compared_with_another_and_counts_its_keys() -> None:
    plan = planned("jira.keys", jql=WORK, key="Cluster")

    assert (plan.keyed, plan.retrospective) == (True, False)
    assert (plan.aggregate.how, plan.dimension) == (Aggregation.KEYS, Dimension.COUNT)
    assert plan.judge == Keys(KeyField("Cluster"))


def test_the_past_of_a_set_with_a_point_is_known_from_the_first_reading_on() -> None:
    plan = planned(
        "jira.keys",
        jql=WORK,
        key={"field": "Serial numbers", "split": ","},
        at={"status": "Delivered"},
    )

    assert plan.retrospective
    assert plan.judge == Keys(KeyField("Serial numbers", ","), at=InStatus("Delivered"))


def test_what_is_required_is_written_as_in_completeness() -> None:
    required = [{"when": {"Region": "EU"}, "fields": ["Racks"]}]
    plan = planned("jira.keys", jql=WORK, key="Cluster", passing="status = Done", required=required)

    assert plan.judge == Keys(
        KeyField("Cluster"), "status = Done", (Requirement(("Racks",), {"Region": "EU"}),)
    )


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "Field required"),
        ({"key": ""}, "at least 1 character"),
        ({"key": {"field": "F", "split": ""}}, "at least 1 character"),
        ({"key": {"split": ","}}, "Field required"),
        ({"key": "F", "passing": "a = b order by c"}, "ORDER BY"),
        ({"key": "F", "required": []}, "at least 1 item"),
        ({"key": "F", "at": "whenever"}, "expected created"),
    ],
)
def test_a_set_that_cannot_be_right_is_refused(given: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        connector.measures["jira.keys"].model_validate(
            {"measure": "jira.keys", "jql": WORK} | given
        )


# ----------------------------------------------------------------------------------------- reading


def test_keys_of_a_project_are_read(served: Served) -> None:
    served.put(Cluster="c-1", Region="EU", Racks=4)
    served.put(Cluster="c-2", Region="EU")
    served.put()

    told = served.told(
        planned("jira.keys", jql=WORK, key="Cluster", required=[{"fields": ["Region", "Racks"]}])
    )

    assert {label: (v.outcome, v.keys, v.missing) for label, v in told.items()} == {
        "PROC-1": (Outcome.PASS, ("c-1",), ()),
        "PROC-2": (Outcome.FAIL, ("c-2",), ("Racks",)),
        "PROC-3": (Outcome.FAIL, (), ("Cluster", "Region", "Racks")),
    }


def test_many_keys_of_one_issue_are_read_from_text_as_either_jira_writes_it(
    served: Served,
) -> None:
    served.put(Serial_numbers="S1, S2,\nS3")

    told = served.told(
        planned("jira.keys", jql=WORK, key={"field": "Serial numbers", "split": ","})
    )

    assert told["PROC-1"].keys == ("S1", "S2", "S3")


def test_the_keys_of_issues_themselves_and_of_a_board_are_read(served: Served) -> None:
    served.put(status="Done")
    served.put()
    plan = planned("jira.keys", board=7, key="key", passing="statusCategory = Done")

    told = served.told(plan)

    assert {v.keys: v.outcome for v in told.values()} == {
        ("PROC-1",): Outcome.PASS,
        ("PROC-2",): Outcome.FAIL,
    }


def test_a_title_is_a_key(served: Served) -> None:
    served.put(summary=" c-1 ")

    assert served.told(planned("jira.keys", jql=WORK, key="summary"))["PROC-1"].keys == ("c-1",)


def test_a_set_since_its_issues_were_created_is_read(served: Served) -> None:
    served.put(Cluster="c-1")
    served.later(hours=30)

    told = served.told(planned("jira.keys", jql=WORK, key="Cluster", at="created"))

    assert told["PROC-1"] == Verdict(START, None, Outcome.PASS, keys=("c-1",))


@pytest.mark.parametrize(
    "asked",
    [{"passing": "Region = EU"}, {"required": [{"fields": ["Region"]}]}],
    ids=["passing", "required"],
)
def test_a_set_with_a_point_and_a_condition_tells_both(
    served: Served, asked: dict[str, Any]
) -> None:
    key = served.put(Cluster="c-1", Region="EU")
    served.put(Cluster="c-2")
    waiting = served.put(Cluster="c-3", Region="EU")
    delivered = served.later(hours=2)
    for each in (key, "PROC-2"):
        served.jira.edit_issue(each, {"status": "Delivered"})
    now = served.later(hours=30)
    plan = planned("jira.keys", jql=WORK, key="Cluster", at={"status": "Delivered"}, **asked)

    told = served.told(plan)

    assert told["PROC-1"] == Verdict(now, None, Outcome.PASS, keys=("c-1",), began=delivered)
    assert (told["PROC-2"].outcome, told["PROC-2"].since) == (Outcome.FAIL, delivered)
    assert waiting not in told
    assert not plan.retrospective
