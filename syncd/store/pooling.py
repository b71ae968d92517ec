"""Connections to PostgreSQL between two uses: set right as they are given back, and asked whether
they are still there as they are taken again.
"""

from __future__ import annotations

import time
from typing import Any, Final

import sqlalchemy as sa

IDLE_SECONDS: Final = 1.0
"""A connection that was given back so lately is not asked whether it is still there, unless who
opened the store says otherwise.
"""

_IDLE_SINCE: Final = "syncd_idle_since"


def keep_sound(engine: sa.Engine, idle_seconds: float) -> None:
    """Looks after the connections of an engine's pool, and asks those that lay idle so long."""

    def given_back(connection: Any, record: Any) -> None:
        """Whether a transaction may write is the database's to say again, after one that only read:
        SQLAlchemy leaves a connection that asks for writing, whatever the database has been set to.
        """
        if connection is not None and not connection.closed:
            connection.read_only = None
            record.info[_IDLE_SINCE] = time.monotonic()

    def taken(connection: Any, record: Any, proxy: Any) -> None:  # noqa: ARG001
        """SQLAlchemy's `pool_pre_ping` asks each time, which costs a worker that is never idle a
        tenth of all it asks. Where one is gone, all of its age are made anew.
        """
        since = record.info.get(_IDLE_SINCE)
        if since is None or time.monotonic() - since < idle_seconds:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise sa.exc.InvalidatePoolError from error

    sa.event.listen(engine, "checkin", given_back)
    sa.event.listen(engine, "checkout", taken)
