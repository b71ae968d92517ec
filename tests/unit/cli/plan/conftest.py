"""What the tests of this folder are given."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from syncd.clock import ManualClock
from syncd.demo.jira import JiraSandbox
from syncd.demo.jira.quarter import quarter_seed
from tests.unit.cli.plan.world import TOKEN, Place, measured


@pytest.fixture(scope="package")
def jira() -> Iterator[JiraSandbox]:
    clock = ManualClock(datetime(2026, 2, 15, 12, tzinfo=UTC))
    with JiraSandbox(quarter_seed(), clock.now, token=TOKEN, flavour="datacenter") as sandbox:
        yield sandbox


@pytest.fixture(scope="package")
def place(tmp_path_factory: pytest.TempPathFactory, jira: JiraSandbox) -> Place:
    """One for all plans, which is possible because they change nothing."""
    return measured(tmp_path_factory.mktemp("place"), jira)
