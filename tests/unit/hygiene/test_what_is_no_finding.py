"""What looks like a finding and is none, or is told once only."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.unit.hygiene.examined import GOOD, examined


def edited(folder: Path, **edits: tuple[str, str]) -> Path:
    """The good mapping with one edit for each of these files."""
    copy = Path(shutil.copytree(GOOD, folder / "q1"))
    for file, (old, new) in edits.items():
        path = copy / f"{file}.yaml"
        text = path.read_text()
        assert text.count(old) == 1
        path.write_text(text.replace(old, new))
    return copy


def test_a_roll_up_may_read_what_a_key_result_reads(tmp_path: Path) -> None:
    hired = "{measure: combine, sum: [hired_dcim, hired_net]}"
    folder = edited(
        tmp_path,
        organisation=(f"    indicator: {hired}\n", "    indicator: pages\n"),
    )
    path = folder / "organisation.yaml"
    path.write_text(path.read_text().partition("indicators:\n")[0])

    assert examined(folder) == ()


def test_one_indicator_with_one_title_is_told_once(tmp_path: Path) -> None:
    folder = edited(
        tmp_path,
        dcim=(
            (
                "title: Suppliers with a scorecard\n        owner: [DCIM lead, Networking lead]\n"
                "        indicator: {measure: jira.done, jql: project = SUPPLY}"
            ),
            "title: Devices that are up\n        owner: DCIM lead\n        indicator: uptime",
        ),
    )

    assert [finding.rule for finding in examined(folder)] == ["shared-indicator"]


def test_one_key_in_two_jiras_is_two_issues(tmp_path: Path) -> None:
    folder = edited(
        tmp_path,
        net=(
            (
                "{measure: jira.milestones, issues: {operational: PROC-104}}\n"
                "        target: {milestones: {operational: 2026-03-31}}"
            ),
            (
                "{measure: jira.milestones, source: jira-dc, issues: {operational: PROC-104}}\n"
                "        target: {milestones: {operational: 2026-03-01}}"
            ),
        ),
    )

    assert examined(folder) == ()


def test_an_indicator_that_only_stands_beside_is_used(tmp_path: Path) -> None:
    folder = edited(
        tmp_path,
        net=(
            "indicator: uptime\n",
            "indicator: uptime\n        beside: [{title: Links, indicator: links}]\n",
        ),
        organisation=(
            "indicators:\n",
            "indicators:\n  links: {measure: netbox.count, endpoint: dcim.cables}\n",
        ),
    )

    assert examined(folder) == ()
