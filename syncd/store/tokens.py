"""Tokens that may come in over HTTP: their digests, never they themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from syncd.store.engine import Store
from syncd.store.schema import access_tokens


class NameTaken(Exception):
    """A token of this name was made before."""


@dataclass(frozen=True)
class TokenView:
    """What is known of a token. `expires_at` None: it does not end by itself."""

    name: str
    scope: str
    created_at: datetime
    created_by: str
    expires_at: datetime | None
    revoked_at: datetime | None
    revoked_by: str | None

    def holds_at(self, now: datetime) -> bool:
        """Whether it may be used."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


def add_token(
    store: Store,
    name: str,
    *,
    digest: str,
    scope: str,
    by: str,
    expires_at: datetime | None,
    now: datetime,
) -> None:
    """Keeps a token by its SHA-256, in hexadecimal. Raises NameTaken, also for a name whose token
    is revoked.
    """
    with store.write() as connection:
        taken = connection.scalar(sa.select(sa.exists().where(access_tokens.c.name == name)))
        if taken:
            raise NameTaken(name)
        connection.execute(
            sa.insert(access_tokens).values(
                name=name,
                digest=digest,
                scope=scope,
                created_at=now,
                created_by=by,
                expires_at=expires_at,
            )
        )


def revoke_token(store: Store, name: str, *, by: str, now: datetime) -> bool:
    """Whether there was such a token in use; from now on it is not."""
    with store.write() as connection:
        found = connection.execute(
            sa.update(access_tokens)
            .where(access_tokens.c.name == name, access_tokens.c.revoked_at.is_(None))
            .values(revoked_at=now, revoked_by=by)
        )
        return found.rowcount > 0


def token_of(connection: sa.Connection, digest: str, *, now: datetime) -> TokenView | None:
    """The token with this SHA-256 that may be used at `now`."""
    row = connection.execute(
        sa.select(access_tokens).where(access_tokens.c.digest == digest)
    ).first()
    found = None if row is None else _view(row)
    return found if found is not None and found.holds_at(now) else None


def all_tokens(connection: sa.Connection) -> list[TokenView]:
    """Every token that was ever made, the oldest first."""
    rows = connection.execute(
        sa.select(access_tokens).order_by(access_tokens.c.created_at, access_tokens.c.name)
    )
    return [_view(row) for row in rows]


def _view(row: sa.Row[tuple[object, ...]]) -> TokenView:
    said = row._mapping
    return TokenView(**{name: said[name] for name in TokenView.__dataclass_fields__})
