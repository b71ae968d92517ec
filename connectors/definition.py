"""JSON, and what tells one definition from another."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

Json = Any  # JSON values: dict, list, str, int, float, bool, None
Row = Mapping[str, Any]
"""One upstream object as plain JSON."""

_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode


def fingerprint(definition: Json) -> str:
    """16 hexadecimal characters that change exactly when the definition does.

    `definition` must be JSON-able; key order does not matter, list order does.
    """
    return hashlib.sha256(_CANONICAL(definition).encode()).hexdigest()[:16]
