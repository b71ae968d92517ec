"""The files that are shipped: made from the rules, sound, and leading to pages that exist."""

from __future__ import annotations

import subprocess
from io import StringIO
from pathlib import Path

import pytest
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families
from ruamel.yaml import YAML

from deploy.prometheus.files import rules
from syncd.alerting import Alert, Links, groups, prometheus_rule, rule_file
from syncd.instruments import Instruments
from syncd.surfaces.metrics.rendering import FAMILIES

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "deploy" / "prometheus"
RUNBOOKS = ROOT / "docs" / "runbooks"
ALERTS = [rule for group in groups() for rule in group.rules if isinstance(rule, Alert)]
NOTE = (
    "# Made by `syncd alerts{}`, which also takes your addresses; `GOLDEN=write` makes it anew.\n"
)


def ran(*argv: str, given: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        argv, input=given, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize("path", rules(), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_what_is_shipped_is_what_the_rules_make(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == rules()[path], "`make deploy` writes it anew"


def test_both_files_have_the_same_rules() -> None:
    yaml = YAML(typ="safe")
    plain = yaml.load(rule_file(groups(), Links()))
    operators = yaml.load(prometheus_rule(groups(), Links()))

    assert operators["spec"] == plain
    assert (operators["apiVersion"], operators["kind"]) == (
        "monitoring.coreos.com/v1",
        "PrometheusRule",
    )


def test_promtool_has_nothing_against_the_rules() -> None:
    done = ran("promtool", "check", "rules", str(SHIPPED / "syncd.rules.yaml"))

    assert done.returncode == 0, done.stdout + done.stderr


def test_alertmanager_takes_the_example_of_routing() -> None:
    done = ran("amtool", "check-config", str(SHIPPED / "alertmanager.example.yaml"))

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("alert", ALERTS, ids=lambda one: f"{one.name}-{one.severity}")
def test_each_alert_leads_to_a_runbook_of_its_name(alert: Alert) -> None:
    page = RUNBOOKS / f"{alert.runbook}.md"

    assert page.read_text(encoding="utf-8").startswith(f"# {alert.name}\n")
    assert f"[{alert.name}]({page.name})" in (RUNBOOKS / "README.md").read_text(encoding="utf-8")


def test_each_metric_in_a_rule_is_one_that_is_told() -> None:
    own = text_string_to_metric_families(generate_latest(Instruments([]).registry).decode())
    told = {family.sample_name for family in FAMILIES} | {family.name for family in own}
    text = rule_file(groups(), Links())

    recorded = {name.split(":")[1] for name in words(text) if name.startswith("kr:")}
    asked = {name for name in words(text) if name.startswith("syncd_")}

    assert asked <= told
    assert recorded - {"syncd_kr_unknown"} <= told


def words(text: str) -> set[str]:
    kept = StringIO()
    for letter in text:
        kept.write(letter if letter.isalnum() or letter in "_:" else " ")
    return {word.rstrip(":") for word in kept.getvalue().split()}
