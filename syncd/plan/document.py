"""A plan as JSON: `syncd plan --json` prints it, the API serves it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from syncd.plan.planning import Plan


def plan_document(made: Plan) -> Mapping[str, Any]:
    """All that would change, what it would move, and what it would cost."""
    return {
        "changes": made.changes,
        "differences": [asdict(one) for one in made.differences],
        "movements": [asdict(one) for one in made.movements],
        "unread": dict(made.unread),
        "requests": [asdict(one) for one in made.costs],
    }
