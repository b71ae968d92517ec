"""Names for the shell to complete, from the store; none where there is no quick answer."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import typer

from syncd.cli.call import overriding

CONNECT_SECONDS = "1"
"""How long a PostgreSQL may take to answer somebody who pressed a key."""

MOST = 200

Wanted = Callable[[], list[Any]]
"""The queries whose answers are names; made late, because what makes them takes long to load."""


def key_results_and_indicators(context: typer.Context, incomplete: str) -> list[str]:
    """Ids of key results and names of indicators that begin like this."""
    return _completed(context, incomplete, _key_results_and_indicators)


def key_result_ids(context: typer.Context, incomplete: str) -> list[str]:
    """Ids of key results that begin like this."""
    return _completed(context, incomplete, _key_results)


def set_by_hand(context: typer.Context, incomplete: str) -> list[str]:
    """Names of indicators that people set, that begin like this."""
    return _completed(context, incomplete, _set_by_hand)


def held_back(context: typer.Context, incomplete: str) -> list[str]:
    """Names of indicators of which something is not believed, that begin like this."""
    return _completed(context, incomplete, _held_back)


def external_names(context: typer.Context, incomplete: str) -> list[str]:
    """Names of dependencies outside that begin like this."""
    return _completed(context, incomplete, _externals)


def periods_known(context: typer.Context, incomplete: str) -> list[str]:
    """Ids of periods that begin like this."""
    return _completed(context, incomplete, _periods)


def teams(context: typer.Context, incomplete: str) -> list[str]:
    """Ids of teams that begin like this."""
    return _completed(context, incomplete, _teams)


def token_names(context: typer.Context, incomplete: str) -> list[str]:
    """Names of tokens in use that begin like this."""
    return _completed(context, incomplete, _tokens)


def sources(context: typer.Context, incomplete: str) -> list[str]:
    """Names of sources in the settings that begin like this."""
    try:
        from syncd.settings import load_settings

        given = {"config": context.find_root().params.get("config")}
        names = load_settings(None, overriding(context, given)).sources
    except Exception:  # noqa: BLE001  a shell that completes has no place for words
        return []
    return sorted(name for name in names if name.startswith(incomplete))[:MOST]


def _completed(context: typer.Context, incomplete: str, wanted: Wanted) -> list[str]:
    try:
        params = context.find_root().params
        given = {name: params.get(name) for name in ("config", "database_url")}
        names = _names(overriding(context, given), wanted)
    except Exception:  # noqa: BLE001  a shell that completes has no place for words
        return []
    return sorted(name for name in names if name.startswith(incomplete))[:MOST]


def _names(overrides: dict[str, Any], wanted: Wanted) -> set[str]:
    # tables and not views: what makes views takes longer to load than to read
    import sqlalchemy as sa

    from syncd.settings import load_settings
    from syncd.store.engine import Store

    os.environ.setdefault("PGCONNECT_TIMEOUT", CONNECT_SECONDS)
    url = load_settings(None, overrides).settings.database()
    path = sa.make_url(url).database
    if url.startswith("sqlite") and not Path(path or "").is_file():
        return set()
    store = Store(url)
    try:
        with store.read() as connection:
            return {
                name for query in wanted() for name in connection.execute(query).scalars() if name
            }
    finally:
        store.close()


def _key_results_and_indicators() -> list[Any]:
    return [*_key_results(), *_indicators()]


def _key_results() -> list[Any]:
    import sqlalchemy as sa

    from syncd.store.schema import key_results

    return [sa.select(key_results.c.id).where(key_results.c.active)]


def _indicators() -> list[Any]:
    import sqlalchemy as sa

    from syncd.store.schema import indicators

    return [sa.select(indicators.c.name).where(indicators.c.active)]


def _set_by_hand() -> list[Any]:
    import sqlalchemy as sa

    from syncd.store.schema import indicators

    return [
        sa.select(indicators.c.name).where(indicators.c.active, indicators.c.measure == "manual")
    ]


def _held_back() -> list[Any]:
    import sqlalchemy as sa

    from syncd.store.schema import indicators, scopes

    held = sa.or_(indicators.c.quarantine.is_not(None), scopes.c.quarantine.is_not(None))
    named = sa.select(indicators.c.name).join(
        scopes, scopes.c.id == indicators.c.scope_id, isouter=True
    )
    return [named.where(indicators.c.active, indicators.c.name.is_not(None), held)]


def _externals() -> list[Any]:
    import sqlalchemy as sa

    from syncd.store.schema import externals

    return [sa.select(externals.c.name).where(externals.c.active)]


def _periods() -> list[Any]:
    import sqlalchemy as sa

    from syncd.store.schema import periods

    return [sa.select(periods.c.id)]


def _teams() -> list[Any]:
    import sqlalchemy as sa

    from syncd.store.schema import key_results

    team = key_results.c.definition["team"].as_string()
    return [sa.select(team).where(key_results.c.active).distinct()]


def _tokens() -> list[Any]:
    import sqlalchemy as sa

    from syncd.store.schema import access_tokens

    return [sa.select(access_tokens.c.name).where(access_tokens.c.revoked_at.is_(None))]
