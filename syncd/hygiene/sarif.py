"""Findings and faults as SARIF 2.1.0, which code hosts show beside the lines of a pull request.

The format: OASIS, "Static Analysis Results Interchange Format (SARIF) Version 2.1.0".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import quote

from connectors.base import fingerprint
from syncd.hygiene.finding import Finding, Rule, Spot
from syncd.hygiene.rules import RULES
from syncd.mapping import Fault, Subject

Json = Any

SCHEMA: Final = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
FAULT: Final = "mapping-fault"
"""The rule of what is refused; hygiene has nothing to say until it is mended."""

_FAULT_RULE: Final = {
    "id": FAULT,
    "shortDescription": {"text": "A mapping file that is refused"},
    "fullDescription": {"text": "Nothing is loaded while there is a fault in any mapping file."},
    "help": {
        "text": "Write what the message says. The language is described in "
        "docs/reference/mapping.md."
    },
    "defaultConfiguration": {"level": "error"},
}


def sarif(
    findings: Sequence[Finding], faults: Sequence[Fault], *, version: str, base: str = ""
) -> Json:
    """A SARIF log with one run. `version` is syncd's; `base` is where the folder of the mapping
    files stands, relative to the root of the repository, so that addresses are relative too.
    """
    results = [_refused(fault, base) for fault in faults] + [_found(it, base) for it in findings]
    driver = {
        "name": "syncd",
        "version": version,
        "rules": [_FAULT_RULE, *(_described(rule) for rule in RULES)],
    }
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _described(rule: Rule) -> Json:
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": f"{rule.title}. {rule.why}"},
        "help": {
            "text": f"{rule.why} {rule.fix}",
            "markdown": f"{rule.why}\n\n**Fix.** {rule.fix}",
        },
        "defaultConfiguration": {"level": rule.severity.value},
    }


def _found(finding: Finding, base: str) -> Json:
    result = {
        "ruleId": finding.rule,
        "ruleIndex": 1 + next(i for i, rule in enumerate(RULES) if rule.id == finding.rule),
        "level": finding.severity.value,
        "message": {"text": f"{finding.says}. Fix: {finding.fix}"},
        "locations": [_location(finding.spot, base, finding.subject)],
        # lines move; a finding is the same one as long as it says the same of the same things
        "partialFingerprints": {
            "syncdFinding/v1": fingerprint(
                [finding.rule, str(finding.subject), sorted(str(it) for it, _ in finding.others)]
            )
        },
    }
    if finding.others:
        result["relatedLocations"] = [
            {**_location(spot, base, it), "message": {"text": it.name}}
            for it, spot in finding.others
        ]
    return result


def _refused(fault: Fault, base: str) -> Json:
    return {
        "ruleId": FAULT,
        "ruleIndex": 0,
        "level": "error",
        "message": {"text": f"got {fault.got}; expected {fault.expected}; fix: {fault.fix}"},
        "locations": [_location(Spot(fault.file, fault.line, fault.path), base, None)],
    }


def _location(spot: Spot, base: str, subject: Subject | None) -> Json:
    physical: dict[str, Json] = {"artifactLocation": {"uri": _address(spot.file, base)}}
    if spot.line:
        physical["region"] = {"startLine": spot.line}
    location: dict[str, Json] = {"physicalLocation": physical}
    if subject is not None:
        location["logicalLocations"] = [
            {"name": subject.name, "fullyQualifiedName": str(subject), "kind": subject.kind.value}
        ]
    elif spot.path:
        location["logicalLocations"] = [{"fullyQualifiedName": spot.path}]
    return location


def _address(file: str, base: str) -> str:
    return quote(f"{base}/{file}" if base else file)
