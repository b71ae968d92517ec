"""The shipped mappings: all that hygiene finds in them is kept, each with the reason why."""

from __future__ import annotations

from collections import Counter

from tests.unit.hygiene import golden
from tests.unit.hygiene.examined import BEFORE, SHIPPED, examined


def test_the_shipped_mappings_have_the_findings_that_are_kept() -> None:
    found = [golden.entry(finding) for finding in examined(SHIPPED)]
    assert found == [golden.without_reason(it) for it in golden.read()], (
        "python -m tests.unit.hygiene.golden, and give what is new its reason"
    )


def test_each_finding_cites_the_summary_or_says_why_it_is_ours() -> None:
    for it in golden.read():
        reasons = [it[key] for key in golden.REASONS if it.get(key, "").strip()]
        assert len(reasons) == 1, f"{it['rule']} of {it['about']}: {reasons}"


def test_all_that_the_summary_complains_of_is_found_and_nothing_else_cites_it() -> None:
    cited = {(it["rule"], it["about"]) for it in golden.read() if "cites" in it}
    assert cited == {
        *(("no-owner", f"compute-o1-kr{number}") for number in (1, 2, 3, 4)),
        *(("no-owner", f"deploy-o1-kr{number}") for number in (1, 2, 3)),
        ("no-owner", "dcim-o2-kr2"),
        ("no-target", "cops-o2-kr1"),
        ("no-target", "plat-o3-kr4"),
        ("no-target", "compute-o2-kr2"),
        ("declared-duplicate", "plat-o6-kr1"),
        ("declared-duplicate", "proc-o2-kr4"),
    }


def test_what_we_find_beside_it_is_this_much() -> None:
    ours = Counter(it["rule"] for it in golden.read() if "ours" in it)
    assert ours == {
        "no-target": 2,
        "no-baseline": 2,
        "shared-indicator": 5,
        "no-checkpoints": 6,
        "external-without-plan": 4,
        "by-hand": 1,
    }


def test_the_complaints_that_were_settled_are_found_in_the_mapping_as_it_was() -> None:
    first, second, third, fourth = examined(BEFORE)

    # "lacked joint ownership and clear coordination mechanisms"
    assert first.rule == "shared-indicator"
    assert first.says == (
        "ce-o5-kr3 reads the indicator of cops-o4-kr3 (standardised_suppliers), and neither is "
        "declared the duplicate of the other"
    )
    assert second.rule == "same-title"
    assert second.says == "cops-o4 has the title of ce-o5: Supplier quality and standardisation"
    # "Two different dates were specified for lab operational readiness"
    assert third.rule == "milestone-with-two-dates"
    assert third.says == (
        "PROC-104 is one milestone with several dates: 2026-03-01 in compute-o2-kr3 (operational), "
        "2026-03-31 in net-o3-kr4 (operational), 2026-03-31 in proc-o1-kr4 (operational)"
    )
    # "Add intermediate checkpoints for NetBox completeness"
    assert fourth.rule == "no-checkpoints"
    assert fourth.says == (
        "dcim-o1-kr1 has neither checkpoints nor a milestone before its due day, and net-o2-kr2 "
        "waits for it"
    )
    settled = {"milestone-with-two-dates", "same-title"}
    assert not settled & {finding.rule for finding in examined(SHIPPED)}
