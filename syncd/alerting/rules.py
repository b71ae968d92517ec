"""All rules together."""

from __future__ import annotations

from syncd.alerting.key_results import key_results
from syncd.alerting.rule import Group
from syncd.alerting.upkeep import upkeep
from syncd.alerting.windows import SHIPPED, Windows


def groups(windows: Windows = SHIPPED) -> tuple[Group, ...]:
    """The rules of key results, and those of what they rest on."""
    return key_results(windows), upkeep(windows)
