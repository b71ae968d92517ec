"""Answers that were taken and do not tell all: one line in the log as that begins, one as it ends.

A source that fails is told by the store, once however many replicas there are. An answer without a
value, or one that its source calls partial, is no failure: the reading says so itself, and each
process says it in its own log.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping

import structlog

from connectors.base import Batch, Number

log = structlog.get_logger(__name__)

NO_VALUE = "the answer has no value"
PARTIAL = "the source calls its answer partial"


def of_number(number: Number) -> str | None:
    """What a number lacks, in the words that came with it; None: nothing."""
    if not number.partial and number.value is not None:
        return None
    raw = number.raw if isinstance(number.raw, Mapping) else {}
    said = [*(raw.get("warnings") or ()), *(raw.get("words") or ())]
    return "; ".join(map(str, said)) or (NO_VALUE if number.value is None else PARTIAL)


def of_batch(last: Batch) -> str | None:
    """What a scan lacks, by its last batch; None: nothing."""
    return PARTIAL if last.partial else None


class Lacking:
    """Which scopes of this process lack something now. Any thread may tell."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._now: set[str] = set()

    def told(self, source: str, scope: str, why: str | None) -> None:
        """Says in the log that a scope (its fingerprint) lacks something, or nothing any more,
        where that is news.
        """
        with self._lock:
            lacked, lacks = scope in self._now, why is not None
            (self._now.add if lacks else self._now.discard)(scope)
        if lacks and not lacked:
            log.warning("reading.lacking", source=source, scope=scope, reason=why)
        elif lacked and not lacks:
            log.info("reading.whole", source=source, scope=scope)
