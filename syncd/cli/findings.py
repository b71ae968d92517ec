"""What hygiene found, as people read it in a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import groupby

from rich.console import Console

from syncd.hygiene import RULES, Finding, Severity

COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTE: "dim"}


def print_findings(console: Console, found: Sequence[Finding]) -> None:
    """How many there are, and each by its rule. A mend that is the same for several that follow
    each other stands once, after the last of them.
    """
    tally = Counter(finding.severity for finding in found)
    if tally:
        console.print(f"{_counted(tally)}; what they mean: docs/reference/hygiene.md")
    for rule in RULES:
        group = [finding for finding in found if finding.rule == rule.id]
        if group:
            colour = COLOURS[rule.severity]
            _line(
                console,
                f"\n[{colour}]{rule.severity}[/{colour}] [bold]{rule.id}[/bold] {rule.title}",
                markup=True,
            )
        for fix, alike in groupby(group, key=lambda finding: finding.fix):
            for finding in alike:
                _line(console, f"  {finding.spot}: {finding.says}")
            _line(console, f"    fix: {fix}")


def _counted(tally: Counter[Severity]) -> str:
    return ", ".join(
        f"{tally[severity]} {severity}{'s' if tally[severity] != 1 else ''}"
        for severity in Severity
        if tally[severity]
    )


def _line(console: Console, text: str, *, markup: bool = False) -> None:
    console.print(text, markup=markup, highlight=False, soft_wrap=True)
