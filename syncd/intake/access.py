"""Who may do what over HTTP: whoever sends a token that was given a scope."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

SCHEME = "bearer "


class Scope(StrEnum):
    """What a token is for; each may do what those before it may."""

    READ = "read"
    WRITE = "write"
    ADMIN = "admin"

    def covers(self, needs: Scope) -> bool:
        """Whether it may do what needs that scope."""
        order = list(Scope)
        return order.index(self) >= order.index(needs)


class WritingIsOff(Exception):
    """This installation has no token, so nothing can be written from outside."""

    def __init__(self) -> None:
        super().__init__(
            "writing over HTTP is off: this installation has no api_token; set "
            "SYNCD_API_TOKEN_FILE (or api_token in the settings file), or use `syncd set`"
        )


class NotAllowed(Exception):
    """The token is missing or nobody's; or, where `needs` says a scope, it lacks that."""

    def __init__(self, got: str, expected: str, needs: Scope | None = None) -> None:
        super().__init__(f"got {got}; expected {expected}")
        self.needs = needs


@dataclass(frozen=True)
class Grant:
    """What one token may do. Of the token only its SHA-256 is kept."""

    digest: bytes
    scope: Scope

    @classmethod
    def of(cls, token: str, scope: Scope) -> Grant:
        """That the token may do this."""
        return cls(_digest(token), scope)


class Access:
    """What writing asks for. `token` is the installation's own, which may write; `grants` are
    others. With neither, writing is off.
    """

    def __init__(self, token: str | None = None, grants: Iterable[Grant] = ()) -> None:
        self._others = tuple(grants)
        self.renew(token)

    def renew(self, token: str | None) -> None:
        """The installation's own token is this one from now on; None: it has none."""
        own = () if token is None else (Grant.of(token, Scope.WRITE),)
        self._grants = (*own, *self._others)

    def check(self, authorization: str | None, needs: Scope = Scope.WRITE) -> None:
        """Passes who sends a token with that scope in an `Authorization` header. Raises
        WritingIsOff and NotAllowed. Takes as long for a nearly right token as for a wrong one.
        """
        if not self._grants:
            raise WritingIsOff
        if authorization is None:
            raise NotAllowed("no token", _HEADER)
        if authorization[: len(SCHEME)].lower() != SCHEME:
            raise NotAllowed("another kind of authorization", _HEADER)
        sent = _digest(authorization[len(SCHEME) :].strip())
        found = [one for one in self._grants if hmac.compare_digest(one.digest, sent)]
        if not found:
            raise NotAllowed("a token that is not one of this installation", _HEADER)
        if not any(one.scope.covers(needs) for one in found):
            raise NotAllowed(f"a token for {found[0].scope}", f"one for {needs}", needs)


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


_HEADER = "the header Authorization: Bearer TOKEN"

NOBODY = Access()
"""Writing is off."""
