"""Who may do what over HTTP: whoever sends a token that was given a scope."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

BEARER = "bearer "
BASIC = "basic "


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
            "writing over HTTP is off: this installation has no token that may; make one with "
            "`syncd token create NAME --scope write` (or set SYNCD_API_TOKEN_FILE), or use "
            "`syncd set`"
        )


class NotAllowed(Exception):
    """The token is missing or nobody's; or, where `needs` says a scope, it lacks that. `tried`:
    something was sent that may be a guess.
    """

    def __init__(
        self, got: str, expected: str, needs: Scope | None = None, *, tried: bool = False
    ) -> None:
        super().__init__(f"got {got}; expected {expected}")
        self.needs = needs
        self.tried = tried


@dataclass(frozen=True)
class Caller:
    """Who comes in, and what they may do. `password`: a browser sends it of itself, also when
    another site makes it come here, so that it is good for reading only.
    """

    name: str
    scope: Scope
    password: bool = False


@dataclass(frozen=True)
class Grant:
    """What one token may do. Of the token only its SHA-256 is kept."""

    digest: bytes = field(repr=False)
    scope: Scope
    name: str = "api_token"

    @classmethod
    def of(cls, token: str, scope: Scope, name: str = "api_token") -> Grant:
        """That the token may do this."""
        return cls(digest_of(token), scope, name)


class Tokens(Protocol):
    """Tokens that are made and revoked while a process runs."""

    def find(self, digest: bytes) -> Caller | None:
        """Whose token it is, if it may be used now."""
        ...

    def any(self, needs: Scope = Scope.READ) -> bool:
        """Whether there is one that may do what needs that scope."""
        ...


class Access:
    """Who is let in. `token` is the installation's own, which may write; `grants` are others, and
    `tokens` those that come and go.
    """

    def __init__(
        self,
        token: str | None = None,
        grants: Iterable[Grant] = (),
        tokens: Tokens | None = None,
    ) -> None:
        self._others = tuple(grants)
        self._tokens = tokens
        self.renew(token)

    def renew(self, token: str | None) -> None:
        """The installation's own token is this one from now on; None: it has none."""
        own = () if token is None else (Grant.of(token, Scope.WRITE),)
        self._grants = (*own, *self._others)

    def identify(self, authorization: str | None) -> Caller:
        """Who sends this `Authorization` header: `Bearer TOKEN`, or `Basic` with the token as the
        password, which is what browsers and feed readers ask a person for. Raises NotAllowed.
        Takes as long for a nearly right token as for a wrong one.
        """
        if authorization is None:
            raise NotAllowed("no token", EXPECTED)
        token = _sent(authorization)
        if token is None:
            raise NotAllowed("another kind of authorization", EXPECTED)
        sent, basic = digest_of(token), authorization[: len(BASIC)].lower() == BASIC
        known = [one for one in self._grants if hmac.compare_digest(one.digest, sent)]
        if known:
            return Caller(known[0].name, known[0].scope, password=basic)
        # Found by its digest: what an attacker learns from the time this takes is of a hash.
        found = None if self._tokens is None else self._tokens.find(sent)
        if found is None:
            raise NotAllowed("a token that is not one of this installation", EXPECTED, tried=True)
        return Caller(found.name, found.scope, password=basic)

    def check(self, caller: Caller | NotAllowed, needs: Scope = Scope.WRITE) -> Caller:
        """Passes who may do what needs that scope. Raises WritingIsOff and NotAllowed."""
        if isinstance(caller, NotAllowed):
            if not self._may_write():
                raise WritingIsOff
            raise caller
        if not caller.scope.covers(needs):
            raise NotAllowed(f"a token for {caller.scope}", f"one for {needs}", needs)
        if caller.password and needs is not Scope.READ:
            raise NotAllowed("a password", EXPECTED)
        return caller

    def anybody(self) -> bool:
        """Whether there is any token."""
        return bool(self._grants) or (self._tokens is not None and self._tokens.any())

    def _may_write(self) -> bool:
        return any(one.scope.covers(Scope.WRITE) for one in self._grants) or (
            self._tokens is not None and self._tokens.any(Scope.WRITE)
        )


def digest_of(token: str) -> bytes:
    """The SHA-256 of a token."""
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


def _sent(authorization: str) -> str | None:
    """The token in a header; None: there is none in it."""
    if authorization[: len(BEARER)].lower() == BEARER:
        return authorization[len(BEARER) :].strip()
    if authorization[: len(BASIC)].lower() == BASIC:
        try:
            pair = base64.b64decode(authorization[len(BASIC) :].strip(), validate=True)
            return pair.decode("utf-8").partition(":")[2]
        except (binascii.Error, ValueError):
            return None
    return None


EXPECTED = "the header Authorization: Bearer TOKEN"

NOBODY = Access()
"""Writing is off."""
