"""What is told: the kinds of events, an event, and what telling remembers of a key result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from syncd.model.assessment import Status

Json = Any


class EventKind(StrEnum):
    """What an event tells. A change of status is told once, by the most exact of its kinds."""

    STATUS_CHANGED = "status_changed"
    ACHIEVED = "achieved"
    MISSED = "missed"
    DATA_STALE = "data_stale"
    DATA_RECOVERED = "data_recovered"
    CHECKPOINT_MET = "checkpoint_met"
    CHECKPOINT_MISSED = "checkpoint_missed"
    PACE_CHANGED = "pace_changed"
    FORECAST_CHANGED = "forecast_changed"
    DEPENDENCY_SLIPPED = "dependency_slipped"
    OVERRIDE_SET = "override_set"
    OVERRIDE_ENDED = "override_ended"
    PAUSE_SET = "pause_set"
    PAUSE_ENDED = "pause_ended"
    NOTE_ADDED = "note_added"
    NOTE_WITHDRAWN = "note_withdrawn"
    MAPPING_CHANGED = "mapping_changed"
    MAPPING_REFUSED = "mapping_refused"
    SOURCE_FAILING = "source_failing"
    SOURCE_RECOVERED = "source_recovered"
    INDICATOR_FAILING = "indicator_failing"
    INDICATOR_RECOVERED = "indicator_recovered"
    NUMBER_SET = "number_set"
    NUMBER_QUARANTINED = "number_quarantined"
    NUMBER_RELEASED = "number_released"
    EXTERNAL_SET = "external_set"
    PERIOD_CLOSED = "period_closed"
    PERIOD_IMPORTED = "period_imported"


STATUS_KINDS = frozenset(
    {
        EventKind.STATUS_CHANGED,
        EventKind.ACHIEVED,
        EventKind.MISSED,
        EventKind.DATA_STALE,
        EventKind.DATA_RECOVERED,
    }
)
"""Those that tell another status than before."""

STEPS = frozenset({EventKind.PACE_CHANGED, EventKind.FORECAST_CHANGED})
"""Those that tell how far a number has moved: beside the rest they are many, and say little."""


@dataclass(frozen=True)
class Event:
    """A change worth telling someone. `position` orders the feed and `id` never changes (both None
    until written).

    `subject` is what it is about: the key of a key result (then `key_result` is the same, and
    `team` its team), the name of a source, an indicator or a dependency outside, a period, or
    ``mapping``. `reason` is a code for programs, `text` the sentence for people. `before` and
    `after` say what changed (None: there is no such side); where they have a ``status``, that of
    `after` is the one told from now on. `data` is what else there is to say. All of them are
    JSON-able, and none has a secret in it.
    """

    at: datetime
    kind: EventKind
    subject: str
    title: str
    text: str
    reason: str
    key_result: str | None = None
    team: str | None = None
    before: Mapping[str, Json] | None = None
    after: Mapping[str, Json] | None = None
    data: Mapping[str, Json] = field(default_factory=dict)
    position: int | None = None
    id: str | None = None

    @property
    def status(self) -> str | None:
        """The status that is told since; None: it is about something else."""
        return None if self.after is None else self.after.get("status")


@dataclass(frozen=True)
class Telling:
    """What was told of a key result beside its status, so that it is told once.

    `pace` and `chance` (of the forecast): as they were told last, the steps are counted from
    there. `known`: the newest measured status that was no lack of data. `met`: the dates that are
    settled, `missed`: those that were told as missed and may still be met late, both as the keys
    of `Mark`. `needs`: what was known last of each thing that it needs.
    """

    pace: float | None = None
    chance: float | None = None
    known: Status | None = None
    met: frozenset[str] = frozenset()
    missed: frozenset[str] = frozenset()
    needs: Mapping[str, Status] = field(default_factory=dict)
