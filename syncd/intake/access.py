"""Who may write: whoever sends the token of this installation."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field

SCHEME = "bearer "


class WritingIsOff(Exception):
    """This installation has no token, so nothing can be written from outside."""

    def __init__(self) -> None:
        super().__init__(
            "writing over HTTP is off: this installation has no api_token; set "
            "SYNCD_API_TOKEN_FILE (or api_token in the settings file), or use `syncd set`"
        )


class NotAllowed(Exception):
    """The token is missing or wrong."""

    def __init__(self, got: str) -> None:
        super().__init__(f"got {got}; expected the header Authorization: Bearer TOKEN")


@dataclass(frozen=True)
class Access:
    """What writing asks for; `token` None: writing is off."""

    token: str | None = field(default=None, repr=False)

    def check(self, authorization: str | None) -> None:
        """Passes who sends the token in an `Authorization` header. Raises WritingIsOff and
        NotAllowed. Takes as long for a nearly right token as for a wrong one.
        """
        if self.token is None:
            raise WritingIsOff
        if authorization is None:
            raise NotAllowed("no token")
        if authorization[: len(SCHEME)].lower() != SCHEME:
            raise NotAllowed("another kind of authorization")
        sent = authorization[len(SCHEME) :].strip()
        if not hmac.compare_digest(sent.encode("utf-8", "replace"), self.token.encode()):
            raise NotAllowed("a token that is not the one of this installation")


NOBODY = Access()
"""Writing is off."""
