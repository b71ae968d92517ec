"""What the tests of this folder are given."""

from __future__ import annotations

import pytest

from connectors.base import ScanPlan
from tests.unit.connectors.jira.stand_in import planned


@pytest.fixture
def counting() -> ScanPlan:
    return planned("jira.count", jql="project = P")


@pytest.fixture
def done() -> ScanPlan:
    return planned("jira.ratio", jql="project = P", passing="statusCategory = Done")
