"""The page of the rules is the one that they write."""

from __future__ import annotations

from pathlib import Path

from syncd.hygiene import RULES
from syncd.hygiene.reference import reference

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "hygiene.md"


def test_the_page_is_the_one_that_the_rules_write() -> None:
    written = "python -m syncd.hygiene.reference > docs/reference/hygiene.md"
    assert PAGE.read_text(encoding="utf-8") == reference(), written


def test_every_rule_says_what_it_finds_why_and_how_it_is_mended() -> None:
    assert len({rule.id for rule in RULES}) == len(RULES) == 15
    for rule in RULES:
        assert not rule.title.endswith(".")
        assert rule.why.endswith(".")
        assert rule.fix.endswith(".")
