"""Names for the shell to complete, from the store; none where there is no quick answer."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import typer

from syncd.cli.call import overriding

CONNECT_SECONDS = "1"
"""How long a PostgreSQL may take to answer somebody who pressed a key."""

MOST = 200


def key_results_and_indicators(context: typer.Context, incomplete: str) -> list[str]:
    """Ids of key results and names of indicators that begin like this."""
    return _completed(context, incomplete, everything=True)


def set_by_hand(context: typer.Context, incomplete: str) -> list[str]:
    """Names of indicators that people set, that begin like this."""
    return _completed(context, incomplete, everything=False)


def _completed(context: typer.Context, incomplete: str, *, everything: bool) -> list[str]:
    try:
        params = context.find_root().params
        given = {name: params.get(name) for name in ("config", "database_url")}
        names = _names(overriding(context, given), everything=everything)
    except Exception:  # noqa: BLE001  a shell that completes has no place for words
        return []
    return sorted(name for name in names if name.startswith(incomplete))[:MOST]


def _names(overrides: dict[str, Any], *, everything: bool) -> set[str]:
    # tables and not views: what makes views takes longer to load than to read
    import sqlalchemy as sa

    from syncd.settings import load_settings
    from syncd.store.engine import Store
    from syncd.store.schema import indicators, key_results

    os.environ.setdefault("PGCONNECT_TIMEOUT", CONNECT_SECONDS)
    url = load_settings(None, overrides).settings.database()
    path = sa.make_url(url).database
    if url.startswith("sqlite") and not Path(path or "").is_file():
        return set()
    named = sa.select(indicators.c.name).where(indicators.c.active, indicators.c.name.is_not(None))
    if not everything:
        named = named.where(indicators.c.measure == "manual")
    store = Store(url)
    try:
        with store.read() as connection:
            found = set(connection.execute(named).scalars())
            if everything:
                ids = sa.select(key_results.c.id).where(key_results.c.active)
                found |= set(connection.execute(ids).scalars())
    finally:
        store.close()
    return found
