"""Rules written down: as a rule file of Prometheus, and as a PrometheusRule of its operator."""

from __future__ import annotations

from collections.abc import Sequence
from io import StringIO
from typing import Any

from ruamel.yaml import YAML

from syncd.alerting.rule import Alert, Group, Links, Recording
from syncd.alerting.windows import promql

_WIDTH = 10_000  # an expression stays on one line


def rule_file(groups: Sequence[Group], links: Links) -> str:
    """The text of a file for `rule_files` of Prometheus."""
    return _yaml(_document(groups, links))


def prometheus_rule(groups: Sequence[Group], links: Links) -> str:
    """The text of a PrometheusRule (monitoring.coreos.com/v1)."""
    return _yaml(
        {
            "apiVersion": "monitoring.coreos.com/v1",
            "kind": "PrometheusRule",
            "metadata": {"name": "syncd", "labels": {"app.kubernetes.io/name": "syncd"}},
            "spec": _document(groups, links),
        }
    )


def _document(groups: Sequence[Group], links: Links) -> dict[str, Any]:
    return {
        "groups": [
            {"name": group.name, "rules": [_rule(rule, links) for rule in group.rules]}
            for group in groups
        ]
    }


def _rule(rule: Recording | Alert, links: Links) -> dict[str, Any]:
    if isinstance(rule, Recording):
        return {"record": rule.record, "expr": rule.expr}
    return {
        "alert": rule.name,
        "expr": rule.expr,
        "for": promql(rule.wait),
        "labels": {"severity": rule.severity.value, **rule.labels},
        "annotations": {
            "summary": rule.summary,
            "description": rule.description,
            "runbook_url": f"{links.runbooks}/{rule.runbook}",
            "dashboard_url": f"{links.dashboards}{rule.dashboard}",
            "page_url": f"{links.page}{rule.page}",
        },
    }


def _yaml(document: Any) -> str:
    yaml = YAML()
    yaml.width = _WIDTH
    yaml.default_flow_style = False
    yaml.indent(mapping=2, sequence=4, offset=2)
    text = StringIO()
    yaml.dump(document, text)
    return text.getvalue()
