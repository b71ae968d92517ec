"""Events by the kinds of the feed, with their two sides, and what was told beside a status."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

RENAMED = {
    "kr.note_added": "note_added",
    "kr.note_withdrawn": "note_withdrawn",
    "kr.pause_set": "pause_set",
    "kr.pause_ended": "pause_ended",
    "kr.override_set": "override_set",
    "kr.override_ended": "override_ended",
    "mapping.accepted": "mapping_changed",
    "mapping.refused": "mapping_refused",
    "source.failing": "source_failing",
    "source.recovered": "source_recovered",
    "indicator.set": "number_set",
    "external.set": "external_set",
    "period.closed": "period_closed",
}
LOST = ("stale", "no_data")
KNOWN = ("achieved", "on_track", "at_risk", "off_track", "missed")

events = sa.table(
    "events",
    sa.column("position", sa.BigInteger()),
    sa.column("kind", sa.Text()),
    sa.column("subject", sa.Text()),
    sa.column("reason", sa.Text()),
    sa.column("key_result", sa.Text()),
    sa.column("team", sa.Text()),
    sa.column("status", sa.Text()),
    sa.column("before", sa.JSON(none_as_null=True)),
    sa.column("after", sa.JSON(none_as_null=True)),
    sa.column("data", sa.JSON()),
)


def upgrade() -> None:
    """Applies this step."""
    with op.batch_alter_table("key_results") as table:
        table.add_column(sa.Column("telling", sa.JSON(), nullable=True))
    with op.batch_alter_table("events") as table:
        table.add_column(sa.Column("reason", sa.Text(), nullable=True))
        table.add_column(sa.Column("key_result", sa.Text(), nullable=True))
        table.add_column(sa.Column("team", sa.Text(), nullable=True))
        table.add_column(sa.Column("status", sa.Text(), nullable=True))
        table.add_column(sa.Column("before", sa.JSON(), nullable=True))
        table.add_column(sa.Column("after", sa.JSON(), nullable=True))
    connection = op.get_bind()
    found = connection.execute(sa.select(events).order_by(events.c.position)).all()
    for row in found:
        connection.execute(
            sa.update(events).where(events.c.position == row.position).values(**_named(row))
        )
    with op.batch_alter_table("events") as table:
        table.alter_column("reason", existing_type=sa.Text(), nullable=False)
        table.create_index("ix_events_team", ["team", "position"])
        table.create_index("ix_events_kind", ["kind", "position"])
        table.create_index("ix_events_at", ["at"])


def downgrade() -> None:
    """Refused: which kind an event had before is not kept."""
    raise RuntimeError("this step cannot be taken back; restore the backup from before it")


def _named(row: sa.Row[Any]) -> Mapping[str, Any]:
    """What the columns of an event that was told before are now."""
    data = dict(row.data or {})
    about = row.subject if row.kind.startswith("kr.") else None
    team = data.pop("team", None) if about is not None else None
    values: dict[str, Any] = {
        "kind": RENAMED.get(row.kind, row.kind),
        "reason": data.get("cause") or "before_reasons",
        "key_result": about,
        "team": team or None,
        "data": data,
    }
    if row.kind == "kr.status":
        was, now = data.pop("from", None), data.pop("to", None)
        numbers = {name: data.pop(name, None) for name in ("value", "progress", "expected", "pace")}
        values |= {
            "kind": _kind(was, now),
            "status": now,
            "before": None if was is None else {"status": was},
            "after": {"status": now, **numbers},
        }
    elif row.kind == "kr.override_set":
        values |= {"status": data.get("status"), "after": {"status": data.get("status")}}
    return values


def _kind(was: str | None, now: str | None) -> str:
    if now in ("achieved", "missed"):
        return now
    if was is not None and was not in LOST and now in LOST:
        return "data_stale"
    return "data_recovered" if was == "stale" and now in KNOWN else "status_changed"
