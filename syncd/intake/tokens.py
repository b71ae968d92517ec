"""Making and revoking tokens."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from syncd.clock import Clock
from syncd.intake.access import Caller, Scope, digest_of
from syncd.intake.texts import LONGEST_NAME, Conflict, Refused, Unknown, known, text
from syncd.store.engine import Store
from syncd.store.tokens import NameTaken, add_token, all_tokens, revoke_token, token_of
from syncd.wording import did_you_mean

PREFIX = "syncd_"
"""So that scanners for secrets know one when somebody commits it."""
BYTES = 32
LONGEST = timedelta(days=3660)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")


@dataclass(frozen=True)
class Made:
    """A new token, which nobody can show again."""

    name: str
    scope: Scope
    expires_at: datetime | None
    token: str


def make(
    store: Store,
    name: str,
    scope: str,
    *,
    by: str,
    now: datetime,
    lasts: timedelta | None = None,
) -> Made:
    """A token of 256 random bits; the store keeps its SHA-256. `lasts` None: until it is revoked.

    Raises Refused for a name or a scope that will not do, and Conflict for a name that is taken.
    """
    if not _NAME.fullmatch(name):
        raise Refused(
            f"name: got {name[:80]!r}; expected up to 64 letters, digits and . _ @ -, "
            "such as grafana or ada@example.org"
        )
    meant = Scope(known("scope", scope, list(Scope)))
    if lasts is not None and not timedelta() < lasts <= LONGEST:
        raise Refused(f"expires: got {lasts}; expected more than nothing and at most ten years")
    who = text("by", by, LONGEST_NAME)
    token = PREFIX + secrets.token_urlsafe(BYTES)
    expires_at = None if lasts is None else now + lasts
    try:
        add_token(
            store,
            name,
            digest=digest_of(token).hex(),
            scope=meant,
            by=who,
            expires_at=expires_at,
            now=now,
        )
    except NameTaken as error:
        raise Conflict(
            f"name: got {name!r}, of which a token was made before; expected a new one, so that "
            "a log means one token by it"
        ) from error
    return Made(name, meant, expires_at, token)


def revoke(store: Store, name: str, *, by: str, now: datetime) -> None:
    """Ends a token at once, at every replica. Raises Unknown and Conflict."""
    if revoke_token(store, name, by=text("by", by, LONGEST_NAME), now=now):
        return
    with store.read() as connection:
        names = [one.name for one in all_tokens(connection)]
    if name in names:
        raise Conflict(f"the token {name!r} is revoked already")
    raise Unknown(f"there is no token {name[:80]!r}{did_you_mean(name, names)}")


class StoredTokens:
    """The tokens of a store. It is asked each time, so that one that is revoked ends at once."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def find(self, digest: bytes) -> Caller | None:
        """Whose token it is, if it may be used now."""
        with self._store.read() as connection:
            found = token_of(connection, digest.hex(), now=self._clock.now())
        return None if found is None else Caller(found.name, Scope(found.scope))

    def any(self, needs: Scope = Scope.READ) -> bool:
        """Whether there is one that may do what needs that scope."""
        now = self._clock.now()
        with self._store.read() as connection:
            return any(
                one.holds_at(now) and Scope(one.scope).covers(needs)
                for one in all_tokens(connection)
            )
