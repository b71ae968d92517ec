"""The guide to the measures has an example of each that loads, and of nothing else."""

from __future__ import annotations

import re
from pathlib import Path

from ruamel.yaml import YAML

from syncd.mapping.json_schema import json_schema
from syncd.registry import measures
from tests.unit.mapping.stand_in_measures import load_files

GUIDE = (Path(__file__).parents[3] / "docs" / "guide" / "measures.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```yaml\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
KNOWN = json_schema(measures())["$defs"]["NamedIndicator"]["properties"]["measure"]["enum"]
HOURS = '{days: [mon, tue, wed, thu, fri], from: "09:00", to: "17:00"}'


def test_every_measure_has_a_heading_and_an_example_and_there_is_no_other() -> None:
    headings = re.findall(r"`([\w.]+)`", "".join(re.findall(r"^### .*$", GUIDE, re.MULTILINE)))
    shown = [one["measure"] for text in EXAMPLES for one in YAML(typ="safe").load(text).values()]

    assert sorted(headings) == sorted(KNOWN)
    assert set(shown) == set(KNOWN)


def test_the_examples_are_indicators_of_one_mapping(tmp_path: Path) -> None:
    lines = "".join(f"  {line}\n" for text in EXAMPLES for line in text.splitlines())
    head = f"team: guide\ncalendar: {{business_hours: {HOURS}}}\n"

    loaded = load_files(tmp_path, None, guide=f"{head}indicators:\n{lines}objectives: []\n")

    assert [str(fault) for fault in loaded.faults] == []
