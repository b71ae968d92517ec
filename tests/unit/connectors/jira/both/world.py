"""What the tests of this folder share."""

from __future__ import annotations

from datetime import timedelta

from tests.unit.connectors.jira.stand_in import NOW

LATER = NOW + timedelta(minutes=5)
