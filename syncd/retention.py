"""How long what is kept, as an installation says: for a worker, and for who compacts by hand."""

from __future__ import annotations

from datetime import timedelta

from connectors.quantity import parse_duration
from syncd.settings import Settings
from syncd.store.removing import Keep


def keep_of(settings: Settings) -> Keep:
    """How long what is kept, as the installation says."""
    return Keep(
        fine=timedelta(seconds=parse_duration(settings.keep_fine)),
        events=timedelta(seconds=parse_duration(settings.keep_events)),
        letters=timedelta(seconds=parse_duration(settings.keep_letters)),
    )


def compacting_every(settings: Settings) -> timedelta:
    """From one compaction to the next."""
    return timedelta(seconds=parse_duration(settings.compact_every))
