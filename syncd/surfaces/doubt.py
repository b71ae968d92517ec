"""What is not believed of an indicator, for readers: why, since when, and what would release it."""

from __future__ import annotations

import math
from datetime import datetime

from syncd.doubting import doubt_words, quarantine_words
from syncd.store.read import IndicatorView
from syncd.surfaces.documents import Document, moment


def quarantine_document(indicator: IndicatorView) -> Document | None:
    """What is held back; values in base units, of a scope that shrank numbers of objects. None:
    nothing is.
    """
    seen = indicator.quarantine
    if seen is None:
        return None
    doubt = seen.doubt
    return {
        "kind": doubt.kind.value,
        "text": doubt_words(doubt, indicator.dimension, indicator.unit),
        "value": doubt.value if math.isfinite(doubt.value) else None,
        "last_good": doubt.good,
        "since": moment(seen.since),
        "observed_at": moment(seen.observed_at),
        "agreed": seen.agreed,
        "missing": seen.missing,
        "not_before": moment(seen.earliest),
        "accepted_by": seen.accepted_by,
        "accepted_reason": seen.accepted_reason,
    }


def quarantine_text(indicator: IndicatorView, timezone: str, now: datetime) -> str:
    """The same as a sentence for a reader at `now`; empty where nothing is held back."""
    seen = indicator.quarantine
    if seen is None:
        return ""
    return quarantine_words(seen, indicator.dimension, indicator.unit, timezone, now)
