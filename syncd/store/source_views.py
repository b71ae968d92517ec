"""How the sources fare, over what is read of each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from syncd.store.schema import scopes


@dataclass(frozen=True)
class SourceView:
    """A source's health over its active scopes. `failing_since` None: all its scopes answer."""

    name: str
    scopes: int
    failing: int
    last_success_at: datetime | None
    failing_since: datetime | None
    error_type: str | None
    error_message: str | None


def sources(connection: sa.Connection) -> list[SourceView]:
    """Every source that an active scope reads, by name."""
    found: dict[str, list[Any]] = {}
    for row in connection.execute(
        sa.select(scopes).where(scopes.c.active).order_by(scopes.c.source, scopes.c.id)
    ):
        found.setdefault(row.source, []).append(row)
    views = []
    for name, rows in found.items():
        failing = [row for row in rows if row.failures > 0]
        worst = min(failing, key=lambda row: row.failing_since, default=None)
        views.append(
            SourceView(
                name=name,
                scopes=len(rows),
                failing=len(failing),
                last_success_at=max(
                    (row.last_success_at for row in rows if row.last_success_at), default=None
                ),
                failing_since=None if worst is None else worst.failing_since,
                error_type=None if worst is None else worst.error_type,
                error_message=None if worst is None else worst.error_message,
            )
        )
    return views
