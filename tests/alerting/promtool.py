"""Rules tried by promtool on series that are written down, at the moments that matter."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml import YAML

from syncd.alerting import Links, groups, rule_file

Labels = Mapping[str, str]

LINKS = Links("https://okr.example.org", "https://okr.example.org/runbooks", "https://graf.example")


@dataclass(frozen=True)
class Moment:
    """What fires at a time of promtool's (``3h``, from the beginning): the labels of each alert, its
    name among them.
    """

    at: str
    firing: Sequence[Labels]


def objections(
    folder: Path,
    series: Mapping[str, str],
    moments: Sequence[Moment],
    *,
    interval: str = "1m",
    texts: Mapping[str, object] | None = None,
) -> str:
    """What promtool says against the shipped rules firing just so; empty when they do.

    `series` have promtool's notation of values, one for each `interval`. `texts`: an
    `alert_rule_test`, for what an alert says.
    """
    (folder / "rules.yml").write_text(rule_file(groups(), LINKS), encoding="utf-8")
    test = {
        "interval": interval,
        "input_series": [{"series": name, "values": values} for name, values in series.items()],
        "promql_expr_test": [
            {
                "expr": 'ALERTS{alertstate="firing"}',
                "eval_time": moment.at,
                "exp_samples": [{"labels": _series(one), "value": 1} for one in moment.firing],
            }
            for moment in moments
        ],
        "alert_rule_test": [] if texts is None else [dict(texts)],
    }
    path = folder / "test.yml"
    with path.open("w", encoding="utf-8") as file:
        YAML().dump(
            {"rule_files": ["rules.yml"], "evaluation_interval": interval, "tests": [test]}, file
        )
    done = subprocess.run(
        ["promtool", "test", "rules", str(path)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr


def _series(labels: Labels) -> str:
    named = {"alertstate": "firing", **labels}
    return "ALERTS{" + ",".join(f'{name}="{value}"' for name, value in named.items()) + "}"
