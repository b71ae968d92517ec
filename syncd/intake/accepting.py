"""What a person believes although no run has confirmed it yet, as people give it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from connectors.base import Dimension
from syncd.doubting import doubt_words
from syncd.intake.texts import LONGEST_NAME, LONGEST_REASON, Conflict, Unknown, text
from syncd.store import accepting
from syncd.store.accepting import Impossible, NothingHeld
from syncd.store.engine import Store
from syncd.store.explaining import find, names
from syncd.store.leaves import leaves_of
from syncd.store.quarantines import open_quarantines
from syncd.store.read import IndicatorView, indicator_views
from syncd.wording import did_you_mean


@dataclass(frozen=True)
class Accepted:
    """What was accepted, as it was written down; `told`: it is told from now on, else its scope is
    read again first.
    """

    indicator: str
    text: str
    told: bool
    by: str
    reason: str

    def document(self) -> Mapping[str, Any]:
        """JSON-able form."""
        return {
            "indicator": self.indicator,
            "text": self.text,
            "told": self.told,
            "by": self.by,
            "reason": self.reason,
        }


def accept(store: Store, name: str, *, by: str, reason: str, now: datetime) -> Accepted:
    """Writes down that `by` believes what is held back of an indicator, named by its name, its
    fingerprint or a key result that reads it, or of what that is made of. Raises Unknown and
    Refused.
    """
    who, why = text("by", by, LONGEST_NAME), text("reason", reason, LONGEST_REASON)
    with store.read() as connection:
        indicator = _held(connection, name, now)
    called = indicator.name or indicator.fingerprint
    try:
        done = accepting.accept(store, indicator.fingerprint, by=who, reason=why, now=now)
    except NothingHeld as error:  # a run was quicker
        raise Conflict(f"{called}: {error}") from error
    except Impossible as error:
        raise Conflict(f"{called}: {error}; mend its query, its unit or its filter") from error
    return Accepted(
        indicator=called,
        text=doubt_words(done.seen.doubt, Dimension(indicator.dimension), indicator.unit),
        told=done.told,
        by=who,
        reason=why,
    )


def _held(connection: sa.Connection, name: str, now: datetime) -> IndicatorView:
    """The indicator that is meant: the one that is named, or the first below it of which something
    is held back.
    """
    fingerprint = find(connection, name, now)
    if fingerprint is None:
        hint = did_you_mean(name, names(connection), "`syncd status` lists the key results")
        raise Unknown(f"there is no indicator {name[:80]!r}{hint}")
    held = open_quarantines(connection)
    for part in leaves_of(connection, [fingerprint])[fingerprint].within:
        if part in held:
            (view,) = indicator_views(connection, {part})
            return view
    raise Conflict(
        f"nothing of {name[:80]} is held back; `syncd explain {name[:80]}` has its number"
    )
