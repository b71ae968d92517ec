"""SARIF that code hosts accept: the published format, relative addresses, lines, and help."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError
from pydantic_sarif.model import (
    StaticAnalysisResultsFormatSarifVersion210JsonSchema as PublishedFormat,
)

from syncd.hygiene import RULES, Finding, Spot, sarif
from syncd.mapping import Fault
from tests.unit.hygiene.examined import BEFORE, SHIPPED, examined

FAULTS = (
    Fault("q1-2026/dcim.yaml", 31, "objectives[0].target", '"7"', "a duration", "7 d"),
    Fault("q1-2026", 0, "", "no organisation file", "one", "organisation.yaml"),
)


@pytest.fixture(scope="module")
def findings() -> Sequence[Finding]:
    return examined(SHIPPED)


def run_of(log: dict[str, Any]) -> dict[str, Any]:
    (run,) = log["runs"]
    assert isinstance(run, dict)
    return run


def test_it_is_of_the_published_format(findings: Sequence[Finding]) -> None:
    log = sarif(findings, FAULTS, version="1.2.3", base="mappings")

    PublishedFormat.model_validate_json(json.dumps(log))
    assert log["version"] == "2.1.0"
    assert len(run_of(log)["results"]) == len(findings) + len(FAULTS) > 30


def test_the_published_format_refuses_what_is_not_of_it(findings: Sequence[Finding]) -> None:
    log = sarif([replace(findings[0], spot=Spot("a.yaml", -1, ""))], (), version="1")

    with pytest.raises(ValidationError):
        PublishedFormat.model_validate_json(json.dumps(log))


def test_a_result_leads_to_its_line_and_to_what_else_it_is_about() -> None:
    finding = next(it for it in examined(BEFORE) if it.rule == "milestone-with-two-dates")

    (result,) = run_of(sarif([finding], (), version="1", base="mappings"))["results"]

    (location,) = result["locations"]
    assert result["level"] == "error"
    assert location == {
        "physicalLocation": {
            "artifactLocation": {"uri": "mappings/before/compute.yaml"},
            "region": {"startLine": 10},
        },
        "logicalLocations": [
            {
                "name": "compute-o2-kr3",
                "fullyQualifiedName": "kr:2026-Q1/compute-o2-kr3",
                "kind": "kr",
            }
        ],
    }
    assert result["message"]["text"].endswith(
        "(operational). Fix: agree on one date, and write it in each of them"
    )
    assert [
        (it["message"]["text"], it["physicalLocation"]["artifactLocation"]["uri"])
        for it in result["relatedLocations"]
    ] == [
        ("net-o3-kr4", "mappings/before/net.yaml"),
        ("proc-o1-kr4", "mappings/before/proc.yaml"),
    ]


def test_addresses_are_relative_and_quoted(findings: Sequence[Finding]) -> None:
    odd = replace(findings[0], spot=Spot("q1 2026/dcim #2.yaml", 3, ""))

    for base, wanted in (
        ("", "q1%202026/dcim%20%232.yaml"),
        ("../m", "../m/q1%202026/dcim%20%232.yaml"),
    ):
        (result,) = run_of(sarif([odd], (), version="1", base=base))["results"]
        (location,) = result["locations"]
        assert location["physicalLocation"]["artifactLocation"] == {"uri": wanted}


def test_every_rule_comes_with_its_help_and_every_result_with_its_rule(
    findings: Sequence[Finding],
) -> None:
    run = run_of(sarif(findings, FAULTS, version="1"))

    rules = run["tool"]["driver"]["rules"]
    assert [it["id"] for it in rules] == ["mapping-fault", *(rule.id for rule in RULES)]
    assert all(it["help"]["text"] and it["shortDescription"]["text"] for it in rules)
    assert all(rules[it["ruleIndex"]]["id"] == it["ruleId"] for it in run["results"])
    assert all(
        rules[it["ruleIndex"]]["defaultConfiguration"]["level"] == it["level"]
        for it in run["results"]
    )


def test_a_fault_is_an_error_at_its_line_and_one_of_no_file_has_none() -> None:
    at_line, of_the_folder = run_of(sarif((), FAULTS, version="1", base="mappings"))["results"]

    assert at_line["locations"][0]["physicalLocation"]["region"] == {"startLine": 31}
    assert "region" not in of_the_folder["locations"][0]["physicalLocation"]
    assert {at_line["level"], of_the_folder["level"]} == {"error"}


def test_what_is_refused_says_what_is_there_what_should_be_and_what_to_write() -> None:
    at_line, _ = run_of(sarif((), FAULTS, version="1"))["results"]

    assert at_line["message"] == {"text": 'got "7"; expected a duration; fix: 7 d'}
    assert at_line["locations"][0]["logicalLocations"] == [
        {"fullyQualifiedName": "objectives[0].target"}
    ]


def test_the_tool_says_which_one_it_is_and_a_rule_why_it_is_and_what_mends_it() -> None:
    driver = run_of(sarif((), (), version="1.2.3"))["tool"]["driver"]

    assert (driver["name"], driver["version"]) == ("syncd", "1.2.3")
    described, rule = driver["rules"][1], RULES[0]
    assert described["fullDescription"] == {"text": f"{rule.title}. {rule.why}"}
    assert described["help"] == {
        "text": f"{rule.why} {rule.fix}",
        "markdown": f"{rule.why}\n\n**Fix.** {rule.fix}",
    }


def test_it_says_of_which_format_it_is_and_what_a_refusal_means() -> None:
    log = sarif((), FAULTS, version="1")
    refusal = run_of(log)["tool"]["driver"]["rules"][0]

    assert log["$schema"] == (
        "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
    )
    assert refusal == {
        "id": "mapping-fault",
        "shortDescription": {"text": "A mapping file that is refused"},
        "fullDescription": {
            "text": "Nothing is loaded while there is a fault in any mapping file."
        },
        "help": {
            "text": "Write what the message says. The language is described in "
            "docs/reference/mapping.md."
        },
        "defaultConfiguration": {"level": "error"},
    }
    # without a base an address is that of the file in its own folder
    location = run_of(log)["results"][0]["locations"][0]["physicalLocation"]
    assert location["artifactLocation"] == {"uri": "q1-2026/dcim.yaml"}


def test_a_finding_stays_the_same_one_when_its_line_moves(findings: Sequence[Finding]) -> None:
    moved = replace(findings[0], spot=Spot("elsewhere.yaml", 99, ""))
    results = run_of(sarif([findings[0], moved, findings[1]], (), version="1"))["results"]

    first, same, other = (it["partialFingerprints"]["syncdFinding/v1"] for it in results)
    assert first == same != other
