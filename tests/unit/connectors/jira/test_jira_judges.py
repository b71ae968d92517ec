from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base import Judge, Outcome, Timeline, Verdict, judge_fingerprint
from connectors.jira.judges import Complete, Passing, Present, Requirement, agrees, is_missing

NOW = datetime(2026, 2, 1, 12, tzinfo=UTC)


def row(passing: dict[str, bool] | None = None, **fields: Any) -> dict[str, Any]:
    return {
        "id": "10042",
        "key": "PROC-7",
        "url": "https://jira.example.org/browse/PROC-7",
        "fields": fields,
        "passing": passing or {},
    }


def document(*inline: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "doc",
        "version": 1,
        "content": [{"type": "paragraph", "content": list(inline)}],
    }


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        "  \n",
        [],
        {},
        [None],
        ["", None],
        {"type": "doc", "version": 1, "content": []},
        document(),
        document({"type": "text", "text": "  "}, {"type": "hardBreak"}),
        {
            "type": "doc",
            "version": 1,
            "content": [{"type": "mediaSingle", "content": [{"type": "media", "attrs": {}}]}],
        },
        {"comments": [], "total": 0},
        {"worklogs": [], "total": 0},
        {"type": "doc", "content": ["no node"]},
        document({"type": "text"}),
    ],
)
def test_what_says_nothing_is_missing(value: Any) -> None:
    assert is_missing(value)


@pytest.mark.parametrize(
    "value",
    [
        0,
        0.0,
        False,
        "0",
        "x",
        ["", "x"],
        [0],
        {"value": "Yes"},
        {"name": "P0"},
        document({"type": "text", "text": "see order"}),
        document({"type": "mention", "attrs": {"id": "1", "text": "@a"}}),
        document({"type": "inlineCard", "attrs": {"url": "https://example.org"}}),
        *(
            document({"type": kind})
            for kind in ("emoji", "date", "status", "blockCard", "embedCard")
        ),
        {"type": "doc"},
        {"comments": [{"body": "x"}], "total": 1},
    ],
)
def test_what_says_something_is_filled(value: Any) -> None:
    assert not is_missing(value)


@pytest.mark.parametrize(
    ("value", "wanted", "expected"),
    [
        ({"name": "Page"}, "Page", True),
        ({"name": "Page"}, "page", True),
        ({"name": "Page"}, "Repair", False),
        ({"name": "P0"}, ["P1", "P0"], True),
        ({"name": "P0"}, [], False),
        ({"value": "London"}, "London", True),
        ({"displayName": "Alice"}, "Alice", True),
        ({"key": "sre", "name": "Site reliability"}, "sre", True),
        ([{"name": "sre"}, {"name": "dc"}], "dc", True),
        (["cka", "lab"], "lab", True),
        (["cka"], "lab", False),
        (None, None, True),
        ("", None, True),
        ([], None, True),
        ("x", None, False),
        (None, ["x", None], True),
        (None, "None", False),
        (3, 3, True),
        (3.0, 3, True),
        (1, True, False),
        (True, 1, False),
        (True, True, True),
        ("3", 3, False),
        (0, None, False),
    ],
)
def test_a_condition_is_compared_by_name(value: Any, wanted: Any, expected: bool) -> None:
    assert agrees(value, wanted) is expected


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)


@given(json_values)
def test_a_value_is_either_missing_or_filled_and_null_asks_just_that(value: Any) -> None:
    assert agrees(value, None) is is_missing(value)


@given(st.integers() | st.floats() | st.booleans())
def test_no_number_and_no_boolean_is_missing(value: float) -> None:
    assert not is_missing(value)


@given(st.lists(json_values), json_values)
def test_any_of_a_list_is_the_same_as_one_after_the_other(wanted: list[Any], value: Any) -> None:
    assert agrees(value, wanted) is any(agrees(value, each) for each in wanted)


def test_every_issue_of_a_count_passes_from_now_on_and_keeps_its_past() -> None:
    assert Present().judge(row(), NOW) == Timeline(
        object_id="10042",
        since=NOW,
        verdicts=(Verdict(valid_from=NOW, valid_to=None, outcome=Outcome.PASS),),
        label="PROC-7",
        url="https://jira.example.org/browse/PROC-7",
    )


@pytest.mark.parametrize(("found", "outcome"), [(True, Outcome.PASS), (False, Outcome.FAIL)])
def test_an_issue_passes_when_the_server_found_it(found: bool, outcome: Outcome) -> None:
    timeline = Passing("priority = P0").judge(row({"priority = P0": found}), NOW)

    assert timeline.verdicts[0].outcome is outcome


PURCHASE = Complete(
    (
        Requirement(fields=("PO number", "Supplier")),
        Requirement(
            fields=("Invoice number", "PO number"),
            when={"statusCategory": ["Done"], "labels": None},
        ),
    )
)


def test_what_is_missing_is_named_once_in_the_authors_order() -> None:
    status = {"name": "Closed", "statusCategory": {"key": "done", "name": "Done"}}

    verdict = PURCHASE.judge(row(status=status, labels=[]), NOW).verdicts[0]

    assert verdict.outcome is Outcome.FAIL
    assert verdict.missing == ("PO number", "Supplier", "Invoice number")


def test_an_entry_whose_condition_does_not_hold_requires_nothing() -> None:
    status = {"name": "Open", "statusCategory": {"key": "new", "name": "To Do"}}
    fields: dict[str, Any] = {"PO number": "1", "Supplier": {"value": "Acme"}}

    verdict = PURCHASE.judge(row(status=status, labels=[], **fields), NOW).verdicts[0]

    assert (verdict.outcome, verdict.missing) == (Outcome.PASS, ())


def test_conditions_of_one_entry_all_have_to_hold() -> None:
    status = {"statusCategory": {"name": "Done"}}
    fields: dict[str, Any] = {"PO number": "1", "Supplier": "x"}

    assert PURCHASE.judge(row(status=status, labels=["x"], **fields), NOW).verdicts[0].missing == ()


def test_a_judge_says_which_fields_it_needs() -> None:
    assert PURCHASE.fields == {"PO number", "Supplier", "Invoice number", "status", "labels"}
    assert Present().fields == frozenset()
    assert Passing("priority = P0").fields == frozenset()
    assert Passing("priority = P0", titles=True).fields == {"summary"}


@given(st.lists(st.sampled_from(["PO number", "Supplier", "Invoice number"]), unique=True))
def test_filling_a_field_removes_exactly_it_from_what_is_missing(filled: list[str]) -> None:
    fields: dict[str, Any] = dict.fromkeys(filled, "x")
    fields["status"] = {"statusCategory": {"name": "Done"}}

    missing = PURCHASE.judge(row(**fields), NOW).verdicts[0].missing

    assert set(missing) == {"PO number", "Supplier", "Invoice number"} - set(filled)


def test_titles_are_kept_only_where_they_are_wanted() -> None:
    issue = row(summary="Buy racks")

    assert Present().judge(issue, NOW).label == "PROC-7"
    assert Present(titles=True).judge(issue, NOW).label == "PROC-7 Buy racks"


def test_judgements_that_differ_have_other_fingerprints() -> None:
    judges: list[Judge] = [
        Present(),
        Present(titles=True),
        Passing("a = b"),
        Passing("a = c"),
        PURCHASE,
        Complete((Requirement(("PO number",)),)),
        Complete((Requirement(("PO number",), {"priority": "P0"}),)),
    ]

    assert len({judge_fingerprint(judge) for judge in judges}) == len(judges)
