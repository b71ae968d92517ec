"""An upstream that signs its notices: an HMAC of the body in a header, as many do."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from typing import Any

HEADER = "x-signature"
SECRET = "a secret of the upstream"


class SigningHook:
    """A notice `{"objects": NAME}` concerns the scope whose definition has those objects; one of
    another shape may concern any.
    """

    def authentic(self, secret: str, headers: Mapping[str, str], body: bytes) -> bool:
        sent = headers.get(HEADER, "")
        return hmac.compare_digest(signature(secret, body), sent)

    def touches(self, scope: Mapping[str, Any], judges: Sequence[Any], notice: Any) -> bool:
        if not isinstance(notice, dict) or "objects" not in notice:
            return True
        return bool(scope.get("objects") == notice["objects"])


def signature(secret: str, body: bytes) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def signed(notice: Any, secret: str = SECRET) -> tuple[dict[str, str], bytes]:
    """The headers and the body of a notice."""
    body = json.dumps(notice).encode()
    return {HEADER: signature(secret, body)}, body
