from __future__ import annotations

from datetime import time
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.base import (
    NO_CONTEXT,
    Aggregation,
    BusinessHours,
    Dimension,
    NumberPlan,
    PlanContext,
    ScanPlan,
    judge_fingerprint,
)
from connectors.netbox import connector

DEVICES = {"endpoint": "dcim.devices", "filter": {"site": ["a", "b"]}}
LATENCY = {"measure": "netbox.latency", **DEVICES, "from": "cf.delivered_at", "to": "first_seen"}
COMPLETE = {"measure": "netbox.completeness", **DEVICES}


KEYS = {"measure": "netbox.keys", **DEVICES, "key": "serial"}
DRIFT = {"measure": "netbox.drift", **DEVICES, "field": "status"}
OFFICE = BusinessHours(frozenset(range(5)), time(9), time(17), "Europe/London")


def planned(measure: dict[str, Any], context: PlanContext = NO_CONTEXT) -> Any:
    return connector.measures[measure["measure"]].model_validate(measure).plan("nb", context)


def refusal(measure: dict[str, Any]) -> str:
    with pytest.raises(ValidationError) as caught:
        planned(measure)
    return "; ".join(error["msg"] for error in caught.value.errors())


def test_a_count_is_one_number() -> None:
    plan = planned({"measure": "netbox.count", **DEVICES})

    assert isinstance(plan, NumberPlan)
    assert plan.dimension is Dimension.COUNT


@pytest.mark.parametrize(
    ("measure", "how", "percentile", "dimension"),
    [
        ({**LATENCY, "within": "24 h"}, Aggregation.SHARE, None, Dimension.RATIO),
        ({**LATENCY, "percentile": 90}, Aggregation.PERCENTILE, 90, Dimension.DURATION),
        ({**LATENCY, "mean": True}, Aggregation.MEAN, None, Dimension.DURATION),
        ({**COMPLETE, "required": [{"fields": ["a"]}]}, Aggregation.SHARE, None, Dimension.RATIO),
        (KEYS, Aggregation.KEYS, None, Dimension.COUNT),
        ({**DRIFT, "expected": "active"}, Aggregation.SHARE, None, Dimension.RATIO),
    ],
)
def test_a_scan_says_how_its_reading_is_made(
    measure: dict[str, Any], how: Aggregation, percentile: float | None, dimension: Dimension
) -> None:
    plan = planned(measure)

    assert isinstance(plan, ScanPlan)
    assert (plan.aggregate.how, plan.aggregate.percentile) == (how, percentile)
    assert plan.dimension is dimension


@pytest.mark.parametrize(
    ("measure", "keyed", "retrospective"),
    [
        ({**LATENCY, "within": "24 h"}, False, True),
        (KEYS, True, False),
        ({**KEYS, "at": "first_seen"}, True, True),
        ({**DRIFT, "expected": "active"}, False, False),
    ],
)
def test_a_scan_says_whether_it_is_a_set_and_whether_it_tells_its_own_past(
    measure: dict[str, Any], keyed: bool, retrospective: bool
) -> None:
    plan = planned(measure)

    assert (plan.keyed, plan.retrospective) == (keyed, retrospective)


def test_business_hours_are_those_of_the_mapping() -> None:
    measure = {**LATENCY, "hours": "business", "percentile": 90}

    assert planned(measure, PlanContext(business_hours=OFFICE)).judge.wait.hours == OFFICE


def test_business_hours_that_the_mapping_does_not_declare_are_refused() -> None:
    with pytest.raises(ValueError, match=r"declare calendar.business_hours"):
        planned({**LATENCY, "hours": "business", "mean": True})


def test_dates_are_read_in_the_timezone_of_the_mapping() -> None:
    context = PlanContext(timezone="Asia/Tokyo")

    assert planned({**LATENCY, "mean": True}, context).judge.timezone == "Asia/Tokyo"


def test_measures_of_one_scope_share_its_fingerprint_whatever_they_judge() -> None:
    one, other = planned({**LATENCY, "mean": True}), planned({**LATENCY, "within": "5 min"})

    assert one.scope.fingerprint == other.scope.fingerprint
    assert judge_fingerprint(one.judge) != judge_fingerprint(other.judge)


