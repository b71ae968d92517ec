"""JSON, and what tells one definition from another."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

Json = Any  # JSON values: dict, list, str, int, float, bool, None
Row = Mapping[str, Any]
"""One upstream object as plain JSON."""


def fingerprint(definition: Json) -> str:
    """16 hexadecimal characters that change exactly when the definition does.

    `definition` must be JSON-able; key order does not matter, list order does.
    """
    canonical = json.dumps(definition, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(canonical.encode()).hexdigest()[:16]
