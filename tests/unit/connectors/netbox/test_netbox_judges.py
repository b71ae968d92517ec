from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.base import Outcome
from connectors.netbox.judges import CompletenessJudge, PresentJudge, passing_judge
from connectors.netbox.needs import LISTS_KEY, PASSING, Needs, passing_key
from connectors.netbox.required import Requirement

NOW = datetime(2026, 1, 15, 10, 0, tzinfo=UTC)
PASS, FAIL = Outcome.PASS, Outcome.FAIL


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


def test_a_ratio_asks_which_objects_the_second_filter_lists() -> None:
    passing = {"serial__empty": False}

    assert passing_judge(passing).needs == Needs(passing={passing_key(passing): passing})


def test_whatever_is_there_passes_and_needs_nothing_read() -> None:
    judge = PresentJudge()
    timeline = judge.judge(blade(), NOW)

    assert judge.definition == {"judge": "netbox.present"}
    assert judge.needs == Needs()
    assert [one.outcome for one in timeline.verdicts] == [PASS]
    assert timeline.since == NOW