def test_a_percentile_and_a_mean_share_their_verdicts() -> None:
    one, other = planned({**LATENCY, "mean": True}), planned({**LATENCY, "percentile": 50})

    assert judge_fingerprint(one.judge) == judge_fingerprint(other.judge)


def test_an_equal_limit_in_another_unit_is_the_same_judgement() -> None:
    one, other = planned({**LATENCY, "within": "1 d"}), planned({**LATENCY, "within": "24 h"})

    assert judge_fingerprint(one.judge) == judge_fingerprint(other.judge)


def test_what_passes_is_always_inside_the_scope() -> None:
    plan = planned({"measure": "netbox.ratio", **DEVICES, "passing": {"has_primary_ip": True}})

    assert plan.judge.passing == {"site": ["a", "b"], "has_primary_ip": True}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({}, "exactly one of within, percentile, mean; got none"),
        ({"within": "1 h", "mean": True}, "got within and mean"),
        ({"within": "5m"}, "5 min"),
        ({"mean": True, "to_by": "x", "to": "created"}, "to_by needs to: first_seen"),
        ({"mean": True, "to_by": []}, "names no account"),
        ({"mean": True, "to_tag": []}, "names no tag"),
        ({"mean": True, "to": {"status": "done"}}, "status: ...}, a point NetBox cannot"),
        ({"mean": True, "to": {"journal": "x"}}, "KIND is one of info, success, warning, danger"),
        ({"mean": True, "to": "resolved"}, "expected created, first_seen, cf.NAME"),
        ({"mean": True, "to": "cf.delivered_at"}, "needs two moments"),
        ({"percentile": 0}, "greater than 0"),
        ({"mean": True, "hours": "office"}, "Input should be 'business'"),
    ],
)
def test_a_latency_that_makes_no_sense_is_refused_in_words(
    change: dict[str, Any], words: str
) -> None:
    assert words in refusal({**LATENCY, **change})


@pytest.mark.parametrize(
    ("required", "words"),
    [
        ([], "at least 1 item"),
        ([{"fields": []}], "at least 1 item"),
        ([{"fields": ["custom_fields.x"]}], "cf.x"),
        ([{"fields": [{"every": "interfacez", "has": "cable"}]}], "no list interfacez"),
        ([{"fields": [{"has": "cable"}]}], "exactly one of every, any"),
        ([{"fields": [{"every": "a", "any": "b", "has": "c"}]}], "exactly one of every, any"),
        ([{"fields": ["serial"], "wen": {}}], "not permitted"),
    ],
)
def test_a_requirement_that_cannot_be_read_is_refused_in_words(
    required: list[Any], words: str
) -> None:
    assert words in refusal({**COMPLETE, "required": required})


EXPECTED = {"endpoint": "dcim.sites", "match": "name", "by": "name", "field": "status"}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({}, "Field required"),
        ({"expected": []}, "empty list"),
        ({"expected": {**EXPECTED, "endpoint": "sites"}}, "with a dot"),
        ({"expected": {**EXPECTED, "field": "custom_fields.x"}}, "cf.x"),
        ({"expected": {**EXPECTED, "filter": {"limit": 1}}}, "limit is no filter"),
        ({"expected": {"endpoint": "dcim.sites"}}, "Field required"),
    ],
)
def test_a_drift_from_nothing_is_refused_in_words(change: dict[str, Any], words: str) -> None:
    assert words in refusal({**DRIFT, **change})


def test_a_set_may_require_only_lists_that_there_are() -> None:
    required = [{"fields": [{"every": "interfacez", "has": "cable"}]}]

    assert "no list interfacez" in refusal({**KEYS, "required": required})


@pytest.mark.parametrize("endpoint", ["devices", "dcim/devices", "DCIM.devices", "plugins.x", ""])
def test_an_endpoint_is_named_with_its_dot(endpoint: str) -> None:
    assert "dcim.devices" in refusal({"measure": "netbox.count", "endpoint": endpoint})


@pytest.mark.parametrize("name", connector.measures)
def test_every_option_is_described_for_editors(name: str) -> None:
    schema = connector.measures[name].model_json_schema(by_alias=True)

    own = {key: option for key, option in schema["properties"].items() if key != "measure"}
    assert [key for key, option in own.items() if not option.get("description")] == []
