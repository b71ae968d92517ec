"""Pure: recording and alerting rules for Prometheus, made of syncd's own metrics."""

from syncd.alerting.rule import Alert, Group, Links, Recording, Severity
from syncd.alerting.rules import groups
from syncd.alerting.windows import SHIPPED, Windows
from syncd.alerting.writing import prometheus_rule, rule_file

__all__ = [
    "SHIPPED",
    "Alert",
    "Group",
    "Links",
    "Recording",
    "Severity",
    "Windows",
    "groups",
    "prometheus_rule",
    "rule_file",
]
