"""The rules as the files that are shipped."""

from __future__ import annotations

from pathlib import Path

from syncd.alerting import Links, groups, prometheus_rule, rule_file

HERE = Path(__file__).parent
CHART = HERE.parent / "chart" / "syncd" / "rules"
"""Helm reads only what is below the chart, so they are there a second time."""

_NOTE = "# Made by `syncd alerts{}`, which takes your addresses; `make deploy` writes it anew.\n"


def rules() -> dict[Path, str]:
    """Each file's text, by the path where it is committed."""
    plain = _NOTE.format("") + rule_file(groups(), Links())
    operators = _NOTE.format(" --kubernetes") + prometheus_rule(groups(), Links())
    return {
        HERE / "syncd.rules.yaml": plain,
        CHART / "syncd.rules.yaml": plain,
        HERE / "prometheusrule.yaml": operators,
    }
