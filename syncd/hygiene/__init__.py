"""Hygiene: what a catalogue, sound as it is, leaves undecided or says twice. Pure.

`examine` is the whole. The rules, each with its reason and its mend: `docs/reference/hygiene.md`.
"""

from syncd.hygiene.finding import Finding, Rule, Severity, Spot
from syncd.hygiene.rules import RULES, examine
from syncd.hygiene.sarif import sarif

__all__ = ["RULES", "Finding", "Rule", "Severity", "Spot", "examine", "sarif"]
